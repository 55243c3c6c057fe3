"""Who and what is booked when, in rows of 30-minute slots under unique constraints: no room, no person twice."""

from django.db import models

from certification.people.models import Person
from exams.models.candidates import Seat
from exams.models.sessions import RoomUse
from exams.models.sites import ExamRoom
from exams.models.staff import StaffAssignment


class RoomSlot(models.Model):
    """A room is taken for one slot of one day. Deleted when the use ends: a booking, not a record of a case."""

    use = models.ForeignKey(RoomUse, on_delete=models.CASCADE, related_name="slots")
    room = models.ForeignKey(ExamRoom, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    slot = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name = "考场占用"
        verbose_name_plural = "考场占用"
        constraints = [models.UniqueConstraint(fields=["room", "day", "slot"], name="room_slot_once")]

    def __str__(self) -> str:
        return f"{self.room} {self.day} {self.slot}"


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
