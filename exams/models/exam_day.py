"""What happens in a room on the day: sign-in of each candidate, the record of the room, and the recording."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from certification.organisations.scope import Scope, ScopedQuerySet
from certification.people.models import Person
from exams.day_states import ROOM_RECORD, RecordState
from exams.models.candidates import Candidate
from exams.models.sessions import ExamSession, RoomUse, SessionPart, sessions_served_by
from exams.models.staff import Duty


class Attendance(models.TextChoices):
    """What became of a candidate at the door."""

    PRESENT = "PRESENT", "已到"
    LATE = "LATE", "迟到"
    ABSENT = "ABSENT", "缺考"
    REFUSED = "REFUSED", "拒绝入场"


CAME = (Attendance.PRESENT, Attendance.LATE)


class SignIn(models.Model):
    """One candidate at the door of one part. ``number_read`` tells that the number was read off the card and was the
    right one, else both were compared by eye. ``note`` says why somebody was not let in, or why it was corrected.
    A city in whose territory another body examines sees nobody here."""

    scope = Scope(
        organiser="part__session__organiser",
        session=lambda user: Q(part__session__in=sessions_served_by(user)),
    )

    candidate = models.ForeignKey(Candidate, on_delete=models.PROTECT, related_name="sign_ins", verbose_name="考生")
    part = models.ForeignKey(SessionPart, on_delete=models.PROTECT, related_name="sign_ins", verbose_name="考试科目")
    use = models.ForeignKey(RoomUse, on_delete=models.PROTECT, related_name="sign_ins", verbose_name="考场安排")
    outcome = models.CharField("签到", max_length=8, choices=Attendance)
    number_read = models.BooleanField("读取证件号码相符", default=False)
    identity_compared = models.BooleanField("证件、照片与本人相符", default=False)
    cause = models.CharField("不得入场的情形", max_length=20, blank=True)
    note = models.CharField("说明", max_length=300, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField("登记时间")

    history = HistoricalRecords()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "考生签到"
        verbose_name_plural = "考生签到"
        constraints = [
            models.UniqueConstraint(fields=["candidate", "part"], name="sign_in_once"),
            models.CheckConstraint(
                condition=Q(outcome__in=["PRESENT", "LATE"], identity_compared=True)
                | Q(outcome="ABSENT")
                | (Q(outcome="REFUSED") & ~Q(cause="")),
                name="sign_in_with_identity",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.candidate} {self.get_outcome_display()}"

    @property
    def came(self) -> bool:
        return self.outcome in CAME


class RoomRecord(models.Model):
    """考场记录: one room in one part. ``lines`` are the edition's, each with its code, its text and what was answered;
    a change before the last signature takes back the signatures given."""

    scope = Scope(
        organiser="use__part__session__organiser",
        session=lambda user: Q(use__part__session__in=sessions_served_by(user)),
    )

    use = models.OneToOneField(RoomUse, on_delete=models.PROTECT, related_name="record", verbose_name="考场安排")
    state = models.CharField("状态", max_length=12, choices=RecordState, default=RecordState.SIGNING_IN)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    closed_at = models.DateTimeField("结束签到时间", null=True, blank=True)
    started_at = models.TimeField("实际开始", null=True, blank=True)
    ended_at = models.TimeField("实际结束", null=True, blank=True)
    lines = models.JSONField("记录内容", default=list, blank=True)
    remarks = models.TextField("其他情况", blank=True)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    written_at = models.DateTimeField("填写时间", null=True, blank=True)

    history = HistoricalRecords()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "考场记录"
        verbose_name_plural = "考场记录"
        constraints = [ROOM_RECORD.constraint("room_record_state_known")]

    def __str__(self) -> str:
        return f"{self.use}考场记录"


class RecordSignature(models.Model):
    """One person's signature under a room's record, by the account at hand. Taken back when the record is changed."""

    record = models.ForeignKey(RoomRecord, on_delete=models.PROTECT, related_name="signatures", verbose_name="考场记录")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", verbose_name="签名人")
    duty = models.CharField("职责", max_length=12, choices=Duty)
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField("签名时间")
    withdrawn_at = models.DateTimeField("失效时间", null=True, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = "考场记录签名"
        verbose_name_plural = "考场记录签名"
        constraints = [
            models.UniqueConstraint(
                fields=["record", "person"], condition=Q(withdrawn_at__isnull=True), name="record_signature_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.record} {self.person}"


class SessionRecording(models.Model):
    """The recording (考试录像) of a session: until when it is kept, and where; ``warned_at``: its keeper was told."""

    scope = Scope(organiser="session__organiser", territory="session__site__territory")

    session = models.OneToOneField(
        ExamSession, on_delete=models.PROTECT, related_name="recording", verbose_name="考试场次"
    )
    keep_until = models.DateField("保存至")
    place = models.CharField("存放位置", max_length=160, blank=True)
    noted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    noted_at = models.DateTimeField("登记时间", null=True, blank=True)
    warned_at = models.DateTimeField("到期提醒时间", null=True, blank=True)

    history = HistoricalRecords()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "考试录像"
        verbose_name_plural = "考试录像"
        indexes = [models.Index(fields=["keep_until"], condition=Q(warned_at__isnull=True), name="recording_to_warn")]

    def __str__(self) -> str:
        return f"{self.session}考试录像"
