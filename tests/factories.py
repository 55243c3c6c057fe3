"""The ``world`` fixture: a small province with two cities, an account for every role, and all reference data.

It is built by the same functions as the demonstration. The first test builds it; later tests insert the same rows
again in bulk, so that each has it to itself, inside its own transaction, in a fraction of the time.
"""

from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count, islice

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection, models

from approvals.demonstration import accounts, province
from approvals.demonstration.people import InventedPerson, invented_people, unsaved
from certification.catalogue.models import JobType
from certification.clock import SHANGHAI
from certification.organisations.models import Organisation, User
from certification.people.models import Person
from certification.rulebook import lookup
from exams.models import Area

CITIES = (
    province.City(
        "青屏市",
        "qingping",
        "01",
        ("青屏安培职业培训学校", "青屏电力技工学校", "云岭化工安全培训中心"),
        (("青屏高新区考试点", Area.ZONE, "青屏高新区"),),
    ),
    province.City("澜溪市", "lanxi", "02", ("澜溪安全技术学校", "澜溪建工技能学校"), refrigeration_by="青屏市"),
)
BUILT_AT = datetime(2026, 1, 5, 9, 0, tzinfo=SHANGHAI)
SEED = 4
_BATCH = 200


@dataclass
class World:
    """What a test has before it. ``user("jigou")`` by username; see approvals/demonstration/accounts.py for names."""

    province: province.Province
    users: dict[str, User]
    _invented: list[InventedPerson]
    _taken: count = field(default_factory=count)

    def user(self, username: str) -> User:
        """The account, freshly read: roles and permissions are cached on the object."""
        return User.objects.select_related("organisation", "person").get(pk=self.users[username].pk)

    @property
    def centre(self) -> Organisation:
        return self.province.centre

    @property
    def bureau(self) -> Organisation:
        """The first city's bureau."""
        return self.province.bureaux[CITIES[0].name]

    @property
    def other_bureau(self) -> Organisation:
        return self.province.bureaux[CITIES[1].name]

    @property
    def institution(self) -> Organisation:
        """The institution of ``jigou``, in the first city."""
        return self.province.institutions[CITIES[0].name][0]

    @property
    def other_institution(self) -> Organisation:
        """The institution of ``lanxi-jigou``, in the second city."""
        return self.province.institutions[CITIES[1].name][0]

    @property
    def site(self):
        """The first city's exam site, with two rooms for theory and two for practical."""
        return self.province.sites[CITIES[0].name][0]

    def job_type(self, code: str = "0101") -> JobType:
        return JobType.objects.select_related("group").get(code=code, group__edition__active=True)

    def invented(self, number: int = 1) -> list[InventedPerson]:
        """The next invented people, not registered; with what a roster says of each."""
        return [self._invented[next(self._taken)] for _each in range(number)]

    def persons(self, number: int = 1) -> list[Person]:
        """The next invented people, registered."""
        persons = [unsaved(one, now=BUILT_AT) for one in self.invented(number)]
        return Person.objects.bulk_create(persons)


@pytest.fixture
def world(db) -> World:
    """The small province, with calendars, rules and catalogue loaded."""
    if not _KEPT:
        call_command("load_reference", verbosity=0)
        built, users = _build()
        _keep(built, users)
    else:
        _put_back()
    lookup.forget()
    # Copies, so that a test that changes an attribute changes it for itself alone.
    return World(*deepcopy((_KEPT["province"], _KEPT["users"], _KEPT["invented"])))


def at(day: date, hour: int = 10, minute: int = 0) -> datetime:
    """A moment of ``day`` in Asia/Shanghai."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=SHANGHAI)


def working_day(day: date, shift: int) -> date:
    """The ``shift``-th working day after (before where negative) ``day`` by the loaded calendars."""
    from certification.workdays import calendars

    return calendars.current().shift(day, shift).date


_KEPT: dict = {}


def _build():
    system = User.objects.system()
    built = province.build(CITIES, actor=system, now=accounts.IN_OFFICE_SINCE)
    divisions = tuple(division for city in CITIES for division in city.divisions)
    invented = invented_people(SEED, divisions=divisions, today=BUILT_AT.date() - timedelta(days=400))
    users = accounts.make(accounts.planned(built, CITIES), invented, actor=system, now=accounts.IN_OFFICE_SINCE)
    _KEPT["invented"] = list(islice(invented, 400))
    return built, users


def _keep(built, users) -> None:
    """Remember every row that the build wrote, by model in the order of dependence."""
    rows = {model: _read(model) for model in _by_dependence() if model._base_manager.exists()}
    _KEPT.update(province=built, users=users, rows=rows)


def _put_back() -> None:
    for model, rows in _KEPT["rows"].items():
        _write(model, rows)


def _read(model) -> list[models.Model] | bytes:
    """All rows of a table, in the form in which they are written again fastest: every second test does."""
    if connection.vendor != "postgresql":
        return list(model._base_manager.order_by("pk"))
    with connection.cursor() as cursor, cursor.copy(f'COPY "{model._meta.db_table}" TO STDOUT') as lines:
        return b"".join(lines)


def _write(model, rows: list[models.Model] | bytes) -> None:
    if isinstance(rows, list):
        model._base_manager.bulk_create(rows, batch_size=_BATCH)
        return
    with connection.cursor() as cursor, cursor.copy(f'COPY "{model._meta.db_table}" FROM STDIN') as lines:
        lines.write(rows)


def _by_dependence() -> list[type[models.Model]]:
    """Own models, each after those that its foreign keys point to."""
    own = [model for model in apps.get_models() if model.__module__.split(".")[0] in _OWN]
    ordered: list[type[models.Model]] = []
    while own:
        ready = [model for model in own if not _points_to(model) & set(own) - {model}]
        ordered += ready
        own = [model for model in own if model not in ready]
    return ordered


def _points_to(model) -> set:
    return {f.related_model for f in model._meta.concrete_fields if f.related_model and f.db_constraint}


_OWN = ("certification", "training", "exams", "approvals")
