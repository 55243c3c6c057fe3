"""Seats and time slots: booked and freed in a fixed number of statements, whatever the number of candidates."""

from collections.abc import Iterable, Mapping
from datetime import date

from django.db.models import Q

from certification.records import bulk
from certification.records.models.transitions import Reason
from exams.models import Candidate, PersonSlot, Seat, SessionPart


def free_seats(candidates: Iterable[Candidate], *, actor, now, reason: Reason) -> list[Seat]:
    """Give back every seat of ``candidates``, with its time slots; the seats stay in history. ``reason`` is one for
    all, or asked of each candidate.

    A queryset's ``delete`` would write history row by row through signals, so history is written here in one
    statement and the rows are deleted without signals.
    """
    by_id = {row.pk: row for row in candidates}
    seats = list(Seat.objects.filter(candidate__in=by_id).order_by("pk"))
    if not seats:
        return []
    ids = [seat.pk for seat in seats]
    PersonSlot.objects.filter(seat__in=ids).delete()
    said = {pk: reason(row) if callable(reason) else reason for pk, row in by_id.items()}
    _keep_in_history(seats, said, actor=actor, now=now)
    freed = Seat.objects.filter(pk__in=ids)
    freed._raw_delete(freed.db)
    return seats


def slots_of(part: SessionPart) -> range:
    """The 30-minute slots that the part takes."""
    return range(part.first_slot, part.last_slot + 1)


def busy_persons(person_ids: Iterable[int], day: date, slots: Iterable[int]) -> set[int]:
    """Which of the persons are already booked, as candidate or as staff, in any of the slots of ``day``."""
    found = PersonSlot.objects.filter(day=day, slot__in=list(slots))
    found = bulk.among(found, "person", list(set(person_ids)))
    return set(found.values_list("person_id", flat=True))


def busy_in(person_ids: Iterable[int], places: Iterable[SessionPart]) -> dict[str, set[int]]:
    """Which of the persons are already booked in the time of each of ``places``: part → persons. One query."""
    times = {place.part: {(place.day, slot) for slot in slots_of(place)} for place in places}
    at_some_time = Q(pk__in=[])
    for place in places:
        at_some_time |= Q(day=place.day, slot__range=(place.first_slot, place.last_slot))
    found = bulk.among(PersonSlot.objects.filter(at_some_time), "person", list(set(person_ids)))
    busy: dict[str, set[int]] = {part: set() for part in times}
    for person_id, day, slot in found.values_list("person_id", "day", "slot"):
        for part, taken in times.items():
            if (day, slot) in taken:
                busy[part].add(person_id)
    return busy


def _keep_in_history(seats: list[Seat], said: Mapping[int, str], *, actor, now) -> None:
    history = Seat.history.model
    history.objects.bulk_create(
        history(
            history_date=now,
            history_user=actor,
            history_change_reason=said[seat.candidate_id][:100],
            history_type="-",
            **{field.attname: getattr(seat, field.attname) for field in history.tracked_fields},
        )
        for seat in seats
    )
