"""The calendar in the database: loading, publishing, noticing a change, refusing what is invented."""

from datetime import date, datetime, timedelta
from io import StringIO

import pytest
from django.core import checks
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from certification.clock import SHANGHAI
from certification.workdays import calendars
from certification.workdays.demonstration import ClockIsPast, ClockMayNotMove, move_clock_to
from certification.workdays.loading import load_calendars
from certification.workdays.models import CalendarDay, CalendarEdition, ClockOffset
from certification.workdays.publishing import CalendarRefused, draft, publish

NOW = datetime(2026, 11, 1, 10, 0, tzinfo=SHANGHAI)

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]


@pytest.fixture
def loaded():
    return load_calendars(now=NOW)


def output(*args) -> str:
    out = StringIO()
    call_command(*args, stdout=out)
    return out.getvalue()


def test_loading_twice_changes_nothing(loaded):
    assert [edition.year for edition in loaded] == [2023, 2024, 2025, 2026]
    before = (CalendarEdition.history.count(), CalendarDay.history.count())
    assert load_calendars(now=NOW) == []
    assert (CalendarEdition.history.count(), CalendarDay.history.count()) == before


def test_the_invented_year_is_loaded_only_for_the_demonstration(settings):
    settings.DEMONSTRATION_CALENDAR = True
    years = [edition.year for edition in load_calendars(now=NOW)]
    assert years == [2023, 2024, 2025, 2026, 2027]
    assert "演示用" in str(CalendarEdition.objects.get(year=2027))
    assert calendars.current().is_published(2027)
    assert not calendars.published_only().is_published(2027)
    settings.DEMONSTRATION_CALENDAR = False
    assert not calendars.current().is_published(2027)


def test_one_short_query_when_nothing_changed(loaded, django_assert_num_queries):
    before = calendars.current()
    with django_assert_num_queries(1):
        assert calendars.current() is before


def test_a_calendar_published_elsewhere_is_noticed(loaded):
    before = calendars.current()
    assert before.shift(date(2026, 12, 31), 1).provisional
    days = [(date(2027, 1, 1), "OFF", "元旦"), (date(2027, 1, 4), "OFF", "元旦")]
    publish(draft(year=2027, notice_title="2027年通知", notice_date=date(2026, 11, 20), days=days), now=NOW)
    after = calendars.current().shift(date(2026, 12, 31), 1)
    assert (after.date, after.provisional) == (date(2027, 1, 5), False)


def test_a_correction_supersedes_and_the_old_count_can_still_be_explained(loaded):
    old = calendars.current()
    signature = old.signature(date(2026, 5, 11), date(2026, 4, 28))
    corrected = draft(year=2026, notice_title="更正通知", notice_date=None, days=[(date(2026, 5, 1), "OFF", "劳动节")])
    publish(corrected, now=NOW)
    assert CalendarEdition.objects.filter(year=2026, status="PUBLISHED").get() == corrected
    assert calendars.current().shift(date(2026, 5, 11), -7).date != date(2026, 4, 28)
    assert calendars.as_counted(signature).shift(date(2026, 5, 11), -7).date == date(2026, 4, 28)


def test_two_published_editions_of_a_year_are_impossible(loaded):
    with pytest.raises(IntegrityError), transaction.atomic():
        CalendarEdition.objects.create(year=2026, status="PUBLISHED", notice_title="又一份", published_at=NOW)


def test_production_refuses_an_invented_calendar(loaded):
    invented = draft(year=2027, notice_title="虚构", notice_date=None, days=[], invented=True)
    with pytest.raises(CalendarRefused, match="演示用"):
        publish(invented, now=NOW)


def test_an_invented_calendar_never_displaces_a_notice(loaded, settings):
    settings.DEMONSTRATION_CALENDAR = True
    invented = draft(year=2026, notice_title="虚构", notice_date=None, days=[], invented=True)
    with pytest.raises(CalendarRefused, match="正式通知"):
        publish(invented, now=NOW)


@pytest.mark.parametrize(
    "days",
    [
        [(date(2027, 1, 4), "MAKEUP", "元旦")],
        [(date(2027, 1, 2), "OFF", "元旦"), (date(2027, 1, 2), "MAKEUP", "元旦")],
        [(date(2025, 1, 2), "OFF", "元旦")],
    ],
)
def test_a_calendar_that_cannot_be_true_is_refused(days):
    with pytest.raises(CalendarRefused):
        draft(year=2027, notice_title="有误", notice_date=None, days=days)
    assert not CalendarEdition.objects.filter(year=2027).exists()


def test_the_clock_moves_forward_only_and_only_where_it_may(settings):
    present = timezone.now()
    stood = move_clock_to(present + timedelta(days=3))
    assert abs(stood - present) < timedelta(minutes=1)
    assert timedelta(days=2) < ClockOffset.objects.get().offset <= timedelta(days=3)
    with pytest.raises(ClockIsPast):
        move_clock_to(present + timedelta(days=3))
    settings.CLOCK_MAY_MOVE = False
    with pytest.raises(ClockMayNotMove):
        move_clock_to(present + timedelta(days=4))


def test_the_check_finds_a_moved_clock_and_an_invented_calendar_in_production(settings):
    def found():
        return {message.id for message in checks.run_checks(databases=["default"], tags=["database"])}

    settings.DEMONSTRATION_CALENDAR = True
    load_calendars(now=NOW)
    move_clock_to(timezone.now() + timedelta(days=1))
    assert not found() & {"workdays.E001", "workdays.E002"}
    settings.DEMONSTRATION_CALENDAR = settings.CLOCK_MAY_MOVE = False
    assert found() >= {"workdays.E001", "workdays.E002"}
    ClockOffset.objects.update(offset=timedelta(0))
    assert "workdays.E001" not in found()


def test_command_prints_the_date_alone(loaded):
    assert output("workdays", "2026-05-11", "-7") == "2026-04-28\n"
    assert output("workdays", "2026-09-24", "10") == "2026-10-15\n"
    assert output("workdays", "2026-12-28", "10") == "2027-01-12 provisional\n"


def test_command_counts_the_invented_year_only_on_request(settings):
    settings.DEMONSTRATION_CALENDAR = True
    load_calendars(now=NOW)
    assert output("workdays", "2027-02-03", "3") == "2027-02-10 provisional\n"
    assert output("workdays", "2027-02-03", "3", "--demo") == "2027-02-16\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("2026-02-30", "1"), "日期“2026-02-30”无效"),
        (("20260230", "1"), "无效"),
        (("2026-02-03", "x"), "应为整数"),
        (("2026-02-03", "0"), "不能为 0"),
        (("2130-12-30", "9"), "超出"),
        (("2026-02-03", "1", "--demo"), "演示"),
    ],
)
def test_command_refuses_bad_input_in_chinese(loaded, arguments, message):
    with pytest.raises(CommandError, match=message):
        call_command("workdays", *arguments)


def test_command_says_when_no_calendar_is_loaded():
    with pytest.raises(CommandError, match="load_reference"):
        call_command("workdays", "2026-02-03", "1")
