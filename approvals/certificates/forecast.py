"""Which certificates fall due when: for their periodic review, or for renewal before they end. Institutions and cities
see by it how many people to train, by month, city and job type (方案四（四）)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice

from django.db.models import Case, CharField, Count, DateField, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, TruncMonth

from approvals.certificates.registers import certificates_visible_to
from approvals.models import Decision
from certification.organisations.models import Territory
from certification.people.eligibility import add_months
from certification.people.models import Certificate, CertificateState
from training.models import Trainee

REVIEW, RENEWAL = "REVIEW", "RENEWAL"
LABELS = {REVIEW: "应复审", RENEWAL: "到期换证"}
NO_CITY = "未归属"
COLUMNS = ["姓名", "证件号码", "操作项目", "事项", "应办日期", "有效期至", "所在市"]
_BATCH = 1_000


@dataclass(frozen=True)
class Line:
    """One group: what it is called, how many are due for review and for renewal, and what narrows the list to it."""

    label: str
    review: int
    renewal: int
    query: dict[str, str]

    @property
    def total(self) -> int:
        return self.review + self.renewal


def due(user, today: date, months: int) -> QuerySet[Certificate]:
    """The valid certificates within the user's reach that fall due within so many months from today, with ``what`` and
    ``due_on``, and ``city``: of the last decision's institution, else of the class that its holder came to."""
    decided = Decision.objects.filter(certificate=OuterRef("pk")).order_by("-decided_at", "-pk")
    came = Trainee.objects.filter(certificate=OuterRef("pk")).order_by("-pk")
    awaits_review = Q(reviewed_on__isnull=True, review_due_on__gte=today)
    rows = certificates_visible_to(user).filter(state=CertificateState.VALID)
    rows = rows.annotate(
        what=Case(When(awaits_review, then=Value(REVIEW)), default=Value(RENEWAL), output_field=CharField()),
        due_on=Case(When(awaits_review, then=F("review_due_on")), default=F("valid_until"), output_field=DateField()),
        city=Coalesce(
            Subquery(decided.values("applicant__candidate__application__institution__territory")[:1]),
            Subquery(came.values("plan__institution__territory")[:1]),
        ),
    )
    return rows.filter(due_on__gte=today, due_on__lt=add_months(today, months))


def overdue(user, today: date) -> int:
    """How many valid certificates passed the day of their review without one."""
    rows = certificates_visible_to(user).filter(state=CertificateState.VALID, valid_until__gte=today)
    return rows.filter(reviewed_on__isnull=True, review_due_on__lt=today).count()


def by_month(rows: QuerySet[Certificate]) -> list[Line]:
    """One line a month in which something is due."""
    return _lines(rows.annotate(key=TruncMonth("due_on")), "month", lambda day: f"{day.year}年{day.month}月", "%Y-%m")


def by_city(rows: QuerySet[Certificate]) -> list[Line]:
    """One line a city, those that belong to none last."""
    names = dict(Territory.objects.values_list("pk", "name"))
    return _lines(rows.annotate(key=F("city")), "city", lambda pk: names.get(pk, NO_CITY))


def by_job_type(rows: QuerySet[Certificate]) -> list[Line]:
    """One line a job type, by its code."""
    names = dict(rows.order_by().values_list("job_type_code", "job_type__name").distinct())
    return _lines(rows.annotate(key=F("job_type_code")), "job_type", lambda code: names.get(code, code))


def exported(rows: QuerySet[Certificate], cities: dict[int, str]) -> Iterator[list]:
    """The cells of every row, numbers masked."""
    stream = rows.select_related("person", "job_type").order_by("due_on", "pk").iterator(chunk_size=_BATCH)
    while batch := list(islice(stream, _BATCH)):
        for row in batch:
            yield [
                row.person.name,
                row.person.masked_number,
                row.job_type.name,
                LABELS[row.what],
                row.due_on,
                row.valid_until,
                cities.get(row.city, NO_CITY),
            ]


def _lines(rows: QuerySet[Certificate], name: str, label, form: str = "") -> list[Line]:
    counted = (
        rows.order_by()
        .values("key")
        .annotate(review=Count("pk", filter=Q(what=REVIEW)), renewal=Count("pk", filter=Q(what=RENEWAL)))
    )
    found = sorted(counted, key=lambda row: (row["key"] is None, row["key"]))
    return [
        Line(
            label(row["key"]),
            row["review"],
            row["renewal"],
            {name: row["key"].strftime(form) if form else str(row["key"] if row["key"] is not None else "none")},
        )
        for row in found
    ]
