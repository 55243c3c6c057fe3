"""What the province already knows of people: four queries and those of the sources, for any number of people."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field

from certification.people import bars
from certification.people.checks.subject import Entry, Subject
from certification.people.declarations import Declared, declared
from certification.people.models import Bar, Certificate, CertificateState, Person

# (person ids, for what they are judged) → person id → where the person already is, as a noun: an open class, exam
# application or licence for the same job type (by its code) anywhere in the province, not from ``subject.class_id``.
# Another institution is not named (rules 5). A constant number of queries.
Elsewhere = Callable[[Collection[int], Subject], dict[int, str]]

_elsewhere: list[Elsewhere] = []


def register_elsewhere(source: Elsewhere) -> None:
    """Let ``source`` say who is already on the way to a certificate for the job type; from ``AppConfig.ready``."""
    if source not in _elsewhere:
        _elsewhere.append(source)


@dataclass
class Known:
    """By person id."""

    names: dict[int, str] = field(default_factory=dict)
    bars: dict[int, Bar] = field(default_factory=dict)
    certificates: dict[int, Certificate] = field(default_factory=dict)
    elsewhere: dict[int, str] = field(default_factory=dict)


def know(subject: Subject, entries: Iterable[Entry]) -> Known:
    """Ask for everything that the checks need, and note on each entry whose number is registered whose it is."""
    entries = list(entries)
    names = _find_persons([entry for entry in entries if entry.number and entry.person_id is None])
    ids = {entry.person_id for entry in entries if entry.person_id is not None}
    if not ids:
        return Known()
    _take_declared(entries, declared(ids))
    days = {subject.today, subject.last_day}
    return Known(names, bars.in_force(ids, *days), _held(subject, ids), _elsewhere_of(subject, ids))


def _find_persons(entries: list[Entry]) -> dict[int, str]:
    """Whose numbers are registered; the entries learn their person's id. The answer: the names registered."""
    numbers = {entry.number for entry in entries}
    if not numbers:
        return {}
    rows = Person.objects.filter(document_number__in=numbers)
    found = {
        (document_type, number): (pk, name)
        for pk, document_type, number, name in rows.values_list("pk", "document_type", "document_number", "name")
    }
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
        person__in=person_ids, job_type__code=subject.job_type.code, state=CertificateState.VALID
    )
    return {row.person_id: row for row in held.order_by("valid_until", "pk")}


def _elsewhere_of(subject: Subject, person_ids: set[int]) -> dict[int, str]:
    """The first source to name somebody is believed."""
    found: dict[int, str] = {}
    for source in _elsewhere:
        found = {**source(person_ids, subject), **found}
    return found
