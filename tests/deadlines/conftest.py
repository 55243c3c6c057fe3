"""Reference data, a province in miniature, and cases: here a case is any stored row, so territories serve."""

from datetime import date, datetime

import pytest

from certification.clock import SHANGHAI
from certification.deadlines import consequences, ledger
from certification.deadlines.models import Deadline
from certification.organisations.models import Organisation, OrganisationKind, RoleAssignment, Territory, User
from certification.organisations.roles import Role
from certification.people.models import Person, Sex
from certification.rulebook import lookup
from certification.rulebook.loading import load_rules
from certification.workdays.loading import load_calendars
from training.plans import filing
from training.plans.plan_entry import TeacherEntry

NOW = datetime(2026, 4, 20, 10, 0, tzinfo=SHANGHAI)


@pytest.fixture
def reference(db):
    load_calendars(now=NOW)
    load_rules()
    yield
    lookup.forget()


@pytest.fixture
def organisations(reference):
    territory = Territory.objects.create(code="990100", name="北市")
    elsewhere = Territory.objects.create(code="990200", name="南市")
    make = Organisation.objects.create
    kinds = OrganisationKind
    return {
        "centre": make(kind=kinds.PROVINCIAL_CENTRE, name="省厅考试中心", short_name="中心"),
        "bureau": make(kind=kinds.CITY_BUREAU, name="北市应急管理局", short_name="北市局", territory=territory),
        "school": make(kind=kinds.TRAINING_INSTITUTION, name="北市学校", short_name="北校", territory=territory),
        "other": make(kind=kinds.TRAINING_INSTITUTION, name="南市学校", short_name="南校", territory=elsewhere),
    }


@pytest.fixture
def account(organisations):
    def make(organisation: str, role: str) -> User:
        number = User.objects.count() + 1
        person = Person.objects.create(
            document_type="PASSPORT",
            document_number=f"P{number:07d}",
            name="张三",
            sex=Sex.MALE,
            birth_date=date(1990, 1, 1),
            created_at=NOW,
        )
        user = User.objects.create(username=f"u{number}", organisation=organisations[organisation], person=person)
        RoleAssignment.objects.create(user=user, role=role, valid_from=date(2023, 4, 1), granted_by=user)
        return user

    return make


@pytest.fixture
def case(reference):
    def make(name: str = "甲") -> Territory:
        number = Territory.objects.count() + 1
        return Territory.objects.create(code=f"98{number:04d}", name=f"{name}{number}")

    return make


@pytest.fixture
def consequence(monkeypatch):
    """Registers a consequence for the time of a test."""
    monkeypatch.setattr(consequences, "_registered", {})
    return consequences.register


@pytest.fixture
def people(account):
    """A filer of the school, a reviewer and the head of the bureau, reviewer, head and decision maker of the centre."""
    return {
        "filer": account("school", Role.INSTITUTION_FILER),
        "reviewer": account("bureau", Role.CITY_REVIEWER),
        "head": account("bureau", Role.CITY_HEAD),
        "centre_reviewer": account("centre", Role.PROVINCIAL_REVIEWER),
        "centre_head": account("centre", Role.PROVINCIAL_HEAD),
        "decider": account("centre", Role.PROVINCIAL_DECISION_MAKER),
    }


@pytest.fixture
def opened(organisations, case):
    """Opens a deadline; without arguments the training plan's, filed by the school with the bureau."""

    def make(rule: str = "plan_filing", event_on: date = date(2026, 5, 11), *, by: str = "school", now=NOW) -> Deadline:
        return ledger.open_deadline(
            rule,
            case(),
            event_on=event_on,
            responsible=organisations[by],
            institution=organisations["school"],
            organiser=organisations["bureau"],
            now=now,
        )

    return make


@pytest.fixture
def many_opened(organisations, case):
    """Opens so many at once, of one rule and day."""

    def make(number: int, rule: str = "plan_filing", event_on: date = date(2026, 5, 11)) -> list[Deadline]:
        return ledger.open_deadlines(
            rule,
            [case() for _each in range(number)],
            event_on=event_on,
            responsible=organisations["school"],
            institution=organisations["school"],
            organiser=organisations["bureau"],
            now=NOW,
        )

    return make


@pytest.fixture
def make_draft(world):
    """Make a plan's draft: ``make_draft(start=…)``; for a class on 20 April 2026, whose day was 9 April."""

    def make(username="jigou", *, start=date(2026, 4, 20), now=datetime(2026, 4, 10, 10, 0, tzinfo=SHANGHAI)):
        teachers = [TeacherEntry(one.name, one.number, "电工基础") for one in world.invented(1)]
        return filing.save_draft(
            actor=world.user(username),
            now=now,
            teachers=teachers,
            job_type=world.job_type("0101"),
            kind="INITIAL",
            class_start=start,
            class_end=date(2026, 5, 29),
            wished_exam_on=date(2026, 6, 8),
            capacity=30,
            onsite_hours=120,
            online_hours=40,
            venue="青屏市测试路 1 号",
        )

    return make


@pytest.fixture
def draft(make_draft):
    """One such draft."""
    return make_draft()
