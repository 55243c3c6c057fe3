"""Revocation (撤销) and cancellation (注销) of certificates as cases: proposed with proof, told, heard, decided."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from approvals.models.bars import BarCase
from approvals.states import ENDING, EndingState
from certification.organisations.models import signed_name
from certification.organisations.scope import Scope, ScopedQuerySet
from certification.people.models import Certificate
from certification.records.models import StoredFile


class EndingCase(models.Model):
    """One proposal to end a certificate before its time. ``ground`` is a code of rule ``endings``; its words and clause
    are kept as they were. ``number`` and the letter come with the decision, ``notice_number`` with telling the holder.

    Between officials of the province: everybody else sees what became of the certificate.
    """

    scope = Scope()

    class Kind(models.TextChoices):
        REVOKE = "REVOKE", "撤销"
        CANCEL = "CANCEL", "注销"

    certificate = models.ForeignKey(
        Certificate, on_delete=models.PROTECT, related_name="endings", verbose_name="操作证"
    )
    kind = models.CharField("种类", max_length=8, choices=Kind)
    state = models.CharField("状态", max_length=10, choices=EndingState, default=EndingState.PROPOSED)
    ground = models.CharField("事由代码", max_length=20)
    ground_title = models.CharField("事由", max_length=80)
    clause = models.CharField("依据", max_length=80)
    needs_hearing = models.BooleanField("须告知并听取意见")
    facts = models.TextField("事实和理由")
    evidence = models.TextField("证据")
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="提请人"
    )
    proposed_on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    proposed_at = models.DateTimeField("提请时间")
    notice_number = models.CharField("告知书文号", max_length=60, blank=True)
    told_at = models.DateTimeField("告知时间", null=True, blank=True)
    hearing_until = models.DateField("可以要求听证至", null=True, blank=True)
    hearing_asked = models.BooleanField("要求听证", default=False)
    hearing_held_on = models.DateField("听证日期", null=True, blank=True)
    statement = models.TextField("陈述申辩和听证记录", blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="决定人",
    )
    decided_on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    decided_at = models.DateTimeField("决定时间", null=True, blank=True)
    opinion = models.TextField("决定意见", blank=True)
    number = models.CharField("文号", max_length=60, blank=True)
    letter = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    served_at = models.DateTimeField("送达时间", null=True, blank=True)
    bar_case = models.ForeignKey(
        BarCase, on_delete=models.PROTECT, null=True, blank=True, related_name="endings", verbose_name="禁考提请"
    )

    history = HistoricalRecords()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "操作证撤销、注销事项"
        verbose_name_plural = "操作证撤销、注销事项"
        constraints = [
            ENDING.constraint("ending_case_state_known"),
            models.UniqueConstraint(
                fields=["certificate"],
                condition=Q(state__in=[EndingState.PROPOSED, EndingState.TOLD, EndingState.HEARD]),
                name="ending_open_once",
            ),
            models.UniqueConstraint(fields=["number"], condition=~Q(number=""), name="ending_number_once"),
            models.CheckConstraint(
                condition=~Q(state=EndingState.DECIDED)
                | (
                    ~Q(number="")
                    & Q(decided_by__isnull=False)
                    & ~Q(decided_by=F("proposed_by"))
                    & (Q(needs_hearing=False) | Q(told_at__isnull=False))
                ),
                name="ending_decided_by_another_after_telling",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.certificate}"

    proposed_by_name = signed_name("proposed")
    decided_by_name = signed_name("decided")
