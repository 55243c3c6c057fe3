"""The one way to change a state: locked, checked, logged, with history; once, and in bulk."""

from datetime import date, datetime

import pytest
from django.db import IntegrityError, transaction

from certification.catalogue.models import CatalogueEdition, JobType, OperationGroup
from certification.clock import SHANGHAI
from certification.organisations.models import Organisation, OrganisationKind, Territory, User
from certification.records.models import TransitionLog
from certification.refusals import Refusal, WrongState
from certification.workflow import MACHINES, activity, apply, apply_one, lock
from training.models import TrainingPlan
from training.states import PLAN, PlanState

NOW = datetime(2026, 9, 1, 10, 0, tzinfo=SHANGHAI)


@pytest.fixture
def actor(db):
    return User.objects.create(username="actor")


@pytest.fixture
def make_plans(actor):
    city = Territory.objects.create(code="990100", name="北市")
    school = Organisation.objects.create(
        kind=OrganisationKind.TRAINING_INSTITUTION, name="学校", short_name="学校", territory=city
    )
    edition = CatalogueEdition.objects.create(code="t", name="测试", valid_from=date(2023, 4, 1), active=True)
    group = OperationGroup.objects.create(edition=edition, code="99", name="电工作业", category="TWO")
    job_type = JobType.objects.create(group=group, code="9901", name="低压电工作业")

    def make(number: int, state: str = PlanState.DRAFT) -> list[TrainingPlan]:
        return [
            TrainingPlan.objects.create(
                institution=school,
                job_type=job_type,
                kind="INITIAL",
                class_start=date(2026, 10, 12),
                class_end=date(2026, 10, 30),
                capacity=30,
                onsite_hours=148,
                venue="教学楼",
                created_by=actor,
                created_at=NOW,
                state=state,
            )
            for _ in range(number)
        ]

    return make


@activity
def withdraw(*, actor, now, ids, check=None, reason=""):
    rows = lock(TrainingPlan.objects.filter(pk__in=ids))
    return apply(PLAN, "withdraw", rows, actor=actor, now=now, reason=reason, check=check)


def test_a_transition_writes_state_log_and_history_in_the_name_of_the_actor(make_plans, actor):
    (plan,) = make_plans(1)
    (result,) = withdraw(actor=actor, now=NOW, ids=[plan.pk], reason="改期")
    plan.refresh_from_db()
    assert result.ok
    assert plan.state == PlanState.WITHDRAWN
    line = TransitionLog.objects.about(plan).get()
    assert (line.from_state, line.to_state, line.actor, line.reason) == ("DRAFT", "WITHDRAWN", actor, "改期")
    record = plan.history.first()
    assert (record.state, record.history_user, record.history_change_reason) == (PlanState.WITHDRAWN, actor, "撤回")


def test_doing_it_twice_refuses_the_second_and_changes_nothing(make_plans, actor):
    (plan,) = make_plans(1)
    withdraw(actor=actor, now=NOW, ids=[plan.pk])
    (second,) = withdraw(actor=actor, now=NOW, ids=[plan.pk])
    assert isinstance(second.refusal, WrongState)
    assert TransitionLog.objects.about(plan).count() == 1


def test_a_bulk_action_gives_a_result_per_row(make_plans, actor):
    plans = make_plans(3)

    def check(plan):
        if plan == plans[1]:
            raise Refusal("不行", code="no")

    results = withdraw(actor=actor, now=NOW, ids=[plan.pk for plan in plans], check=check)
    assert [result.ok for result in results] == [True, False, True]
    assert results[1].refusal.code == "no"
    states = list(TrainingPlan.objects.order_by("pk").values_list("state", flat=True))
    assert states == [PlanState.WITHDRAWN, PlanState.DRAFT, PlanState.WITHDRAWN]


def test_the_number_of_statements_does_not_grow_with_the_rows(make_plans, actor, django_assert_max_num_queries):
    few, many = make_plans(2), make_plans(60)
    withdraw(actor=actor, now=NOW, ids=[few[0].pk])  # warms the content-type cache
    with django_assert_max_num_queries(10) as one:
        withdraw(actor=actor, now=NOW, ids=[few[1].pk])
    with django_assert_max_num_queries(10) as sixty:
        withdraw(actor=actor, now=NOW, ids=[plan.pk for plan in many])
    assert len(one) == len(sixty)


def test_apply_one_raises_the_refusal_and_rolls_everything_back(make_plans, actor):
    (plan,) = make_plans(1, PlanState.WITHDRAWN)
    with pytest.raises(WrongState), transaction.atomic():
        apply_one(PLAN, "withdraw", lock(TrainingPlan.objects.filter(pk=plan.pk))[0], actor=actor, now=NOW)


def test_the_database_refuses_a_state_that_the_machine_does_not_know(make_plans):
    (plan,) = make_plans(1)
    with pytest.raises(IntegrityError), transaction.atomic():
        TrainingPlan.objects.filter(pk=plan.pk).update(state="NONSENSE")


def test_every_machine_names_only_its_own_states():
    assert MACHINES
    for machine in MACHINES.values():
        for transition in machine.transitions.values():
            named = {*transition.sources, transition.target or transition.sources[0]}
            assert named <= set(machine.states.values), (machine.model_label, transition.name)
