"""Publishing a calendar with 50,000 open deadlines, against one UPDATE of as many rows."""

from datetime import date

import pytest
from django.db import connection, transaction

from certification.deadlines import moving
from certification.deadlines.models import Deadline
from certification.organisations.models import User
from certification.workdays import calendars
from certification.workdays.publishing import draft, publish
from tests.benchmarks import province
from tests.benchmarks.conftest import NOW, best

NUMBER = 50_000
DAYS_OFF = [(date(2027, 1, day), "OFF", "元旦") for day in (1, 4, 5)]


@pytest.mark.django_db(transaction=True)
def test_publishing(report):
    school = province.reference()
    province.fill(school, NUMBER, first_event=date(2027, 1, 11), days=300)
    calendar_of_2027 = draft(year=2027, notice_title="2027年通知", notice_date=None, days=DAYS_OFF)
    system = User.objects.system()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")

    def undone(work):
        with transaction.atomic():
            work()
            transaction.set_rollback(True)

    def one_update():
        with connection.cursor() as cursor:
            cursor.execute("UPDATE deadlines_deadline SET due_on = due_on + 1, version = version + 1")
            assert cursor.rowcount == NUMBER

    def published():
        publish(calendar_of_2027, now=NOW)
        moves = moving.apply_calendar(calendars.current(), now=NOW, actor=system)
        assert moves.firm == NUMBER

    floor = best(lambda: undone(one_update), rounds=3)
    ours = best(lambda: undone(published), rounds=3)
    preview = best(lambda: moving.by_calendar(calendars.current(), now=NOW), rounds=3)
    assert Deadline.objects.filter(version=1).count() == NUMBER
    report(f"publishing with {NUMBER:,} open deadlines (floor: one UPDATE of them)", ours, floor=floor, at_most=25)
    report("an idle preview of them", preview, floor=floor, at_most=5)
