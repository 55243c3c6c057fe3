"""Seats and time slots: booked and freed in a fixed number of statements, whatever the number of candidates."""

from collections.abc import Iterable
from datetime import date

from exams.models import Candidate, PersonSlot, Seat, SessionPart


def free_seats(candidates: Iterable[Candidate], *, actor, now, reason: str) -> list[Seat]:
    """Give back every seat of ``candidates``, with its time slots; the seats stay in history.

    A queryset's ``delete`` would write history row by row through signals, so history is written here in one
    statement and the rows are deleted without signals.
    """
    seats = list(Seat.objects.filter(candidate__in=[row.pk for row in candidates]).order_by("pk"))
    if not seats:
        return []
    ids = [seat.pk for seat in seats]
    PersonSlot.objects.filter(seat__in=ids).delete()
    _keep_in_history(seats, actor=actor, now=now, reason=reason)
    freed = Seat.objects.filter(pk__in=ids)
    freed._raw_delete(freed.db)
    return seats


def slots_of(part: SessionPart) -> range:
    """The 30-minute slots that the part takes."""
    return range(part.first_slot, part.last_slot + 1)


def busy_persons(person_ids: Iterable[int], day: date, slots: Iterable[int]) -> set[int]:
    """Which of the persons are already booked, as candidate or as staff, in any of the slots of ``day``."""
    found = PersonSlot.objects.filter(person__in=set(person_ids), day=day, slot__in=list(slots))
    return set(found.values_list("person_id", flat=True))


def _keep_in_history(seats: list[Seat], *, actor, now, reason: str) -> None:
    history = Seat.history.model
    history.objects.bulk_create(
        history(
            history_date=now,
            history_user=actor,
            history_change_reason=reason[:100],
            history_type="-",
            **{field.attname: getattr(seat, field.attname) for field in history.tracked_fields},
        )
        for seat in seats
    )
