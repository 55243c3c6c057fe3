"""Texts that applicants sign, in dated editions: the health commitment and the consent (facts 2, 10)."""

from datetime import date

from django.conf import settings
from django.db import models

from certification.rulebook.models import Certainty


class DeclarationKind(models.TextChoices):
    HEALTH_COMMITMENT = "HEALTH_COMMITMENT", "个人健康承诺书"
    CONSENT = "CONSENT", "个人信息处理单独同意书"


class DeclarationTextQuerySet(models.QuerySet):
    def in_force(self, day: date) -> dict[str, "DeclarationText"]:
        """The edition of each text that is signed on ``day``: kind → text."""
        rows = self.filter(in_force_from__lte=day).order_by("in_force_from", "pk")
        return {row.kind: row for row in rows}


class DeclarationText(models.Model):
    """One edition of one text. In force from its day until the next edition's; once in force it never changes, since
    people have signed it. ``body`` holds one paragraph a line."""

    kind = models.CharField("文本", max_length=20, choices=DeclarationKind)
    version = models.PositiveSmallIntegerField("版本")
    in_force_from = models.DateField("启用日期")
    title = models.CharField("标题", max_length=60)
    body = models.TextField("正文")
    source = models.CharField("依据", max_length=200, blank=True)
    certainty = models.CharField("依据等级", max_length=12, choices=Certainty)
    prepared_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    prepared_at = models.DateTimeField("登记时间")

    objects = DeclarationTextQuerySet.as_manager()

    class Meta:
        verbose_name = "承诺书文本"
        verbose_name_plural = "承诺书文本"
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=DeclarationKind.values), name="declaration_kind_known"),
            models.UniqueConstraint(fields=["kind", "version"], name="declaration_version_once"),
            models.UniqueConstraint(
                fields=["kind", "in_force_from"],
                name="declaration_day_once",
                violation_error_message="这一天已有一个版本启用，请另选启用日期。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}第{self.version}版"

    @property
    def paragraphs(self) -> list[str]:
        return [line.strip() for line in self.body.splitlines() if line.strip()]
