"""Documents of a person that became others (换发号码、护照换居留证 …): the person stays, certificates bear the new
number, and whoever looks for the former one finds the person by it.

Not activities: called inside the transaction of the activity that checked the right.
"""

from collections import defaultdict
from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from certification.people.certificates import number_for
from certification.people.identity import IdentityNumber
from certification.people.models import Certificate, CertificateState, FormerDocument, Person
from certification.people.models.persons import mask
from certification.records import bulk
from certification.refusals import Incomplete, Problem
from certification.workflow import lock, log

Key = tuple[str, str]

# The names of the steps in the log.
CHANGE, RENUMBER = "change_document", "renumber"
# More persons than these under one beginning of a number are for the reader to narrow.
_FOUND_AT_MOST = 100


def numbered(prefix: str, path: str = "") -> Q:
    """A condition on rows with a person at ``path``: whose document begins with ``prefix``, or did. One query of its
    own, so that the rows are found by their index."""
    before = f"{path}__" if path else ""
    rows = FormerDocument.objects.filter(document_number__startswith=prefix)
    former = list(rows.values_list("person", flat=True)[:_FOUND_AT_MOST])
    now = Q(**{f"{before}document_number__startswith": prefix})
    return now | Q(**{f"{before}pk__in": former}) if former else now


def former_of(person: Person) -> QuerySet[FormerDocument]:
    """The documents that the person had before, the latest first; not one that became the person's again."""
    rows = person.former_documents.exclude(document_type=person.document_type, document_number=person.document_number)
    return rows.order_by("-until", "-pk")


def by_former(keys: Iterable[Key]) -> dict[Key, Person]:
    """Who had these documents before; one query for each type of document."""
    numbers: dict[str, list[str]] = defaultdict(list)
    for document_type, number in keys:
        numbers[document_type].append(number)
    return {
        (document_type, row.document_number): row.person
        for document_type, wanted in numbers.items()
        for row in bulk.among(
            FormerDocument.objects.filter(document_type=document_type).select_related("person"),
            "document_number",
            wanted,
        )
    }


def change_document(*, person: Person, identity: IdentityNumber, reason: str, actor, now) -> FormerDocument:
    """The document of ``identity`` becomes the person's, and its number that of the valid certificates; the one before
    stays as a former one, with ``reason`` (which paper shows it).

    Raises Incomplete without a reason, for the document that the person has already, and for one that is or was
    another person's.
    """
    (person,) = lock(Person.objects.filter(pk=person.pk))
    if problems := _problems(person, identity, reason):
        raise Incomplete(problems)
    before = person.key
    person.document_type, person.document_number = identity.key
    try:
        with transaction.atomic():
            former = _keep(person, before, reason, actor=actor, now=now)
            _save(person, ["document_type", "document_number"], f"变更证件：{reason.strip()}", actor=actor, now=now)
    except IntegrityError as error:
        raise Incomplete([_taken()]) from error
    detail = {"before": f"{former}", "now": f"{person.get_document_type_display()} {person.masked_number}"}
    log([person], CHANGE, actor=actor, now=now, reason=reason.strip(), detail=detail)
    _renumber(person, actor=actor, now=now)
    return former


def _problems(person: Person, identity: IdentityNumber, reason: str) -> list[Problem]:
    problems = []
    if not reason.strip():
        problems.append(Problem("请写明依据（所核对的证件或者证明）。", code="required", field="reason"))
    if identity.key == person.key:
        problems.append(Problem("与现登记的证件相同。", code="same", field="document_number"))
    elif _is_of_another(person, identity):
        problems.append(_taken())
    if (identity.birth_date, identity.sex) != (person.birth_date, person.sex):
        said = "证件号码中的出生日期或者性别与登记的不一致。"
        advice = "请核对是否为同一人的证件。"
        problems.append(Problem(said, code="differs", field="document_number", advice=advice))
    return problems


def _is_of_another(person: Person, identity: IdentityNumber) -> bool:
    now = Person.objects.filter(document_type=identity.document_type, document_number=identity.number)
    return now.exists() or by_former([identity.key]).get(identity.key, person) != person


def _taken() -> Problem:
    return Problem(
        "该证件已登记在另一人名下。",
        code="taken",
        field="document_number",
        advice="请先核实是否为同一人重复登记。",
    )


def _keep(person: Person, before: Key, reason: str, *, actor, now) -> FormerDocument:
    """What was the person's is a former document, once. One that became the person's again stays on record, and is
    none of the former ones for as long (``former_of``)."""
    own = FormerDocument.objects.filter(person=person)
    row = own.filter(document_type=before[0], document_number=before[1]).first() or FormerDocument(person=person)
    row.document_type, row.document_number = before
    row.until, row.reason, row.changed_by = now, reason.strip()[:200], actor
    row._history_user, row._history_date = actor, now
    row.save()
    return row


def _renumber(person: Person, *, actor, now) -> None:
    """The valid certificates bear the new number; those that ended keep the one that they had."""
    rows = lock(Certificate.objects.filter(person=person, state=CertificateState.VALID))
    before = {row.pk: row.number for row in rows}
    for row in rows:
        row.number = number_for(person)
    bulk.change(rows, ["number"], actor=actor, at=now, reason="证件变更")
    said = {"now": f"T{person.masked_number}"}
    log(rows, RENUMBER, actor=actor, now=now, detail=lambda row: {"before": f"T{mask(before[row.pk][1:])}", **said})


def _save(person: Person, fields: list[str], reason: str, *, actor, now) -> None:
    person._history_user, person._history_date = actor, now
    person._change_reason = reason[:100]
    person.save(update_fields=fields)
