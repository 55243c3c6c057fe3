"""How many applications stand where, at each tier (rules 3.2): numbers that add up at all times.

Each tier's cells exclude each other and together are what it received; what the city passed on, with what was taken
over, is what the province received. A number and the rows behind it are one condition (``rows_of``), counted in one
query, so that they cannot differ.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from approvals.models import Outcome, Review, Stage, TakeOver
from approvals.reviews import prepared
from approvals.reviews.stages import CITY_STAGES, STEPS
from approvals.reviews.telling import is_office
from certification.catalogue.models import Category
from certification.deadlines.holders import Tier
from exams.models import ExamApplication
from exams.states import WITH_CITY
from exams.states import ApplicationState as A

WITH_PROVINCE = (A.TAKEN_OVER, A.FINAL_REVIEW, A.DIRECT_REVIEW)
PASSED_ON = (Outcome.PASS, Outcome.PROPOSE_REFUSAL)

_SUBMITTED = Q(first_submitted_at__isnull=False)
_OF_CITY = Q(category=Category.TWO) & _SUBMITTED
_RETURNED_BY_CITY = Q(state=A.RETURNED, returned_from__in=WITH_CITY)
_RETURNED_BY_PROVINCE = Q(state=A.RETURNED, returned_from__in=WITH_PROVINCE)
# Where the review stood when somebody withdrew: the last word tells whether it was past the city.
_PAST_CITY = Q(last_stage__in=CITY_STAGES, last_outcome__in=PASSED_ON) | (
    Q(last_stage=Stage.FINAL) & ~Q(last_outcome=Outcome.RETURN_TO_CITY)
)
_LEFT_CITY = (
    Q(taken=False)
    & _OF_CITY
    & (
        Q(state__in=(A.FINAL_REVIEW, A.CLEARED, A.REFUSED))
        | _RETURNED_BY_PROVINCE
        | (Q(state=A.WITHDRAWN) & _PAST_CITY)
    )
)
_WITHDRAWN_AT_CITY = Q(state=A.WITHDRAWN, taken=False) & ~_PAST_CITY
_AT_CITY = Q(state__in=WITH_CITY) | _RETURNED_BY_CITY | _WITHDRAWN_AT_CITY


@dataclass(frozen=True)
class Part:
    """One number of a tier: its name in addresses, its label, the condition of its rows."""

    key: str
    label: str
    rows: Q


@dataclass(frozen=True)
class TierParts:
    """What a tier received, and the parts that make it up. ``beside`` are shown with them and not added."""

    tier: Tier
    received: Part
    parts: tuple[Part, ...]
    beside: tuple[Part, ...] = ()

    @property
    def all(self) -> tuple[Part, ...]:
        return (self.received, *self.parts, *self.beside)


INSTITUTION = TierParts(
    Tier.INSTITUTION,
    Part("all", "申报", Q()),
    (
        Part("draft", "待提交", Q(state=A.DRAFT)),
        Part("city", "市级审核中", Q(state__in=WITH_CITY)),
        Part("province", "省级审核中", Q(state__in=WITH_PROVINCE)),
        Part("returned", "退回补正", Q(state=A.RETURNED)),
        Part("cleared", "审核通过", Q(state=A.CLEARED)),
        Part("refused", "审核不通过", Q(state=A.REFUSED)),
        Part("withdrawn", "已撤回", Q(state=A.WITHDRAWN)),
    ),
)
CITY = TierParts(
    Tier.CITY,
    Part("received", "收到", _OF_CITY),
    (
        Part("in_hand", "在办", _OF_CITY & Q(state__in=WITH_CITY)),
        Part("returned", "退回补正", _OF_CITY & _RETURNED_BY_CITY),
        Part("passed", "通过并转报", _LEFT_CITY & Q(city_said=Outcome.PASS)),
        Part("proposed", "拟不通过并转报", _LEFT_CITY & Q(city_said=Outcome.PROPOSE_REFUSAL)),
        Part("taken_over", "被提级审核", _OF_CITY & Q(taken=True)),
        Part("withdrawn", "撤回", _OF_CITY & _WITHDRAWN_AT_CITY),
    ),
    (Part("prepared", "已拟定未移交", _OF_CITY & Q(state__in=WITH_CITY, prepared_here=True)),),
)
_REACHED_PROVINCE = Q(category=Category.ONE) & _SUBMITTED | Q(taken=True) | Q(reached=True)
PROVINCE = TierParts(
    Tier.PROVINCE,
    Part("received", "收到", _REACHED_PROVINCE),
    (
        Part("in_hand", "在办", Q(state__in=WITH_PROVINCE)),
        Part("to_record", "待作省级审核记录", Q(state=A.CLEARED, awaits_record=True)),
        Part("returned", "退回补正", _RETURNED_BY_PROVINCE),
        Part("to_city", "退回设区市", Q(category=Category.TWO, reached=True, taken=False) & _AT_CITY),
        Part("cleared", "通过", Q(state=A.CLEARED, awaits_record=False)),
        Part("refused", "不通过", Q(state=A.REFUSED)),
        Part("withdrawn", "撤回", Q(state=A.WITHDRAWN) & _REACHED_PROVINCE & ~(_OF_CITY & _WITHDRAWN_AT_CITY)),
    ),
    (
        Part("taken_over", "其中提级审核", Q(taken=True)),
        Part("prepared", "已拟定未移交", Q(state__in=(*WITH_PROVINCE, A.CLEARED), prepared_here=True)),
    ),
)
TIERS = (INSTITUTION, CITY, PROVINCE)


@dataclass(frozen=True)
class Tally:
    """The numbers of one tier: by the key of its part."""

    of: TierParts
    counts: dict[str, int]

    @property
    def received(self) -> int:
        return self.counts[self.of.received.key]

    @property
    def adds_up(self) -> bool:
        """Whether the parts are what was received."""
        return self.received == sum(self.counts[part.key] for part in self.of.parts)

    @property
    def lines(self) -> list[tuple[Part, int]]:
        """What came in, every part of it, and what is shown beside them, in order."""
        return [(part, self.counts[part.key]) for part in self.of.all]


def tiers_for(user, categories: Iterable[str]) -> tuple[TierParts, ...]:
    """The tiers that ``user`` is shown of applications of ``categories``: what tiers tell each other is not the
    institution's; Category 1 has no city."""
    if not is_office(user):
        return (INSTITUTION,)
    return TIERS if Category.TWO in set(categories) else (INSTITUTION, PROVINCE)


def of(rows: QuerySet[ExamApplication], tiers: Sequence[TierParts] = TIERS) -> list[Tally]:
    """The numbers of ``rows`` at each tier. One query."""
    counted = marked(rows).order_by().aggregate(**_counts(tiers))
    return [_tally(tier, counted) for tier in tiers]


def of_each(rows: QuerySet[ExamApplication], column: str, tiers: Sequence[TierParts] = TIERS) -> dict[int, list[Tally]]:
    """The same for each value of ``column`` ("plan", "batch"): value → numbers. One query."""
    counted = marked(rows).order_by().values(column).annotate(**_counts(tiers))
    return {row[column]: [_tally(tier, row) for tier in tiers] for row in counted}


def rows_of(rows: QuerySet[ExamApplication], tier: str, key: str) -> QuerySet[ExamApplication] | None:
    """The rows behind one number; None where there is no such number."""
    found = next((part for one in TIERS if one.tier == tier for part in one.all if part.key == key), None)
    return marked(rows).filter(found.rows) if found else None


def marked(rows: QuerySet[ExamApplication]) -> QuerySet[ExamApplication]:
    """``rows`` with what the conditions ask: the last word of a review, the city's last word, whether the city ever
    passed it on, whether it was taken over, whether an opinion stands prepared on it."""
    of_row = Review.objects.filter(application=OuterRef("pk"))
    last = of_row.filter(stage__in=(*STEPS, Stage.OBJECTION)).order_by("-at", "-pk")
    by_city = of_row.filter(stage__in=CITY_STAGES).order_by("-at", "-pk")
    return rows.annotate(
        last_stage=Coalesce(Subquery(last.values("stage")[:1]), Value("")),
        last_outcome=Coalesce(Subquery(last.values("outcome")[:1]), Value("")),
        city_said=Coalesce(Subquery(by_city.values("outcome")[:1]), Value("")),
        reached=Exists(by_city.filter(outcome__in=PASSED_ON)),
        taken=Exists(TakeOver.objects.filter(application=OuterRef("pk"))),
        prepared_here=prepared.of_row(),
    )


def _counts(tiers: Iterable[TierParts]) -> dict[str, Count]:
    return {
        _name(tier, part): Count("pk", filter=part.rows) if part.rows else Count("pk")
        for tier in tiers
        for part in tier.all
    }


def _tally(tier: TierParts, counted: dict) -> Tally:
    return Tally(tier, {part.key: counted[_name(tier, part)] for part in tier.all})


def _name(tier: TierParts, part: Part) -> str:
    return f"n_{tier.tier.value.lower()}_{part.key}"
