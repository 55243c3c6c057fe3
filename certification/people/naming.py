"""Names that differ from the register's: noted, and settled by who has seen the papers.

Not activities: called inside the transaction of the filing that brings the name, or of the activity that checked the
right. What counts as different does not depend on blanks, width or invisible characters.
"""

from collections.abc import Iterable

from certification.people.models import NameStanding, Person, PersonName
from certification.records import bulk
from certification.refusals import Incomplete, Problem, WrongState
from certification.spreadsheets.names import without_invisible
from certification.workflow import lock, log


def same(one: str, other: str) -> bool:
    """Whether two spellings are the same name."""
    return one == other or without_invisible(one) == without_invisible(other)


def note_different(given: Iterable[tuple[Person, str]], *, source: str, actor, now) -> list[PersonName]:
    """Note each name that differs from the person's and was not noted before, to be looked at; the same few queries
    for any number. Returns what was noted."""
    different = {(person.pk, name): person for person, name in given if not same(person.name, name)}
    if not different:
        return []
    known = set(PersonName.objects.filter(person__in=different.values()).values_list("person", "name"))
    rows = [
        PersonName(person=person, name=name, source=source[:200], noted_at=now, noted_by=actor)
        for (pk, name), person in sorted(different.items(), key=lambda item: item[0])
        if (pk, name) not in known
    ]
    bulk.create(rows, actor=actor, at=now)
    noted = {row.person: [one.name for one in rows if one.person_id == row.person_id] for row in rows}
    log(noted, "note_name", actor=actor, now=now, detail=lambda person: {"names": noted[person], "source": source})
    return rows


def correct_name(*, person: Person, name: str, reason: str, actor, now) -> Person:
    """``name`` becomes the person's; the one before stays as a former name, with ``reason`` (which paper shows it).

    Raises Incomplete without a reason, or where the person has that name already.
    """
    _require_reason(reason)
    (person,) = lock(Person.objects.filter(pk=person.pk))
    if not name or same(person.name, name):
        raise Incomplete(
            [Problem("与现登记的姓名相同。", code="same_name", field="name", advice="请填写更正后的姓名。")]
        )
    _settle(person, person.name, NameStanding.FORMER, reason, actor, now, source="更正前的登记姓名")
    before, person.name = person.name, name
    person._history_user = actor
    person._history_date = now
    person._change_reason = f"更正姓名：{reason.strip()}"[:100]
    person.save(update_fields=["name"])
    if PersonName.objects.filter(person=person, name=name).exists():
        _settle(person, name, NameStanding.CURRENT, reason, actor, now)
    log([person], "correct_name", actor=actor, now=now, reason=reason.strip(), detail={"before": before, "now": name})
    return person


def dismiss_name(*, noted: PersonName, reason: str, actor, now) -> PersonName:
    """The register's name stands; the one given was a slip. Raises WrongState where it was settled already."""
    _require_reason(reason)
    (row,) = lock(PersonName.objects.filter(pk=noted.pk))
    if row.standing != NameStanding.OPEN:
        raise WrongState(f"姓名“{row}”已由他人核对。", advice="请刷新后查看。")
    row = _settle(row.person, row.name, NameStanding.DISMISSED, reason, actor, now)
    log([row.person], "dismiss_name", actor=actor, now=now, reason=reason.strip(), detail={"name": row.name})
    return row


def _settle(person: Person, name: str, standing: str, reason: str, actor, now, source: str = "") -> PersonName:
    row = PersonName.objects.filter(person=person, name=name).first() or PersonName(
        person=person, name=name, source=source, noted_at=now, noted_by=actor
    )
    row.standing, row.reason, row.settled_at, row.settled_by = standing, reason.strip()[:200], now, actor
    row._history_user = actor
    row._history_date = now
    row.save()
    return row


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise Incomplete([Problem("请写明依据（所核对的证件或者证明）。", code="required", field="reason")])
