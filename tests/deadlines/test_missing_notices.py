"""From 1 December the administrators are warned of a year without a notice, once a day at most."""

from datetime import datetime, timedelta

import pytest

from certification.clock import SHANGHAI
from certification.deadlines.calendars.entry import Entry, save_draft
from certification.deadlines.calendars.missing_notices import warn_of_missing_notice, years_without_notice
from certification.deadlines.calendars.publishing import preview, publish
from certification.notices.models import Notice
from certification.organisations.roles import Role
from tests.workdays.notices import NEXT

LAST_OF_NOVEMBER = datetime(2026, 11, 30, 23, 59, tzinfo=SHANGHAI)
FIRST_OF_DECEMBER = datetime(2026, 12, 1, 0, 0, tzinfo=SHANGHAI)


@pytest.fixture
def administrator(account):
    return account("centre", Role.ADMINISTRATOR)


def test_from_the_first_of_december(administrator):
    assert warn_of_missing_notice(LAST_OF_NOVEMBER) == 0
    assert warn_of_missing_notice(FIRST_OF_DECEMBER) == 1
    notice = Notice.objects.get()
    assert (notice.recipient, notice.title) == (administrator, "2027年放假通知尚未载入")


def test_once_a_day_however_often_it_runs(administrator):
    for hour in (8, 9, 23):
        warn_of_missing_notice(FIRST_OF_DECEMBER + timedelta(hours=hour))
    assert Notice.objects.count() == 1
    warn_of_missing_notice(FIRST_OF_DECEMBER + timedelta(days=1))
    assert Notice.objects.count() == 2


def test_administrators_alone(administrator, account):
    account("centre", Role.PROVINCIAL_HEAD)
    assert warn_of_missing_notice(FIRST_OF_DECEMBER) == 1


def test_still_when_the_year_has_begun(administrator):
    assert years_without_notice(datetime(2027, 1, 4, tzinfo=SHANGHAI).date()) == [2027]


def test_silent_once_the_notice_is_published(administrator):
    draft = save_draft(entry=Entry(2027, NEXT), actor=administrator, now=LAST_OF_NOVEMBER)
    assert warn_of_missing_notice(FIRST_OF_DECEMBER) == 1
    confirmed = preview(draft, now=FIRST_OF_DECEMBER).fingerprint
    publish(edition_id=draft.pk, fingerprint=confirmed, actor=administrator, now=FIRST_OF_DECEMBER)
    assert warn_of_missing_notice(FIRST_OF_DECEMBER + timedelta(days=1)) == 0


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_warn_once(at_once, administrator):
    runs = [lambda: warn_of_missing_notice(FIRST_OF_DECEMBER)] * 2
    assert sorted(at_once(*runs)) == [0, 1]
    assert Notice.objects.count() == 1
