"""What somebody sees of their own cases, in public words: progress, exam, ticket, released results, decision.

Nothing of it says who worked on a case or why something was returned between tiers: that is for the institution.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Q, QuerySet

from approvals.endings import ending_papers
from approvals.models import Decision, EndingCase, LicenceApplicant
from approvals.states import EndingState, LicenceState
from certification import clock
from certification.organisations.models import User
from certification.people.models import Person
from certification.people.naming import same
from certification.portal.client_address import client_address
from certification.records import accesses
from certification.workdays import calendars
from certification.workdays.counting import Calendar
from certification.workdays.wording import plain_day
from exams.day_states import STANDING_INCIDENTS, IncidentState
from exams.incidents import acts
from exams.models import Candidate, ExamApplication, Incident, Result, Seat
from exams.scores import rechecks
from exams.states import ApplicationState, CandidateState, SessionState
from exams.tickets import printing

# So long after it was proved, the identity has to be proved again.
LASTS = timedelta(minutes=15)
KEY = "lookup_person"
_UNDER_WAY = {
    ApplicationState.RETURNED: "待补正：请联系培训机构补交材料",
    ApplicationState.CLEARED: "审核通过",
    ApplicationState.REFUSED: "审核不通过：请联系培训机构了解理由",
    ApplicationState.WITHDRAWN: "已撤回",
}
_LICENCE = {
    LicenceState.PREPARED: "考试合格，考试组织单位正在提交发证许可申请",
    LicenceState.SUBMITTED: "发证许可申请待受理",
    LicenceState.CORRECTION: "发证许可申请待补正",
    LicenceState.ACCEPTED: "已受理，正在核对",
    LicenceState.RECONCILED: "已受理，待作出决定",
    LicenceState.WITHDRAWN: "发证许可申请已撤回，可以通过考试组织单位再次申请",
}


@dataclass(frozen=True)
class Score:
    """A released result as its candidate sees it; ``recheck_until`` is None where no re-check can be asked for."""

    result: Result
    recheck_until: date | None

    @property
    def words(self) -> str:
        """The score and whether it passes; one that was cancelled is neither."""
        if self.result.cancelled:
            return "成绩取消"
        if self.result.absent:
            return "缺考"
        return f"{self.result.score} 分，{'合格' if self.result.passed else '不合格'}"


@dataclass(frozen=True)
class Penalty:
    """The decision on an incident as its candidate sees it: nothing of who reported, proposed or decided it.
    ``review`` says until when a review may be asked for; "" once one was, or the days for it have passed."""

    incident: Incident
    review: str

    @property
    def effect(self) -> str:
        """What it does to the results, and what came of the review."""
        said = self.incident.get_effect_display()
        return (
            said if self.incident.state == IncidentState.DECIDED else f"{said}（{self.incident.get_state_display()}）"
        )


@dataclass
class Case:
    """One application as its applicant sees it; ``accepted`` are the licence applications that were, and ``decisions``
    on these and others, the newest first."""

    application: ExamApplication
    progress: str
    candidate: Candidate | None = None
    seats: list[Seat] = field(default_factory=list)
    has_ticket: bool = False
    scores: list[Score] = field(default_factory=list)
    penalties: list[Penalty] = field(default_factory=list)
    accepted: list[LicenceApplicant] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)


def find(name: str, number: str) -> Person | None:
    """Whoever has this name and number and applied for something, or held a certificate that was ended by decision.
    Whatever is wrong of it, one query says so."""
    applied = ExamApplication.objects.exclude(state=ApplicationState.DRAFT).values("person")
    ended = EndingCase.objects.filter(state=EndingState.DECIDED).values("certificate__person")
    rows = Person.objects.filter(Q(pk__in=applied) | Q(pk__in=ended), document_number=number)
    return next((row for row in rows.order_by("pk") if same(row.name, name)), None)


def open_for(request, person: Person) -> None:
    """Let the session see ``person``, for a while; the view is on record."""
    now = clock.now()
    request.session.cycle_key()
    request.session[KEY] = {"person": person.pk, "at": now.isoformat()}
    note(request, person, "进度、成绩和决定")


def seen_by(request) -> Person | None:
    """Whom the session may see at the moment."""
    kept = request.session.get(KEY)
    if not kept:
        return None
    since = clock.now() - type(clock.now()).fromisoformat(kept["at"])
    if not timedelta(0) <= since <= LASTS:
        leave(request)
        return None
    return Person.objects.filter(pk=kept["person"]).first()


def leave(request) -> None:
    """Forget whom the session may see."""
    request.session.pop(KEY, None)


def note(request, person: Person, what: str) -> None:
    """Put on record that something was shown on the public pages."""
    accesses.look_up(person, actor=User.objects.system(), now=clock.now(), what=what, address=client_address(request))


def cases_of(person: Person) -> list[Case]:
    """The person's cases, the newest first; the number of queries does not depend on how many."""
    applications = list(
        ExamApplication.objects.filter(person=person)
        .exclude(state=ApplicationState.DRAFT)
        .select_related("job_type__group", "institution", "organiser")
        .order_by("-pk")
    )
    candidates = _newest(
        printing.with_ticket().filter(application__in=applications).order_by("pk"), lambda row: row.application_id
    )
    seats = _by_candidate(
        Seat.objects.select_related("part", "use__room__site").order_by("part__day", "part__first_slot"), candidates
    )
    scores, penalties = _scores(candidates), _penalties(applications)
    applicants = _applicants(applications)
    found = []
    for application in applications:
        candidate, licences = candidates.get(application.pk), applicants.get(application.pk, [])
        found.append(
            Case(
                application,
                _progress(application, candidate, licences[0] if licences else None),
                candidate,
                seats.get(candidate.pk, []) if candidate else [],
                _has_ticket(candidate),
                scores.get(candidate.pk, []) if candidate else [],
                penalties.get(application.pk, []),
                [row for row in licences if row.acceptance_id],
                [row.decision for row in licences if hasattr(row, "decision")],
            )
        )
    return found


def _applicants(applications: list[ExamApplication]) -> dict[int, list[LicenceApplicant]]:
    """The licence applications of each, the newest first: who was not accepted or withdrew may apply again. One
    query."""
    rows = LicenceApplicant.objects.filter(candidate__application__in=applications).select_related(
        "candidate", "acceptance", "decision__certificate", "decision__letter", "batch__organiser"
    )
    found: dict[int, list[LicenceApplicant]] = {}
    for row in rows.order_by("-pk"):
        found.setdefault(row.candidate.application_id, []).append(row)
    return found


def _scores(candidates: dict[int, Candidate]) -> dict[int, list[Score]]:
    """The released results of each candidate, theory first. Two queries."""
    rows = Result.objects.filter(state="RELEASED").select_related("candidate__application__rule_edition")
    found = _by_candidate(rows.prefetch_related("rechecks").order_by("-part"), candidates)
    today, calendar = clock.today(), calendars.current()
    return {pk: [Score(row, _recheck_until(row, today, calendar)) for row in rows] for pk, rows in found.items()}


def _recheck_until(result: Result, today: date, calendar: Calendar) -> date | None:
    """Against a cancelled score there is the review of the decision that cancelled it."""
    if result.cancelled or rechecks.not_open(result, today, calendar):
        return None
    return rechecks.last_day(result, calendar)


def _penalties(applications: list[ExamApplication]) -> dict[int, list[Penalty]]:
    """What was decided on incidents of each application, also in an earlier session, the newest first. One query."""
    rows = Incident.objects.filter(
        candidate__application__in=applications,
        state__in=[*STANDING_INCIDENTS, IncidentState.REVOKED],
        decided_at__isnull=False,
    )
    found: dict[int, list[Penalty]] = {}
    today = clock.today()
    for row in rows.select_related("candidate").order_by("-decided_at", "-pk"):
        found.setdefault(row.candidate.application_id, []).append(Penalty(row, _review(row, today)))
    return found


def _review(incident: Incident, today: date) -> str:
    """Until when a review may be asked for: the days count from the day on which the candidate was told."""
    if incident.state != IncidentState.DECIDED:
        return ""
    if incident.told_on is None:
        return f"自被告知处理决定之日起{acts.review_days(clock.day_of(incident.decided_at))}日内"
    return f"在{plain_day(incident.review_until)}前（含当日）" if today <= incident.review_until else ""


def endings_of(person: Person) -> QuerySet[EndingCase]:
    """The decisions that ended certificates of the person, the newest first."""
    rows = EndingCase.objects.filter(certificate__person=person, state=EndingState.DECIDED)
    return rows.select_related(*ending_papers.RELATED).order_by("-decided_at", "-pk")


def _progress(application: ExamApplication, candidate: Candidate | None, applicant: LicenceApplicant | None) -> str:
    if applicant:
        decision = getattr(applicant, "decision", None)
        return decision.get_outcome_display() if decision else _LICENCE[LicenceState(applicant.state)]
    if candidate and candidate.session.state == SessionState.RELEASED and candidate.examined:
        return candidate.get_state_display()
    if candidate and candidate.session.state == SessionState.HELD:
        return "已考试，成绩待公布"
    if application.state in _UNDER_WAY:
        said = _UNDER_WAY[ApplicationState(application.state)]
        if application.state == ApplicationState.CLEARED:
            return f"{said}，{'准予参加考试' if _has_ticket(candidate) else '待安排考试'}"
        return said
    return "审核中"


def _has_ticket(candidate: Candidate | None) -> bool:
    return candidate is not None and bool(candidate.ticket_number) and candidate.state == CandidateState.ADMITTED


def _newest(rows: Iterable, key) -> dict[int, object]:
    return {key(row): row for row in rows}


def _by_candidate(rows, candidates: dict) -> dict[int, list]:
    found: dict[int, list] = {}
    for row in rows.filter(candidate__in=[row.pk for row in candidates.values()]):
        found.setdefault(row.candidate_id, []).append(row)
    return found
