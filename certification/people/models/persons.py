"""The register of persons: candidates, teachers and exam staff alike, one record per identity document."""

from django.db import models
from simple_history.models import HistoricalRecords


class DocumentType(models.TextChoices):
    IDENTITY_CARD = "IDENTITY_CARD", "居民身份证"
    PASSPORT = "PASSPORT", "护照"
    TRAVEL_PERMIT = "TRAVEL_PERMIT", "港澳台居民来往大陆通行证"
    PERMANENT_RESIDENCE = "PERMANENT_RESIDENCE", "外国人永久居留身份证"


class Sex(models.TextChoices):
    MALE = "M", "男"
    FEMALE = "F", "女"


class Education(models.TextChoices):
    PRIMARY = "PRIMARY", "小学"
    JUNIOR_HIGH = "JUNIOR_HIGH", "初中"
    SENIOR_HIGH = "SENIOR_HIGH", "高中"
    VOCATIONAL = "VOCATIONAL", "中专（中技、职高）"
    COLLEGE = "COLLEGE", "大专"
    BACHELOR = "BACHELOR", "本科"
    POSTGRADUATE = "POSTGRADUATE", "研究生"


class Person(models.Model):
    """One human being, identified by document type and number. Separation of duties compares these records."""

    document_type = models.CharField(
        "证件类型", max_length=20, choices=DocumentType, default=DocumentType.IDENTITY_CARD
    )
    document_number = models.CharField("证件号码", max_length=30)
    name = models.CharField("姓名", max_length=60)
    sex = models.CharField("性别", max_length=1, choices=Sex)
    birth_date = models.DateField("出生日期")
    phone = models.CharField("手机号", max_length=20, blank=True)
    education = models.CharField("文化程度", max_length=20, choices=Education, blank=True)
    employer = models.CharField("工作单位", max_length=120, blank=True)
    created_at = models.DateTimeField("登记时间")

    history = HistoricalRecords()

    class Meta:
        verbose_name = "人员"
        verbose_name_plural = "人员"
        constraints = [models.UniqueConstraint(fields=["document_type", "document_number"], name="person_once")]
        indexes = [
            # Made for prefixes, which are searched all day; equal values are found by them too.
            models.Index(fields=["name"], name="person_name_prefix", opclasses=["varchar_pattern_ops"]),
            models.Index(fields=["document_number"], name="person_document_prefix", opclasses=["varchar_pattern_ops"]),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def key(self) -> tuple[str, str]:
        """What tells persons apart: document type and number."""
        return self.document_type, self.document_number

    @property
    def masked_number(self) -> str:
        """The document number as lists show it: first six and last two characters, the rest starred."""
        return mask(self.document_number)


def mask(number: str) -> str:
    """``number`` with everything but the first six and the last two characters starred, in groups."""
    if len(number) == 18:
        return f"{number[:6]} **** **** **{number[-2:]}"
    return f"{number[:2]}{'*' * max(len(number) - 4, 1)}{number[-2:]}"
