"""Correction notices on screen: the list, one notice with what was asked and answered, answering, taking back."""

from functools import partial

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from approvals.corrections import answering, correction_papers, snapshots, withdrawing
from approvals.corrections.correcting import clock_of
from approvals.forms.corrections import AnswersForm, CorrectionFilter, WithdrawForm, is_set
from approvals.models import CorrectionNotice
from approvals.reviews.telling import is_office
from approvals.states import NoticeState
from approvals.views import papers
from certification.organisations.access import may
from certification.paging import keyset_page
from certification.portal import timeline
from certification.portal.confirm import confirm_and_act
from certification.refusals import Incomplete, Refusal
from exams.materials import uploads
from exams.materials.papers import NeedsCrop


@require_safe
def corrections(request):
    """All notices that the user may see, the newest first."""
    form = CorrectionFilter(request.GET or None)
    rows = form.apply(CorrectionNotice.objects.visible_to(request.user).with_case())
    page = keyset_page(request, rows, ("-id",))
    context = {"form": form, "page": page, "is_set": is_set(form)}
    return render(request, "approvals/corrections/list.html", context)


@require_safe
def correction(request, pk: int):
    """One notice. The addressee's look at it is its receipt."""
    notice = _notice(request, pk)
    if request.method == "GET":
        answering.note_seen(actor=request.user, notice_id=notice.pk)
        notice = _notice(request, pk)
    return _show(request, notice)


@require_POST
def correction_answer(request, pk: int):
    """Keep what was said to each item; with ``submit`` send the application back."""
    notice = _notice(request, pk)
    form = _answers_form(notice, (request.POST, request.FILES))
    if not form.is_valid():
        return _show(request, notice, form=form, status=422)
    given = form.given()
    try:
        problems = answering.save(actor=request.user, notice_id=notice.pk, given=given)
        if problems:
            form.place(problems)
            return _show(request, notice, form=form, status=422)
        if "submit" in request.POST:
            application = answering.submit(actor=request.user, notice_id=notice.pk)
            messages.success(request, f"已逐项答复并重新提交，{application.get_state_display()}。")
        else:
            messages.success(request, "答复已保存，尚未提交。")
    except NeedsCrop:
        return _to_crop(request, notice, given)
    except Incomplete as incomplete:
        form.place_refusal(incomplete)
        return _show(request, notice, form=form, status=422)
    except Refusal as refusal:
        return _show(request, _notice(request, pk), form=form, refusal=refusal, status=409)
    return redirect("approvals:correction", notice.pk)


@require_http_methods(["GET", "POST"])
def correction_withdraw(request, pk: int):
    """Ask why, then take the notice back."""
    notice = _notice(request, pk)
    return confirm_and_act(
        request,
        partial(withdrawing.withdraw, actor=request.user, notice_id=notice.pk),
        done=f"已撤回{notice.number}，已通知{notice.addressee}。",
        title="撤回补正通知",
        sentence=f"撤回{notice.number}（{notice.person.name}，{notice.job_type}），申报回到{notice.get_stage_display()}环节。",
        consequences=_consequences(notice),
        action_label="撤回通知",
        cancel_url=reverse("approvals:correction", args=[notice.pk]),
        subject=notice.number,
        form=WithdrawForm(request.POST or None),
    )


@require_safe
def correction_letter(request, pk: int):
    """The letter; made now if the job has not made it yet. The addressee's download is on record."""
    notice = _notice(request, pk)
    response = papers.sent(request, correction_papers.KIND, notice, back=reverse("approvals:corrections"))
    if request.method == "GET" and response.status_code == 302:
        answering.note_fetched(actor=request.user, notice_id=notice.pk)
    return response


def _notice(request, pk: int) -> CorrectionNotice:
    rows = CorrectionNotice.objects.visible_to(request.user)
    rows = rows.select_related("seen_by__person", "fetched_by__person", "answered_by__person", "withdrawn_by__person")
    return get_object_or_404(rows.with_case(), pk=pk)


def _items(notice: CorrectionNotice) -> list:
    return list(notice.items.select_related("was__file", "paper__file", "file").order_by("position"))


def _answers_form(notice: CorrectionNotice, data=(None, None), items=None) -> AnswersForm:
    items = _items(notice) if items is None else items
    fresh = answering.fresh_papers(notice)
    return AnswersForm(*data, items=items, fresh=[one.pk for one in items if answering.new_paper(one, fresh)])


def _show(request, notice: CorrectionNotice, *, form=None, refusal=None, status: int = 200):
    items = _items(notice)
    answers = (
        notice.state == NoticeState.OPEN
        and may(request.user, answering.ANSWER)
        and notice.addressee_id == request.user.organisation_id
    )
    office = is_office(request.user)
    form = (form or _answers_form(notice, items=items)) if answers else None
    context = {
        "notice": notice,
        "person": notice.person,
        "rows": [(item, form.fields_of(item) if form else None) for item in items],
        "form": form,
        "refusal": refusal,
        "clock": clock_of(notice),
        "changes": snapshots.changes(notice.before, notice.after) if notice.state == NoticeState.ANSWERED else [],
        "may_withdraw": withdrawing.may_withdraw(request.user, notice),
        "may_see_case": office,
        "entries": timeline.entries(notice, inside=office),
    }
    response = render(request, "approvals/corrections/detail.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response


def _consequences(notice: CorrectionNotice) -> list[str]:
    lines = [f"{notice.addressee}收到撤回通知，不必再答复；已填写的答复草稿留存。"]
    if notice.applicant_id:
        lines.append("受理时限和决定承诺时限仍自原收到之日起计算。")
    else:
        lines.append("审核时限没有因退回而延长；退回期间已转入待安排考试的，不恢复原场次。")
    return lines


def _to_crop(request, notice: CorrectionNotice, given):
    """A photo of other proportions is cut first, by somebody who looks at it; then the answer is saved again."""
    item = next(one for one in _items(notice) if one.material == "PHOTO" and given[one.pk].content)
    found = given[item.pk]
    row = uploads.put_forward(
        actor=request.user, application_id=notice.application_id, content=found.content, name=found.name
    )
    messages.warning(request, "照片比例不符，请先裁剪；裁剪后回到补正通知继续答复。")
    return redirect("exams:upload_crop", row.pk)
