"""Who and what is booked when, under constraints of the database: no room and no person twice at the same time.

Times are those of the 30-minute slots of parts; a person is booked slot by slot, a room from begin to end.
"""

from django.db import models

from certification.people.models import Person
from certification.records.overlaps import NoOverlap
from exams.models.candidates import Seat
from exams.models.sessions import RoomUse
from exams.models.sites import ExamRoom, RoomMaintenance
from exams.models.staff import StaffAssignment


class RoomTime(models.Model):
    """A room is taken from one moment to another, by a part of a session or by its maintenance; nothing overlaps.

    Deleted when the use ends: a booking, not a record of a case.
    """

    room = models.ForeignKey(ExamRoom, on_delete=models.PROTECT, related_name="times")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    use = models.OneToOneField(RoomUse, on_delete=models.CASCADE, null=True, blank=True, related_name="time")
    maintenance = models.OneToOneField(
        RoomMaintenance, on_delete=models.CASCADE, null=True, blank=True, related_name="time"
    )

    class Meta:
        verbose_name = "考场占用"
        verbose_name_plural = "考场占用"
        constraints = [
            NoOverlap(of="room", starts="starts_at", ends="ends_at", name="room_time_once"),
            models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("starts_at")), name="room_time_passes"),
            models.CheckConstraint(
                condition=models.Q(use__isnull=False, maintenance__isnull=True)
                | models.Q(use__isnull=True, maintenance__isnull=False),
                name="room_time_one_purpose",
            ),
        ]
        indexes = [models.Index(fields=["room", "starts_at"], name="room_time_day")]

    def __str__(self) -> str:
        return f"{self.room} {self.starts_at} {self.ends_at}"


class PersonSlot(models.Model):
    """A person is taken for one slot of one day, as a candidate or as staff."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    slot = models.PositiveSmallIntegerField()
    seat = models.ForeignKey(Seat, on_delete=models.CASCADE, null=True, blank=True, related_name="slots")
    assignment = models.ForeignKey(
        StaffAssignment, on_delete=models.CASCADE, null=True, blank=True, related_name="slots"
    )

    class Meta:
        verbose_name = "人员占用"
        verbose_name_plural = "人员占用"
        constraints = [
            models.UniqueConstraint(fields=["person", "day", "slot"], name="person_slot_once"),
            models.CheckConstraint(
                condition=models.Q(seat__isnull=False, assignment__isnull=True)
                | models.Q(seat__isnull=True, assignment__isnull=False),
                name="person_slot_one_purpose",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.day} {self.slot}"
