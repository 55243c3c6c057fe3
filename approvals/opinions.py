"""What a reviewer says: outcome, reason, and what to correct, once and complete (rules 3.2)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from approvals.models import Outcome, Review
from certification import clock
from certification.refusals import Incomplete, Problem, Refusal
from exams.models import ExamApplication, Material, MaterialKind

ONCE = "行政许可法第三十二条（一次性告知）"


@dataclass(frozen=True)
class Item:
    """One thing to correct: the kind of material it concerns ("" for none of them) and what is wrong with it."""

    material: str
    text: str

    def as_json(self) -> dict:
        return {"material": self.material, "text": self.text}

    @property
    def label(self) -> str:
        """The material's name, as letters and pages show it."""
        return MaterialKind(self.material).label if self.material else "其他"


@dataclass(frozen=True)
class Opinion:
    """An outcome with its reason; ``items`` only where something goes back for correction. ``conditional`` lets
    pass on condition, ``hours_may_follow`` only where the hours proof is still to come (rules 2.10)."""

    outcome: Outcome
    reason: str = ""
    items: tuple[Item, ...] = ()
    conditional: bool = False
    hours_may_follow: bool = False

    @classmethod
    def of(
        cls,
        outcome: str,
        reason: str = "",
        items: Iterable = (),
        conditional: bool = False,
        hours_may_follow: bool = False,
    ) -> "Opinion":
        """The opinion as typed, trimmed. Raises Incomplete with everything that is missing."""
        cleaned = tuple(item for item in map(_item, items) if item.text)
        opinion = cls(Outcome(outcome), reason.strip(), cleaned, conditional, hours_may_follow)
        problems = list(opinion.problems())
        if problems:
            raise Incomplete(problems)
        return opinion

    def problems(self) -> Iterable[Problem]:
        """What is missing before the opinion can stand."""
        if self.outcome == Outcome.RETURN and not self.items:
            yield Problem("退回补正应当逐项写明需要补正的内容。", code="items_missing", field="items")
        if self.outcome not in (Outcome.PASS, Outcome.RETURN) and not self.reason:
            yield Problem(f"“{self.outcome.label}”应当写明理由。", code="reason_missing", field="reason")

    @property
    def text(self) -> str:
        """Reason and items in one line each, as notices and logs carry them."""
        lines = [self.reason] if self.reason else []
        return "\n".join(lines + [f"{item.label}：{item.text}" for item in self.items])


def earlier_returns(applications: Sequence[ExamApplication], organisation_id: int) -> dict[int, list[Review]]:
    """The returns for correction that ``organisation`` already made, by application. One query."""
    found: dict[int, list[Review]] = defaultdict(list)
    rows = Review.objects.filter(
        application__in=[row.pk for row in applications], outcome=Outcome.RETURN, organisation=organisation_id
    )
    for review in rows.order_by("at", "pk"):
        found[review.application_id].append(review)
    return found


def materials_since(returns: dict[int, list[Review]]) -> dict[int, set[str]]:
    """Which kinds of material came in after the first return of each application: they may be asked about anew."""
    found: dict[int, set[str]] = defaultdict(set)
    if not returns:
        return found
    rows = Material.objects.filter(application__in=list(returns)).values_list("application", "kind", "submitted_at")
    for application_id, kind, submitted_at in rows:
        if submitted_at > returns[application_id][0].at:
            found[application_id].add(kind)
    return found


def require_once(application_id: int, opinion: Opinion, returns: dict[int, list[Review]], new: set[str]) -> None:
    """Refuse a second notice that names what the first left out, unless the paper came in since."""
    before = returns.get(application_id)
    if not before:
        return
    named = {item.get("material", "") for review in before for item in review.items}
    fresh = [item.label for item in opinion.items if item.material not in named | new]
    if fresh:
        raise Refusal(
            f"{_day(before[0].at)}已一次性告知补正，不得再要求补正上次未列明的“{'、'.join(fresh)}”。",
            code="once_only",
            clause=ONCE,
            advice="请就现有材料作出通过或不通过的意见。",
        )


def _day(moment) -> str:
    day: date = clock.day_of(moment)
    return f"{day.month}月{day.day}日"


def _item(item) -> Item:
    if isinstance(item, Item):
        return Item(item.material, item.text.strip())
    return Item(item.get("material", ""), item["text"].strip())
