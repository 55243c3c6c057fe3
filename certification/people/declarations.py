"""What persons declared of their retirement: noting it, and what counts now.

Not activities: called inside the transaction of the filing that brings the declaration, or of the activity that
checked the right.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from certification.people.models import Declaration, DeclaredFact, FemaleClass, Person, Sex
from certification.records import bulk
from certification.records.models import StoredFile
from certification.refusals import Incomplete, Problem
from certification.workflow import log


@dataclass(frozen=True)
class Declared:
    """What counts for a person: ``female_class`` ("" for nothing declared), months of voluntary delay."""

    female_class: str = ""
    delay_months: int = 0


NOTHING = Declared()


def declared(person_ids: Iterable[int]) -> dict[int, Declared]:
    """What counts for each of the persons who declared something: the last word on each fact. One query."""
    found: dict[int, dict] = {}
    rows = Declaration.objects.filter(person__in=set(person_ids)).order_by("pk")
    for person_id, fact, female_class, months in rows.values_list("person", "fact", "female_class", "months"):
        said = {"female_class": female_class} if fact == DeclaredFact.FEMALE_CLASS else {"delay_months": months}
        found.setdefault(person_id, {}).update(said)
    return {person_id: Declared(**said) for person_id, said in found.items()}


def declare_female_classes(classes: Mapping[int, str], *, source: str, actor, now) -> list[Declaration]:
    """Note the class that each woman (person id → class, "" for nothing) declared in a filing, where it is not what
    counts already; two queries for any number. A class said of a man is left out."""
    said = {person_id: value for person_id, value in classes.items() if value}
    women = set(Person.objects.filter(pk__in=said, sex=Sex.FEMALE).values_list("pk", flat=True))
    before = declared(women)
    rows = [
        Declaration(
            person_id=person_id,
            fact=DeclaredFact.FEMALE_CLASS,
            female_class=said[person_id],
            source=source[:200],
            declared_at=now,
            declared_by=actor,
        )
        for person_id in sorted(women)
        if before.get(person_id, NOTHING).female_class != said[person_id]
    ]
    bulk.create(rows, actor=actor, at=now)
    return rows


def declare_female_class(*, person: Person, female_class: str, source: str, actor, now, proof: str = "") -> Declaration:
    """Note the class that ``person`` declares; raises Incomplete for a man or without a class."""
    if person.sex != Sex.FEMALE:
        raise _problem("女职工退休类别只适用于女性。", "female_class", "请核对人员。")
    if female_class not in FemaleClass.values:
        raise _problem("请选择女职工退休类别。", "female_class", "")
    return _noted(person, DeclaredFact.FEMALE_CLASS, source, proof, None, actor, now, female_class=female_class)


def declare_delay(
    *,
    person: Person,
    months: int,
    limit: int,
    source: str,
    proof: str,
    actor,
    now,
    proof_file: StoredFile | None = None,
) -> Declaration:
    """Note a voluntary delay of retirement by ``months`` (0 withdraws it), at most ``limit`` (rule ``retirement``,
    ``flexible_delay_months``); raises Incomplete beyond it, or without a reference to the written commitment."""
    if not 0 <= months <= limit:
        raise _problem(f"自愿延迟退休为 0 至 {limit} 个月。", "months", "请核对承诺书所写的月数。")
    if months and not proof.strip():
        raise _problem("自愿延迟退休须有本人承诺书。", "proof", "请写明承诺书的日期或者编号。")
    return _noted(person, DeclaredFact.DELAY, source, proof, proof_file, actor, now, months=months)


def _noted(person, fact, source, proof, proof_file, actor, now, **said) -> Declaration:
    row = Declaration(
        person=person,
        fact=fact,
        source=source[:200],
        proof=proof.strip()[:200],
        proof_file=proof_file,
        declared_at=now,
        declared_by=actor,
        **said,
    )
    row._history_user = actor
    row._history_date = now
    row.save(force_insert=True)
    log([person], "declare", actor=actor, now=now, reason=row.proof, detail={"said": str(row)})
    return row


def _problem(message: str, field: str, advice: str) -> Incomplete:
    return Incomplete([Problem(message, code="declaration", field=field, advice=advice)])
