"""Bulk actions on the review queue: one opinion, or one person to work on it, for everything that was ticked.

What needs a reason asks for it on a page of its own, with the names of those concerned; nothing happens before.
"""

from collections.abc import Callable

from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_POST

from approvals.assignments import assigned, assigning
from approvals.forms.bulk import BulkForm
from approvals.models import Outcome, Stage
from approvals.reviews import stale
from approvals.reviews.preparing import prepare
from approvals.reviews.stages import STEPS, Step
from approvals.views.reviews import list_address
from approvals.views.selection import run_bulk
from certification import clock
from certification.refusals import Incomplete
from certification.selection import ticked
from certification.workflow import Result
from exams.models import ExamApplication

TAKE, ASSIGN, HAND_ON = "TAKE", "ASSIGN", "HAND_ON"
# What each does is called, and what its results say.
WORDS = {
    Outcome.PASS: ("批量通过", "已拟定通过"),
    Outcome.RETURN: ("批量退回补正", "已拟定退回"),
    Outcome.RETURN_TO_CITY: ("批量退回设区市", "已拟定退回"),
    Outcome.PROPOSE_REFUSAL: ("批量不通过（转省厅考试中心）", "已拟定转省厅考试中心"),
    Outcome.REFUSE: ("批量不通过", "已拟定不通过"),
    TAKE: ("认领", "已认领"),
    ASSIGN: ("分派", "已分派"),
    HAND_ON: ("转办", "已转办"),
}
AT_ONCE = (Outcome.PASS, TAKE)


@require_POST
def bulk(request):
    """Do ``act`` to everything that was ticked, with a result per row; where it needs more, ask first."""
    stage, act = request.POST.get("stage", ""), request.POST.get("act", Outcome.PASS)
    back = list_address(stage, request.POST.get("list", ""))
    if stage not in STEPS or act not in WORDS:
        return redirect(back)
    step = STEPS[Stage(stage)]
    if act in AT_ONCE:
        return _run(request, step, act, {}, back)
    form = BulkForm(
        request.POST if "sure" in request.POST else None, act=act, colleagues=_colleagues(request, act, step)
    )
    if not form.is_bound or not form.is_valid():
        return _ask(request, form, step, act, back)
    try:
        return _run(request, step, act, form.cleaned_data, back)
    except Incomplete as incomplete:
        form.show(incomplete.problems)
        return _ask(request, form, step, act, back)


def _run(request, step: Step, act: str, said: dict, back: str):
    title, done = WORDS[act]
    following = ("核对并移交", reverse("approvals:hand_over")) if act in Outcome.values else ("", "")
    return run_bulk(
        request,
        _act(request, step, act, said),
        title=f"{title}（{step.stage.label}）",
        back=back,
        done=done,
        following=following,
    )


def _act(request, step: Step, act: str, said: dict) -> Callable[[list[int]], list[Result]]:
    """What to do with the ids that were ticked."""
    actor = request.user
    if act == TAKE:
        return lambda ids: assigning.take_cases(actor=actor, application_ids=ids)
    if act == ASSIGN:
        to = int(said["person"])
        return lambda ids: assigning.assign(actor=actor, to=dict.fromkeys(ids, to), reason=said["reason"])
    if act == HAND_ON:
        common = {"colleague_id": int(said["person"]), "reason": said["reason"]}
        return lambda ids: assigning.hand_on(actor=actor, application_ids=ids, **common)
    seen_at = parse_datetime(request.POST.get("as_of", ""))
    return lambda ids: stale.unless_changed(
        ids,
        seen_at,
        actor,
        lambda fresh: prepare(
            actor=actor,
            application_ids=fresh,
            stage=step.stage,
            outcome=act,
            reason=said.get("reason", ""),
            items=[{"material": said.get("material", ""), "text": said["text"]}] if said.get("text") else [],
            hours_may_follow="hours_may_follow" in request.POST,
        ),
    )


def _ask(request, form: BulkForm, step: Step, act: str, back: str):
    """Who is concerned, and what has to be said."""
    ids = ticked(request.POST, "ids")
    if not ids:
        return run_bulk(request, lambda ids: [], title="", back=back, done="")
    rows = ExamApplication.objects.visible_to(request.user).filter(pk__in=ids).select_related("person", "job_type")
    rows = list(rows.order_by("due_on", "pk"))
    if len(rows) != len(set(ids)):
        raise Http404
    context = {
        "form": form,
        "title": WORDS[act][0],
        "step": step,
        "act": act,
        "rows": rows,
        "back": back,
        "list": request.POST.get("list", ""),
        "as_of": request.POST.get("as_of", ""),
    }
    return render(request, "approvals/reviews/bulk.html", context, status=422 if form.is_bound else 200)


def _colleagues(request, act: str, step: Step) -> list[tuple[str, str]]:
    if act not in (ASSIGN, HAND_ON):
        return []
    team = assigned.team(request.user.organisation, step.role, clock.today())
    return [(str(one.pk), str(one)) for one in team if act == ASSIGN or one.pk != request.user.pk]
