"""The checklist of an edition, and what was found item by item."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import models
from simple_history.utils import bulk_create_with_history

from certification.refusals import Problem
from certification.rulebook import lookup
from certification.rulebook.models import RuleEdition


@dataclass(frozen=True)
class Finding:
    """How one item of the checklist was found: ``grade`` "" is in order, otherwise ``note`` says what is not."""

    item: str
    grade: str = ""
    note: str = ""


@dataclass(frozen=True)
class Item:
    """One item of the checklist of an edition."""

    code: str
    text: str
    clause: str


@dataclass(frozen=True)
class Checklist:
    """Where the rules keep one kind of inspection: a rule with ``checklist`` and ``remedies``."""

    area: str
    code: str

    def items(self, edition: RuleEdition) -> list[Item]:
        """The items that the edition has."""
        return [Item(**item) for item in lookup.values(self.area, self.code, edition)["checklist"]]

    def remedies(self, edition: RuleEdition) -> list[str]:
        """The deadline rules by which findings may be remedied, the shortest first."""
        return lookup.values(self.area, self.code, edition)["remedies"]

    def problems(self, findings: Sequence[Finding], remedy: str, edition: RuleEdition) -> Iterable[Problem]:
        """What is wrong with what was found, and with the time to remedy it."""
        known = {item.code for item in self.items(edition)}
        for finding in findings:
            if finding.item not in known:
                yield Problem("清单中没有此项。", field=f"grade_{finding.item}")
            elif finding.grade and not finding.note.strip():
                yield Problem("请写明发现的问题。", code="required", field=f"note_{finding.item}")
        if any(finding.grade for finding in findings) and remedy not in self.remedies(edition):
            yield Problem("发现问题的，请选择整改时限。", code="required", field="remedy")

    def write(
        self, model: type[models.Model], visit, findings: Sequence[Finding], edition: RuleEdition, *, actor, now
    ) -> None:
        """One row of ``model`` for each item, those in order too."""
        said = {finding.item: finding for finding in findings}
        nothing = Finding("")
        rows = [
            model(
                visit=visit,
                item=item.code,
                text=item.text,
                grade=said.get(item.code, nothing).grade,
                note=said.get(item.code, nothing).note.strip(),
            )
            for item in self.items(edition)
        ]
        bulk_create_with_history(rows, model, default_user=actor, default_date=now)
