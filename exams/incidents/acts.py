"""The acts (情形) that may be reported: the list of the edition. Rule values: ``exam_day.incident_acts``."""

from dataclasses import dataclass
from datetime import date

from certification.rulebook import lookup
from certification.rulebook.models import RuleEdition
from exams.exam_day.standing import AREA


@dataclass(frozen=True)
class Act:
    """One act of the list: what it is, by which clause, what may follow, whether a bar is proposed with it."""

    code: str
    kind: str
    text: str
    clause: str
    effects: tuple[str, ...]
    bar: bool


def of(edition: RuleEdition) -> dict[str, Act]:
    """The list of the edition: code → act."""
    rows = lookup.values(AREA, "incident_acts", edition)["acts"]
    return {row["code"]: Act(**{**row, "effects": tuple(row["effects"])}) for row in rows}


def review_days(day: date) -> int:
    """For how many days after a decision of ``day`` a review may be asked for."""
    return lookup.values(AREA, "incident_acts", lookup.edition_on(day))["review_days"]
