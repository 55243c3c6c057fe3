"""A result per row of a bulk action, as pages show it."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from certification.refusals import Refusal
from certification.workflow import Result


@dataclass
class Outcomes:
    """What a bulk action did: how many rows were done, every row that was refused, with the reason, and what is
    pointed out about rows that were done (their result's detail ``warning``)."""

    label: str
    made: int = 0
    refused: list[tuple[str, Refusal]] = field(default_factory=list)
    warnings: list[tuple[str, str]] = field(default_factory=list)

    @classmethod
    def of(cls, label: str, results: Iterable[Result]) -> "Outcomes":
        """From the results of an activity."""
        outcomes = cls(label)
        for result in results:
            if result.refusal is None:
                outcomes.made += 1
                if warning := result.detail.get("warning"):
                    outcomes.warnings.append((str(result.row), warning))
            else:
                outcomes.refused.append((str(result.row), result.refusal))
        return outcomes

    @property
    def total(self) -> int:
        return self.made + len(self.refused)

    @property
    def status(self) -> int:
        """The answer's status: 422 where nothing was done."""
        return 200 if self.made else 422


NOTHING_CHOSEN = Refusal("请先勾选要办理的行。", code="nothing_chosen")
