"""Once and complete (一次性告知, 行政许可法第三十二条): the one place that says what may still be asked.

The first notice of a tier names everything that can be seen. A later one of the same tier may repeat what an earlier
one named; anything else needs a reason from the edition's list (rule ``decision.correction_again``), which stands with
the item, and the head of the tier is told. Withdrawn notices count: what they left out does not become new by that.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from django.db.models import Model

from approvals.models import CorrectionItem, CorrectionNotice
from certification import clock
from certification.refusals import Problem, Refusal
from certification.rulebook import lookup
from certification.workdays.wording import plain_day
from exams.models import ExamApplication, Material, MaterialKind

CLAUSE = "行政许可法第三十二条（一次性告知）"
NEW_PAPER = "new_paper"
AGAIN = "correction_again"


@dataclass(frozen=True)
class Item:
    """One thing to correct: the kind of material or the column that it concerns ("" for neither), what is wrong with
    it, what to hand in, by which clause, and the code of the reason where it is asked anew."""

    material: str
    text: str
    field: str = ""
    ask: str = ""
    clause: str = ""
    again: str = ""

    @classmethod
    def of(cls, given) -> "Item":
        """An item as it was typed or stored, trimmed."""
        if isinstance(given, cls):
            return given
        return cls(**{name: str(given.get(name, "")).strip() for name in cls.__dataclass_fields__})

    def as_json(self) -> dict:
        """As ``Review.items`` keeps it; what is empty is left out, but for the two that are always there."""
        rest = {name: getattr(self, name) for name in ("field", "ask", "clause", "again") if getattr(self, name)}
        return {"material": self.material, "text": self.text, **rest}

    @property
    def key(self) -> tuple[str, str]:
        """What the item is about; two empty strings are about nothing that could be compared."""
        return self.material, self.field

    @property
    def label(self) -> str:
        """What it is about, whoever it concerns."""
        if self.material:
            return MaterialKind(self.material).label
        return self.field or "其他"

    def named(self, document_type: str) -> str:
        """What it is about for somebody registered by such a document, as the letter to them says it."""
        return MaterialKind(self.material).named(document_type) if self.material else self.label


@dataclass(frozen=True)
class Reason:
    """Why something may be asked that an earlier notice left out. ``new_paper``: only of papers that came in since."""

    code: str
    title: str
    clause: str
    new_paper: bool = False


@dataclass
class Earlier:
    """What the tier told of one case before: first on which day, what it named, which papers came in since."""

    on: date
    since: datetime
    named: set[tuple[str, str]] = field(default_factory=set)
    new: set[str] = field(default_factory=set)


def reasons(day: date) -> dict[str, Reason]:
    """The reasons of the edition in force on ``day``, by code, in the order of the list."""
    values = lookup.values("decision", AGAIN, day)
    return {row["code"]: Reason(**row) for row in values["reasons"]}


def earlier(subjects: Sequence[Model], organisation_id: int) -> dict[int, Earlier]:
    """What ``organisation`` told of each case before: subject id → Earlier, for those that had a notice. Three
    queries at most."""
    if not subjects:
        return {}
    column = subject_column(subjects[0])
    notices = CorrectionNotice.objects.filter(
        **{f"{column}__in": [row.pk for row in subjects]}, organisation=organisation_id
    )
    found: dict[int, Earlier] = {}
    for pk, at in notices.order_by("made_at", "pk").values_list(column, "made_at"):
        found.setdefault(pk, Earlier(clock.day_of(at), at))
    if not found:
        return found
    items = CorrectionItem.objects.filter(notice__in=notices)
    for pk, material, named in items.values_list(f"notice__{column}", "material", "field"):
        found[pk].named.add((material, named))
    if column == "application":
        for pk, kind, at in _papers(found):
            if at > found[pk].since:
                found[pk].new.add(kind)
    return found


class Once:
    """What may be asked of each of many cases, by one tier, on one day."""

    def __init__(self, before: dict[int, Earlier], day: date):
        self._before = before
        self._reasons = reasons(day) if before else {}
        self._judged: dict[int, tuple[Item, ...]] = {}

    def is_second(self, subject_id: int) -> bool:
        """Whether the tier told something of this case before."""
        return subject_id in self._before

    def require(self, subject_id: int, items: Iterable[Item]) -> None:
        """Refuse what an earlier notice left out and no reason covers; remembers the reasons for ``items_of``."""
        items = tuple(items)
        told = self._before.get(subject_id)
        if told is None:
            items = tuple(replace(item, again="") for item in items)
        else:
            judged = [self._judged_item(item, told) for item in items]
            without = [item.label for item, found in zip(items, judged, strict=True) if found is None]
            if without:
                raise _refused(told, without)
            items = tuple(found for found in judged if found is not None)
        self._judged[subject_id] = items

    def items_of(self, subject_id: int) -> tuple[Item, ...]:
        """The items as ``require`` let them pass, each with the reason for which it is asked anew ("" for none)."""
        return self._judged[subject_id]

    def reason_words(self, code: str) -> str:
        """The words of a reason, "" for none."""
        return self._reasons[code].title if code else ""

    def _judged_item(self, item: Item, told: Earlier) -> Item | None:
        if item.key != ("", "") and item.key in told.named:
            return replace(item, again="")
        fresh = item.material in told.new
        reason = self._reasons.get(item.again)
        if reason is None and fresh:
            reason = next((one for one in self._reasons.values() if one.new_paper), None)
        if reason is None or (reason.new_paper and not fresh):
            return None
        return replace(item, again=reason.code)


def too_long(items: Iterable[Item]) -> Iterable[Problem]:
    """What does not fit onto a notice."""
    for item in items:
        for name in ("text", "ask", "clause", "field"):
            limit = CorrectionItem._meta.get_field(name).max_length
            if len(getattr(item, name)) > limit:
                words = CorrectionItem._meta.get_field(name).verbose_name
                yield Problem(f"“{item.label[:20]}”的{words}不得超过{limit}字。", code="too_long", field="items")


def subject_column(subject: Model) -> str:
    """The column of a notice that names ``subject``."""
    return "application" if isinstance(subject, ExamApplication) else "applicant"


def _papers(application_ids: Iterable[int]):
    rows = Material.objects.filter(application__in=list(application_ids))
    return rows.values_list("application", "kind", "submitted_at")


def _refused(told: Earlier, labels: list[str]) -> Refusal:
    return Refusal(
        f"{plain_day(told.on)}已一次性告知补正，不得再要求补正上次未列明的“{'、'.join(labels)}”。",
        code="once_only",
        clause=CLAUSE,
        advice="确属新情况的，请逐项选明再次告知的理由；否则请就现有材料作出意见。",
    )
