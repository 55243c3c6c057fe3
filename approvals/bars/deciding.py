"""What the provincial head does about a bar: impose or decline, note an appeal, lift (rules 3.3, 4a).

The bar counts from the day of the decision, for the months that the edition in force gives its ground. Whoever is in an
examination that has not begun is taken off it at once (方案四（二）: 不予安排), and off the rosters of classes
that have not ended: they name whom an institution puts forward for an examination (rules 7).
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.urls import reverse

from approvals import papers
from approvals.cases import take_one
from approvals.models import BarAppeal, BarCase
from approvals.reviews import prepared
from approvals.reviews.feedback import names_and_numbers
from approvals.states import BAR
from certification import clock
from certification.notices.sending import Message, send
from certification.notices.subjects import About
from certification.organisations import access, separation
from certification.organisations.models import Organisation
from certification.organisations.roles import Role
from certification.organisations.separation import Capacity
from certification.people import bars
from certification.people.eligibility import add_months
from certification.people.models import Bar
from certification.records.models.numbers import next_numbers
from certification.refusals import Incomplete, Problem
from certification.rulebook import lookup
from certification.workdays.wording import full_day
from certification.workflow import activity, apply_one, lock
from exams.applications.reviewing import move
from exams.models import Candidate, ExamApplication
from exams.states import APPLICATION, IN_SESSION, OPEN
from training.models import TrainingPlan
from training.rosters import submitting

ACTION = "approvals.impose_bars"
SERIES = "bar_decision"
# What ``_sign`` sets.
SIGNED = ("decided_by", "decided_on_behalf_of", "decided_at", "decision_reason")
TOLD = (Role.INSTITUTION_FILER, Role.CITY_REVIEWER, Role.CITY_EXAM_OFFICER, Role.PROVINCIAL_EXAM_OFFICER)


@dataclass(frozen=True)
class Period:
    """What the edition gives a ground on a day: months, first and last day (both barred), the clause."""

    months: int
    first: date
    last: date
    clause: str


@dataclass(frozen=True)
class Taken:
    """An application that the bar concerns, and the place in a session that it has (None: none)."""

    application: ExamApplication
    place: Candidate | None


@dataclass(frozen=True)
class Concerned:
    """What imposing would end: applications, and enrolments in classes."""

    applications: Sequence[Taken] = ()
    classes: Sequence[TrainingPlan] = ()


def period(ground: str, day: date) -> Period:
    """The bar that ``ground`` brings when imposed on ``day`` (rule ``bar_periods`` of the edition in force)."""
    months = lookup.values("eligibility", "bar_periods", lookup.edition_on(day))["months"][ground]
    return Period(months, day, add_months(day, months) - date.resolution, bars.CLAUSES[Bar.Ground(ground)])


def concerned(case: BarCase, day: date) -> Concerned:
    """What of the person's imposing would end; nothing where the edition lets it stand."""
    open_ = ExamApplication.objects.filter(person=case.person_id, state__in=OPEN)
    return Concerned(
        _with_places(open_) if ends_applications(day) else [],
        list(submitting.running_classes(case.person_id, day).order_by("pk")) if leaves_classes(day) else [],
    )


def ends_applications(day: date) -> bool:
    """Whether a bar imposed on ``day`` ends the applications whose exam has not begun (rule ``bar_decisions``)."""
    return _decisions(day)["open_applications"] == "END"


def leaves_classes(day: date) -> bool:
    """Whether a bar imposed on ``day`` takes the person off the rosters of classes that have not ended."""
    return _decisions(day)["open_classes"] == "LEAVE"


@activity
def impose(*, actor, now, case_id: int, reason: str) -> BarCase:
    """Bar the person from today on. Applications whose exam has not begun end, seats are given back, the person leaves
    the classes that have not ended, institution and organiser are told; the letter is made after the commit.

    Raises NotPermitted, SeparationBreach (who proposed or reviewed does not impose), Incomplete, WrongState,
    DoesNotExist.
    """
    access.require(actor, ACTION)
    reason = _required(reason, "请填写决定意见。")
    day = clock.day_of(now)
    found = BarCase.objects.visible_to(actor).get(pk=case_id)
    # Classes before applications before what stands above them, as everywhere.
    classes = lock(submitting.running_classes(found.person_id, day)) if leaves_classes(day) else []
    applications = lock(
        ExamApplication.objects.filter(person=found.person_id, state__in=OPEN).select_related("person", "job_type")
    )
    case = _locked(actor, case_id)
    term = period(case.ground, day)

    def change(row: BarCase) -> None:
        _sign(row, actor=actor, now=now, reason=reason)
        row.bar = bars.impose(
            actor=actor,
            now=now,
            person=row.person,
            ground=row.ground,
            reason=row.reason,
            evidence=row.evidence,
            months=term.months,
            barred_from=term.first,
        )
        row.number = _number(now)

    apply_one(
        BAR,
        "impose",
        case,
        actor=actor,
        now=now,
        reason=reason,
        check=lambda row: separation.require(actor, Capacity.IMPOSES_BAR, row),
        change=change,
        fields=(*SIGNED, "bar", "number"),
        detail={"clause": term.clause, "until": term.last.isoformat()},
    )
    ended = _end(applications, case, actor=actor, now=now) if ends_applications(day) else []
    who = {"person_id": case.person_id, "reason": f"{_why(case)}不得列入学员名单。", "actor": actor, "now": now}
    _tell_imposed(case, ended, submitting.take_off(classes, **who), now=now)
    transaction.on_commit(lambda: papers.wake(1, bar_ids=[case.pk]), robust=True)
    return case


@activity
def decline(*, actor, now, case_id: int, reason: str) -> BarCase:
    """Turn a proposal down; nothing happens to the person. Rights and separation as in ``impose``."""
    access.require(actor, ACTION)
    reason = _required(reason, "请写明不予禁考的理由。")
    case = _locked(actor, case_id)

    def change(row: BarCase) -> None:
        _sign(row, actor=actor, now=now, reason=reason)

    apply_one(
        BAR,
        "decline",
        case,
        actor=actor,
        now=now,
        reason=reason,
        check=lambda row: separation.require(actor, Capacity.IMPOSES_BAR, row),
        change=change,
        fields=SIGNED,
    )
    send([_message(case.proposed_by_id, f"不予禁考：{case}", f"决定意见：{reason}", case, [case])], now=now)
    return case


@activity
def note_appeal(*, actor, now, case_id: int, appealed_on: date, what: str, outcome: str = "") -> BarAppeal:
    """Put on record what was brought against the bar; the bar goes on until it is lifted. The same line twice is one.

    Raises NotPermitted, Incomplete, WrongState where no bar was imposed or it was lifted, DoesNotExist.
    """
    access.require(actor, ACTION)
    what = _required(what, "请写明申诉、复议或者诉讼的事项。", field="what")
    case = _locked(actor, case_id)
    if appealed_on > clock.day_of(now) or appealed_on < clock.day_of(case.decided_at or case.proposed_at):
        problem = Problem("申诉日期应在决定之日与今天之间。", code="day", field="appealed_on")
        raise Incomplete([problem])
    line = {"appealed_on": appealed_on, "what": what, "outcome": outcome.strip()}
    if same := BarAppeal.objects.filter(case=case, **line).first():
        return same
    apply_one(
        BAR, "note_appeal", case, actor=actor, now=now, reason=what, detail={"outcome": outcome.strip()}, fields=()
    )
    return BarAppeal.objects.create(case=case, noted_by=actor, noted_at=now, **line)


@activity
def lift(*, actor, now, case_id: int, reason: str) -> BarCase:
    """End the bar now. What ended because of it stays ended: the person may file anew.

    Raises NotPermitted, SeparationBreach, Incomplete, WrongState, DoesNotExist.
    """
    access.require(actor, ACTION)
    reason = _required(reason, "请写明解除禁考的理由。")
    case = _locked(actor, case_id)

    def change(row: BarCase) -> None:
        row.lifted_by, row.lifted_on_behalf_of = actor, actor.acting_for
        bars.lift(actor=actor, now=now, bar=row.bar, reason=reason)

    apply_one(
        BAR,
        "lift",
        case,
        actor=actor,
        now=now,
        reason=reason,
        check=lambda row: separation.require(actor, Capacity.IMPOSES_BAR, row),
        change=change,
        fields=("lifted_by", "lifted_on_behalf_of"),
    )
    body = f"自即日起解除，可以重新报名、申报。理由：{reason}"
    _tell([case.institution_id, case.organiser_id], f"解除禁考：{case.person.name}", body, case, [case], now=now)
    return case


def breach_of(case: BarCase, user):
    """Why ``user`` may not decide on ``case`` by the separation of duties; None where nothing stands against it."""
    return separation.breaches(user, Capacity.IMPOSES_BAR, [case]).get(case.pk)


def _sign(case: BarCase, *, actor, now, reason: str) -> None:
    """Whose decision it is, for whom they act, and why."""
    case.decided_by, case.decided_on_behalf_of = actor, actor.acting_for
    case.decided_at, case.decision_reason = now, reason


def _locked(actor, case_id: int) -> BarCase:
    rows = BarCase.objects.select_related("person", "bar", "organisation", "application")
    return take_one(rows, actor, case_id)


def _decisions(day: date) -> dict:
    return lookup.values("eligibility", "bar_decisions", lookup.edition_on(day))


def _number(now) -> str:
    (number,) = next_numbers(SERIES, now.year, 1)
    return _decisions(clock.day_of(now))["number"].format(year=now.year, number=number)


def _with_places(rows) -> list[Taken]:
    applications = list(rows.select_related("job_type", "institution", "organiser").order_by("pk"))
    places = Candidate.objects.filter(application__in=applications, state__in=IN_SESSION).select_related("session")
    by_application = {row.application_id: row for row in places}
    return [Taken(row, by_application.get(row.pk)) for row in applications]


def _end(applications: Sequence[ExamApplication], case: BarCase, *, actor, now) -> list[Taken]:
    """End what has not been examined: refused where the review may refuse, else taken off as withdrawn."""
    taken = _with_places(ExamApplication.objects.filter(pk__in=[row.pk for row in applications]))
    by_pk = {one.application.pk: one for one in taken}
    refusable = APPLICATION["refuse"].sources
    reason = f"{_why(case)}不予安排考试，申报终止。"
    ended: list[ExamApplication] = []
    for name, rows in (
        ("refuse", [row for row in applications if row.state in refusable]),
        ("withdraw", [row for row in applications if row.state not in refusable]),
    ):
        if rows:
            results = move(name, rows, actor=actor, now=now, reason=reason)
            ended += [result.row for result in results if result.ok]
    standing = prepared.standing_on(row.pk for row in ended)
    prepared.end(list(standing.values()), actor=actor, now=now, reason=prepared.MOVED_ON)
    return [by_pk[row.pk] for row in ended]


def _why(case: BarCase) -> str:
    return f"禁考至{full_day(case.bar.barred_until)}（{case.get_ground_display()}；{bars.CLAUSES[case.ground]}），"


def _tell_imposed(case: BarCase, ended: Sequence[Taken], left: Sequence[TrainingPlan], *, now) -> None:
    """Institution and organiser of the case and of everything that ended, and who proposed it."""
    term = f"{full_day(case.bar.barred_from)}至{full_day(case.bar.barred_until)}"
    title = f"禁考决定：{case.person.name}"
    ground = f"{case.get_ground_display()}（{bars.CLAUSES[case.ground]}）"
    body = f"{case.number}。事由：{ground}。期限：{term}，期间不予安排考试。"
    by_organisation: dict[int, list[Taken]] = defaultdict(list)
    for one in ended:
        by_organisation[one.application.institution_id].append(one)
        by_organisation[one.application.organiser_id].append(one)
    of_classes: dict[int, list[TrainingPlan]] = defaultdict(list)
    for plan in left:
        for organisation_id in {plan.institution_id, plan.organiser_id}:
            of_classes[organisation_id].append(plan)
    for organisation_id in {case.institution_id, case.organiser_id, *by_organisation, *of_classes} - {None}:
        rows, classes = by_organisation[organisation_id], of_classes[organisation_id]
        lines = [*_said_of(rows), *(f"已从班级退班：{plan.number} {plan}。" for plan in classes)]
        about = [case, *(one.application for one in rows), *classes]
        _tell([organisation_id], title, "\n".join([body, *lines]), case, about, now=now)
    send([_message(case.proposed_by_id, title, body, case, [case])], now=now)


def _said_of(rows: Sequence[Taken]) -> list[str]:
    """What ended, and which tickets hold no longer."""
    if not rows:
        return []
    lines = [f"已终止的申报：{names_and_numbers([one.application for one in rows])}。"]
    for one in rows:
        if one.place:
            ticket = f"，准考证 {one.place.ticket_number} 作废" if one.place.ticket_number else ""
            lines.append(f"已退出场次 {one.place.session.number}{ticket}，座位已释放，其他考生不变。")
    return lines


def _tell(organisation_ids, title: str, body: str, case: BarCase, about: About, *, now) -> None:
    ids = {pk for pk in organisation_ids if pk is not None}
    people = access.users_at(TOLD, ids, clock.day_of(now))
    messages = []
    for organisation in Organisation.objects.filter(pk__in=ids):
        own = organisation.pk in (case.institution_id, case.organiser_id)
        for user in people[organisation.pk]:
            # Another institution of the same person is told in words: the case is not its to open.
            messages.append(_message(user.pk, title, body, case if own else None, about))
    send(messages, now=now)


def _message(recipient_id: int, title: str, body: str, case: BarCase | None, about: About) -> Message:
    url = reverse("approvals:bar", args=[case.pk]) if case else reverse("approvals:bars")
    return Message(recipient_id, title, body, url, about=about)


def _required(text: str, message: str, field: str = "reason") -> str:
    if not text.strip():
        raise Incomplete([Problem(message, code="required", field=field)], clause="方案四（二）")
    return text.strip()
