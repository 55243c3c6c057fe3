"""What a reviewer says: outcome, reason, and what to correct, once and complete (rules 3.2)."""

from collections.abc import Iterable
from dataclasses import dataclass

from approvals.corrections.once import Item, too_long
from approvals.models import Outcome
from certification.refusals import Incomplete, Problem


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
        cleaned = tuple(item for item in map(Item.of, items) if item.text)
        opinion = cls(Outcome(outcome), reason.strip(), cleaned, conditional, hours_may_follow)
        problems = list(opinion.problems())
        if problems:
            raise Incomplete(problems)
        return opinion

    def problems(self) -> Iterable[Problem]:
        """What is missing before the opinion can stand."""
        if self.outcome == Outcome.RETURN and not self.items:
            yield Problem("退回补正应当逐项写明需要补正的内容。", code="items_missing", field="items")
        yield from too_long(self.items)
        if self.outcome not in (Outcome.PASS, Outcome.RETURN) and not self.reason:
            yield Problem(f"“{self.outcome.label}”应当写明理由。", code="reason_missing", field="reason")

    @property
    def text(self) -> str:
        """Reason and items in one line each, as notices and logs carry them."""
        lines = [self.reason] if self.reason else []
        return "\n".join(lines + [f"{item.label}：{item.text}" for item in self.items])
