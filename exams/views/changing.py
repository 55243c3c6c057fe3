"""变更考试时间, 变更考试点 and 取消场次: the preview of what they do, and the confirmation."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from certification import clock
from certification.deadlines import move_preview
from certification.forms import placed
from certification.refusals import Refusal
from exams.forms.applications import Reason
from exams.forms.sessions import SiteChangeForm, TimesForm
from exams.models import ExamSession
from exams.sessions import cancelling, moving, site_change
from exams.views.sessions import own_session


@require_http_methods(["GET", "POST"])
def session_move(request, pk: int):
    """Ask for the times; show what they move; move exactly that."""
    session = own_session(request, pk)
    if not moving.may_change(session):
        return _too_late_to_change(request, session, "变更考试时间")
    asked = request.POST if request.method == "POST" else request.GET
    form = TimesForm(asked or None, times=moving.times_of(session))
    refusal = preview = None
    if form.is_bound and form.is_valid():
        try:
            if request.method == "POST":
                return _moved(request, session, form)
            preview = moving.preview(session, form.times(), now=clock.now())
        except Refusal as refused:
            refusal = refused
            preview = _move_again(request, session, form)
    context = {
        "session": session,
        "form": form,
        "preview": preview,
        "sentence": moving.sentence(session, moving.times_of(session), preview.times) if preview else "",
        "lines": preview.lines if preview else [],
        "asked": [(field.html_name, field.value()) for field in form],
        "refusal": refusal,
    }
    refused = refusal is not None or (form.is_bound and bool(form.errors))
    return render(request, "exams/session_move.html", context, status=422 if refused else 200)


@require_http_methods(["GET", "POST"])
def session_site(request, pk: int):
    """Ask for the site; show who sits where there; move exactly that."""
    session = own_session(request, pk)
    if not moving.may_change(session):
        return _too_late_to_change(request, session, "变更考试点")
    asked = request.POST if request.method == "POST" else request.GET
    form = SiteChangeForm(asked or None, sites=site_change.sites_for(session))
    refusal = preview = None
    if form.is_bound and form.is_valid():
        site = form.cleaned_data["site"]
        try:
            if request.method == "POST":
                return _site_changed(request, session, form)
            preview = site_change.preview(session, site)
        except Refusal as refused:
            refusal = placed(form, refused)
            preview = _site_again(request, session, site)
    context = {
        "session": session,
        "form": form,
        "preview": preview,
        "sentence": site_change.sentence(session, session.site, preview.site) if preview else "",
        "asked": [(field.html_name, field.value()) for field in form],
        "refusal": refusal,
    }
    refused = refusal is not None or (form.is_bound and bool(form.errors))
    return render(request, "exams/session_site.html", context, status=422 if refused else 200)


@require_http_methods(["GET", "POST"])
def session_cancel(request, pk: int):
    """Say who goes to the pool and what ends; with a reason, do exactly that."""
    session = own_session(request, pk)
    if not moving.may_change(session):
        return _too_late_to_change(request, session, "取消场次")
    form = Reason(request.POST or None)
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            return _cancelled(request, session, form)
        except Refusal as refused:
            refusal = refused
            session.refresh_from_db()
            if not moving.may_change(session):
                return _too_late_to_change(request, session, "取消场次")
    preview = cancelling.preview(session, now=clock.now())
    context = {"session": session, "form": form, "preview": preview, "lines": preview.lines, "refusal": refusal}
    refused = refusal is not None or bool(form.errors)
    return render(request, "exams/session_cancel.html", context, status=422 if refused else 200)


def _moved(request, session: ExamSession, form: TimesForm):
    done = moving.move_session(
        actor=request.user,
        session_id=session.pk,
        times=form.times(),
        reason=form.cleaned_data["reason"],
        fingerprint=request.POST.get("fingerprint", ""),
    )
    late, left = move_preview.late(done.moves), len(done.left)
    messages.success(
        request,
        f"场次{done.session.number}的考试时间已变更，{sum(one.moved for one in done.moves)} 项时限变动"
        f"{f'，{late} 项因此逾期' if late else ''}{f'，{left} 人转入待安排考试' if left else ''}，"
        "已通知所涉单位和人员。",
    )
    return redirect("exams:session_detail", pk=session.pk)


def _move_again(request, session: ExamSession, form: TimesForm) -> moving.Preview | None:
    """The preview as it is now, beside the refusal; None where these times cannot be."""
    if request.method != "POST":
        return None
    session.refresh_from_db()
    try:
        return moving.preview(session, form.times(), now=clock.now())
    except Refusal:
        return None


def _site_changed(request, session: ExamSession, form: SiteChangeForm):
    site = form.cleaned_data["site"]
    done = site_change.change_site(
        actor=request.user,
        session_id=session.pk,
        site_id=site.pk,
        reason=form.cleaned_data["reason"],
        fingerprint=request.POST.get("fingerprint", ""),
    )
    messages.success(
        request,
        f"场次{session.number}的考试点已变更为{site}：转移座位 {len(done.moves)} 个、考务人员 {len(done.staff)} 人，"
        "已通知所涉单位和人员。",
    )
    return redirect("exams:session_detail", pk=session.pk)


def _site_again(request, session: ExamSession, site) -> site_change.Preview | None:
    """The preview as it is now, beside the refusal; None where this site cannot be."""
    if request.method != "POST":
        return None
    session.refresh_from_db()
    try:
        return site_change.preview(session, site)
    except Refusal:
        return None


def _cancelled(request, session: ExamSession, form: Reason):
    done = cancelling.cancel_session(
        actor=request.user,
        session_id=session.pk,
        reason=form.cleaned_data["reason"],
        fingerprint=request.POST.get("fingerprint", ""),
    )
    messages.success(
        request, f"场次{done.session.number}已取消，{len(done.left)} 人转入待安排考试，已通知所涉单位和人员。"
    )
    return redirect("exams:session_detail", pk=session.pk)


def _too_late_to_change(request, session: ExamSession, what: str):
    messages.info(request, f"场次{session.number}{session.get_state_display()}，不能{what}。")
    return redirect("exams:session_detail", pk=session.pk)
