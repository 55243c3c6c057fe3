"""办理分派: who works on what, taking from the pool, handing over, and for the head the load and its spreading."""

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from approvals.assignments import assigned, assigning, workload
from approvals.lists import queue
from approvals.models import Stage
from approvals.reviews.stages import STEPS, Step
from approvals.views.selection import run_bulk, show_results
from certification import clock
from certification.organisations.access import may
from certification.organisations.models import OrganisationKind
from certification.paging import keyset_page
from certification.refusals import Incomplete, Refusal
from certification.selection import is_id, ticked

DUE = {"today": "今日截止", "overdue": "已逾期"}
ACTS = {
    "take": ("认领", "已认领"),
    "take_over": ("接手", "已接手"),
    "give_back": ("退回待认领", "已退回"),
    "hand_over": ("转办", "已转办"),
}


@require_safe
def assignment_list(request):
    """The cases of one stage by who has them in hand; for the head with the load of each person."""
    user = request.user
    steps = _steps(user)
    step = next((one for one in steps if one.stage == request.GET.get("stage")), steps[0])
    who, due = request.GET.get("who", ""), request.GET.get("due", "")
    rows = _narrowed(queue.waiting(user, step), user, who, due)
    page = keyset_page(request, assigned.shown(queue.for_list(rows)), queue.ORDER)
    deadlines = queue.deadlines_of(step, page.rows)
    own_team = _is_own_team(user, step)
    today = clock.today()
    context = {
        "steps": steps,
        "step": step,
        "who": who,
        "due": DUE.get(due, ""),
        "page": page,
        "rows": [
            (row, row.places[0].session if row.places else None, deadlines.get(row.pk), assigned.assignment_of(row))
            for row in page
        ],
        "may_act": may(user, step.action),
        "may_assign": own_team and may(user, assigned.ASSIGN),
        "loads": workload.of_team(user.organisation_id, step, clock.now())
        if own_team and may(user, assigned.ASSIGN)
        else [],
        "colleagues": _colleagues(user, step, today) if may(user, step.action) else [],
        "rule": assigned.rule(today),
        "pooled": assigned.in_pool(queue.waiting(user, step)).count(),
    }
    return render(request, "approvals/assignments/list.html", context)


@require_POST
def assignment_act(request):
    """Take, take over, give back or hand over what was ticked, or the one case that it was sent from."""
    act = request.POST.get("act", "")
    if act not in ACTS:
        return redirect("approvals:assignments")
    title, done = ACTS[act]
    case = request.POST.get("case", "")
    if is_id(case):
        return _on_case(request, int(case), act)
    return run_bulk(request, lambda ids: _run(request, act, ids), title=title, back=_back(request), done=done)


@require_POST
def take_next(request):
    """Take the next so many from the pool by due date."""
    stage, count = request.POST.get("stage", ""), request.POST.get("count", "")
    if stage not in STEPS:
        return redirect("approvals:assignments")
    try:
        results = assigning.take_next(actor=request.user, stage=stage, count=int(count) if is_id(count) else 0)
    except Incomplete as refusal:
        messages.error(request, str(refusal))
        return redirect(_back(request))
    messages.success(request, f"已认领 {len(results)} 件。") if results else messages.info(
        request, "没有待认领的事项。"
    )
    return redirect(f"{reverse('approvals:assignments')}?stage={stage}&who=mine")


@require_POST
def assign_cases(request):
    """The head gives what was ticked to one person, or looks at how it would be spread and confirms that."""
    act = request.POST.get("act", "assign")
    stage = request.POST.get("stage", "")
    if stage not in STEPS:
        return redirect("approvals:assignments")
    if act == "spread":
        return _preview(request, STEPS[Stage(stage)])
    pairs = _pairs(request)
    if not pairs:
        messages.warning(request, "请先勾选要分派的事项和办理人。")
        return redirect(_back(request))
    try:
        results = assigning.assign(
            actor=request.user,
            to={pk: to for pk, (to, _held) in pairs.items()},
            held={pk: held for pk, (_to, held) in pairs.items()},
            reason=request.POST.get("reason", "")[:200],
        )
    except ObjectDoesNotExist:
        raise Http404 from None
    return show_results(request, results, title="分派", back=_back(request), done="已分派")


def _preview(request, step: Step):
    ids = ticked(request.POST, "ids")
    chosen = set(ticked(request.POST, "people"))
    team = [one for one in assigned.team(request.user.organisation_id, step.role, clock.today()) if one.pk in chosen]
    if not ids or not team:
        messages.warning(request, "请勾选要分派的事项，并选择参加平均分派的人员。")
        return redirect(_back(request))
    shares = workload.spread(request.user, step, ids, team)
    totals = [(one, sum(share.assignee == one for share in shares)) for one in team]
    context = {"step": step, "shares": shares, "totals": totals, "back": _back(request)}
    return render(request, "approvals/assignments/spread.html", context)


def _pairs(request) -> dict[int, tuple[int, int | None]]:
    """What goes to whom, and who had it on the page: "case:account:held" or what was ticked and one account."""
    found = {}
    for text in request.POST.getlist("pair"):
        parts = text.split(":")
        if len(parts) == 3 and is_id(parts[0]) and is_id(parts[1]):
            found[int(parts[0])] = (int(parts[1]), int(parts[2]) if is_id(parts[2]) else None)
    to = request.POST.get("assignee", "")
    if is_id(to):
        for pk in ticked(request.POST, "ids"):
            held = request.POST.get(f"held-{pk}", "")
            found[pk] = (int(to), int(held) if is_id(held) else None)
    return found


def _run(request, act: str, ids: list[int]):
    common = {"actor": request.user, "application_ids": ids}
    reason = request.POST.get("reason", "")[:200]
    if act == "give_back":
        return assigning.give_back(**common, reason=reason)
    if act == "hand_over":
        colleague = request.POST.get("colleague", "")
        return assigning.hand_on(**common, colleague_id=int(colleague) if is_id(colleague) else 0, reason=reason)
    return assigning.take_cases(**common, take_over=act == "take_over")


def _on_case(request, pk: int, act: str):
    try:
        (result,) = _run(request, act, [pk])
    except ObjectDoesNotExist:
        raise Http404 from None
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        say = messages.success if result.ok else messages.error
        say(request, f"{ACTS[act][1]}。" if result.ok else str(result.refusal))
    return redirect("approvals:case", pk)


def _narrowed(rows, user, who: str, due: str):
    if who == "mine":
        rows = assigned.mine(rows, user)
    elif who == "pool":
        rows = assigned.in_pool(rows)
    elif is_id(who):
        rows = assigned.held_by(rows, int(who))
    today = clock.today()
    if due == "today":
        return rows.filter(due_on=today)
    return rows.filter(due_on__lt=today) if due == "overdue" else rows


def _steps(user) -> list[Step]:
    """The stages whose work is told: how the province spreads its own is nothing to a city."""
    steps = queue.steps_of(user)
    of_city = user.organisation is not None and user.organisation.kind == OrganisationKind.CITY_BUREAU
    return [step for step in steps if step.own] if of_city else steps


def _is_own_team(user, step: Step) -> bool:
    """Whether the reviewers of ``step`` whom the user could mean are those of the own organisation."""
    kind = OrganisationKind.CITY_BUREAU if step.own else OrganisationKind.PROVINCIAL_CENTRE
    return user.organisation is not None and user.organisation.kind == kind


def _colleagues(user, step: Step, day):
    me = assigned.worker(user).pk
    return [one for one in assigned.team(user.organisation_id, step.role, day) if one.pk != me]


def _back(request) -> str:
    stage, who = request.POST.get("stage", ""), request.POST.get("who", "")
    query = f"?stage={stage}" if stage in STEPS else "?"
    return f"{reverse('approvals:assignments')}{query}" + (
        f"&who={who}" if who in ("mine", "pool") or is_id(who) else ""
    )
