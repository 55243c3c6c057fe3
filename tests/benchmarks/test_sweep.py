"""The sweep among 50,000 open deadlines of which 500 are due, against statements written by hand for the same rows."""

import subprocess
import sys
from datetime import date, datetime, timedelta

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test.utils import CaptureQueriesContext

from certification.clock import SHANGHAI
from certification.deadlines import consequences, sweep
from certification.deadlines.due import deadline_rule
from certification.deadlines.models import Deadline, Reminder
from certification.deadlines.reminding import reminders
from certification.notices.models import Notice
from certification.organisations.models import Territory, User
from certification.records.models import TransitionLog
from tests.benchmarks import province
from tests.benchmarks.conftest import best

NUMBER, DUE = 50_000, 500
AFTER = datetime(2026, 4, 29, 9, tzinfo=SHANGHAI)
THE_DAY_BEFORE = AFTER - timedelta(days=1)

FLOOR = """
    UPDATE deadlines_deadline SET breached_at = %(now)s, consequence_run_at = %(now)s, next_reminder_on = NULL
     WHERE id = ANY(ARRAY(
        SELECT id FROM deadlines_deadline
         WHERE closed_at IS NULL AND met_at IS NULL AND breached_at IS NULL AND NOT provisional
           AND paused_on IS NULL AND due_on < %(today)s
         ORDER BY due_on, id LIMIT 500 FOR UPDATE SKIP LOCKED))
    RETURNING id"""
LOG = """
    INSERT INTO records_transitionlog
           (subject_type_id, subject_id, name, from_state, to_state, actor_id, at, reason, detail, digest)
    SELECT subject_type_id, subject_id, 'deadline_breached', '', '', %(system)s, %(now)s, %(reason)s, '{}', ''
      FROM deadlines_deadline WHERE id = ANY(%(ids)s)"""
NOTICE = """
    INSERT INTO notices_notice (recipient_id, title, body, url, label, urgent, created_at)
    VALUES (%(recipient)s, %(title)s, %(body)s, %(url)s, %(label)s, true, %(now)s) RETURNING id"""
REMINDER = """
    INSERT INTO deadlines_reminder
           (deadline_id, stage, recipient_id, due_version, due_on, state, reason, notice_id, created_at)
    SELECT id, %(stage)s, %(recipient)s, version, due_on, 'SENT', '', %(notice)s, %(now)s
      FROM deadlines_deadline WHERE id = ANY(%(ids)s)"""


@pytest.fixture
def due_and_open(transactional_db):
    """500 deadlines due on 2026-04-28 and reminded of until then, the others in the months after."""
    school = province.reference()
    province.fill(school, DUE, first_event=date(2026, 5, 11), days=1, rules=("plan_filing",))
    province.fill(school, NUMBER - DUE, first_event=date(2026, 6, 15), days=120)
    assert Deadline.objects.filter(due_on__lt=AFTER.date()).count() == DUE
    for day in (5, 1, 0):
        reminders.remind(now=THE_DAY_BEFORE - timedelta(days=day))
    assert Reminder.objects.filter(state="SENT").count() == 3 * DUE
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def again() -> None:
    """As it was before anything was marked or told of it."""
    Deadline.history.all().delete()
    TransitionLog.objects.all().delete()
    Reminder.objects.filter(created_at=AFTER).delete()
    Notice.objects.filter(created_at=AFTER).delete()
    Deadline.objects.filter(due_on__lt=AFTER.date()).update(
        breached_at=None, consequence_run_at=None, next_reminder_on=AFTER.date()
    )


def rows() -> dict[str, int]:
    """How many rows marking wrote, by table."""
    return {
        "marked": Deadline.objects.filter(breached_at=AFTER, consequence_run_at=AFTER).count(),
        "history": Deadline.history.filter(history_date=AFTER).count(),
        "log": TransitionLog.objects.filter(at=AFTER).count(),
        "notices": Notice.objects.filter(created_at=AFTER).count(),
        "reminders": Reminder.objects.filter(created_at=AFTER, state="SENT").count(),
    }


class ByHand:
    """The statements that somebody would write for exactly these rows, in one transaction; what the notices say is
    written down beforehand."""

    def __init__(self) -> None:
        told = Reminder.objects.filter(created_at=AFTER).order_by().values("stage", "notice").distinct()
        notices = Notice.objects.in_bulk([row["notice"] for row in told])
        self.notices = [
            {
                "stage": row["stage"],
                "recipient": notices[row["notice"]].recipient_id,
                "title": notices[row["notice"]].title,
                "body": notices[row["notice"]].body,
                "url": notices[row["notice"]].url,
                "label": notices[row["notice"]].label,
            }
            for row in told
        ]
        self.reason = TransitionLog.objects.first().reason
        self.system = User.objects.system().pk
        self.columns = ", ".join(field.column for field in Deadline._meta.concrete_fields)

    def __call__(self) -> None:
        said = {"now": AFTER, "today": AFTER.date(), "system": self.system, "reason": self.reason}
        with connection.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute(FLOOR, said)
            said["ids"] = [pk for (pk,) in cursor.fetchall()]
            cursor.execute(
                "INSERT INTO deadlines_historicaldeadline"
                f" ({self.columns}, history_date, history_change_reason, history_type, history_user_id)"
                f" SELECT {self.columns}, %(now)s, '逾期', '~', %(system)s FROM deadlines_deadline"
                " WHERE id = ANY(%(ids)s)",
                said,
            )
            cursor.execute(LOG, said)
            for notice in self.notices:
                cursor.execute(NOTICE, said | notice)
                (pk,) = cursor.fetchone()
                cursor.execute(REMINDER, said | notice | {"notice": pk})
            cursor.execute("COMMIT")


def by_set() -> None:
    """The whole of it: nothing is registered for this rule, so that no consequence runs."""
    sweep.sweep(now=AFTER)


def by_save() -> None:
    """The peer: as an application without sets does it, one save() a row, with simple-history."""
    rows = list(Deadline.objects.overdue(AFTER.date()))
    for row in rows:
        row.breached_at = AFTER
        row.save()
    assert len(rows) == DUE


def test_marking(due_and_open, report):
    by_set()
    ours_wrote, by_hand = rows(), ByHand()
    again()
    by_hand()
    assert rows() == ours_wrote == {"marked": DUE, "history": DUE, "log": DUE, "notices": 3, "reminders": 3 * DUE}
    floor = best(by_hand, before=again)
    ours = best(by_set, before=again)
    peer = best(by_save, before=again, rounds=1)
    report(
        f"marking {DUE} of {NUMBER:,} with history, log and reminders (floor: SQL by hand)",
        ours,
        floor=floor,
        at_most=3,
        peer=peer,
    )


def test_an_idle_tick(due_and_open, report):
    early = AFTER - timedelta(days=3)
    sweep.sweep(now=early)
    floor = best(lambda: Deadline.objects.overdue(early.date()).first(), rounds=20)
    ours = best(lambda: sweep.sweep(now=early), rounds=20)
    report("an idle tick (floor: asking for one overdue row)", ours, floor=floor, at_most=0.01 / floor)


def test_queries_do_not_grow_with_the_open_ones(due_and_open):
    def queries() -> int:
        again()
        with CaptureQueriesContext(connection) as seen:
            by_set()
        return len(seen)

    by_set()
    among_50_000 = queries()
    again()
    Reminder.objects.filter(deadline__due_on__gt=AFTER).delete()
    Deadline.objects.filter(due_on__gt=AFTER).delete()
    print(f"marking {DUE} due ones: {among_50_000} queries among {NUMBER:,}, {(alone := queries())} alone")
    assert alone == among_50_000


def test_consequences_scale_linearly(due_and_open, report, monkeypatch):
    monkeypatch.setattr(consequences, "_registered", {})
    consequences.register("plan_filing", lambda deadline, now: None)
    kind = ContentType.objects.get_for_model(Territory)
    few = list(Deadline.objects.filter(subject_type=kind, due_on__lt=AFTER.date()).values_list("pk", flat=True)[:100])

    def of(number):
        Deadline.objects.filter(due_on__lt=AFTER.date()).update(breached_at=AFTER, consequence_run_at=AFTER)
        ids = few if number == len(few) else None
        found = Deadline.objects.filter(due_on__lt=AFTER.date())
        (found.filter(pk__in=ids) if ids else found).update(consequence_run_at=None)

    small = best(lambda: sweep.sweep(now=AFTER), before=lambda: of(100), rounds=3) / 100
    large = best(lambda: sweep.sweep(now=AFTER), before=lambda: of(DUE), rounds=3) / DUE
    report(f"a consequence among {DUE} (floor: among 100)", large, floor=small, at_most=1.5)


# VmHWM is the peak of this program alone; getrusage would count the process that started it.
MEMORY = """
import django
django.setup()
from pathlib import Path
from datetime import datetime
from certification.clock import SHANGHAI
from certification.deadlines.sweep import sweep
now = datetime(2027, 6, 1, 9, tzinfo=SHANGHAI)
def peak():
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])
before = peak()
swept = sweep(now=now)
after = peak()
print(swept.breached, swept.reminded, before // 1024, after // 1024)
"""


def test_peak_memory_of_50_000_due_at_once(due_and_open, settings):
    """A process of its own, whose peak is nobody else's."""
    database = settings.DATABASES["default"]
    url = f"postgres://{database['USER']}@{database['HOST']}:{database['PORT']}/{connection.settings_dict['NAME']}"
    with_consequence = Deadline.objects.filter(rule__code="roster").values_list("pk", flat=True)[:500]
    Deadline.objects.exclude(pk__in=list(with_consequence)).update(rule=deadline_rule("plan_filing"))
    Deadline.objects.update(provisional=False)
    run = subprocess.run(
        [sys.executable, "-c", MEMORY],
        env={"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "certification.settings.test", "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    breached, told, before, after = (int(part) for part in run.stdout.split())
    assert breached == NUMBER
    assert told == 3 * NUMBER
    print(f"peak memory of a sweep over {NUMBER:,} due at once: {after} MB, of which {before} MB before it began")
    assert after < 200
