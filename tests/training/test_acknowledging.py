"""Answers of the recipients: each on its own receipt, the province over the city, two at once."""

from datetime import timedelta

import pytest
from django.db import connection

from certification.deadlines import ledger
from certification.notices.models import Notice
from certification.organisations import separation_scan
from certification.organisations.models import User
from certification.refusals import Incomplete, NotPermitted, SeparationBreach, WrongState
from tests.factories import at
from tests.training.conftest import CLASS_START, FILED_ON
from training.cases import NotFound
from training.models import PlanReceipt, TrainingPlan
from training.plans import acknowledging, filing
from training.states import PlanState, ReceiptState

NOW = at(FILED_ON, 15)
CITY, PROVINCE = "shi-shenhe", "sheng-shenhe"


def answer(world, plan, username, name="acknowledge", *, now=NOW, reason="理由"):
    actor = world.user(username)
    receipt = plan.receipts.get(recipient=actor.organisation)
    act = {
        "acknowledge": acknowledging.acknowledge,
        "return": acknowledging.return_plan,
        "reject": acknowledging.reject,
    }
    reasons = {} if name == "acknowledge" else {"reason": reason}
    return act[name](actor=actor, now=now, receipt_id=receipt.pk, **reasons)


def state(plan):
    return TrainingPlan.objects.get(pk=plan.pk).state


def test_acknowledging_tells_the_institution(world, plan):
    answer(world, plan, CITY)
    assert state(plan) == PlanState.ACKNOWLEDGED
    assert Notice.objects.filter(recipient=world.user("jigou"), title__contains="签收").count() == 1


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([(CITY, "return")], PlanState.RETURNED),
        ([(CITY, "return"), (PROVINCE, "acknowledge")], PlanState.ACKNOWLEDGED),
        ([(PROVINCE, "acknowledge"), (CITY, "return")], PlanState.ACKNOWLEDGED),
        ([(PROVINCE, "acknowledge"), (CITY, "reject")], PlanState.ACKNOWLEDGED),
        ([(CITY, "acknowledge"), (PROVINCE, "return")], PlanState.RETURNED),
        ([(CITY, "reject"), (PROVINCE, "acknowledge")], PlanState.ACKNOWLEDGED),
        ([(CITY, "acknowledge"), (PROVINCE, "reject")], PlanState.REJECTED),
        ([(PROVINCE, "return"), (CITY, "acknowledge")], PlanState.RETURNED),
        ([(PROVINCE, "acknowledge"), (PROVINCE, "return")], PlanState.RETURNED),
    ],
)
def test_the_province_overrides_the_city(world, plan, steps, expected):
    for username, name in steps:
        answer(world, plan, username, name)
    assert state(plan) == expected


def test_a_rejection_closes_the_roster_s_deadline_and_its_overruling_opens_it_again(world, plan):
    answer(world, plan, CITY, "reject")
    assert ledger.find("roster", plan) is None
    answer(world, plan, PROVINCE)
    assert ledger.find("roster", plan).closed_at is None


def test_answers_end_with_class_start(world, plan):
    answer(world, plan, CITY, now=at(CLASS_START - timedelta(days=1), 23, 59))
    with pytest.raises(WrongState, match="开班"):
        answer(world, plan, PROVINCE, "return", now=at(CLASS_START, 0))


def test_a_reason_is_required(world, plan):
    with pytest.raises(Incomplete):
        answer(world, plan, CITY, "return", reason="  ")


def test_answering_twice_acts_once(world, plan):
    answer(world, plan, CITY)
    with pytest.raises(WrongState):
        answer(world, plan, CITY)


def test_nobody_answers_on_another_s_receipt(world, plan):
    of_city = plan.receipts.get(recipient=world.bureau)
    with pytest.raises(NotPermitted):
        acknowledging.acknowledge(actor=world.user(PROVINCE), now=NOW, receipt_id=of_city.pk)
    with pytest.raises(NotFound):
        acknowledging.acknowledge(actor=world.user("lanxi-shenhe"), now=NOW, receipt_id=of_city.pk)
    with pytest.raises(NotPermitted):
        acknowledging.acknowledge(actor=world.user("jigou"), now=NOW, receipt_id=of_city.pk)


def test_who_teaches_the_class_does_not_answer(world, plan):
    teacher = plan.teachers.first().person
    User.objects.filter(username=CITY).update(person=teacher)
    with pytest.raises(SeparationBreach):
        answer(world, plan, CITY)


@pytest.mark.parametrize("signature", ["answered_by", "answered_on_behalf_of"])
def test_who_teaches_the_class_and_answered_past_the_check_is_found(world, plan, signature):
    answer(world, plan, CITY)
    teacher = User.objects.create(username="lehrer", organisation=world.bureau, person=plan.teachers.first().person)
    plan.receipts.filter(recipient=world.bureau).update(**{signature: teacher})
    (breach,) = separation_scan.breaches(NOW.date())
    assert (breach.person_id, breach.rule[:3], breach.case_id) == (teacher.person_id, "4.1", plan.pk)


def test_bulk_gives_a_result_per_receipt_with_a_constant_number_of_queries(world, draft, django_assert_max_num_queries):
    plans = [filing.file_plan(actor=world.user("jigou"), now=at(FILED_ON), plan_id=draft().pk) for _each in range(6)]
    answer(world, plans[0], CITY)
    ids = list(PlanReceipt.objects.filter(recipient=world.bureau).values_list("pk", flat=True))
    counts = []
    for chosen in (ids[1:2], [ids[0], *ids[2:]]):
        with CountQueries() as counted:
            results = acknowledging.acknowledge_many(actor=world.user(CITY), now=NOW, receipt_ids=chosen)
        counts.append(counted.number)
    assert [result.ok for result in results] == [False, True, True, True, True]
    assert counts[0] == counts[1]


class CountQueries:
    def __enter__(self):
        self.number = 0
        self.context = connection.execute_wrapper(self.count)
        self.context.__enter__()
        return self

    def count(self, execute, *args):
        self.number += 1
        return execute(*args)

    def __exit__(self, *exc):
        return self.context.__exit__(*exc)


def test_two_reviewers_at_once_answer_once(at_once, world, plan):
    """Two connections, both with the page open: one answers, the other is told."""
    if connection.vendor != "postgresql":
        pytest.skip("row locks need PostgreSQL")
    receipt = plan.receipts.get(recipient=world.bureau)
    outcomes = at_once(*(acknowledging_by(world.user(name), receipt) for name in ("shi-shenhe", "shi-shenhe2")))
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["PlanReceipt", "WrongState"]
    assert PlanReceipt.objects.get(pk=receipt.pk).state == ReceiptState.ACKNOWLEDGED


def acknowledging_by(actor, receipt):
    return lambda: acknowledging.acknowledge(actor=actor, now=NOW, receipt_id=receipt.pk)


def test_a_double_click_files_once(at_once, world, draft):
    """Two requests at the same moment: one filing, one set of receipts, no number lost."""
    if connection.vendor != "postgresql":
        pytest.skip("row locks need PostgreSQL")
    made, actor = draft(), world.user("jigou")

    def click():
        return filing.file_plan(actor=actor, now=at(FILED_ON), plan_id=made.pk)

    outcomes = at_once(click, click)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["TrainingPlan", "WrongState"]
    numbers = PlanReceipt.objects.order_by("number").values_list("number", flat=True)
    assert list(numbers) == ["BB-2026-0001", "BB-2026-0002"]
