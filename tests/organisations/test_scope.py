"""Data scope (rules 5): one definition for who sees which rows."""

from datetime import date

import pytest

from certification.catalogue.models import CatalogueEdition, JobType, OperationGroup
from certification.organisations.models import User
from certification.organisations.roles import Role
from certification.rulebook.models import RuleEdition
from training.models import TrainingPlan
from training.states import PlanState

from .conftest import NOW


@pytest.fixture
def plans(organisations, account):
    edition = CatalogueEdition.objects.create(code="t", name="测试", valid_from=date(2023, 4, 1), active=True)
    group = OperationGroup.objects.create(edition=edition, code="99", name="电工作业", category="TWO")
    job_type = JobType.objects.create(group=group, code="9901", name="低压电工作业")
    rules = RuleEdition.objects.create(code="t", name="测试", valid_from=date(2023, 4, 1), active=True)
    filer = account("school")
    return {
        name: TrainingPlan.objects.create(
            institution=organisations[name],
            job_type=job_type,
            kind="INITIAL",
            class_start=date(2026, 10, 12),
            class_end=date(2026, 10, 30),
            capacity=30,
            onsite_hours=148,
            venue="教学楼",
            created_by=filer,
            created_at=NOW,
            organiser=organisations["south"],
            category="TWO",
            rule_edition=rules,
            state=PlanState.FILED,
            filed_at=NOW,
        )
        for name in ("school", "other_school")
    }


@pytest.mark.parametrize(
    ("organisation", "role", "seen"),
    [
        ("school", Role.INSTITUTION_FILER, {"school"}),
        ("other_school", Role.INSTITUTION_FILER, {"other_school"}),
        ("north", Role.CITY_REVIEWER, {"school"}),  # filed in its territory
        ("south", Role.CITY_REVIEWER, {"school", "other_school"}),  # organises both
        ("centre", Role.PROVINCIAL_REVIEWER, {"school", "other_school"}),
        ("centre", Role.AUDITOR, {"school", "other_school"}),
        ("centre", Role.ADMINISTRATOR, set()),
        ("centre", Role.INVIGILATOR, set()),
    ],
)
def test_each_role_sees_what_its_reach_allows(plans, account, organisation, role, seen):
    user = account(organisation, role)
    visible = set(TrainingPlan.objects.visible_to(user))
    assert visible == {plans[name] for name in seen}


def test_an_account_without_roles_sees_nothing_and_the_jobs_everything(plans, account):
    assert not TrainingPlan.objects.visible_to(account("centre")).exists()
    assert TrainingPlan.objects.visible_to(User.objects.system()).count() == 2


def test_several_roles_see_the_union_and_no_row_twice(plans, account):
    user = account("south", Role.CITY_REVIEWER, Role.CITY_HEAD)
    assert TrainingPlan.objects.visible_to(user).count() == 2
