"""The sweep among 50,000 open deadlines of which 500 are due, against statements written by hand for the same rows."""

import subprocess
import sys
from datetime import date, datetime, timedelta

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection

from certification.clock import SHANGHAI
from certification.deadlines import consequences, sweep
from certification.deadlines.due import deadline_rule
from certification.deadlines.models import Deadline
from certification.organisations.models import Territory, User
from certification.records.models import TransitionLog
from tests.benchmarks import province
from tests.benchmarks.conftest import best

NUMBER, DUE = 50_000, 500
AFTER = datetime(2026, 4, 29, 9, tzinfo=SHANGHAI)

FLOOR = """
    UPDATE deadlines_deadline SET breached_at = %(now)s WHERE id = ANY(ARRAY(
        SELECT id FROM deadlines_deadline
         WHERE closed_at IS NULL AND met_at IS NULL AND breached_at IS NULL AND NOT provisional
           AND paused_on IS NULL AND due_on < %(today)s
         ORDER BY due_on, id LIMIT 500 FOR UPDATE SKIP LOCKED))
    RETURNING id"""
LOG = """
    INSERT INTO records_transitionlog
           (subject_type_id, subject_id, name, from_state, to_state, actor_id, at, reason, detail)
    SELECT subject_type_id, subject_id, 'deadline_breached', '', '', %(system)s, %(now)s, '逾期', '{}'
      FROM deadlines_deadline WHERE id = ANY(%(ids)s)"""


@pytest.fixture
def due_and_open(transactional_db):
    """500 deadlines due on 2026-04-28, the others in the months after."""
    school = province.reference()
    province.fill(school, DUE, first_event=date(2026, 5, 11), days=1, rules=("plan_filing",))
    province.fill(school, NUMBER - DUE, first_event=date(2026, 6, 15), days=120)
    assert Deadline.objects.filter(due_on__lt=AFTER.date()).count() == DUE
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def again() -> None:
    """As it was before anything was marked."""
    Deadline.history.all().delete()
    TransitionLog.objects.all().delete()
    Deadline.objects.filter(breached_at__isnull=False).update(breached_at=None, consequence_run_at=None)


def by_hand() -> None:
    system = User.objects.system().pk
    said = {"now": AFTER, "today": AFTER.date(), "system": system}
    columns = ", ".join(field.column for field in Deadline._meta.concrete_fields)
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute(FLOOR, said)
        said["ids"] = [pk for (pk,) in cursor.fetchall()]
        cursor.execute(
            f"INSERT INTO deadlines_historicaldeadline ({columns}, history_date, history_type, history_user_id)"
            f" SELECT {columns}, %(now)s, '~', %(system)s FROM deadlines_deadline WHERE id = ANY(%(ids)s)",
            said,
        )
        cursor.execute(LOG, said)
        cursor.execute("COMMIT")
    assert len(said["ids"]) == DUE


def by_set() -> None:
    assert sweep._mark_batch(AFTER, User.objects.system()) == DUE


def by_save() -> None:
    """The peer: as an application without sets does it, one save() a row, with simple-history."""
    rows = list(Deadline.objects.overdue(AFTER.date()))
    for row in rows:
        row.breached_at = AFTER
        row.save()
    assert len(rows) == DUE


def test_marking(due_and_open, report):
    floor = best(by_hand, before=again)
    ours = best(by_set, before=again)
    peer = best(by_save, before=again, rounds=1)
    report(f"marking {DUE} of {NUMBER:,} (floor: SQL by hand)", ours, floor=floor, at_most=3, peer=peer)


def test_an_idle_tick(due_and_open, report):
    early = AFTER - timedelta(days=5)
    sweep.sweep(now=early)
    floor = best(lambda: Deadline.objects.overdue(early.date()).first(), rounds=20)
    ours = best(lambda: sweep.sweep(now=early), rounds=20)
    report("an idle tick (floor: asking for one overdue row)", ours, floor=floor, at_most=10)


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


MEMORY = """
import resource, django
django.setup()
from datetime import datetime
from certification.clock import SHANGHAI
from certification.deadlines.sweep import sweep
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
swept = sweep(now=datetime(2027, 6, 1, 9, tzinfo=SHANGHAI))
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(swept.breached, before // 1024, after // 1024)
"""


def test_peak_memory_of_50_000_due_at_once(due_and_open, settings):
    """A process of its own, whose peak is nobody else's."""
    database = settings.DATABASES["default"]
    url = f"postgres://{database['USER']}@{database['HOST']}:{database['PORT']}/{connection.settings_dict['NAME']}"
    with_consequence = Deadline.objects.exclude(rule__code="plan_filing").values_list("pk", flat=True)[:500]
    Deadline.objects.exclude(pk__in=list(with_consequence)).update(rule=deadline_rule("plan_filing"))
    Deadline.objects.update(provisional=False)
    run = subprocess.run(
        [sys.executable, "-c", MEMORY],
        env={"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "certification.settings.test", "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    breached, before, after = (int(part) for part in run.stdout.split())
    assert breached == NUMBER
    print(f"peak memory of a sweep over {NUMBER:,} due at once: {after} MB, of which {before} MB before it began")
    assert after < 200
