"""Candidates: one application in one session, with their seats."""

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from certification.organisations.scope import Scope, ScopedQuerySet
from exams.models.applications import OF_APPLICATION, ExamApplication
from exams.models.sessions import ExamSession, RoomUse, SessionPart, sessions_served_by
from exams.states import CANDIDATE, EXAMINED, IN_SESSION, CandidateState


class Candidate(models.Model):
    """An application assigned to a session. Carried over or retaken, it gets a new row linked to the earlier one,
    so that each session's dossier keeps its own."""

    scope = Scope(
        **{reach: f"application__{path}" for reach, path in OF_APPLICATION.items()},
        session=lambda user: Q(session__in=sessions_served_by(user)),
    )

    application = models.ForeignKey(
        ExamApplication, on_delete=models.PROTECT, related_name="candidates", verbose_name="考试申报"
    )
    session = models.ForeignKey(ExamSession, on_delete=models.PROTECT, related_name="candidates", verbose_name="场次")
    previous = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="following", verbose_name="上一场次"
    )
    retake = models.BooleanField("补考", default=False)
    state = models.CharField("状态", max_length=16, choices=CandidateState, default=CandidateState.LISTED)
    ticket_number = models.CharField("准考证号", max_length=24, blank=True)
    listed_at = models.DateTimeField("安排时间")

    history = HistoricalRecords()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "考生"
        verbose_name_plural = "考生"
        constraints = [
            CANDIDATE.constraint("candidate_state_known"),
            models.UniqueConstraint(
                fields=["application"],
                condition=Q(state__in=[state.value for state in IN_SESSION]),
                name="candidate_in_one_session",
            ),
            models.UniqueConstraint(
                fields=["ticket_number"], condition=~Q(ticket_number=""), name="candidate_ticket_once"
            ),
        ]
        indexes = [models.Index(fields=["session", "state"], name="candidate_session")]

    def __str__(self) -> str:
        return str(self.application.person)

    @property
    def examined(self) -> bool:
        """Whether the exam has an outcome for this candidate."""
        return self.state in EXAMINED


class Seat(models.Model):
    """One candidate's seat in one room of one part. Freed by deletion: a booking, kept in history."""

    candidate = models.ForeignKey(Candidate, on_delete=models.PROTECT, related_name="seats", verbose_name="考生")
    part = models.ForeignKey(SessionPart, on_delete=models.PROTECT, related_name="seats", verbose_name="考试科目")
    use = models.ForeignKey(RoomUse, on_delete=models.PROTECT, related_name="seats", verbose_name="考场安排")
    number = models.PositiveSmallIntegerField("座位号")

    history = HistoricalRecords()

    class Meta:
        verbose_name = "座位"
        verbose_name_plural = "座位"
        constraints = [
            models.UniqueConstraint(fields=["use", "number"], name="seat_once"),
            models.UniqueConstraint(fields=["candidate", "part"], name="seat_per_candidate_and_part"),
        ]

    def __str__(self) -> str:
        return f"{self.use.room} {self.number}号"
