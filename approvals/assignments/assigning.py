"""认领、分派、转办、退回待认领: the acts by which an application comes into somebody's hand and leaves it again.

Nobody is given a case that separation keeps from them: that is refused here already, by the rule's name.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from django.urls import reverse

from approvals.assignments import assigned
from approvals.assignments.assigned import ASSIGN, ASSIGNEE, step_of, team_id, worker
from approvals.cases import take
from approvals.lists import queue
from approvals.models import Assignment, Ending, How, Stage
from approvals.reviews.stages import BY_STATE, STEPS, Step
from certification.notices.sending import Message, send
from certification.notices.subjects import Cases
from certification.organisations import access, separation
from certification.organisations.models import Organisation, User, named
from certification.organisations.separation import Capacity
from certification.records import bulk
from certification.refusals import Incomplete, NotPermitted, Problem, Refusal, SeparationBreach, WrongState, raise_if
from certification.workflow import Result, activity, log
from exams.models import ExamApplication

# What the log says of an application, by the act.
STEPS_LOGGED = {How.TAKEN: "take_case", How.ASSIGNED: "assign_case", How.HANDED_OVER: "hand_over_case"}
STEPS_LOGGED[How.TAKEN_OVER] = "take_over_case"
GIVEN_BACK = "give_back_case"
CLAUSE = "规则 认领、分派和转办"
NAMES_SHOWN = 5


def _to(words: str) -> Callable[[dict], str]:
    return lambda detail: f"{words}{detail.get('to', '')}"


# Their names in the timeline.
STEP_LABELS = {
    "take_case": "认领",
    "take_over_case": lambda detail: f"接手{detail.get('from', '')}的事项",
    "assign_case": _to("分派给"),
    "hand_over_case": _to("转办给"),
    GIVEN_BACK: "退回待认领",
}


@activity
def take_cases(*, actor, now, application_ids: Iterable[int], take_over: bool = False) -> list[Result]:
    """The actor takes applications of the own team from the pool; with ``take_over`` also from colleagues, who are
    told, where the rule lets them. A result per application. While acting for somebody it is theirs.

    Raises DoesNotExist where one is not the actor's to see.
    """
    applications = _locked(actor, application_ids)
    acts = _Acts(actor, now, applications, worker(actor), speaks_of="")
    only_assignee = assigned.rule(now.date()).opinion == ASSIGNEE

    def check(application: ExamApplication, step: Step) -> None:
        acts.require_right(step)
        held = acts.held.get(application.pk)
        if held is None:
            return
        if held.assignee_id == worker(actor).pk:
            raise WrongState("该事项已经在您名下。", code="yours")
        if not take_over or only_assignee:
            advice = "请由其转办，或者由负责人改派。" if only_assignee else "需要由您办理的，请接手。"
            raise WrongState(f"该事项已{assigned.held_in_words(held)}。", code="assigned", clause=CLAUSE, advice=advice)

    return acts.give(How.TAKEN_OVER if take_over else How.TAKEN, check, ended_as=Ending.TAKEN_OVER)


@activity
def take_next(*, actor, now, stage: str, count: int) -> list[Result]:
    """Take the next ``count`` from the pool of ``stage`` by due date, without those that separation keeps from the
    actor. Of two at once each gets others. Raises NotPermitted, Incomplete for a number out of bounds."""
    step = STEPS[Stage(stage)]
    access.require(actor, step.action)
    most = assigned.rule(now.date()).take_at_most
    if not 1 <= count <= most:
        raise Incomplete([Problem(f"一次可以认领1至{most}件。", code="count", field="count")])
    rows = assigned.in_pool(queue.waiting(actor, step)).order_by(*queue.ORDER)
    free = list(rows.select_for_update(of=("self",), skip_locked=True)[: 2 * count + 20])
    acts = _Acts(actor, now, free, worker(actor), speaks_of="")
    mine = [row for row in free if acts.obstacle(row, step) is None and row.pk not in acts.held][:count]
    acts.applications = mine
    return acts.give(How.TAKEN, lambda application, step: None)


@activity
def assign(
    *,
    actor,
    now,
    to: Mapping[int, int],
    reason: str = "",
    held: Mapping[int, int | None] | None = None,
) -> list[Result]:
    """The head gives each application (``to``: application id → account id) to a reviewer of the own team, whoever
    has it now. ``held`` says who had it on the page (None: nobody): what changed hands since is refused.

    A result per application. Raises NotPermitted, DoesNotExist where one is not the actor's to see.
    """
    access.require(actor, ASSIGN)
    applications = _locked(actor, to)
    chosen = User.objects.select_related("person", "organisation").in_bulk(set(to.values()))
    breaches = separation.breaches(actor, Capacity.ASSIGNS, applications)
    results: dict[int, Result] = {}
    for assignee_id in sorted(set(to.values())):
        rows = [row for row in applications if to[row.pk] == assignee_id]
        if (assignee := chosen.get(assignee_id)) is None:
            raise NotPermitted("没有这个账号。")
        acts = _Acts(actor, now, rows, assignee, speaks_of=str(assignee))

        def check(application: ExamApplication, step: Step, acts=acts) -> None:
            raise_if(breaches.get(application.pk))
            current = acts.held.get(application.pk)
            if held is not None and held.get(application.pk) != (current.assignee_id if current else None):
                words = assigned.held_in_words(current) if current else "已退回待认领"
                raise WrongState(f"该事项刚刚变动：{words}。", advice="请刷新后再分派。")
            if current and current.assignee_id == acts.assignee.pk:
                raise WrongState(f"该事项已经{assigned.held_in_words(current)}。", code="theirs")

        made = acts.give(How.ASSIGNED, check, ended_as=Ending.REASSIGNED, reason=reason.strip())
        results.update((result.row.pk, result) for result in made)
    return [results[row.pk] for row in applications]


@activity
def hand_on(*, actor, now, application_ids: Iterable[int], colleague_id: int, reason: str) -> list[Result]:
    """转办: the actor hands what they have in hand on to a colleague of the team, who is told the reason.

    A result per application. Raises Incomplete without a reason, DoesNotExist.
    """
    if not reason.strip():
        raise Incomplete([Problem("请填写转办的理由。", code="required", field="reason")])
    colleague = User.objects.select_related("person", "organisation").filter(pk=colleague_id).first()
    if colleague is None:
        raise Incomplete([Problem("请选择转给谁。", code="required", field="colleague")])
    acts = _Acts(actor, now, _locked(actor, application_ids), colleague, speaks_of=str(colleague))

    def check(application: ExamApplication, step: Step) -> None:
        acts.require_right(step)
        _require_held(actor, acts.held.get(application.pk))
        if colleague.pk == worker(actor).pk:
            raise WrongState("不能转办给本人。")

    return acts.give(How.HANDED_OVER, check, ended_as=Ending.HANDED_OVER, reason=reason.strip())


@activity
def give_back(*, actor, now, application_ids: Iterable[int], reason: str = "") -> list[Result]:
    """退回待认领: the actor puts what they have in hand back into the pool. A result per application."""
    applications = _locked(actor, application_ids)
    held = assigned.open_of(applications)
    acts = _Acts(actor, now, [], worker(actor), speaks_of="")
    results = []
    for application in applications:
        result = Result(application, from_state=application.state)
        try:
            acts.require_right(step_of(application))
            _require_held(actor, held.get(application.pk))
        except Refusal as refusal:
            result.refusal = refusal
        results.append(result)
    made = [result.row for result in results if result.ok]
    _end([held[row.pk] for row in made], Ending.GIVEN_BACK, actor=actor, now=now)
    log(made, GIVEN_BACK, actor=actor, now=now, reason=reason.strip())
    return results


# By which a review is done; whatever else moves an application takes it out of somebody's hand undone.
_REVIEWED = {name for step in STEPS.values() for name in step.outcomes.values()} | {"return_to_city_review"}


def end_moved(name: str, applications: Sequence[ExamApplication], *, actor, now) -> None:
    """Hook of ``exams.applications.reviewing.move``: who had the applications in hand has them no more."""
    rows = list(assigned.open_of(applications).values())
    if rows:
        _end(rows, Ending.DONE if name in _REVIEWED else Ending.MOVED_ON, actor=actor, now=now)


class _Acts:
    """Giving applications to one person: everything that may stand in the way asked for all of them at once."""

    def __init__(self, actor, now, applications: list[ExamApplication], assignee: User, *, speaks_of: str):
        self.actor = actor
        self.now = now
        self.applications = applications
        self.assignee = assignee
        self.centre_id = Organisation.objects.provincial_centre().pk
        self.held = assigned.open_of(applications)
        self._who = actor if assignee.pk == worker(actor).pk else assignee
        self._speaks_of = speaks_of
        self._allowed: set[Stage] = set()
        self._teams: dict[Stage, set[int]] = {}
        self._breaches: dict[int, SeparationBreach] = {}
        by_capacity: dict[Capacity, list[ExamApplication]] = defaultdict(list)
        for row in applications:
            if step := BY_STATE.get(row.state):
                by_capacity[step.capacity].append(row)
        for capacity, rows in by_capacity.items():
            self._breaches |= separation.breaches(self._who, capacity, rows, said_of=speaks_of)

    def give(self, how: How, check, *, ended_as: Ending = Ending.REASSIGNED, reason: str = "") -> list[Result]:
        results = [self._checked(application, check) for application in self.applications]
        made = [result.row for result in results if result.ok]
        before = [self.held[row.pk] for row in made if row.pk in self.held]
        _end(before, ended_as, actor=self.actor, now=self.now)
        bulk.create([self._row(row, how, reason) for row in made], actor=self.actor, at=self.now)
        self._log(made, how, reason)
        self._tell(made, before, how, reason)
        return results

    def require_right(self, step: Step) -> None:
        """Raise NotPermitted unless the actor does ``step``; asked once for all applications."""
        if step.stage not in self._allowed:
            access.require(self.actor, step.action)
            self._allowed.add(step.stage)

    def obstacle(self, application: ExamApplication, step: Step) -> Refusal | None:
        """Why the assignee cannot be given the application, whoever asks."""
        own_team = team_id(step, application, self.centre_id)
        if own_team != self.actor.organisation_id:
            return NotPermitted("此事项不由您所在的单位办理。", advice="如需办理，请联系承办单位。")
        if self.assignee.pk not in self._team(step, own_team):
            return NotPermitted(f"{self.assignee}不是本单位办理{step.stage.label}的审核员。", clause=CLAUSE)
        return self._breaches.get(application.pk)

    def _checked(self, application: ExamApplication, check) -> Result:
        result = Result(application, from_state=application.state)
        try:
            step = step_of(application)
            check(application, step)
            raise_if(self.obstacle(application, step))
        except Refusal as refusal:
            result.refusal = refusal
        return result

    def _team(self, step: Step, organisation_id: int) -> set[int]:
        if step.stage not in self._teams:
            members = assigned.team(organisation_id, step.role, self.now.date())
            self._teams[step.stage] = {user.pk for user in members}
        return self._teams[step.stage]

    def _row(self, application: ExamApplication, how: How, reason: str) -> Assignment:
        step = BY_STATE[application.state]
        return Assignment(
            application=application,
            stage=step.stage,
            organisation_id=team_id(step, application, self.centre_id),
            assignee=self.assignee,
            how=how,
            assigned_by=self.actor,
            on_behalf_of=self.actor.acting_for,
            assigned_at=self.now,
            reason=reason,
        )

    def _log(self, made: list[ExamApplication], how: How, reason: str) -> None:
        by_former: dict[str, list[ExamApplication]] = defaultdict(list)
        for row in made:
            by_former[str(self.held[row.pk].assignee) if row.pk in self.held else ""].append(row)
        for former, rows in by_former.items():
            detail = {"to": str(self.assignee), **({"from": former} if former else {})}
            log(rows, STEPS_LOGGED[how], actor=self.actor, now=self.now, reason=reason, detail=detail)

    def _tell(self, made: list[ExamApplication], before: list[Assignment], how: How, reason: str) -> None:
        """Whoever gets cases from another is told, and whoever loses them to another."""
        if not made:
            return
        by = f"{named(self.actor, self.actor.acting_for)}{how.label}"
        body = "\n".join(filter(None, [_names(made), by, reason]))
        url = reverse("approvals:assignments")
        messages = []
        if self.assignee.pk != worker(self.actor).pk:
            title = f"{how.label}给您：{len(made)}件申报"
            messages.append(Message(self.assignee.pk, title, body, f"{url}?who=mine", about=made))
        lost: dict[int, list[int]] = defaultdict(list)
        for row in before:
            lost[row.assignee_id].append(row.application_id)
        for user_id, ids in lost.items():
            if user_id != worker(self.actor).pk:
                title = f"{len(ids)}件申报已由{self.assignee}办理"
                about = Cases(ExamApplication, ids)
                messages.append(Message(user_id, title, body, f"{url}?who={self.assignee.pk}", about=about))
        send(messages, now=self.now)


def _locked(actor, application_ids: Iterable[int]) -> list[ExamApplication]:
    return take(ExamApplication.objects.select_related("person", "job_type"), actor, application_ids)


def _end(rows: Sequence[Assignment], ending: Ending, *, actor, now) -> None:
    for row in rows:
        row.ended_at, row.ending, row.ended_by = now, ending, actor
    bulk.update(rows, ("ended_at", "ending", "ended_by"), actor=actor, at=now, reason=ending.label)


def _require_held(actor, held: Assignment | None) -> None:
    if held is None:
        raise WrongState("该事项不在任何人名下。", advice="可能已由他人处理，请刷新后查看。")
    if held.assignee_id != worker(actor).pk:
        raise WrongState(f"该事项{assigned.held_in_words(held)}，不在您名下。", code="assigned")


def _names(applications: Sequence[ExamApplication]) -> str:
    names = "、".join(row.person.name for row in applications[:NAMES_SHOWN])
    return f"{names}等{len(applications)}人" if len(applications) > NAMES_SHOWN else names
