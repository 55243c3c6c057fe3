"""The list of retakes (补考名单), by the rule edition of each application: who failed or was absent, how often they
may still sit, which part they keep and until when (rules 8)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef

from certification.people import bars, eligibility
from certification.workdays.wording import plain_day
from exams import standards
from exams.models import Candidate, ExamApplication, Part, Result
from exams.sessions import sittings
from exams.sessions.listing import valid_until
from exams.sessions.sittings import Sittings
from exams.states import EXAMINED, IN_POOL, IN_SESSION, CandidateState, ResultState

NOT_PASSED = (CandidateState.FAILED, CandidateState.ABSENT)


@dataclass(frozen=True)
class Retake:
    """One application that did not pass. ``counts``: what is counted, how many sittings are used, how many there are;
    ``until`` the last day for a retake; ``keeps`` the parts passed and the last day of each; ``owes`` those still to be
    passed; ``standing`` says what comes next, ``may_sit`` whether that is a retake."""

    application: ExamApplication
    last: Candidate
    counts: list[tuple[str, int, int]]
    until: date
    keeps: list[tuple[Part, date]]
    owes: list[Part]
    standing: str
    may_sit: bool


def waiting(user):
    """Applications that the user may see which did not pass their last exam, the latest first by ``-id``."""
    own = Candidate.objects.filter(application=OuterRef("pk"))
    rows = ExamApplication.objects.visible_to(user).with_case()
    return rows.filter(Exists(own.filter(state__in=NOT_PASSED))).exclude(
        Exists(own.filter(state=CandidateState.PASSED))
    )


def of(applications: Sequence[ExamApplication], today: date) -> list[Retake]:
    """What each application may still do, as of ``today``. The same number of queries for one as for fifty."""
    applications = list(applications)
    own: dict[int, list[Candidate]] = defaultdict(list)
    rows = Candidate.objects.filter(application__in=[row.pk for row in applications])
    candidates = list(rows.select_related("session").order_by("listed_at", "pk"))
    for candidate in candidates:
        own[candidate.application_id].append(candidate)
    used = sittings.of(candidates)
    passed = _passed(applications)
    barred = bars.in_force([row.person_id for row in applications], today)
    return [
        _retake(row, own[row.pk], used[row.pk], passed.get(row.pk, []), row.person_id in barred, today)
        for row in applications
    ]


def _passed(applications: Sequence[ExamApplication]) -> dict[int, list[tuple[Part, date]]]:
    """The parts that each application passed where they were sat, and the last day of each."""
    rows = Result.objects.filter(
        candidate__application__in=[row.pk for row in applications],
        passed=True,
        state=ResultState.RELEASED,
        carried_from__isnull=True,
    )
    roots = list(rows.select_related("candidate__application__rule_edition").order_by("pk"))
    until = valid_until(roots) if roots else {}
    found: dict[int, list[tuple[Part, date]]] = defaultdict(list)
    for root in roots:
        found[root.candidate.application_id].append((Part(root.part), until[root.pk]))
    return found


def _retake(
    application: ExamApplication, own: list[Candidate], used: Sittings, passed, barred: bool, today: date
) -> Retake:
    edition = application.rule_edition
    standard = standards.retakes(edition)
    last = [row for row in own if row.state in EXAMINED][-1]
    until = eligibility.add_months(last.session.starts_on, standards.valid_months(edition))
    keeps = [(part, day) for part, day in passed if day >= today]
    owes = [part for part in standards.parts_for(application.kind, edition) if part not in dict(keeps)]
    placed = next((row for row in own if row.state in IN_SESSION), None)
    standing, may_sit = _standing(application, placed, used.used_up(standard), until, barred, today)
    return Retake(application, last, list(used.lines(owes, standard)), until, keeps, owes, standing, may_sit)


def _standing(application, placed, used_up: bool, until: date, barred: bool, today: date) -> tuple[str, bool]:
    if placed is not None:
        return f"已安排场次{placed.session.number}", True
    if application.state not in IN_POOL:
        return application.get_state_display(), False
    if used_up:
        return "补考次数已用完，须重新参加培训", False
    if today > until:
        return "已过补考期限，须重新申报", False
    if barred:
        return "在禁考期内", False
    return f"待安排补考，{plain_day(until)}前", True
