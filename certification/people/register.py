"""The register of persons: one record per identity document, found or added, singly and in bulk.

Not activities: called inside the transaction of the filing that brings the persons.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db import IntegrityError, transaction

from certification.people import documents, naming
from certification.people.identity import IdentityNumber
from certification.people.models import DocumentType, Person
from certification.records import bulk
from certification.refusals import Refusal
from certification.workdays.wording import plain_day
from certification.workflow import lock

Key = tuple[str, str]

# What a later filing may fill in or bring up to date; name, sex and birth date only change by a correction.
_CURRENT = ("phone", "education", "employer")
_ATTEMPTS = 3
# What a name is said to come from where the filing does not say more.
FILED = "申报信息"


@dataclass(frozen=True)
class PersonData:
    """What a filing says about one person. Blank phone, education and employer say nothing."""

    document_number: str
    name: str
    sex: str
    birth_date: date
    document_type: str = DocumentType.IDENTITY_CARD
    phone: str = ""
    education: str = ""
    employer: str = ""

    @classmethod
    def from_identity(cls, identity: IdentityNumber, *, name: str, **details) -> "PersonData":
        """Data of somebody whose document was read, and what it tells."""
        return cls(identity.number, name, identity.sex, identity.birth_date, identity.document_type, **details)

    @property
    def key(self) -> Key:
        """What tells persons apart: document type and number."""
        return self.document_type, self.document_number


_person = bulk.builder(Person, *PersonData.__dataclass_fields__, "created_at")


@dataclass
class Registered:
    """The person of one entry: whether just added, and warnings (a name that differs from the earlier record)."""

    person: Person
    created: bool = False
    warnings: list[str] = field(default_factory=list)


def find_or_register(
    *,
    document_number: str,
    name: str,
    sex: str,
    birth_date: date,
    now,
    actor,
    document_type: str = DocumentType.IDENTITY_CARD,
    phone: str = "",
    education: str = "",
    employer: str = "",
    source: str = FILED,
) -> Registered:
    """The person with this document, added if new. See ``find_or_register_all``."""
    data = PersonData(document_number, name, sex, birth_date, document_type, phone, education, employer)
    return find_or_register_all([data], now=now, actor=actor, source=source)[0]


def find_or_register_all(people: Sequence[PersonData], *, now, actor, source: str = FILED) -> list[Registered]:
    """The persons of all entries, in order; the same document twice is the same person.

    The number of queries does not grow with the number of persons. New persons and changed phone, education and
    employer are written with history in the name of ``actor``. The register keeps the name that it has; a
    different one is a warning, and noted beside it with its ``source`` for somebody to settle.
    """
    wanted = {data.key: data for data in people}
    with transaction.atomic():
        known = known_persons(wanted)
        added = _add_missing(wanted, known, now=now, actor=actor)
        _bring_up_to_date(wanted, known, added, now=now, actor=actor)
        old = [(known[key], data.name) for key, data in wanted.items() if key not in added]
        naming.note_different(old, source=source, actor=actor, now=now)
    return [
        Registered(known[data.key], True) if data.key in added else _registered(data, known[data.key])
        for data in people
    ]


def known_persons(keys: Iterable[Key]) -> dict[Key, Person]:
    """Whom the register has of these documents, as theirs or as a former one; two queries at most for each type of
    document."""
    keys = list(keys)
    numbers: dict[str, list[str]] = defaultdict(list)
    for document_type, number in keys:
        numbers[document_type].append(number)
    known = {
        (document_type, person.document_number): person
        for document_type, found in numbers.items()
        for person in bulk.among(Person.objects.filter(document_type=document_type), "document_number", found)
    }
    return known | documents.by_former(key for key in keys if key not in known)


def _add_missing(wanted: dict[Key, PersonData], known: dict[Key, Person], *, now, actor) -> set[Key]:
    """Add who is not known yet; where somebody else adds the same person meanwhile, theirs is taken."""
    for _attempt in range(_ATTEMPTS):
        # In key order, so that two filings with the same new persons wait for each other and never deadlock.
        missing = sorted(wanted.keys() - known.keys())
        if not missing:
            return set()
        try:
            with transaction.atomic():
                people = [_person(*vars(wanted[key]).values(), now) for key in missing]
                added = bulk.create(people, actor=actor, at=now)
        except IntegrityError:
            known |= known_persons(missing)
            continue
        known |= dict(zip(missing, added, strict=True))
        return set(missing)
    raise Refusal("人员登记正被他人同时修改，请稍后重试。", code="busy")


def _bring_up_to_date(wanted, known: dict[Key, Person], added: set[Key], *, now, actor) -> None:
    stale = {known[key].pk: key for key, data in wanted.items() if key not in added and news(data, known[key])}
    if not stale:
        return
    changed = lock(Person.objects.filter(pk__in=stale))
    for person in changed:
        key = stale[person.pk]
        for name, value in news(wanted[key], person).items():
            setattr(person, name, value)
        known[key] = person
    bulk.update(changed, _CURRENT, actor=actor, at=now)


def news(data: PersonData, person: Person) -> dict[str, str]:
    """What the filing says that the register does not say yet."""
    said = {name: getattr(data, name) for name in _CURRENT}
    return {name: value for name, value in said.items() if value and value != getattr(person, name)}


def _registered(data: PersonData, person: Person) -> Registered:
    return Registered(person, False, _differences(data, person))


def _differences(data: PersonData, person: Person) -> list[str]:
    warnings = []
    if data.key != person.key:
        warnings.append(f"该证件已变更，现登记的证件为{person.get_document_type_display()} {person.masked_number}。")
    if not naming.same(data.name, person.name):
        warnings.append(f"姓名“{data.name}”与此前登记的“{person.name}”不一致，请核对证件。")
    if data.birth_date != person.birth_date:
        warnings.append(f"出生日期与此前登记的 {plain_day(person.birth_date)} 不一致，请核对证件。")
    if data.sex != person.sex:
        warnings.append("性别与此前登记的不一致，请核对证件。")
    return warnings
