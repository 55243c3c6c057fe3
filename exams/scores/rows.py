"""One candidate's score in one part, as it was said: typed into the sheet, or read from a file."""

from dataclasses import dataclass, field, replace
from decimal import Decimal

from exams.models import Result, ResultReading


@dataclass(frozen=True)
class Row:
    """Absent, or a score; for the practical part its subscores, which add up to the score, whether the veto item ended
    it, and the items that were drawn. ``number`` is the row of the file that said it."""

    candidate_id: int
    absent: bool = False
    score: Decimal | None = None
    subscores: dict[str, Decimal] = field(default_factory=dict)
    veto: bool = False
    drawn: str = ""
    number: int | None = None

    def with_total(self) -> "Row":
        """A practical row may leave its score to the sum of its subscores."""
        if self.absent or self.score is not None or not self.subscores:
            return self
        return replace(self, score=sum(self.subscores.values()))

    def put_into(self, kept: Result | ResultReading) -> None:
        """Make ``kept`` say this."""
        kept.absent, kept.veto = self.absent, self.veto
        kept.score = None if self.absent else self.score
        kept.subscores = {code: str(value) for code, value in self.subscores.items()}

    def says_what(self, result: Result) -> bool:
        """Whether ``result`` holds just this."""
        return not differing(self, result)


def differing(one: Row | Result, other: Row | Result | ResultReading) -> list[tuple[str, str, str]]:
    """Where two say something different of the same candidate: what about, what one says, what the other."""
    first, second = _said(one), _said(other)
    names = [*first, *(name for name in second if name not in first)]
    pairs = ((name, first.get(name, ""), second.get(name, "")) for name in names)
    return [(name, before, after) for name, before, after in pairs if before != after]


def _said(row: Row | Result | ResultReading) -> dict[str, str]:
    said = {"缺考": "是" if row.absent else "", "成绩": _number(row.score), "否决项": "是" if row.veto else ""}
    said.update((code, _number(Decimal(str(value)))) for code, value in sorted(row.subscores.items()))
    return said


def _number(value: Decimal | None) -> str:
    return "" if value is None else f"{Decimal(value).normalize():f}"
