"""Reminding: who must be told today that something falls due, once each, whatever happens to the run (rules 2.6).

It asks for what is to be reminded of on or before today, never for one exact day: a missed run is caught up by the
next. Deadlines are taken in batches, locked (rows that others hold are left to the next run) and looked at again
under the lock, so that nobody who has done their part is reminded. The ledger's rows, the notices and their outbox
are written in one transaction: a killed run has told nothing that it will tell again. Two runs at once take
different deadlines; should they ever meet, the ledger's unique key refuses the second batch whole.

The number of statements for a batch does not grow with the deadlines in it.
"""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, transaction
from django.db.models import Min, Q

from certification import clock
from certification.deadlines import acting, stages
from certification.deadlines.models import Deadline, Reminder
from certification.deadlines.reminder_notices import Bundle, Key, Wording, key_of
from certification.deadlines.reminder_recipients import Desks, Duty, duties
from certification.deadlines.reminder_stages import Verdict, verdicts
from certification.notices.models import Notice
from certification.notices.sending import send
from certification.notices.texts import Texts
from certification.organisations.models import Organisation
from certification.organisations.roles import Role
from certification.rulebook import lookup
from certification.workdays import calendars

logger = logging.getLogger(__name__)

BATCH = 500
DONE = "事项已经办结或者终止"
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


@dataclass(frozen=True)
class Line:
    """One row of the ledger to be: a stage of a deadline for a duty, and why it is not told ("" where it is)."""

    deadline: Deadline
    duty: Duty
    suppressed: str


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


def overtaken(notice_ids: Iterable[int]) -> dict[int, str]:
    """Of these notices, the reminders that nobody needs any more because all that they tell of is done or closed
    (see notices.relevance)."""
    told = Reminder.objects.filter(notice__in=list(notice_ids), state=Reminder.State.SENT)
    open_still = Q(deadline__met_at__isnull=True, deadline__closed_at__isnull=True)
    # A breach stays worth telling to the tier above even where its consequence has closed the deadline.
    breached = Q(deadline__met_at__isnull=True, deadline__breached_at__isnull=False)
    reminders = set(told.values_list("notice", flat=True))
    wanted = set(told.filter(open_still | breached).values_list("notice", flat=True)) if reminders else set()
    return dict.fromkeys(reminders - wanted, DONE)


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
        lines = list(self._lines(rows))
        before = {key: bundle.count for key, bundle in self._bundles.items()}
        try:
            self._write(rows, lines, done)
        except IntegrityError:
            self._forget(before)
            raise
        done.deadlines += len(rows)

    def _prepare(self) -> None:
        if self._wording is None:
            self._wording = Wording(Texts(), calendars.current(), self.today)
            self._centre_id = Organisation.objects.provincial_centre().pk

    def _lines(self, rows: list[Deadline]) -> Iterator[Line]:
        """What has to be told of ``rows``, and what not and why."""
        decided = self._decided(rows)
        answering = acting.answering(row for row, _verdicts in decided)
        for row, found in decided:
            for verdict in found:
                for duty in duties(row, verdict.stage, self._centre_id, answering=row.pk in answering):
                    yield Line(row, duty, verdict.suppressed)

    def _decided(self, rows: list[Deadline]) -> list[tuple[Deadline, list[Verdict]]]:
        told = _told(rows)
        born = _born_on(rows)
        return [
            (row, found)
            for row in rows
            if (
                found := verdicts(
                    self._stages(row), today=self.today, born_on=born[row.pk], told=told.get(row.pk, frozenset())
                )
            )
        ]

    def _stages(self, row: Deadline) -> list[stages.Stage]:
        rule = lookup.by_id(row.rule_id)
        return stages.stages(rule, row.due_on, self._wording.calendar, provisional=row.provisional)

    def _next_day(self, row: Deadline) -> date | None:
        """When the row is to be looked at again. A provisional date that has passed is looked at every day: it will
        be breached on the day on which it becomes firm."""
        calendar = self._wording.calendar
        after = stages.next_day(lookup.by_id(row.rule_id), row.due_on, calendar, after=self.today)
        return self.today + timedelta(days=1) if after is None and row.provisional else after

    def _write(self, rows: list[Deadline], lines: list[Line], done: Reminded) -> None:
        if lines:
            desks = Desks((line.duty for line in lines), self.today)
            names = _short_names(lines)
            reminders = [row for line in lines for row in self._told_or_not(line, desks, names)]
            done.notices += self._write_notices()
            for reminder, bundle in reminders:
                reminder.notice = bundle.notice if bundle else None
            Reminder.objects.bulk_create(reminder for reminder, _bundle in reminders)
            sent = sum(reminder.state == Reminder.State.SENT for reminder, _bundle in reminders)
            done.sent += sent
            done.suppressed += len(reminders) - sent
        for row in rows:
            row.next_reminder_on = self._next_day(row)
        Deadline.objects.bulk_update(rows, ["next_reminder_on"])

    def _told_or_not(self, line: Line, desks: Desks, names: dict[int, str]) -> Iterator[tuple[Reminder, Bundle | None]]:
        """A row of the ledger for each recipient of ``line``, with the bundle that will become its notice."""
        recipients = desks.holders(line.duty.organisation_id, line.duty.roles)
        if not recipients:
            yield self._told_instead(line, desks, names)
        besides = desks.holders(*line.duty.besides) if line.duty.besides else ()
        for recipient in recipients:
            bundle = None
            suppressed = line.suppressed or (TOLD_BESIDES if recipient in besides else "")
            if not suppressed:
                key = key_of(line.deadline, recipient, line.duty, centre_id=self._centre_id)
                bundle = self._bundle(key, line.deadline, line.deadline.responsible_id, names)
            yield self._reminder(line, recipient, suppressed), bundle

    def _told_instead(self, line: Line, desks: Desks, names: dict[int, str]) -> tuple[Reminder, Bundle | None]:
        """Nobody holds the role: the head or the administrators are told of that."""
        duty = line.duty
        missing = f"没有人担任{'、'.join(Role(role).label for role in duty.roles)}"
        if line.suppressed:
            return self._reminder(line, None, f"{line.suppressed}；{missing}"), None
        bundle = None
        for other in desks.instead(duty.organisation_id):
            key = key_of(line.deadline, other, duty, centre_id=self._centre_id)
            key = replace(key, roles=duty.roles, organisation_id=duty.organisation_id)
            bundle = self._bundle(key, line.deadline, duty.organisation_id, names)
        return self._reminder(line, None, missing), bundle

    def _reminder(self, line: Line, recipient_id: int | None, suppressed: str) -> Reminder:
        return Reminder(
            deadline=line.deadline,
            stage=line.duty.stage,
            recipient_id=recipient_id,
            due_version=line.deadline.version,
            due_on=line.deadline.due_on,
            state=Reminder.State.SUPPRESSED if suppressed else Reminder.State.SENT,
            reason=suppressed[: Reminder._meta.get_field("reason").max_length],
            created_at=self.now,
        )

    def _bundle(self, key: Key, deadline: Deadline, organisation_id: int, names: dict[int, str]) -> Bundle:
        bundle = self._bundles.setdefault(key, Bundle(key, deadline))
        bundle.count += 1
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


def _short_names(lines: list[Line]) -> dict[int, str]:
    wanted = {line.deadline.responsible_id for line in lines} | {line.duty.organisation_id for line in lines}
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
