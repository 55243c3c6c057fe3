"""Whatever happens in whatever order, nobody is told the same twice, and nobody of what is done."""

from datetime import date, timedelta

import pytest
from django.db import transaction
from django.db.models import Count
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from certification.deadlines import ledger
from certification.deadlines.models import Deadline, Reminder
from certification.deadlines.reminding.reminders import remind
from certification.notices.models import Notice
from tests.deadlines.reminding import BEFORE_3, CLASS_START, at

ACTIONS = st.sampled_from(["remind", "remind", "remind twice", "meet", "unmeet", "move", "move back", "close", "open"])
STEPS = st.lists(st.tuples(ACTIONS, st.integers(0, 60), st.integers(0, 2)), min_size=1, max_size=14)


@pytest.fixture
def scene(organisations, people, case):
    return {"organisations": organisations, "actor": people["filer"], "cases": [case() for _each in range(3)]}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_at_most_one_reminder_of_each_and_none_of_what_is_done(scene, steps):
    with transaction.atomic():
        _play(scene, steps)
        transaction.set_rollback(True)


def _play(scene, steps) -> None:
    now = at(BEFORE_3 - timedelta(days=3))
    for action, hours, number in steps:
        now += timedelta(hours=hours)
        subject = scene["cases"][number]
        before = set(Reminder.objects.values_list("pk", flat=True))
        open_before = set(Deadline.objects.unmet().values_list("pk", flat=True))
        _act(scene, action, subject, now)
        told = Reminder.objects.exclude(pk__in=before)
        if not action.startswith("remind"):
            assert not told.exists()
        assert set(told.values_list("deadline", flat=True)) <= open_before
        for row in told.filter(state="SENT").select_related("deadline"):
            assert row.due_version == row.deadline.version
            assert row.due_on == row.deadline.due_on
            assert row.stage not in ("BREACH", "ESCALATION") or row.deadline.is_late_at(now)
    keys = Reminder.objects.values("deadline", "stage", "recipient", "due_version").annotate(lines=Count("pk"))
    assert not keys.filter(lines__gt=1).exists()
    told = set(Reminder.objects.filter(notice__isnull=False).values_list("notice", flat=True))
    assert set(Notice.objects.values_list("pk", flat=True)) == told
    # A run that comes at once after another finds nothing.
    remind(now=now)
    assert remind(now=now).deadlines == 0


def _act(scene, action: str, subject, now) -> None:
    actor = scene["actor"]
    if action.startswith("remind"):
        remind(now=now)
        if action.endswith("twice"):
            lines = Reminder.objects.count()
            remind(now=now)
            assert Reminder.objects.count() == lines
    elif action == "meet":
        ledger.meet("plan_filing", [subject], now=now, actor=actor)
    elif action == "unmeet":
        ledger.unmeet("plan_filing", [subject], now=now, reason="退回补正")
    elif action == "close":
        ledger.close("plan_filing", [subject], now=now, reason="撤回")
    else:
        _open(scene, subject, CLASS_START if action != "move" else date(2026, 5, 14), now)


def _open(scene, subject, event_on: date, now) -> None:
    organisations = scene["organisations"]
    ledger.open_deadline(
        "plan_filing",
        subject,
        event_on=event_on,
        responsible=organisations["school"],
        institution=organisations["school"],
        organiser=organisations["bureau"],
        now=now,
    )
