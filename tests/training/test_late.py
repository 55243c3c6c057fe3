"""逾期特批 and returns in training: filing and roster go on by an admission, an answer is in time until class start."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from certification.deadlines import ledger
from certification.deadlines.late_admissions import admissions
from certification.deadlines.models import Deadline, LateAdmission
from certification.refusals import TooLate
from tests.factories import at
from tests.training.conftest import CLASS_START
from training.models import PlanReceipt, Roster
from training.plans import acknowledging, filing
from training.rosters import submitting
from training.states import PlanState

LAST_DAY = date(2026, 4, 9)
AFTER = at(CLASS_START + timedelta(days=1), 9)


def admitted(world, refusal, *, now, until=None) -> LateAdmission:
    (asked,) = admissions.ask(
        actor=world.user("jigou"),
        now=now,
        model_label="training.TrainingPlan",
        rule_code=refusal.rule_code,
        wanted=[(refusal.subject.pk, refusal.event_on)],
        reason="系统升级",
    )
    (granted,) = admissions.grant(
        actor=world.user("sheng-fuze"), now=now, admission_ids=[asked.row.pk], reason="情况属实", valid_until=until
    )
    assert granted.ok, granted.refusal
    return granted.row


def submit(world, plan, rows, now):
    return submitting.submit_roster(actor=world.user("jigou"), now=now, plan_id=plan.pk, records=rows)


def test_a_roster_after_class_start_and_later_additions_while_it_holds(world, plan, records):
    rows = records(3)
    with pytest.raises(TooLate) as refused:
        submit(world, plan, rows[:1], AFTER)
    row = admitted(world, refused.value, now=AFTER, until=date(2026, 4, 24))
    submit(world, plan, rows[:1], AFTER)
    submit(world, plan, rows, at(date(2026, 4, 24), 23, 59))
    with pytest.raises(TooLate):
        submit(world, plan, rows[:2], at(date(2026, 4, 25), 0, 0))
    assert Roster.objects.count() == 2
    deadline = ledger.find("roster", plan)
    assert (deadline.state_at(AFTER), deadline.late_admission) == (Deadline.State.MET_LATE, row)
    row.refresh_from_db()
    assert row.used_at == AFTER


def test_an_addition_to_a_roster_that_was_in_time_leaves_it_in_time(world, plan, records):
    rows = records(2)
    submit(world, plan, rows[:1], at(CLASS_START))
    with pytest.raises(TooLate) as refused:
        submit(world, plan, rows, AFTER)
    admitted(world, refused.value, now=AFTER)
    submit(world, plan, rows, AFTER)
    deadline = ledger.find("roster", plan)
    assert (deadline.met_late, deadline.late_admission) == (False, None)


def test_a_class_moved_earlier_needs_one_for_its_new_start(world, plan, records):
    plan.class_start = date(2026, 4, 16)
    plan.save(update_fields=["class_start"])
    now = at(date(2026, 4, 17))
    with pytest.raises(TooLate) as refused:
        submit(world, plan, records(1), now)
    assert refused.value.event_on == date(2026, 4, 16)
    admitted(world, refused.value, now=now)
    assert submit(world, plan, records(1), now).version == 1


def returned(world, draft):
    plan = filing.file_plan(actor=world.user("jigou"), now=at(LAST_DAY, 23, 59), plan_id=draft().pk)
    receipt = PlanReceipt.objects.get(plan=plan, recipient=world.bureau)
    acknowledging.return_plan(
        actor=world.user("shi-shenhe"), now=at(date(2026, 4, 13)), receipt_id=receipt.pk, reason="请补充课程表"
    )
    return plan


def refile(world, plan, now, **values):
    return filing.refile_plan(actor=world.user("jigou"), now=now, plan_id=plan.pk, **values)


def test_a_returned_plan_is_answered_until_the_day_before_class_start(world, draft):
    plan = returned(world, draft)
    answered = refile(world, plan, at(CLASS_START - timedelta(days=1), 23, 59), remarks="已补充")
    assert (answered.state, answered.filed_at) == (PlanState.FILED, at(LAST_DAY, 23, 59))
    assert not ledger.find("plan_filing", answered).met_late


def test_a_minute_after_midnight_of_class_start_it_is_not(world, draft):
    plan = returned(world, draft)
    with pytest.raises(TooLate):
        refile(world, plan, at(CLASS_START, 0, 1), remarks="已补充")
    plan.refresh_from_db()
    assert plan.state == PlanState.RETURNED


def test_an_answer_with_an_earlier_class_start_must_have_been_lawful_or_be_admitted(world, draft):
    plan = returned(world, draft)
    now, earlier = at(date(2026, 4, 14)), date(2026, 4, 17)
    with pytest.raises(TooLate) as refused:
        refile(world, plan, now, class_start=earlier)
    row = admitted(world, refused.value, now=now)
    assert row.valid_until == date(2026, 4, 16)
    answered = refile(world, plan, now, class_start=earlier)
    assert (answered.class_start, answered.filed_at) == (earlier, at(LAST_DAY, 23, 59))
    row.refresh_from_db()
    assert row.used_at == now


@pytest.fixture
def filer(client, world):
    client.force_login(world.user("jigou"))
    return client


def test_from_the_refusal_to_the_receipt_in_the_browser(filer, client, world, draft, time_machine):
    late = at(LAST_DAY + timedelta(days=1))
    time_machine.move_to(late, tick=False)
    plan = draft(now=late)
    file_url = reverse("training:plan_file", args=[plan.pk])
    page = filer.post(file_url)
    assert page.status_code == 422
    (link,) = [part for part in page.content.decode().split('"') if part.startswith("/deadlines/admissions/ask/")]
    link = link.replace("&amp;", "&")
    assert filer.get(link).status_code == 200
    empty = filer.post(link, {"reason": " "})
    assert empty.status_code == 422
    asked = filer.post(link, {"reason": "系统升级，未能登录"}, follow=True)
    assert "待决定" in asked.content.decode()
    assert "等待省级负责人决定" in filer.get(file_url).content.decode()
    row = LateAdmission.objects.get()

    filer.force_login(world.user("sheng-fuze"))
    decide = reverse("deadlines:admission_decide") + f"?admission={row.pk}&outcome=grant"
    form = client.get(decide)
    assert "系统升级" in form.content.decode()
    wrong = client.post(decide, {"reason": "情况属实", "valid_until": "2026-06-01"})
    assert wrong.status_code == 422
    assert "情况属实" in wrong.content.decode()
    client.post(decide, {"reason": "情况属实", "valid_until": "2026-04-14"})

    client.force_login(world.user("jigou"))
    assert "已获逾期特批" in client.get(file_url).content.decode()
    assert client.post(file_url).status_code == 302
    detail = client.get(reverse("training:plan_detail", args=[plan.pk])).content.decode()
    assert "已办结（逾期特批）" in detail
    assert "情况属实" in detail
