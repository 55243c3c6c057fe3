"""Reminding: who must be told today that something falls due, once each, whatever happens to the run (rules 2.6).

It asks for what is to be reminded of on or before today, never for one exact day: a missed run is caught up by the
next. Deadlines are taken in batches, locked (rows that others hold are left to the next run) and looked at again
under the lock, so that nobody who has done their part is reminded. The ledger's rows, the notices and their outbox
are written in one transaction: a killed run has told nothing that it will tell again. Two runs at once take
different deadlines; should they ever meet, the ledger's unique key refuses the second batch whole.

The number of statements for a batch does not grow with the deadlines in it.
"""

import logging
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, transaction
from django.db.models import Case, DateField, Min, Q, Value, When

from certification import clock
from certification.deadlines import acting, stages
from certification.deadlines.holders import Tier
from certification.deadlines.models import Deadline, Reminder
from certification.deadlines.reminding import lines
from certification.deadlines.reminding.lines import Line
from certification.deadlines.reminding.notices import Bundle, Key, Wording, key_of
from certification.deadlines.reminding.recipients import Desks, Duty, duties
from certification.deadlines.reminding.stages import Verdict, verdicts
from certification.notices.models import Notice
from certification.notices.sending import send
from certification.notices.texts import Texts
from certification.organisations.models import Organisation
from certification.organisations.roles import Role
from certification.rulebook import lookup
from certification.workdays import calendars

logger = logging.getLogger(__name__)

BATCH = 1_000
TOLD_BESIDES = "已作为责任单位人员收到逾期提醒"


@dataclass
class Reminded:
    """What a run did: deadlines looked at, rows of the ledger by what became of them, notices written, and batches
    that another run was quicker with."""

    deadlines: int = 0
    sent: int = 0
    suppressed: int = 0
    notices: int = 0
    collided: int = 0


@dataclass
class Alike:
    """Deadlines of a batch of which the same is to be told to the same people; ``first`` stands for all."""

    first: Deadline
    verdicts: tuple[Verdict, ...]
    turn: Tier | None
    ids: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Task:
    """A stage of some deadlines for a duty, and why it is not told ("" where it is)."""

    alike: Alike
    duty: Duty
    suppressed: str


@dataclass(frozen=True)
class Told:
    """What becomes of a task for one recipient, with the bundle that will become its notice."""

    task: Task
    line: Line
    bundle: Bundle | None = None


def remind(*, now: datetime) -> Reminded:
    """Remind of everything whose day has come at ``now``. Not one transaction: each batch commits for itself.

    An idle run is one query.
    """
    run, done = _Run(now), Reminded()
    after = (date.min, 0)
    while batch := _due_after(after, run.today):
        after = batch[-1][1], batch[-1][0]
        try:
            run.remind([pk for pk, _day in batch], done)
        except IntegrityError:
            # Somebody wrote the same reminders in the meantime; nothing of the batch was written.
            logger.warning("a batch of reminders was written by another run", exc_info=True)
            done.collided += 1
    return done


def _due_after(after: tuple[date, int], today: date) -> list[tuple[int, date]]:
    """Id and day of the next deadlines to look at, behind ``after`` (day, id)."""
    day, pk = after
    behind = Q(next_reminder_on__gt=day) | Q(next_reminder_on=day, pk__gt=pk)
    found = Deadline.objects.unmet().filter(behind, paused_on__isnull=True, next_reminder_on__lte=today)
    return list(found.order_by("next_reminder_on", "pk").values_list("pk", "next_reminder_on")[:BATCH])


class _Run:
    """What the batches of one run share: read when the first batch needs it."""

    def __init__(self, now: datetime):
        self.now = now
        self.today = clock.day_of(now)
        self._bundles: dict[Key, Bundle] = {}
        self._known_stages: dict[tuple[int, date, bool], list[stages.Stage]] = {}
        self._wording: Wording | None = None
        self._centre_id = 0

    @transaction.atomic
    def remind(self, ids: list[int], done: Reminded) -> None:
        """Tell what has to be told of these deadlines, and set when each is to be looked at again."""
        self._prepare()
        rows = list(
            Deadline.objects.unmet()
            .filter(pk__in=ids, paused_on__isnull=True, next_reminder_on__lte=self.today)
            .select_for_update(of=("self",), skip_locked=True)
            .order_by("next_reminder_on", "pk")
        )
        tasks = list(self._tasks(rows))
        before = {key: bundle.count for key, bundle in self._bundles.items()}
        try:
            self._write(rows, tasks, done)
        except IntegrityError:
            self._forget(before)
            raise
        done.deadlines += len(rows)

    def _prepare(self) -> None:
        if self._wording is None:
            self._wording = Wording(Texts(), calendars.current(), self.today)
            self._centre_id = Organisation.objects.provincial_centre().pk

    def _tasks(self, rows: list[Deadline]) -> Iterator[Task]:
        """What has to be told of ``rows``, and what not and why."""
        for alike in self._alike(rows):
            for verdict in alike.verdicts:
                for duty in duties(alike.first, verdict.stage, self._centre_id, turn=alike.turn):
                    yield Task(alike, duty, verdict.suppressed or duty.suppressed)

    def _alike(self, rows: list[Deadline]) -> Iterable[Alike]:
        """``rows`` of which anything is to be told, grouped by all that decides what and whom."""
        told, born = _told(rows), _born_on(rows)
        decided = [(row, self._verdicts(row, born[row.pk], told.get(row.pk, frozenset()))) for row in rows]
        turns = acting.turns(row for row, found in decided if found)
        groups: dict[tuple, Alike] = {}
        for row, found in decided:
            if found:
                turn = turns.get(row.pk)
                parties = row.responsible_id, row.institution_id, row.organiser_id
                key = (row.rule_id, row.due_on, row.provisional, parties, turn, found)
                groups.setdefault(key, Alike(row, found, turn)).ids.append(row.pk)
        return groups.values()

    def _verdicts(self, row: Deadline, born_on: date, told: Collection[str]) -> tuple[Verdict, ...]:
        return tuple(verdicts(self._stages(row), today=self.today, born_on=born_on, told=told))

    def _stages(self, row: Deadline) -> list[stages.Stage]:
        key = row.rule_id, row.due_on, row.provisional
        if key not in self._known_stages:
            rule = lookup.by_id(row.rule_id)
            known = stages.stages(rule, row.due_on, self._wording.calendar, provisional=row.provisional)
            self._known_stages[key] = known
        return self._known_stages[key]

    def _next_day(self, row: Deadline) -> date | None:
        """When the row is to be looked at again. A provisional date that has passed is looked at every day: it will
        be breached on the day on which it becomes firm."""
        after = next((stage.day for stage in self._stages(row) if stage.day > self.today), None)
        return self.today + timedelta(days=1) if after is None and row.provisional else after

    def _write(self, rows: list[Deadline], tasks: list[Task], done: Reminded) -> None:
        if tasks:
            desks = Desks((task.duty for task in tasks), self.today)
            names = _short_names(tasks)
            told = [each for task in tasks for each in self._told_or_not(task, desks, names)]
            done.notices += self._write_notices()
            lines.write([(each.task.alike.ids, _with_notice(each)) for each in told], now=self.now)
            for each in told:
                number = len(each.task.alike.ids)
                done.suppressed += number if each.line.suppressed else 0
                done.sent += 0 if each.line.suppressed else number
        self._set_next_days(rows)

    def _set_next_days(self, rows: list[Deadline]) -> None:
        by_day: dict[date | None, list[int]] = {}
        for row in rows:
            by_day.setdefault(self._next_day(row), []).append(row.pk)
        days = [When(pk__in=ids, then=Value(day)) for day, ids in by_day.items() if day is not None]
        next_day = Case(*days, output_field=DateField())
        Deadline.objects.filter(pk__in=[row.pk for row in rows]).update(next_reminder_on=next_day)

    def _told_or_not(self, task: Task, desks: Desks, names: dict[int, str]) -> Iterator[Told]:
        """What becomes of ``task`` for each recipient."""
        duty = task.duty
        recipients = desks.holders(duty.organisation_id, duty.roles)
        if not recipients:
            yield self._told_instead(task, desks, names)
        besides = desks.holders(*duty.besides) if duty.besides else ()
        for recipient in recipients:
            suppressed = task.suppressed or (TOLD_BESIDES if recipient in besides else "")
            bundle = None
            if not suppressed:
                key = key_of(task.alike.first, recipient, duty, centre_id=self._centre_id)
                bundle = self._bundle(key, task.alike, task.alike.first.responsible_id, names)
            yield Told(task, Line(duty.stage, recipient, suppressed), bundle)

    def _told_instead(self, task: Task, desks: Desks, names: dict[int, str]) -> Told:
        """Nobody holds the role: the head or the administrators are told of that."""
        duty = task.duty
        missing = f"没有人担任{'、'.join(Role(role).label for role in duty.roles)}"
        if task.suppressed:
            return Told(task, Line(duty.stage, None, f"{task.suppressed}；{missing}"))
        bundle = None
        for other in desks.instead(duty.organisation_id):
            key = key_of(task.alike.first, other, duty, centre_id=self._centre_id)
            key = replace(key, roles=duty.roles, organisation_id=duty.organisation_id)
            bundle = self._bundle(key, task.alike, duty.organisation_id, names)
        return Told(task, Line(duty.stage, None, missing), bundle)

    def _bundle(self, key: Key, alike: Alike, organisation_id: int, names: dict[int, str]) -> Bundle:
        bundle = self._bundles.setdefault(key, Bundle(key, alike.first))
        bundle.count += len(alike.ids)
        bundle.responsible[organisation_id] = names[organisation_id]
        return bundle

    def _write_notices(self) -> int:
        """Write the notices of new bundles, and say again what those of earlier batches say that have grown."""
        changed = [bundle for bundle in self._bundles.values() if bundle.written < bundle.count]
        new = [bundle for bundle in changed if bundle.notice is None]
        grown = [bundle for bundle in changed if bundle.notice is not None]
        for bundle, notice in zip(new, send(self._wording.messages(new), now=self.now), strict=True):
            bundle.notice = notice
        for bundle, message in zip(grown, self._wording.messages(grown), strict=True):
            bundle.notice.title, bundle.notice.body, bundle.notice.url = message.title, message.body, message.url
        if grown:
            Notice.objects.bulk_update([bundle.notice for bundle in grown], ["title", "body", "url"])
        for bundle in changed:
            bundle.written = bundle.count
        return len(new)

    def _forget(self, before: dict[Key, int]) -> None:
        """The batch was taken back: its reminders are in no notice."""
        self._bundles = {key: bundle for key, bundle in self._bundles.items() if key in before}
        for key, bundle in self._bundles.items():
            bundle.count = bundle.written = before[key]


def _told(rows: list[Deadline]) -> dict[int, set[str]]:
    """The stages of each deadline's present due date that were decided before."""
    told: dict[int, set[str]] = {}
    versions = {row.pk: row.version for row in rows}
    decided = Reminder.objects.filter(deadline__in=versions).order_by()
    for pk, version, stage in decided.values_list("deadline", "due_version", "stage").distinct():
        if versions[pk] == version:
            told.setdefault(pk, set()).add(stage)
    return told


def _born_on(rows: list[Deadline]) -> dict[int, date]:
    """The day on which each deadline got its present due date: of a first version that on which it was opened, of
    a later one that of its first line in the history."""
    born = {row.pk: row.opened_at for row in rows}
    moved = {row.pk: row.version for row in rows if row.version > 1}
    if moved:
        lines = Deadline.history.filter(id__in=moved).order_by().values_list("id", "version")
        for pk, version, at in lines.annotate(at=Min("history_date")):
            if moved[pk] == version:
                born[pk] = at
    return {pk: clock.day_of(at) for pk, at in born.items()}


def _with_notice(told: Told) -> Line:
    """The line with its notice, now that it is written."""
    return replace(told.line, notice_id=told.bundle.notice.pk) if told.bundle else told.line


def _short_names(tasks: list[Task]) -> dict[int, str]:
    wanted = {task.alike.first.responsible_id for task in tasks} | {task.duty.organisation_id for task in tasks}
    return dict(Organisation.objects.filter(pk__in=wanted).values_list("pk", "short_name"))


def reminders_of(deadline: Deadline) -> list[Reminder]:
    """Everything that was told of a deadline and its predecessors about the same case and rule, the latest first,
    with recipients and what became of each notice."""
    case = ContentType.objects.get_for_id(deadline.subject_type_id)
    same = Reminder.objects.filter(
        deadline__subject_type=case, deadline__subject_id=deadline.subject_id, deadline__rule=deadline.rule_id
    )
    return list(
        same.select_related("recipient__person", "recipient__organisation", "notice")
        .prefetch_related("notice__deliveries")
        .order_by("-created_at", "-pk")
    )
