"""What a person declares of their retirement, which no identity number tells (facts 5)."""

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from certification.people.models.persons import Person
from certification.records.models import StoredFile


class DeclaredFact(models.TextChoices):
    FEMALE_CLASS = "FEMALE_CLASS", "女职工退休类别"
    DELAY = "DELAY", "自愿延迟退休"


class FemaleClass(models.TextChoices):
    """By the statutory retirement age before the reform of 2025."""

    F55 = "F55", "女干部（原55周岁）"
    F50 = "F50", "女工人（原50周岁）"


class Declaration(models.Model):
    """One declared fact, as it was declared: who entered it, when, from where, by which proof. Never changed; a later
    one of the same fact counts in its place. ``months`` of 0 withdraws a delay."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="declarations", verbose_name="人员")
    fact = models.CharField("申报事项", max_length=12, choices=DeclaredFact)
    female_class = models.CharField("女职工类别", max_length=3, choices=FemaleClass, blank=True)
    months = models.PositiveSmallIntegerField("延迟月数", null=True, blank=True, validators=[MaxValueValidator(120)])
    source = models.CharField("来源", max_length=200)
    proof = models.CharField("证明材料", max_length=200, blank=True)
    proof_file = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="证明文件"
    )
    declared_at = models.DateTimeField("登记时间")
    declared_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    history = HistoricalRecords()

    class Meta:
        verbose_name = "退休申报"
        verbose_name_plural = "退休申报"
        constraints = [
            models.CheckConstraint(
                condition=Q(fact="FEMALE_CLASS", female_class__in=FemaleClass.values, months__isnull=True)
                | Q(fact="DELAY", female_class="", months__isnull=False),
                name="declaration_says_its_fact",
            ),
            models.CheckConstraint(
                condition=~Q(fact="DELAY") | Q(months=0) | ~Q(proof=""), name="declaration_delay_has_proof"
            ),
        ]
        indexes = [models.Index(fields=["person", "fact", "-id"], name="declaration_person")]

    def __str__(self) -> str:
        if self.fact == DeclaredFact.FEMALE_CLASS:
            return self.get_female_class_display()
        return f"自愿延迟退休 {self.months} 个月" if self.months else "不延迟退休"
