"""Accounts of the demonstration: one listed login for each role, second persons where a rule needs two, and the
staff of every other organisation. All share one password, which only demonstration settings let exist.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.contrib.auth.hashers import make_password
from simple_history.utils import bulk_create_with_history

from approvals.demonstration.people import InventedPerson, unsaved
from approvals.demonstration.province import City, Province
from certification.clock import SHANGHAI
from certification.organisations.accounts import grant_role
from certification.organisations.models import Organisation, User
from certification.organisations.roles import Role
from certification.people.models import Person
from certification.refusals import Refusal
from exams.models import StaffQualification

PASSWORD = "yunling2026"
IN_OFFICE_SINCE = datetime(2023, 4, 1, 9, 0, tzinfo=SHANGHAI)

CITY_STAFF = (
    ("shenhe", Role.CITY_REVIEWER),
    ("shenhe2", Role.CITY_REVIEWER),
    ("kaowu", Role.CITY_EXAM_OFFICER),
    ("luru", Role.CITY_RESULTS_CLERK),
    ("fuhe", Role.CITY_RESULTS_CHECKER),
    ("jianguan", Role.CITY_SUPERVISOR),
    ("fuze", Role.CITY_HEAD),
    ("jiankao", Role.INVIGILATOR),
    ("jiankao2", Role.INVIGILATOR),
    ("kaoping", Role.EXAMINER),
    ("kaoping2", Role.EXAMINER),
)
PROVINCIAL_STAFF = (
    ("sheng-shenhe", Role.PROVINCIAL_REVIEWER),
    ("sheng-shenhe2", Role.PROVINCIAL_REVIEWER),
    ("sheng-kaowu", Role.PROVINCIAL_EXAM_OFFICER),
    ("sheng-luru", Role.PROVINCIAL_RESULTS_CLERK),
    ("sheng-fuhe", Role.PROVINCIAL_RESULTS_CHECKER),
    ("sheng-xunkao", Role.PROVINCIAL_INSPECTOR),
    ("sheng-shouli", Role.PROVINCIAL_ACCEPTANCE_CLERK),
    ("sheng-shenpi", Role.PROVINCIAL_DECISION_MAKER),
    ("sheng-shenpi2", Role.PROVINCIAL_DECISION_MAKER),
    ("sheng-fuze", Role.PROVINCIAL_HEAD),
    ("shenji", Role.AUDITOR),
    ("guanli", Role.ADMINISTRATOR),
    ("sheng-jiankao", Role.INVIGILATOR),
    ("sheng-jiankao2", Role.INVIGILATOR),
    ("sheng-kaoping", Role.EXAMINER),
    ("sheng-kaoping2", Role.EXAMINER),
)
# What the login page and ``--logins`` show: every role, and second persons where a rule needs two.
LISTED = (
    *("jigou", "jigou3", "lanxi-jigou"),
    *(f"shi-{name}" for name, _role in CITY_STAFF),
    *("kaodian", "chuangkou", "sheng-chuangkou"),
    *(username for username, _role in PROVINCIAL_STAFF),
)


class NotADemonstration(Refusal):
    """The settings are not those of a demonstration."""

    code = "not_a_demonstration"


@dataclass(frozen=True)
class Login:
    """An account to make."""

    username: str
    role: Role
    organisation: Organisation


def require_demonstration() -> None:
    """Refuse in any settings but those whose clock may move: known passwords must not exist elsewhere."""
    if not settings.CLOCK_MAY_MOVE:
        raise NotADemonstration("演示数据和演示账号只能在演示环境中生成。")


def planned(province: Province, cities: tuple[City, ...]) -> list[Login]:
    """Every account. The first city's have the short names."""
    return [*_institutions(province, cities), *_cities(province, cities), *_province(province)]


def make(logins: list[Login], invented: Iterator[InventedPerson], *, actor, now) -> dict[str, User]:
    """Make the accounts with a person each, and give them their roles from the plan's first day on."""
    require_demonstration()
    persons = [unsaved(next(invented), now=now) for _login in logins]
    bulk_create_with_history(persons, Person, default_user=actor, default_date=now)
    password = make_password(PASSWORD)
    users = [
        User(
            username=login.username,
            password=password,
            organisation=login.organisation,
            person=person,
            is_staff=login.role == Role.ADMINISTRATOR,
            is_superuser=login.role == Role.ADMINISTRATOR,
        )
        for login, person in zip(logins, persons, strict=True)
    ]
    bulk_create_with_history(users, User, default_user=actor, default_date=now)
    for login, user in zip(logins, users, strict=True):
        grant_role(actor=actor, now=IN_OFFICE_SINCE, user=user, role=login.role)
    _take_into_pool(logins, users, actor=actor, now=now)
    return {user.username: user for user in users}


def _take_into_pool(logins: list[Login], users: list[User], *, actor, now) -> None:
    """Invigilators and examiners stand in the pool of their organisation, for every job type."""
    rows = [
        StaffQualification(
            organisation=login.organisation,
            person=user.person,
            duty=login.role.value,
            basis=f"云岭考务〔2023〕{number}号",
            title="高级工程师" if login.role == Role.EXAMINER else "",
            valid_from=IN_OFFICE_SINCE.date(),
            valid_until=date(2029, 3, 31),
            added_by=actor,
            added_at=now,
        )
        for number, (login, user) in enumerate(zip(logins, users, strict=True), start=1)
        if login.role in (Role.INVIGILATOR, Role.EXAMINER)
    ]
    bulk_create_with_history(rows, StaffQualification, default_user=actor, default_date=now)


def _institutions(province: Province, cities: tuple[City, ...]) -> Iterator[Login]:
    """``jigou``, ``jigou2`` … in the first city; ``lanxi-jigou`` … elsewhere."""
    for city in cities:
        for number, institution in enumerate(province.institutions[city.name], start=1):
            username = f"{_prefix(city, cities)}jigou{number if number > 1 else ''}"
            yield Login(username, Role.INSTITUTION_FILER, institution)


def _cities(province: Province, cities: tuple[City, ...]) -> Iterator[Login]:
    for city in cities:
        prefix = _prefix(city, cities) or "shi-"
        for name, role in CITY_STAFF:
            yield Login(f"{prefix}{name}", role, province.bureaux[city.name])
        site, window = province.operators[city.name], province.windows[city.name]
        yield Login(f"{_prefix(city, cities)}kaodian", Role.SITE_STAFF, site)
        yield Login(f"{_prefix(city, cities)}chuangkou", Role.WINDOW_CLERK, window)


def _province(province: Province) -> Iterator[Login]:
    for username, role in PROVINCIAL_STAFF:
        yield Login(username, role, province.centre)
    yield Login("sheng-chuangkou", Role.WINDOW_CLERK, province.hall)


def _prefix(city: City, cities: tuple[City, ...]) -> str:
    return "" if city == cities[0] else f"{city.pinyin}-"
