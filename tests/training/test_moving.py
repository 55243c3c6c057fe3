"""变更开班日期: the preview is what happens, the first filing must carry the new day, recipients see a new version."""

from datetime import date, timedelta

import pytest
from django.db import transaction
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from certification.deadlines.late_admissions import admissions
from certification.deadlines.models import Deadline, LateAdmission
from certification.notices.models import Notice
from certification.records.models import TransitionLog
from certification.refusals import Incomplete, NotPermitted, Refusal, TooLate, WrongState
from tests.factories import at
from tests.training.conftest import CLASS_START, FILED_ON
from training.models import PlanReceipt, Roster, Trainee, TrainingPlan
from training.plans import acknowledging, filing, moving
from training.plans.moving import Days
from training.rosters import submitting
from training.states import PlanState

LATER = Days(date(2026, 5, 11), date(2026, 6, 5), date(2026, 6, 15))
NOW = at(date(2026, 3, 10))


def enrol(plan, filer, persons):
    roster = Roster.objects.create(
        plan=plan, version=1, headcount=len(persons), submitted_by=filer, submitted_at=at(FILED_ON)
    )
    for person in persons:
        Trainee.objects.create(plan=plan, person=person, first_roster=roster, created_at=at(FILED_ON))


def move(world, plan, days=LATER, *, now=NOW, username="jigou", fingerprint=None):
    plan = TrainingPlan.objects.get(pk=plan.pk)
    if fingerprint is None:
        fingerprint = moving.preview(plan, days, now=now).fingerprint
    return moving.move_class(actor=world.user(username), now=now, plan_id=plan.pk, days=days, fingerprint=fingerprint)


def said(moves):
    return sorted(
        (m.deadline.pk, m.rule.code, m.due_before, m.due_after, m.anchor_after, m.becomes_late) for m in moves
    )


def test_the_class_and_its_deadlines_move_and_a_new_version_is_answered_again(world, plan):
    for receipt in PlanReceipt.objects.filter(plan=plan):
        role = "sheng-shenhe" if receipt.recipient == world.centre else "shi-shenhe"
        acknowledging.acknowledge(actor=world.user(role), now=NOW, receipt_id=receipt.pk)
    Notice.objects.all().delete()
    move(world, plan)
    plan.refresh_from_db()
    assert (plan.class_start, plan.class_end, plan.version, plan.state) == (
        LATER.class_start,
        LATER.class_end,
        2,
        PlanState.FILED,
    )
    assert plan.filed_at == at(FILED_ON)
    assert {(row.version, row.state) for row in plan.receipts.all()} == {(2, "RECEIVED")}
    due = {row.rule.code: row for row in Deadline.objects.open().of(None, [plan]).select_related("rule")}
    assert (due["roster"].due_on, due["roster"].met_at, due["roster"].version) == (LATER.class_start, None, 2)
    assert due["plan_filing"].met_at == at(FILED_ON)
    assert not due["plan_filing"].met_late
    told = set(Notice.objects.values_list("recipient__username", flat=True))
    assert {"sheng-shenhe", "shi-shenhe"} <= told
    line = TransitionLog.objects.about(plan).get(name="move")
    assert ["开班日期", "2026-04-20", "2026-05-11"] in line.detail["changes"]
    assert plan.history.first().class_start == LATER.class_start


@pytest.mark.parametrize(
    ("born", "says"),
    [
        (date(2008, 5, 12), "新开班当日未达到最低年龄"),
        (date(2008, 5, 11), ""),
        (date(1963, 1, 1), "届时已达到法定退休年龄"),
    ],
)
def test_who_is_too_young_or_retired_on_the_new_days_is_named(world, plan, born, says):
    (person,) = world.persons(1)
    person.birth_date, person.sex = born, "M"
    person.save()
    enrol(plan, world.user("jigou"), [person])
    warnings = moving.preview(plan, LATER, now=NOW).warnings
    assert [line for line in warnings if person.name in line and says in line] == (warnings if says else [])
    assert bool(warnings) == bool(says)


def test_earlier_than_the_first_filing_allows_needs_a_late_admission(world, plan):
    sooner = Days(date(2026, 3, 10), date(2026, 3, 31))
    with pytest.raises(TooLate) as refused:
        moving.preview(plan, sooner, now=at(date(2026, 3, 9)))
    assert (refused.value.rule_code, refused.value.event_on) == ("plan_filing", sooner.class_start)
    # The seventh working day before 11 March is 2 March, the day of the filing.
    preview = moving.preview(plan, Days(date(2026, 3, 11), date(2026, 3, 31)), now=at(date(2026, 3, 9)))
    assert preview.in_time.due_on == FILED_ON


def test_with_a_late_admission_it_goes_through_and_is_noted(world, plan):
    now, sooner = at(date(2026, 3, 9)), Days(date(2026, 3, 10), date(2026, 3, 31))
    admissions.admit(
        actor=world.user("sheng-fuze"),
        now=now,
        model_label="training.TrainingPlan",
        rule_code="plan_filing",
        case_id=plan.pk,
        event_on=sooner.class_start,
        reason="场地检修，须提前开班。",
    )
    move(world, plan, sooner, now=now)
    plan.refresh_from_db()
    assert plan.class_start == sooner.class_start
    assert LateAdmission.objects.get().used_at == now


def test_what_was_met_stays_met_and_an_open_roster_moves(world, plan, records):
    submitting.submit_roster(actor=world.user("jigou"), now=NOW, plan_id=plan.pk, records=records(3))
    foreseen = moving.preview(plan, LATER, now=NOW)
    assert {line.met for line in foreseen.lines} == {True}
    assert foreseen.late == 0
    move(world, plan)
    assert Deadline.objects.open().of("roster", [plan]).get().met_at == NOW


@pytest.mark.parametrize(
    "days",
    [
        Days(NOW.date(), date(2026, 4, 1)),
        Days(date(2026, 5, 11), date(2026, 5, 1)),
        Days(date(2026, 5, 11), date(2026, 6, 5), date(2026, 5, 1)),
        Days(CLASS_START, date(2026, 5, 15), date(2026, 5, 25)),
    ],
)
def test_days_that_cannot_be_are_refused_whole(world, plan, days):
    with pytest.raises(Incomplete):
        moving.preview(plan, days, now=NOW)


def test_once_the_class_has_begun_or_is_returned_it_cannot_be_moved(world, plan):
    with pytest.raises(WrongState):
        moving.preview(plan, LATER, now=at(CLASS_START))
    receipt = PlanReceipt.objects.get(plan=plan, recipient=world.bureau)
    acknowledging.return_plan(actor=world.user("shi-shenhe"), now=NOW, receipt_id=receipt.pk, reason="缺课程表")
    plan.refresh_from_db()
    with pytest.raises(WrongState):
        moving.preview(plan, LATER, now=NOW)


def test_nobody_else_moves_it_and_a_stale_confirmation_does_nothing(world, plan):
    fingerprint = moving.preview(plan, LATER, now=NOW).fingerprint
    with pytest.raises(NotPermitted):
        move(world, plan, username="shi-shenhe", fingerprint=fingerprint)
    with pytest.raises(Refusal):
        move(world, plan, username="jigou2", fingerprint=fingerprint)
    move(world, plan, fingerprint=fingerprint)
    with pytest.raises(Refusal):
        move(world, plan, fingerprint=fingerprint)
    plan.refresh_from_db()
    assert plan.version == 2


def test_a_roster_that_comes_between_preview_and_confirmation_asks_again(world, plan, records):
    fingerprint = moving.preview(plan, LATER, now=NOW).fingerprint
    submitting.submit_roster(actor=world.user("jigou"), now=NOW, plan_id=plan.pk, records=records(1))
    with pytest.raises(WrongState, match="预览之后"):
        move(world, plan, fingerprint=fingerprint)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(shift=st.integers(-45, 120), wait=st.integers(0, 48), filed_roster=st.booleans())
def test_the_preview_is_the_result_whatever_the_days(world, draft, records, shift, wait, filed_roster):
    sid = transaction.savepoint()
    try:
        plan = filing.file_plan(actor=world.user("jigou"), now=at(FILED_ON), plan_id=draft().pk)
        if filed_roster:
            submitting.submit_roster(actor=world.user("jigou"), now=at(FILED_ON), plan_id=plan.pk, records=records(1))
        now = at(FILED_ON + timedelta(days=wait))
        days = Days(CLASS_START + timedelta(days=shift), CLASS_START + timedelta(days=shift + 30))
        before = {row.rule_id: row for row in Deadline.objects.open().of(None, [plan])}
        try:
            foreseen = moving.preview(plan, days, now=now)
        except Refusal as refusal:
            with pytest.raises(type(refusal)):
                move(world, plan, days, now=now, fingerprint="")
            return
        done = move(world, plan, days, now=now, fingerprint=foreseen.fingerprint)
        assert said(done.moves) == said(foreseen.moves)
        after = {row.rule_id: row for row in Deadline.objects.open().of(None, [plan])}
        for one in foreseen.moves:
            row = after[one.rule.pk]
            assert (row.due_on, row.anchor_on) == (one.due_after, days.class_start)
            assert row.met_at == before[one.rule.pk].met_at
            assert one.becomes_late == (row.is_late_at(now) and row.met_at is None)
    finally:
        transaction.savepoint_rollback(sid)


@pytest.mark.django_db(transaction=True)
def test_twice_at_once_moves_once(world, plan, at_once):
    fingerprint = moving.preview(plan, LATER, now=NOW).fingerprint
    outcomes = at_once(*[lambda: move(world, plan, fingerprint=fingerprint)] * 2)
    assert sum(isinstance(outcome, Refusal) for outcome in outcomes) == 1
    assert Deadline.objects.open().of("roster", [plan]).get().version == 2


class TestPages:
    def test_days_preview_confirmation(self, client, world, plan, at_now):
        client.force_login(world.user("jigou"))
        url = reverse("training:plan_move", args=[plan.pk])
        assert url in client.get(reverse("training:plan_detail", args=[plan.pk])).content.decode()
        asked = {"class_start": "2026-05-11", "class_end": "2026-06-05", "wished_exam_on": "2026-06-15"}
        page = client.get(url, asked)
        text = page.content.decode()
        assert page.status_code == 200
        assert "确认变更" in text
        assert "学员名单" in text
        fingerprint = page.context["preview"].fingerprint
        done = client.post(url, {**asked, "fingerprint": fingerprint}, follow=True)
        assert "开班日期已变更" in done.content.decode()
        again = client.post(url, {**asked, "fingerprint": fingerprint})
        assert again.status_code == 422

    def test_a_refused_day_says_why_and_offers_no_confirmation(self, client, world, plan, at_now):
        client.force_login(world.user("jigou"))
        url = reverse("training:plan_move", args=[plan.pk])
        page = client.get(url, {"class_start": "2026-03-10", "class_end": "2026-03-31", "wished_exam_on": ""})
        assert page.status_code == 422
        assert "确认变更" not in page.content.decode()
        assert "开班日期应在今天之后" in page.content.decode()


@pytest.fixture
def at_now(time_machine):
    time_machine.move_to(NOW, tick=False)
