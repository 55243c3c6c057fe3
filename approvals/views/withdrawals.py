"""Licence applications that end without a decision: withdrawn by the applicant, or a correction not answered."""

from functools import partial

from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from approvals.corrections import correcting
from approvals.forms.licences import WithdrawnForm
from approvals.licences import withdrawals as desk
from approvals.licences.licensing import APPLICANT_RELATED
from approvals.models import LicenceApplicant
from approvals.states import LicenceState
from approvals.views.selection import chosen_people, run_bulk
from certification import clock
from certification.portal.confirm import confirm_and_act


@require_http_methods(["GET", "POST"])
def withdraw(request, pk: int):
    """Put on record that one person withdrew, with the signed paper."""
    row = get_object_or_404(LicenceApplicant.objects.visible_to(request.user).select_related(*APPLICANT_RELATED), pk=pk)
    form = WithdrawnForm(request.POST or None, request.FILES or None, initial={"asked_on": clock.today()})
    return confirm_and_act(
        request,
        partial(desk.withdraw, actor=request.user, applicant_id=row.pk),
        done=f"已登记{row}撤回发证许可申请，终止办理告知书将发给培训机构转交本人。",
        title="撤回申请",
        sentence=f"登记{row}（{row.candidate.application.person.masked_number}）撤回发证许可申请{row.batch.number}。",
        consequences=[
            "各项时限终止，不再作出决定；登记后不能恢复。",
            "考试成绩不受影响，本人可以再次列入发证许可申请。",
            "考试组织单位和培训机构会收到通知，终止办理告知书由培训机构转交本人。",
        ],
        action_label="登记撤回",
        cancel_url=reverse("approvals:applicant", args=[row.pk]),
        subject=row,
        form=form,
    )


@require_POST
def lapse(request):
    """Show whose correction was not answered in time; with ``confirmed`` end their applications, with a result each."""
    back = f"{reverse('approvals:acceptance')}?tab=correction"
    if "confirmed" in request.POST:
        return run_bulk(
            request,
            lambda ids: desk.lapse(actor=request.user, applicant_ids=ids),
            title="逾期未补正，视为撤回",
            back=back,
            done="已登记视为撤回",
        )
    people = chosen_people(request)
    if not people:
        return redirect(back)
    rows = _with_obstacles(people)
    context = {"rows": rows, "free": sum(obstacle is None for *_row, obstacle in rows), "back": back}
    return render(request, "approvals/licences/lapse.html", context)


def _with_obstacles(people: list[LicenceApplicant]) -> list[tuple]:
    """Each with the notice, its last day, and why it does not count as unanswered; None where it does."""
    notices = correcting.open_with_counts(people)
    last = desk.last_days(notices.values())
    today = clock.today()
    rows = []
    for row in people:
        notice = notices.get(row.pk)
        if row.state != LicenceState.CORRECTION or notice is None:
            rows.append((row, None, None, f"“{row}”{row.get_state_display()}，没有等待答复的补正通知。"))
        else:
            rows.append((row, notice, last[row.pk], desk.not_lapsed(notice, last[row.pk], today)))
    return rows
