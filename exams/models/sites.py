"""Exam sites (考试点) and rooms (考场) [四(三)]."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from certification.catalogue.models import JobType
from certification.organisations.models import Organisation, Territory
from certification.organisations.scope import Scope, ScopedQuerySet


class Part(models.TextChoices):
    THEORY = "THEORY", "理论"
    PRACTICAL = "PRACTICAL", "实操"


class Area(models.TextChoices):
    """In what kind of area of its city a site lies."""

    CITY = "CITY", "设区市城区"
    COUNTY = "COUNTY", "县（市、区）"
    PROVINCIAL_COUNTY = "PROVINCIAL_COUNTY", "省直管县（市）"
    ZONE = "ZONE", "功能区"


class ExamSite(models.Model):
    """A site lies in an area of a city and is managed by ``organiser``, whoever owns or runs it: those of counties
    under provincial rule and of functional zones by the exam body of their city (rule ``examination.sites``) [四(三)].
    """

    scope = Scope(organiser="organiser", territory="territory")

    class Ownership(models.TextChoices):
        GOVERNMENT = "GOVERNMENT", "政府考试点"
        OTHER = "OTHER", "其他考试点"

    organiser = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="exam_sites", verbose_name="管理单位"
    )
    operator = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="运营单位"
    )
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+", verbose_name="所在市")
    area = models.CharField("所在区域", max_length=20, choices=Area, default=Area.CITY)
    area_name = models.CharField("区域名称", max_length=30, blank=True)
    name = models.CharField("考试点", max_length=60, unique=True)
    ownership = models.CharField("性质", max_length=12, choices=Ownership)
    address = models.CharField("地址", max_length=160)
    active = models.BooleanField("启用", default=True)

    history = HistoricalRecords()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "考试点"
        verbose_name_plural = "考试点"
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=Q(area__in=Area.values), name="exam_site_area_known"),
            models.CheckConstraint(condition=Q(area=Area.CITY) | ~Q(area_name=""), name="exam_site_area_named"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def place(self) -> str:
        """City and area in words: 澜溪市，省直管县（市）：东湾县."""
        named = f"：{self.area_name}" if self.area_name else ""
        return f"{self.territory}，{self.get_area_display()}{named}"


class SiteUpgrade(models.Model):
    """The site reached a level (rule ``examination.site_upkeep``) on a day, by which paper and how [四(三)]."""

    scope = Scope(organiser="site__organiser", territory="site__territory")

    site = models.ForeignKey(ExamSite, on_delete=models.PROTECT, related_name="upgrades", verbose_name="考试点")
    level = models.CharField("等级", max_length=20)
    since = models.DateField("自何日起")
    document = models.CharField("验收文号", max_length=80)
    changes = models.TextField("建设、升级内容")
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField("登记时间")

    history = HistoricalRecords()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "考试点升级"
        verbose_name_plural = "考试点升级"
        ordering = ["site", "-since"]
        constraints = [models.UniqueConstraint(fields=["site", "since"], name="site_upgrade_once")]

    def __str__(self) -> str:
        return f"{self.site} {self.since}"


class ExamRoom(models.Model):
    """One room for theory or practical, with its seats; equipped for the job types of its equipment that is valid on
    the day (none ever recorded: for all, or for none, as the rule ``examination.room_equipment`` says)."""

    scope = Scope(organiser="site__organiser", territory="site__territory")

    site = models.ForeignKey(ExamSite, on_delete=models.PROTECT, related_name="rooms", verbose_name="考试点")
    name = models.CharField("考场", max_length=40)
    part = models.CharField("用途", max_length=10, choices=Part)
    capacity = models.PositiveSmallIntegerField("座位（工位）数")
    active = models.BooleanField("启用", default=True)

    history = HistoricalRecords()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "考场"
        verbose_name_plural = "考场"
        ordering = ["site", "name"]
        constraints = [
            models.UniqueConstraint(fields=["site", "name"], name="exam_room_once"),
            models.CheckConstraint(condition=Q(capacity__gt=0), name="exam_room_capacity"),
        ]

    def __str__(self) -> str:
        return f"{self.site} {self.name}"


class RoomEquipment(models.Model):
    """A room is equipped for a job type, by which acceptance or inspection, from when to when (no end: without)."""

    scope = Scope(organiser="room__site__organiser", territory="room__site__territory")

    room = models.ForeignKey(ExamRoom, on_delete=models.PROTECT, related_name="equipment", verbose_name="考场")
    job_type = models.ForeignKey(JobType, on_delete=models.PROTECT, related_name="+", verbose_name="操作项目")
    basis = models.CharField("验收、检验依据", max_length=80)
    valid_from = models.DateField("有效期从")
    valid_until = models.DateField("有效期至", null=True, blank=True)

    history = HistoricalRecords()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "考场设备"
        verbose_name_plural = "考场设备"
        ordering = ["room", "job_type__code", "-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["room", "job_type", "valid_from"], name="room_equipment_once"),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")), name="room_equipment_days"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.room} {self.job_type}"


class RoomMaintenance(models.Model):
    """A room is out of use for whole days, the last one included; ``ended_at``: it was usable again before, or never
    out of use. Ended, never deleted; what it takes of the room's time is its ``RoomTime``."""

    scope = Scope(organiser="room__site__organiser", territory="room__site__territory")

    room = models.ForeignKey(ExamRoom, on_delete=models.PROTECT, related_name="maintenance", verbose_name="考场")
    starts_on = models.DateField("维护从")
    ends_on = models.DateField("维护至")
    reason = models.CharField("维护事由", max_length=200)
    planned_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    planned_at = models.DateTimeField("登记时间")
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    ended_at = models.DateTimeField("恢复使用时间", null=True, blank=True)

    history = HistoricalRecords()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "考场维护"
        verbose_name_plural = "考场维护"
        ordering = ["-starts_on", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="room_maintenance_days"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by__isnull=True)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="room_maintenance_ended_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.room} {self.starts_on}"
