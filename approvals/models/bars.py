"""Bars (禁考) as cases: proposed with evidence, imposed or declined by the head, appealed, lifted (rules 3.3).

The bar itself is a row of the kernel (``people.Bar``): that is what every later filing meets.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from approvals.states import BAR, BarState
from certification.organisations.models import Organisation, signed_name
from certification.organisations.scope import Scope, ScopedQuerySet
from certification.people.models import Bar, Person
from certification.records.models import StoredFile
from exams.models import ExamApplication

# What a proposal says is between authorities: an institution hears of a bar once it was imposed.
IMPOSED_STATES = (BarState.IMPOSED, BarState.LIFTED)


def _told(path: str = ""):
    """The institution's own people, once the bar was imposed."""

    def way(user) -> Q:
        return Q(**{f"{path}institution": user.organisation_id, f"{path}state__in": IMPOSED_STATES})

    return way


def _scope(path: str = "", *, institution: bool = True) -> Scope:
    return Scope(
        institution=_told(path) if institution else None,
        organiser=f"{path}organiser",
        territory=f"{path}institution__territory",
    )


class BarCaseQuerySet(ScopedQuerySet):
    def with_case(self) -> "BarCaseQuerySet":
        """With all that a list, a page and the letter say of it."""
        return self.select_related(
            "person",
            "application__job_type__group",
            "institution",
            "organiser",
            "organisation",
            "bar",
            "proposed_by__person",
            "proposed_on_behalf_of__person",
            "decided_by__person",
            "decided_on_behalf_of__person",
            "lifted_by__person",
            "letter",
        )


class BarCase(models.Model):
    """One proposal to bar a person and what became of it.

    ``institution`` and ``organiser`` say whose person it was when it was proposed, and so who sees it; ``application``
    is the one beside which it was found, if any. ``bar`` and ``number`` are set by imposing alone; the letter is made
    after the commit, an empty one is the work still to do.
    """

    scope = _scope()

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="bar_cases", verbose_name="人员")
    application = models.ForeignKey(
        ExamApplication,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="bar_cases",
        verbose_name="考试申报",
    )
    institution = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="培训机构"
    )
    organiser = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="考试组织单位"
    )
    state = models.CharField("状态", max_length=12, choices=BarState, default=BarState.PROPOSED)
    ground = models.CharField("事由", max_length=20, choices=Bar.Ground)
    reason = models.TextField("事实和理由")
    evidence = models.TextField("证据")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", verbose_name="提请单位")
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="提请人"
    )
    proposed_on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    proposed_at = models.DateTimeField("提请时间")
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
    decision_reason = models.TextField("决定意见", blank=True)
    bar = models.OneToOneField(
        Bar, on_delete=models.PROTECT, null=True, blank=True, related_name="case", verbose_name="禁考记录"
    )
    number = models.CharField("文号", max_length=60, blank=True)
    letter = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="解除人",
    )
    lifted_on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )

    history = HistoricalRecords()
    objects = BarCaseQuerySet.as_manager()

    class Meta:
        verbose_name = "禁考事项"
        verbose_name_plural = "禁考事项"
        ordering = ["-pk"]
        constraints = [
            BAR.constraint("bar_case_state_known"),
            models.UniqueConstraint(
                fields=["person", "ground"], condition=Q(state=BarState.PROPOSED), name="bar_proposed_once"
            ),
            models.UniqueConstraint(fields=["number"], condition=~Q(number=""), name="bar_number_once"),
            models.CheckConstraint(
                condition=Q(state__in=[BarState.PROPOSED, BarState.WITHDRAWN], decided_by__isnull=True)
                | (Q(decided_by__isnull=False, decided_at__isnull=False) & ~Q(decision_reason="")),
                name="bar_decided_by_name",
            ),
            models.CheckConstraint(
                condition=(Q(state__in=IMPOSED_STATES, bar__isnull=False) & ~Q(number=""))
                | (~Q(state__in=IMPOSED_STATES) & Q(bar__isnull=True, number="")),
                name="bar_imposed_has_bar",
            ),
        ]
        indexes = [models.Index(fields=["state", "-id"], name="bar_case_state")]

    def __str__(self) -> str:
        return f"{self.person.name}（{self.get_ground_display()}）"

    proposed_by_name = signed_name("proposed")
    decided_by_name = signed_name("decided")


class BarEvidence(models.Model):
    """One file that proves the fact. Kept among the authorities: institutions do not see it. Append-only."""

    scope = _scope("case__", institution=False)

    case = models.ForeignKey(BarCase, on_delete=models.PROTECT, related_name="files", verbose_name="禁考事项")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="文件")
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField("上传时间")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "禁考证据"
        verbose_name_plural = "禁考证据"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.case}的证据"


class BarAppeal(models.Model):
    """What the person brought against a bar, and what came of it. Append-only: a later outcome is a later line."""

    scope = _scope("case__")

    case = models.ForeignKey(BarCase, on_delete=models.PROTECT, related_name="appeals", verbose_name="禁考事项")
    appealed_on = models.DateField("日期")
    what = models.TextField("申诉、复议、诉讼事项")
    outcome = models.TextField("结果", blank=True)
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    noted_at = models.DateTimeField("登记时间")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "禁考申诉"
        verbose_name_plural = "禁考申诉"
        ordering = ["pk"]
        constraints = [models.CheckConstraint(condition=~Q(what=""), name="bar_appeal_says_what")]

    def __str__(self) -> str:
        return f"{self.case}：{self.what}"
