"""Reminders: each stage once, to whoever must act, never to whoever has done their part, whatever befell the run."""

import threading
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from certification.deadlines import acting, ledger
from certification.deadlines.holders import Tier
from certification.deadlines.models import Deadline, Reminder
from certification.deadlines.reminding.recipients import NOT_YET
from certification.deadlines.reminding.relevance import CHANGED, DONE, PASSED_ON, overtaken
from certification.deadlines.reminding.reminders import BATCH, remind
from certification.deadlines.reminding.stages import REPLACED, TOO_LATE
from certification.notices.models import Notice
from certification.organisations.models import RoleAssignment, User
from certification.organisations.roles import Role
from certification.workdays import calendars
from tests.deadlines.conftest import NOW
from tests.deadlines.reminding import BEFORE_1, BEFORE_3, BREACH, DUE, at, ledger_lines, sent


def turn_of(monkeypatch, tier: Tier) -> None:
    """Whoever is responsible, it is the turn of ``tier``, of the school's own deadlines excepted."""
    monkeypatch.setattr(
        acting,
        "turns",
        lambda rows: {row.pk: tier for row in rows if row.responsible_id != row.institution_id},
    )


def test_each_stage_reaches_whoever_must_act_once(opened, people):
    opened()
    filer = people["filer"].username
    for day in (BEFORE_3, BEFORE_1, DUE):
        remind(now=at(day))
        remind(now=at(day, 15))
    assert ledger_lines() == [sent("BEFORE_3", filer), sent("BEFORE_1", filer), sent("DUE", filer)]
    titles = list(Notice.objects.filter(recipient=people["filer"]).order_by("pk").values_list("title", "label"))
    assert titles == [
        ("培训计划报备：剩 3 个工作日", "提前3个工作日"),
        ("培训计划报备：剩 1 个工作日", "提前1个工作日"),
        ("培训计划报备：今日截止", "当日"),
    ]


def test_a_breach_is_told_to_the_tier_above_too(opened, people):
    opened()
    for day in (BEFORE_3, BEFORE_1, DUE, BREACH):
        remind(now=at(day))
    names = {line[2] for line in ledger_lines(stage="ESCALATION")}
    assert names == {people["reviewer"].username, people["head"].username}
    assert ledger_lines(stage="BREACH") == [sent("BREACH", people["filer"].username)]
    notice = Notice.objects.get(recipient=people["head"])
    assert notice.title == "北校“培训计划报备”逾期 1 个工作日"
    assert notice.urgent


@pytest.mark.parametrize(("last", "first"), [(DUE, BREACH), (BEFORE_3 - timedelta(days=1), BEFORE_3)])
def test_midnight_is_that_of_shanghai(opened, people, last, first):
    opened()
    for day in (BEFORE_3, BEFORE_1, DUE):
        if day <= last:
            remind(now=at(day))
    before = Reminder.objects.count()
    remind(now=at(last, 23, 59))
    assert Reminder.objects.count() == before
    remind(now=at(first, 0, 1))
    assert Reminder.objects.count() > before


def test_a_missed_week_tells_only_the_latest_and_keeps_why_the_others_were_not_told(opened, people):
    opened()
    remind(now=at(DUE + timedelta(days=7)))
    filer = people["filer"].username
    missed = Reminder.objects.filter(stage__in=["BEFORE_3", "BEFORE_1", "DUE"])
    assert {(row.state, row.reason) for row in missed} == {("SUPPRESSED", REPLACED)}
    assert ledger_lines(recipient__username=filer, state="SENT") == [sent("BREACH", filer)]
    assert remind(now=at(DUE + timedelta(days=8))).deadlines == 0


def test_a_stage_already_past_when_the_deadline_opens_is_kept_as_suppressed(opened, people):
    opened(now=at(BEFORE_3 + timedelta(days=1)))
    remind(now=at(BEFORE_3 + timedelta(days=1), 11))
    row = Reminder.objects.get()
    assert (row.stage, row.state, row.reason, row.notice) == ("BEFORE_3", "SUPPRESSED", TOO_LATE, None)
    remind(now=at(BEFORE_1))
    assert ledger_lines(state="SENT") == [sent("BEFORE_1", people["filer"].username)]


def test_whoever_has_done_their_part_is_not_reminded(opened, people):
    done, ended, paused = opened(), opened(), opened()
    ledger.meet("plan_filing", [done.subject], now=NOW, actor=people["filer"])
    ledger.close("plan_filing", [ended.subject], now=NOW, reason="撤回")
    Deadline.objects.filter(pk=paused.pk).update(paused_on=NOW.date())
    assert remind(now=at(BREACH)).deadlines == 0
    assert not Reminder.objects.exists()


def test_reminders_go_on_after_a_return_for_correction(opened, people):
    deadline, filer = opened(), people["filer"]
    remind(now=at(BEFORE_3))
    ledger.meet("plan_filing", [deadline.subject], now=at(BEFORE_3, 12), actor=filer)
    assert remind(now=at(BEFORE_1, 8)).deadlines == 0
    ledger.unmeet("plan_filing", [deadline.subject], now=at(BEFORE_1), reason="退回补正")
    remind(now=at(BEFORE_1, 10))
    remind(now=at(DUE))
    name = filer.username
    assert ledger_lines() == [sent("BEFORE_3", name), sent("BEFORE_1", name), sent("DUE", name)]


def test_the_institution_is_reminded_to_answer_a_return_and_the_tier_that_returned_it_is_not(
    opened, people, monkeypatch
):
    deadline = opened("preliminary_review", date(2026, 5, 11), by="bureau")
    turn_of(monkeypatch, Tier.INSTITUTION)
    remind(now=at(deadline.due_on))
    (told,) = Reminder.objects.filter(state="SENT")
    assert told.recipient == people["filer"]
    assert told.notice.title == "退回补正的材料待答复：今日截止"
    remind(now=at(deadline.due_on + timedelta(days=1)))
    late = {
        row.stage: (row.recipient, row.notice.title)
        for row in Reminder.objects.filter(state="SENT").exclude(stage="DUE")
    }
    assert late == {
        "BREACH": (people["filer"], f"退回补正逾期未答复，转入待安排考试：{deadline.subject}"),
        "ESCALATION": (people["reviewer"], f"退回补正逾期未答复，转入待安排考试：{deadline.subject}"),
    }


def test_who_has_a_case_before_them_by_a_day_of_their_own_comes_first(opened, people, monkeypatch):
    deadline = opened("final_review", date(2026, 5, 11), by="centre")
    turn_of(monkeypatch, Tier.NOBODY)
    remind(now=at(deadline.due_on))
    reasons = set(Reminder.objects.values_list("state", "reason"))
    assert ("SUPPRESSED", NOT_YET) in reasons
    assert not Notice.objects.exists()
    # The city did not keep its day: the province is late too, and may take the review over.
    remind(now=at(deadline.due_on + timedelta(days=1)))
    told = set(Reminder.objects.filter(state="SENT").values_list("stage", "recipient__username"))
    assert told == {("BREACH", people["centre_reviewer"].username), ("ESCALATION", people["centre_head"].username)}


def test_a_tier_to_which_a_case_was_returned_is_reminded_by_the_day_of_the_tier_that_returned_it(
    opened, people, monkeypatch
):
    deadline = opened("final_review", date(2026, 5, 11), by="centre")
    turn_of(monkeypatch, Tier.CITY)
    remind(now=at(deadline.due_on))
    assert ledger_lines(state="SENT") == [sent("DUE", people["reviewer"].username)]


def test_the_citys_head_hears_of_a_breach_and_of_nothing_before(opened, people):
    deadline = opened("preliminary_review", date(2026, 5, 11), by="bureau")
    for late in (0, 1):
        remind(now=at(deadline.due_on + timedelta(days=late)))
    told = list(Reminder.objects.filter(recipient=people["head"]).values_list("stage", "state"))
    assert told == [("BREACH", "SENT")]


def test_a_moved_date_is_reminded_of_anew(opened, people, organisations):
    deadline, filer = opened(), people["filer"].username
    remind(now=at(BEFORE_3))
    moved = ledger.open_deadline(
        "plan_filing",
        deadline.subject,
        event_on=date(2026, 5, 25),
        responsible=organisations["school"],
        institution=organisations["school"],
        organiser=organisations["bureau"],
        now=at(BEFORE_3, 15),
    )
    assert moved.version == 2
    assert remind(now=at(DUE)).sent == 0
    remind(now=at(moved.due_on))
    assert ledger_lines(deadline=moved, state="SENT") == [sent("DUE", filer)]
    assert {row.reason for row in Reminder.objects.filter(deadline=moved, state="SUPPRESSED")} == {REPLACED}


def test_a_date_moved_earlier_does_not_tell_of_stages_that_were_past_by_then(opened, people):
    deadline = opened(event_on=date(2026, 5, 25))
    later = Deadline.objects.get()
    later.due_on, later.version, later.next_reminder_on = DUE, 2, BEFORE_3
    later._history_date = at(BEFORE_1)
    later.save()
    remind(now=at(BEFORE_1, 12))
    assert ledger_lines(deadline=deadline) == [
        ("BEFORE_3", "SUPPRESSED", people["filer"].username),
        sent("BEFORE_1", people["filer"].username),
    ]
    assert Reminder.objects.get(state="SUPPRESSED").reason == TOO_LATE


def test_provisional_dates_remind_but_are_never_breached_until_they_are_firm(opened, people):
    deadline = opened(event_on=date(2027, 1, 12))
    due = deadline.due_on
    assert deadline.provisional
    remind(now=at(due))
    assert "（暂定）" in Notice.objects.get(label="当日").title
    remind(now=at(due + timedelta(days=1)))
    assert remind(now=at(due + timedelta(days=1), 12)).deadlines == 0
    assert not Reminder.objects.filter(stage="BREACH").exists()
    Deadline.objects.update(provisional=False)
    remind(now=at(due + timedelta(days=2)))
    assert ledger_lines(stage="BREACH") == [sent("BREACH", people["filer"].username)]


def test_internal_targets_are_worded_as_such(opened, people):
    deadline = opened("direct_review", date(2026, 5, 11), by="centre")
    remind(now=at(deadline.due_on))
    notice = Notice.objects.get(recipient=people["centre_reviewer"])
    assert "内部控制目标" in notice.title
    remind(now=at(deadline.due_on + timedelta(days=1)))
    late = Notice.objects.get(recipient=people["centre_reviewer"], label="逾期")
    assert "内部控制目标" in late.title
    assert not late.urgent


def test_the_decision_clock_warns_at_eight_and_ten_days_the_handler_and_the_head(opened, people):
    deadline = opened("decision", date(2026, 4, 20), by="centre")
    names = {people["decider"].username, people["centre_head"].username}
    eighth = calendars.current().shift(date(2026, 4, 20), 8).date
    assert remind(now=at(eighth - timedelta(days=1))).sent == 0
    remind(now=at(eighth))
    assert {line[2] for line in ledger_lines(stage="BEFORE_2")} == names
    assert "法定时限" in Notice.objects.filter(recipient=people["decider"]).get().body
    remind(now=at(deadline.due_on))
    assert {line[2] for line in ledger_lines(stage="DUE")} == names
    remind(now=at(deadline.due_on + timedelta(days=1)))
    # The head hears of it once.
    assert ledger_lines(stage="ESCALATION") == [("ESCALATION", "SUPPRESSED", people["centre_head"].username)]


def test_where_nobody_holds_the_role_the_head_or_the_administrators_hear_of_it(opened, account, people):
    RoleAssignment.objects.filter(user=people["reviewer"]).update(valid_until=date(2026, 4, 1))
    User.objects.filter(pk=people["filer"].pk).update(is_active=False)
    administrator = account("centre", Role.ADMINISTRATOR)
    city, school = opened("preliminary_review", date(2026, 5, 11), by="bureau"), opened()
    remind(now=at(city.due_on))
    rows = {
        row.deadline_id: row
        for row in Reminder.objects.filter(recipient=None, state="SUPPRESSED", notice__isnull=False)
    }
    assert rows[city.pk].reason == "没有人担任市级审核员"
    assert rows[city.pk].notice.recipient == people["head"]
    assert rows[school.pk].notice.recipient == administrator
    assert "没有人担任培训机构经办人" in rows[school.pk].notice.title


def test_nobody_is_unique_too(opened, people):
    deadline = opened()
    fields = {
        "deadline": deadline,
        "stage": "DUE",
        "due_version": 1,
        "due_on": DUE,
        "state": "SUPPRESSED",
        "reason": "—",
    }
    Reminder.objects.create(recipient=None, created_at=NOW, **fields)
    with pytest.raises(IntegrityError), transaction.atomic():
        Reminder.objects.create(recipient=None, created_at=NOW, **fields)


def test_many_at_once_are_one_notice_and_one_line_each(many_opened, people, client):
    deadlines = many_opened(200)
    done = remind(now=at(DUE))
    filer = people["filer"]
    assert Reminder.objects.filter(state="SENT", recipient=filer).count() == 200
    notice = Notice.objects.get(recipient=filer)
    assert notice.title == "200 项“培训计划报备”：今日截止"
    assert done.notices == 1
    client.force_login(filer, backend="certification.organisations.backends.AccountBackend")
    page = client.get(notice.url).content.decode()
    assert f"/deadlines/{deadlines[-1].pk}/" in page
    assert "当日" in page


def test_more_than_a_batch_is_still_one_notice(many_opened, people):
    many_opened(BATCH + 20)
    assert remind(now=at(DUE)).notices == 1
    assert Notice.objects.get(recipient=people["filer"]).title.startswith(f"{BATCH + 20} 项")


def test_the_number_of_statements_does_not_grow(many_opened, opened, people, django_assert_num_queries):
    counts = []
    for number in (3, 120):
        many_opened(number)
        for _each in range(number):
            opened("roster", BREACH)
        with CaptureQueriesContext(connection) as queries:
            remind(now=at(DUE))
        counts.append(len(queries))
        Deadline.objects.update(met_at=NOW, met_late=False)
    assert counts[0] == counts[1]
    with django_assert_num_queries(1):
        remind(now=at(DUE))


def test_thousands_that_are_not_due_cost_nothing(many_opened, people, django_assert_num_queries):
    many_opened(300, event_on=date(2026, 9, 14))
    with django_assert_num_queries(1):
        assert remind(now=at(BEFORE_3)).deadlines == 0


def test_what_is_done_before_a_message_leaves_the_house_is_overtaken(opened, people):
    first, second = opened(), opened(event_on=date(2026, 5, 12))
    remind(now=at(DUE))
    notices = {row.deadline_id: row.notice_id for row in Reminder.objects.filter(state="SENT")}
    ledger.meet("plan_filing", [first.subject], now=at(DUE, 10), actor=people["filer"])
    assert overtaken(notices.values()) == {notices[first.pk]: DONE}
    assert second.pk in notices


def test_what_moved_or_was_passed_on_before_a_message_leaves_the_house_is_overtaken(opened, people, monkeypatch):
    moved, passed_on = opened(), opened("preliminary_review", date(2026, 5, 7), by="bureau")
    remind(now=at(DUE))
    notices = {row.deadline_id: row.notice_id for row in Reminder.objects.filter(state="SENT")}
    assert overtaken(notices.values()) == {}
    Deadline.objects.filter(pk=moved.pk).update(version=2)
    assert overtaken(notices.values()) == {notices[moved.pk]: CHANGED}
    turn_of(monkeypatch, Tier.INSTITUTION)
    found = overtaken(notices.values())
    assert found == {notices[moved.pk]: CHANGED, notices[passed_on.pk]: PASSED_ON}


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_tell_nothing_twice(opened, people, at_once):
    for _each in range(30):
        opened()
    first, second = at_once(lambda: remind(now=at(DUE)), lambda: remind(now=at(DUE)))
    remind(now=at(DUE, 10))
    assert not isinstance(first, Exception)
    assert not isinstance(second, Exception)
    assert Reminder.objects.filter(stage="DUE", state="SENT").count() == 30
    told = Reminder.objects.filter(stage="DUE").values_list("notice", flat=True)
    assert set(Notice.objects.values_list("pk", flat=True)) == set(told)


@pytest.mark.django_db(transaction=True)
def test_the_same_key_from_two_connections_is_refused_by_the_database(opened, people, at_once):
    deadline = opened()
    notice = Notice.objects.create(recipient=people["filer"], title="—", created_at=NOW)

    def write():
        return Reminder.objects.create(
            deadline_id=deadline.pk,
            stage="DUE",
            recipient_id=people["filer"].pk,
            due_version=1,
            due_on=DUE,
            state="SENT",
            notice_id=notice.pk,
            created_at=NOW,
        )

    results = at_once(write, write)
    assert sorted(type(result).__name__ for result in results) == ["IntegrityError", "Reminder"]


@pytest.mark.django_db(transaction=True)
def test_a_run_that_dies_in_the_middle_has_told_nothing_that_it_tells_again(opened, people, monkeypatch):
    opened()

    def die(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(type(Deadline.objects.all()), "update", die)
    with pytest.raises(KeyboardInterrupt):
        remind(now=at(DUE))
    assert not Reminder.objects.exists()
    assert not Notice.objects.exists()
    monkeypatch.undo()
    assert remind(now=at(DUE)).sent == 1


@pytest.mark.django_db(transaction=True)
def test_a_deadline_that_somebody_is_about_to_meet_is_left_to_the_next_run(opened, people):
    deadline = opened()
    locked, go_on = threading.Event(), threading.Event()

    def meet():
        try:
            with transaction.atomic():
                ledger.meet("plan_filing", [deadline.subject], now=at(DUE), actor=people["filer"])
                locked.set()
                go_on.wait(10)
        finally:
            connections.close_all()

    thread = threading.Thread(target=meet)
    thread.start()
    assert locked.wait(10)
    assert remind(now=at(DUE)).deadlines == 0
    go_on.set()
    thread.join()
    assert remind(now=at(DUE)).deadlines == 0
    assert not Notice.objects.exists()


def test_the_explanation_page_tells_who_was_reminded(opened, people, client):
    deadline = opened()
    remind(now=at(DUE))
    client.force_login(people["filer"], backend="certification.organisations.backends.AccountBackend")
    page = client.get(f"/deadlines/{deadline.pk}/").content.decode()
    assert "提醒记录" in page
    assert "张三（北校）" in page
    assert REPLACED in page
    client.force_login(people["reviewer"], backend="certification.organisations.backends.AccountBackend")
    assert "北校人员" in client.get(f"/deadlines/{deadline.pk}/").content.decode()
