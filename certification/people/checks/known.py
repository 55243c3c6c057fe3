"""What the province already knows of people: five queries and those of the sources, for any number of people."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from certification.people import bars, documents
from certification.people.checks.subject import Entry, Subject
from certification.people.declarations import Declared, declared
from certification.people.models import Bar, Certificate, CertificateState, Person
from certification.records import bulk

# (person ids, for what they are judged) → person id → where the person already is, as a noun: an open class, exam
# application or licence for the same job type (by its code) anywhere in the province, not from ``subject.class_id``.
# Another institution is not named (rules 5). A constant number of queries.
Elsewhere = Callable[[Collection[int], Subject], dict[int, str]]

# Enrolments (places in a class, as the entries name them) → enrolment → what was learnt, for the checks of whoever
# registered the source. A constant number of queries.
Learnt = Callable[[Collection[int]], dict[int, Any]]

_elsewhere: list[Elsewhere] = []
_learnt: list[Learnt] = []


def register_elsewhere(source: Elsewhere) -> None:
    """Let ``source`` say who is already on the way to a certificate for the job type; from ``AppConfig.ready``."""
    if source not in _elsewhere:
        _elsewhere.append(source)


def register_learnt(source: Learnt) -> None:
    """Let ``source`` say what people have learnt in their classes; from ``AppConfig.ready``."""
    if source not in _learnt:
        _learnt.append(source)


@dataclass
class Known:
    """By person id; ``learnt`` by enrolment."""

    names: dict[int, str] = field(default_factory=dict)
    bars: dict[int, Bar] = field(default_factory=dict)
    certificates: dict[int, Certificate] = field(default_factory=dict)
    elsewhere: dict[int, str] = field(default_factory=dict)
    learnt: dict[int, Any] = field(default_factory=dict)


def know(subject: Subject, entries: Iterable[Entry]) -> Known:
    """Ask for everything that the checks need, and note on each entry whose number is registered whose it is."""
    entries = list(entries)
    names = _find_persons([entry for entry in entries if entry.number and entry.person_id is None])
    ids = {entry.person_id for entry in entries if entry.person_id is not None}
    if not ids:
        return Known()
    _take_declared(entries, declared(ids))
    days = {subject.today, subject.last_day}
    enrolments = {entry.enrolment for entry in entries if entry.enrolment is not None}
    return Known(
        names,
        bars.in_force(ids, *days),
        _held(subject, ids),
        _elsewhere_of(subject, ids),
        _learnt_in(enrolments) if enrolments else {},
    )


def _find_persons(entries: list[Entry]) -> dict[int, str]:
    """Whose numbers are registered; the entries learn their person's id. The answer: the names registered."""
    numbers = {entry.number for entry in entries}
    if not numbers:
        return {}
    rows = bulk.among(Person.objects.all(), "document_number", sorted(numbers))
    found = {
        (document_type, number): (pk, name)
        for pk, document_type, number, name in rows.values_list("pk", "document_type", "document_number", "name")
    }
    unknown = {(entry.document_type, entry.number) for entry in entries} - found.keys()
    found |= {key: (person.pk, person.name) for key, person in documents.by_former(unknown).items()}
    names = {}
    for entry in entries if found else ():
        pk, name = found.get((entry.document_type, entry.number), (None, ""))
        if pk is not None:
            entry.person_id = pk
            names[pk] = name
    return names


def _take_declared(entries: list[Entry], said: dict[int, Declared]) -> None:
    """What persons declared of their retirement before counts where the entry says nothing."""
    for entry in entries if said else ():
        if known := said.get(entry.person_id):
            entry.female_class = entry.female_class or known.female_class
            entry.delay_months = entry.delay_months or known.delay_months


def _held(subject: Subject, person_ids: set[int]) -> dict[int, Certificate]:
    """Valid certificates for the job type, by its code: a certificate outlives an edition of the catalogue."""
    held = Certificate.objects.filter(
        person__in=person_ids, job_type_code=subject.job_type.code, state=CertificateState.VALID
    )
    return {row.person_id: row for row in held.order_by("valid_until", "pk")}


def _learnt_in(enrolments: set[int]) -> dict[int, Any]:
    found: dict[int, Any] = {}
    for source in _learnt:
        found |= source(enrolments)
    return found


def _elsewhere_of(subject: Subject, person_ids: set[int]) -> dict[int, str]:
    """The first source to name somebody is believed."""
    found: dict[int, str] = {}
    for source in _elsewhere:
        found = {**source(person_ids, subject), **found}
    return found
