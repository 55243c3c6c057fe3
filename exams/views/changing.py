"""变更考试时间, 变更考试点 and 取消场次: the preview of what they do, and the confirmation."""

from collections.abc import Callable

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
    form = TimesForm(_asked(request), times=moving.times_of(session))
    answer, preview, refusal = _foreseen_or_done(
        request,
        session,
        form,
        act=lambda: _moved(request, session, form),
        foresee=lambda: moving.preview(session, form.times(), now=clock.now()),
    )
    if answer:
        return answer
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
    form = SiteChangeForm(_asked(request), sites=site_change.sites_for(session))
    answer, preview, refusal = _foreseen_or_done(
        request,
        session,
        form,
        act=lambda: _site_changed(request, session, form),
        foresee=lambda: site_change.preview(session, form.cleaned_data["site"]),
    )
    if answer:
        return answer
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


def _asked(request):
    """What was asked for: by GET before the preview, and sent again with it."""
    return (request.POST if request.method == "POST" else request.GET) or None


def _foreseen_or_done(request, session: ExamSession, form, *, act: Callable, foresee: Callable) -> tuple:
    """The answer of ``act`` where it was confirmed and done, else what ``foresee`` shows, and the refusal that stands
    above it: beside a refusal the preview is that of the session as it is now, None where there can be none."""
    if not (form.is_bound and form.is_valid()):
        return None, None, None
    try:
        if request.method == "POST":
            return act(), None, None
        return None, foresee(), None
    except Refusal as refused:
        return None, _foreseen_again(request, session, foresee), placed(form, refused)


def _foreseen_again(request, session: ExamSession, foresee: Callable):
    if request.method != "POST":
        return None
    session.refresh_from_db()
    try:
        return foresee()
    except Refusal:
        return None


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
