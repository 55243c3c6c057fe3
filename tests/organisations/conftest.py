"""A province in miniature: a centre, two cities, an institution, accounts with persons."""

from datetime import date, datetime
from itertools import count

import pytest

from certification.clock import SHANGHAI
from certification.organisations.models import Organisation, OrganisationKind, RoleAssignment, Territory, User
from certification.people.models import Person, Sex

NOW = datetime(2026, 9, 1, 10, 0, tzinfo=SHANGHAI)
_serial = count(1)


@pytest.fixture
def person():
    def make(name: str = "张三") -> Person:
        return Person.objects.create(
            document_type="PASSPORT",
            document_number=f"P{next(_serial):07d}",
            name=name,
            sex=Sex.MALE,
            birth_date=date(1990, 1, 1),
            created_at=NOW,
        )

    return make


@pytest.fixture
def organisations(db):
    north = Territory.objects.create(code="990100", name="北市")
    south = Territory.objects.create(code="990200", name="南市")
    kinds = OrganisationKind

    def make(kind, name, territory=None):
        return Organisation.objects.create(kind=kind, name=name, short_name=name, territory=territory)

    return {
        "centre": make(kinds.PROVINCIAL_CENTRE, "省厅考试中心"),
        "north": make(kinds.CITY_BUREAU, "北市应急管理局", north),
        "south": make(kinds.CITY_BUREAU, "南市应急管理局", south),
        "school": make(kinds.TRAINING_INSTITUTION, "北市培训学校", north),
        "other_school": make(kinds.TRAINING_INSTITUTION, "南市培训学校", south),
    }


@pytest.fixture
def account(organisations, person):
    def make(organisation: str, *roles, who: Person | None = None) -> User:
        user = User.objects.create(
            username=f"u{next(_serial)}", organisation=organisations[organisation], person=who or person()
        )
        for role in roles:
            RoleAssignment.objects.create(user=user, role=role, valid_from=date(2023, 4, 1), granted_by=user)
        return user

    return make
