"""Whether the seats of a session suffice for its candidates, and who is over where they do not (rules 8)."""

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Case, Sum, When

from exams import standards
from exams.models import Candidate, ExamSession, RoomUse, Seat, SessionPart
from exams.rooms.fitness import usable
from exams.rooms.seating import carried_parts
from exams.states import IN_SESSION, ApplicationState


@dataclass(frozen=True)
class Overflow:
    """A part with fewer seats than candidates: how many of each, and who is over, the last ones first to come short:
    whoever is seated keeps the seat, then those whose review has passed, then the others, by the order of assignment.
    """

    part: SessionPart
    seats: int
    needed: int
    over: list[Candidate]

    @property
    def counted(self) -> str:
        """The numbers in words."""
        return (
            f"{self.part.get_part_display()}考场共 {self.seats} 个座位，本场 {self.needed} 人需要，"
            f"超出 {len(self.over)} 人"
        )

    def __str__(self) -> str:
        return f"{self.counted}：{'、'.join(map(str, self.over))}"


def overflows(session: ExamSession) -> list[Overflow]:
    """The parts of ``session`` whose rooms are too small; a part without any room is not arranged yet, and no overflow.
    Four queries."""
    uses = RoomUse.objects.in_force().filter(part__session=session).order_by()
    has = Case(When(usable=True, then="room__capacity"), default=0)
    seats = dict(uses.annotate(usable=usable()).values_list("part").annotate(seats=Sum(has)))
    if not seats:
        return []
    rows = Candidate.objects.filter(session=session, state__in=IN_SESSION)
    candidates = list(rows.select_related("application__person", "application__rule_edition").order_by("pk"))
    carried = carried_parts(candidates)
    seated: dict[int, set[int]] = defaultdict(set)
    for part_id, candidate_id in Seat.objects.filter(part__session=session).values_list("part", "candidate"):
        seated[part_id].add(candidate_id)
    parts_of = _parts_of(candidates)
    found = []
    for part in SessionPart.objects.filter(session=session):
        needing = [row for row in candidates if part.part in parts_of[row.pk] - carried.get(row.pk, set())]
        if part.pk in seats and len(needing) > seats[part.pk]:
            first_served = sorted(needing, key=lambda row: _turn(row, seated[part.pk]))
            found.append(Overflow(part, seats[part.pk], len(needing), first_served[seats[part.pk] :]))
    return found


def _parts_of(candidates: list[Candidate]) -> dict[int, set[str]]:
    by_kind = {(row.application.kind, row.application.rule_edition_id): row.application for row in candidates}
    parts = {key: set(standards.parts_for(one.kind, one.rule_edition)) for key, one in by_kind.items()}
    return {row.pk: parts[row.application.kind, row.application.rule_edition_id] for row in candidates}


def _turn(candidate: Candidate, seated: set[int]) -> tuple[bool, bool, int]:
    return candidate.pk not in seated, candidate.application.state != ApplicationState.CLEARED, candidate.pk
