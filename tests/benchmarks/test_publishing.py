"""Publishing a calendar with 50,000 open deadlines, against one UPDATE of as many rows."""

from datetime import date

import pytest
from django.db import connection, transaction

from certification.deadlines.calendars.publishing import preview, publish
from certification.deadlines.models import Deadline
from certification.organisations.models import User
from certification.organisations.roles import Role
from certification.workdays.models import CalendarEdition
from certification.workdays.publishing import draft
from tests.benchmarks import province
from tests.benchmarks.conftest import NOW, best

NUMBER = 50_000
# The school's filer, and the administrator for the roles that nobody holds there.
TOLD = 2
DAYS_OFF = [(date(2027, 1, day), "OFF", "元旦") for day in (1, 4, 5)]


@pytest.mark.django_db(transaction=True)
def test_publishing(report):
    school = province.reference()
    province.fill(school, NUMBER, first_event=date(2027, 1, 11), days=300)
    calendar_of_2027 = draft(year=2027, notice_title="2027年通知", notice_date=None, days=DAYS_OFF)
    administrator = User.objects.get(username=Role.ADMINISTRATOR)
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
        """What the page does: the preview that is confirmed, and the activity with its own, its log and its notices."""
        foreseen = preview(CalendarEdition.objects.get(pk=calendar_of_2027.pk), now=NOW)
        done = publish(actor=administrator, now=NOW, edition_id=calendar_of_2027.pk, fingerprint=foreseen.fingerprint)
        assert (done.moves.firm, done.notified) == (NUMBER, TOLD)

    floor = best(lambda: undone(one_update), rounds=3)
    ours = best(lambda: undone(published), rounds=3)
    shown = best(lambda: preview(CalendarEdition.objects.get(pk=calendar_of_2027.pk), now=NOW), rounds=3)
    assert Deadline.objects.filter(version=1).count() == NUMBER
    report(
        f"publishing with {NUMBER:,} open deadlines, preview and notices included (floor: one UPDATE of them)",
        ours,
        floor=floor,
        at_most=25,
    )
    report("the preview of it", shown, floor=floor, at_most=5)
