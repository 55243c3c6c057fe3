"""How often an application was examined in vain, and whether a sitting is left (rules 8, ``examination.retake``)."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.db.models import Count, Exists, OuterRef, Q

from exams.models import Candidate, ExamApplication, Part, Result
from exams.standards import RetakeStandard
from exams.states import CandidateState, ResultState

_OF_APPLICATION = {
    CandidateState.FAILED: "failed",
    CandidateState.PASSED: "failed",
    CandidateState.ABSENT: "missed",
}


@dataclass
class Sittings:
    """Of one application: how often each part was failed and missed; in how many sessions it was examined, and how many
    it missed."""

    failed: Counter = field(default_factory=Counter)
    missed: Counter = field(default_factory=Counter)
    sessions: Counter = field(default_factory=Counter)

    def of(self, part: Part, standard: RetakeStandard) -> int:
        """How many sittings of ``part`` are used."""
        return self.failed[part] + (self.missed[part] if standard.absence_counts else 0)

    def together(self, standard: RetakeStandard) -> int:
        """How many sittings of the whole exam are used."""
        return self.sessions["failed"] + (self.sessions["missed"] if standard.absence_counts else 0)

    def used_up(self, standard: RetakeStandard) -> bool:
        """Whether nothing is left of the first sitting and the retakes."""
        if standard.per_part:
            return any(self.of(part, standard) > standard.allowed(part) for part in Part)
        return self.together(standard) > standard.retakes

    def lines(self, owes: Iterable[Part], standard: RetakeStandard) -> Iterator[tuple[str, int, int]]:
        """What is counted, how many sittings are used and how many there are: for each part still owed, or in all."""
        if standard.per_part:
            for part in owes:
                yield part.label, self.of(part, standard), standard.allowed(part) + 1
        else:
            yield "考试", self.together(standard), standard.retakes + 1


def of(applications: Iterable[ExamApplication]) -> dict[int, Sittings]:
    """The sittings of each application: application id → sittings. Two queries."""
    ids = [row.pk for row in applications]
    found: dict[int, Sittings] = defaultdict(Sittings)
    examined = Candidate.objects.filter(application__in=ids, state__in=_OF_APPLICATION)
    for application_id, state in examined.values_list("application_id", "state"):
        found[application_id].sessions[_OF_APPLICATION[CandidateState(state)]] += 1
    rows = _in_vain().filter(candidate__application__in=ids)
    for application_id, part, absent in rows.values_list("candidate__application_id", "part", "absent"):
        sittings = found[application_id]
        (sittings.missed if absent else sittings.failed)[Part(part)] += 1
    return found


def used_up(standard: RetakeStandard) -> Exists:
    """The condition on applications that ``Sittings.used_up`` tells of one."""
    if standard.per_part:
        rows = _in_vain().filter(candidate__application=OuterRef("pk"))
        rows = rows if standard.absence_counts else rows.filter(absent=False)
        over = Q()
        for part in Part:
            over |= Q(part=part, number__gt=standard.allowed(part))
        return Exists(rows.order_by().values("part").annotate(number=Count("pk")).filter(over))
    states = [state for state, kind in _OF_APPLICATION.items() if standard.absence_counts or kind == "failed"]
    rows = Candidate.objects.filter(application=OuterRef("pk"), state__in=states)
    rows = rows.order_by().values("application").annotate(number=Count("pk"))
    return Exists(rows.filter(number__gt=standard.retakes))


def _in_vain():
    """Released results of parts that were sat, or missed, and not passed: what was carried over was not sat."""
    return Result.objects.filter(passed=False, state=ResultState.RELEASED, carried_from__isnull=True)
