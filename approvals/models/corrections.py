"""Correction notices (补正通知书): what was asked once and completely, and what was answered to each item."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from approvals.models.licences import LicenceApplicant
from approvals.models.reviews import Review, Stage
from approvals.states import NOTICE, NoticeState
from certification.organisations.models import Organisation
from certification.organisations.scope import Scope, ScopedQuerySet
from certification.people.models import Person
from certification.records.models import StoredFile
from exams.models import ExamApplication, Material

ACCEPTANCE_STAGE = "ACCEPTANCE"


def _account(verbose_name: str) -> models.ForeignKey:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=verbose_name,
    )


class CorrectionNoticeQuerySet(ScopedQuerySet):
    def with_case(self):
        """With everything that lists and pages read of a notice, in the same query."""
        return self.select_related(
            "person",
            "institution",
            "organiser",
            "organisation",
            "addressee",
            "made_by__person",
            "application__job_type",
            "application__plan",
            "applicant__batch",
            "applicant__candidate__application__job_type",
        )

    def open(self):
        """Notices that wait for their answer."""
        return self.filter(state=NoticeState.OPEN)


class CorrectionNotice(models.Model):
    """One notice about one exam application (made with the opinion that returned it) or one person's licence
    application.

    ``organisation`` is the tier that made it, ``addressee`` who has to answer. ``again``: there was an earlier notice
    of the same tier. ``due_on`` is the day of that tier as it stood when the notice was made (None: nothing is counted,
    or the session is not known yet). ``before`` and ``after`` are the facts of the case when it was asked and when it
    was answered: [{"label", "value"}]. The letter is made after the commit; empty is the work still to do.
    """

    scope = Scope(institution="institution", organiser="organiser", territory="institution__territory")

    number = models.CharField("文号", max_length=60, unique=True)
    state = models.CharField("状态", max_length=12, choices=NoticeState, default=NoticeState.OPEN)
    application = models.ForeignKey(
        ExamApplication,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="notices",
        verbose_name="考试申报",
    )
    applicant = models.ForeignKey(
        LicenceApplicant,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="notices",
        verbose_name="发证申请人",
    )
    review = models.OneToOneField(
        Review, on_delete=models.PROTECT, null=True, blank=True, related_name="notice", verbose_name="审核意见"
    )
    stage = models.CharField("环节", max_length=20, choices=[*Stage.choices, (ACCEPTANCE_STAGE, "受理")])
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", verbose_name="人员")
    institution = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", verbose_name="培训机构")
    organiser = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", verbose_name="考试组织单位")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", verbose_name="告知单位")
    addressee = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", verbose_name="受送达单位")
    again = models.BooleanField("再次补正", default=False)
    due_on = models.DateField("告知时的截止日期", null=True, blank=True)
    before = models.JSONField("告知时的申报内容", default=list, blank=True)
    after = models.JSONField("补正后的申报内容", default=list, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField("告知时间")
    letter = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    seen_by = _account("查收人")
    seen_at = models.DateTimeField("查收时间", null=True, blank=True)
    fetched_by = _account("下载人")
    fetched_at = models.DateTimeField("下载时间", null=True, blank=True)
    answered_by = _account("答复人")
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)
    withdrawn_by = _account("撤回人")
    withdrawn_at = models.DateTimeField("撤回时间", null=True, blank=True)
    withdrawn_reason = models.TextField("撤回理由", blank=True)

    history = HistoricalRecords()
    objects = CorrectionNoticeQuerySet.as_manager()

    class Meta:
        verbose_name = "补正通知书"
        verbose_name_plural = "补正通知书"
        constraints = [
            NOTICE.constraint("correction_notice_state_known"),
            models.CheckConstraint(
                condition=Q(application__isnull=False, applicant__isnull=True)
                | Q(application__isnull=True, applicant__isnull=False),
                name="correction_notice_about_one_case",
            ),
            models.UniqueConstraint(
                fields=["application"], condition=Q(state=NoticeState.OPEN), name="correction_notice_open_once"
            ),
            models.UniqueConstraint(
                fields=["applicant"], condition=Q(state=NoticeState.OPEN), name="correction_notice_licence_once"
            ),
            models.CheckConstraint(
                condition=~Q(state=NoticeState.ANSWERED) | Q(answered_by__isnull=False, answered_at__isnull=False),
                name="correction_notice_answered_by",
            ),
            models.CheckConstraint(
                condition=~Q(state=NoticeState.WITHDRAWN)
                | (Q(withdrawn_by__isnull=False, withdrawn_at__isnull=False) & ~Q(withdrawn_reason="")),
                name="correction_notice_withdrawn_by",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "id"], name="correction_notice_state"),
            models.Index(fields=["addressee", "state", "id"], name="correction_notice_addressee"),
            models.Index(fields=["organisation", "id"], condition=Q(again=True), name="correction_notice_again"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def subject(self) -> ExamApplication | LicenceApplicant:
        """The case that it is about."""
        return self.application or self.applicant

    @property
    def job_type(self):
        """What the person applies for."""
        return (self.application or self.applicant.candidate.application).job_type


class CorrectionItem(models.Model):
    """One thing to correct and its answer.

    ``material`` (a kind) or ``field`` (a column of the application) says what it concerns, both empty: something else.
    ``again`` is the code of the reason for which it may be asked although it was not in an earlier notice, with its
    words as they stood in ``again_reason``. ``was`` is the paper that was there; an answer by a paper names ``paper``,
    or ``file`` where the item is about no kind of paper. An answer is a draft until its notice is answered.
    """

    class Answer(models.TextChoices):
        PAPER = "PAPER", "提交新材料"
        STATEMENT = "STATEMENT", "已更正或者说明"
        NOT_APPLICABLE = "NOT_APPLICABLE", "不适用"

    scope = Scope(
        institution="notice__institution", organiser="notice__organiser", territory="notice__institution__territory"
    )

    notice = models.ForeignKey(
        CorrectionNotice, on_delete=models.PROTECT, related_name="items", verbose_name="补正通知书"
    )
    position = models.PositiveSmallIntegerField("序号")
    material = models.CharField("材料", max_length=20, blank=True)
    field = models.CharField("栏目", max_length=40, blank=True)
    label = models.CharField("补正事项", max_length=60)
    text = models.CharField("存在的问题", max_length=400)
    ask = models.CharField("应当提交", max_length=400)
    clause = models.CharField("依据", max_length=120)
    again = models.CharField("再次告知的理由代码", max_length=40, blank=True)
    again_reason = models.CharField("再次告知的理由", max_length=200, blank=True)
    was = models.ForeignKey(
        Material, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="原材料"
    )
    answer = models.CharField("答复", max_length=16, choices=Answer, blank=True)
    statement = models.TextField("说明", blank=True)
    paper = models.ForeignKey(
        Material, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="新材料"
    )
    file = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="附件"
    )
    answered_by = _account("填写人")
    answered_at = models.DateTimeField("填写时间", null=True, blank=True)

    history = HistoricalRecords()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "补正事项"
        verbose_name_plural = "补正事项"
        ordering = ["notice", "position"]
        constraints = [
            models.UniqueConstraint(fields=["notice", "position"], name="correction_item_once"),
            models.CheckConstraint(
                condition=~Q(answer__in=["STATEMENT", "NOT_APPLICABLE"]) | ~Q(statement=""),
                name="correction_item_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position}. {self.label}"
