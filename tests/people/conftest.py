from datetime import date, datetime

import pytest

from certification.catalogue.models import CatalogueEdition, Category, JobType, OperationGroup
from certification.clock import SHANGHAI
from certification.organisations.models import User
from certification.people.identity import check_character
from certification.people.register import PersonData

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=SHANGHAI)
TODAY = NOW.date()


@pytest.fixture
def actor(db):
    return User.objects.create(username="banshiyuan")


@pytest.fixture
def job_types(db):
    edition = CatalogueEdition.objects.create(code="t", name="测试", valid_from=date(2023, 4, 1), active=True)
    group = OperationGroup.objects.create(edition=edition, code="01", name="电工作业", category=Category.TWO)
    return [
        JobType.objects.create(group=group, code=f"010{number}", name=name)
        for number, name in enumerate(("低压电工作业", "高压电工作业"), start=1)
    ]


def data(number: int, **changes) -> PersonData:
    digits = f"99010119900307{number:03}"
    sex = "M" if int(digits[16]) % 2 else "F"
    entry = {"name": f"王{number:03}", "phone": "13800000001", "education": "SENIOR_HIGH", **changes}
    return PersonData(digits + check_character(digits), sex=sex, birth_date=date(1990, 3, 7), **entry)
