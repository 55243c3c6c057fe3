"""The plan's edition of the catalogue: 54 job types, and finding them by what people write."""

from datetime import date

import pytest

from certification.catalogue.loading import load_catalogue
from certification.catalogue.models import (
    ApplicationKind,
    CatalogueEdition,
    Category,
    JobType,
    JobTypeVariant,
    OperationGroup,
)
from certification.catalogue.naming import Names

pytestmark = pytest.mark.django_db


@pytest.fixture
def edition():
    load_catalogue()
    return CatalogueEdition.objects.in_force(date(2026, 1, 1))


def counts(category):
    groups = OperationGroup.objects.filter(category=category)
    return groups.count(), JobType.objects.filter(group__in=groups).count()


def test_forty_one_and_thirteen_are_fifty_four(edition):
    assert counts(Category.ONE) == (6, 41)
    assert counts(Category.TWO) == (4, 13)
    assert JobType.objects.filter(group__edition=edition).count() == 54


def test_each_group_has_the_number_that_the_plan_gives(edition):
    numbers = {group.code: group.job_types.count() for group in OperationGroup.objects.all()}
    assert numbers == {
        "01": 6,
        "02": 3,
        "03": 2,
        "04": 2,
        "05": 10,
        "06": 8,
        "07": 1,
        "08": 1,
        "09": 16,
        "10": 5,
    }


def test_variants_are_not_counted_among_the_fifty_four(edition):
    by_item = {}
    for variant in JobTypeVariant.objects.select_related("job_type"):
        by_item.setdefault(variant.job_type.name, []).append(variant.name)
    assert by_item == {
        "金属非金属矿山安全检查作业": ["露天矿山", "小型露天采石场", "地下矿山"],
        "司钻作业": ["钻井作业", "井下作业"],
    }


def test_hours_are_known_or_said_to_be_unknown(edition):
    low_voltage = JobType.objects.get(code="0101")
    assert (low_voltage.theory_hours, low_voltage.practical_hours) == (88, 60)
    assert low_voltage.required_hours(ApplicationKind.INITIAL) == 148
    assert low_voltage.required_hours(ApplicationKind.RENEWAL) == 8
    for job_type in JobType.objects.all():
        assert job_type.hours_certainty in ("CONFIRMED", "KNOWN", "NOT_FOUND")
        assert (job_type.initial_hours is None) == (job_type.hours_certainty == "NOT_FOUND")
        if job_type.theory_hours:
            assert job_type.theory_hours + job_type.practical_hours == job_type.initial_hours


def test_loading_twice_changes_nothing(edition):
    before = JobType.history.count()
    assert load_catalogue() == []
    assert JobType.history.count() == before


def test_no_edition_before_the_plan(edition):
    with pytest.raises(CatalogueEdition.DoesNotExist):
        CatalogueEdition.objects.in_force(date(2023, 3, 31))


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("低压电工作业", "0101"),
        (" 低压电工 ", "0101"),
        ("0101", "0101"),
        ("煤矿采煤机(掘进机)操作作业", "0507"),
        ("氧化工艺", "0910"),
        ("过氧化工艺作业", "0911"),
        ("高处安装、维护、拆除作业", "0302"),
    ],
)
def test_job_types_are_found_as_people_write_them(edition, written, code, django_assert_num_queries):
    names = Names.of(edition)
    with django_assert_num_queries(0):
        assert names.find(written).code == code


def test_what_is_no_job_type_is_not_found(edition):
    assert Names.of(edition).find("电梯作业") is None
