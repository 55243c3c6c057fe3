"""How often an application was examined in vain, and whether a sitting is left (rules 8, ``examination.retake``)."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.db.models import Count, Exists, OuterRef, Q

from exams.models import Candidate, Part, Result
from exams.standards import RetakeStandard
from exams.states import EXAMINED, CandidateState, ResultState

_SAT = (CandidateState.PASSED, CandidateState.FAILED)


@dataclass
class Sittings:
    """Of one application: how often each part was failed and missed; in how many sessions it was ``sat``, how many were
    missed altogether (``absent``)."""

    failed: Counter = field(default_factory=Counter)
    missed: Counter = field(default_factory=Counter)
    sat: int = 0
    absent: int = 0

    def of(self, part: Part, standard: RetakeStandard) -> int:
        """How many sittings of ``part`` are used."""
        return self.failed[part] + (self.missed[part] if standard.absence_counts else 0)

    def together(self, standard: RetakeStandard) -> int:
        """How many sittings of the whole exam are used."""
        return self.sat + (self.absent if standard.absence_counts else 0)

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


def of(candidates: Iterable[Candidate]) -> dict[int, Sittings]:
    """The sittings of each application, of all whose ``candidates`` these are: application id → sittings. One query
    beside those for the candidates."""
    found: dict[int, Sittings] = defaultdict(Sittings)
    for candidate in candidates:
        sittings = found[candidate.application_id]
        sittings.sat += candidate.state in _SAT
        sittings.absent += candidate.state == CandidateState.ABSENT
    rows = _in_vain().filter(candidate__application__in=list(found))
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
    counted = EXAMINED if standard.absence_counts else _SAT
    rows = Candidate.objects.filter(application=OuterRef("pk"), state__in=counted)
    rows = rows.order_by().values("application").annotate(number=Count("pk"))
    return Exists(rows.filter(number__gt=standard.retakes))


def _in_vain():
    """Released results of parts that were sat, or missed, and not passed: what was carried over was not sat."""
    return Result.objects.filter(passed=False, state=ResultState.RELEASED, carried_from__isnull=True)
