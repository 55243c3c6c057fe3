"""Publishing a year's calendar: first what it changes, then the same for real, in one transaction (rules 2.2)."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count
from django.urls import reverse

from certification import clock
from certification.deadlines import locking, moving
from certification.deadlines.calendars.entry import KEEP
from certification.deadlines.moving import Move, Moves
from certification.deadlines.reminding.recipients import Desks, Duty, settings_of
from certification.notices.sending import Message, send
from certification.organisations import access
from certification.organisations.models import Organisation
from certification.refusals import Refusal, WrongState
from certification.workdays import calendars, publishing
from certification.workdays.counting import Calendar
from certification.workdays.models import CalendarEdition
from certification.workflow import activity, lock, log

PUBLISH = "publish"


@dataclass(frozen=True)
class Line:
    """One move as far as it concerns one responsible organisation: ``count`` deadlines."""

    move: Move
    organisation_id: int
    organisation: str
    count: int


@dataclass
class Change:
    """Numbers of deadlines that fall on another day, become late by it, and become firm without moving."""

    moved: int = 0
    late: int = 0
    firm: int = 0

    def add(self, move: Move, count: int) -> None:
        self.moved += count * move.moved
        self.late += count * move.becomes_late
        self.firm += count * (move.becomes_firm and not move.moved)


@dataclass(frozen=True)
class Preview:
    """What publishing ``edition`` would change. ``fingerprint`` names exactly this: publishing asks for it, so that
    nobody confirms one thing and gets another."""

    edition: CalendarEdition
    replaces: CalendarEdition | None
    moves: Moves
    lines: list[Line]
    fingerprint: str

    @property
    def change(self) -> Change:
        """All of it in numbers."""
        total = Change()
        for move in self.moves.rows:
            total.add(move, move.count)
        return total

    @property
    def by_organisation(self) -> list[tuple[str, Change]]:
        """Who is affected, those with the most first."""
        found: dict[str, Change] = defaultdict(Change)
        for line in self.lines:
            found[line.organisation].add(line.move, line.count)
        return sorted(found.items(), key=lambda item: (-item[1].late, -item[1].moved, item[0]))


@dataclass(frozen=True)
class Published:
    """What was done: the edition, the moves as ``apply_calendar`` made them, and how many accounts were told."""

    edition: CalendarEdition
    moves: Moves
    notified: int


def preview(edition: CalendarEdition, *, now: datetime) -> Preview:
    """What publishing ``edition`` at ``now`` would change; changes nothing."""
    calendar = calendars.with_edition(edition)
    moves = moving.by_calendar(calendar, now=now)
    lines = _lines(moves)
    published = CalendarEdition.objects.filter(year=edition.year, status=CalendarEdition.Status.PUBLISHED)
    return Preview(edition, published.first(), moves, lines, _fingerprint(edition, calendar, lines))


@activity
def publish(*, edition_id: int, fingerprint: str, actor, now) -> Published:
    """Publish a draft and count every open deadline again, in one transaction; tell those whose deadlines moved.

    Raises WrongState where the edition is no draft any more or where what would happen now is not what
    ``fingerprint`` was confirmed for, and Refusal for a calendar that may not be published here.
    """
    access.require(actor, KEEP)
    edition = _locked(edition_id)
    locking.before_recounting()
    foreseen = preview(edition, now=now)
    if foreseen.fingerprint != fingerprint:
        raise WrongState("预览之后情况有变化，尚未发布。", advice="请核对下面更新后的预览，再确认发布。")
    try:
        edition = publishing.publish(edition, now=now)
    except publishing.CalendarRefused as refused:
        raise Refusal(str(refused)) from refused
    moves = moving.apply_calendar(calendars.with_edition(edition), now=now, actor=actor)
    notified = _notify(edition, foreseen.lines, now=now)
    counted = {"moved": moves.count, "late": moves.late, "firm": moves.firm, "notified": notified}
    log([edition], PUBLISH, actor=actor, now=now, detail=counted)
    return Published(edition, moves, notified)


def _locked(edition_id: int) -> CalendarEdition:
    """The draft, with every edition locked: two calendars are published one after the other, whatever their years,
    because a count may run through both."""
    edition = next((row for row in lock(CalendarEdition.objects.all()) if row.pk == edition_id), None)
    if edition is None or not edition.is_draft:
        state = edition.get_status_display() if edition else "已不存在"
        raise WrongState(f"该日历{state}，没有重复发布。", advice="可能已由他人发布，请刷新后查看。")
    return edition


def _lines(moves: Moves) -> list[Line]:
    """Each move by responsible organisation, in the order of the moves."""
    together = {_key(move): [] for move in moves.rows if move.deadline is None}
    if together:
        counted = (
            moving.without_pauses()
            .values_list("rule_id", "anchor_on", "due_on", "provisional", "responsible_id")
            .annotate(count=Count("pk"))
            .order_by("responsible_id")
        )
        for *key, organisation_id, count in counted:
            if tuple(key) in together:
                together[tuple(key)].append((organisation_id, count))
    shares = [(move, share) for move in _grouped(moves.rows) for share in _shares(move, together)]
    names = Organisation.objects.in_bulk({organisation_id for _move, (organisation_id, _count) in shares})
    return [Line(move, pk, names[pk].name, count) for move, (pk, count) in shares]


def _grouped(moves: Iterable[Move]) -> list[Move]:
    """One move of each key: groups that differ only in how they were counted before share theirs."""
    seen: dict[tuple, Move] = {}
    for move in moves:
        seen.setdefault((*_key(move), move.deadline.pk if move.deadline else None), move)
    return list(seen.values())


def _shares(move: Move, together: dict[tuple, list[tuple[int, int]]]) -> list[tuple[int, int]]:
    return [(move.deadline.responsible_id, 1)] if move.deadline is not None else together[_key(move)]


def _key(move: Move) -> tuple:
    return move.rule.pk, move.anchor_before, move.due_before, move.provisional_before


def _fingerprint(edition: CalendarEdition, calendar: Calendar, lines: list[Line]) -> str:
    """Over the edition's days, the calendars around it, and every line; the same again as long as nothing differs."""
    head = f"{edition.pk} {edition.year} {edition.digest} {calendar.identity} {calendars.current().identity}"
    rows = [
        f"{_key(line.move)} {line.move.due_after} {line.move.provisional_after} {line.move.becomes_late} "
        f"{line.organisation_id} {line.count}"
        for line in lines
    ]
    return hashlib.sha256("\n".join([head, *rows]).encode()).hexdigest()


def _notify(edition: CalendarEdition, lines: list[Line], *, now: datetime) -> int:
    """One message to each account that acts on any of the deadlines; returns how many accounts."""
    duties = {
        (line.move.rule.pk, line.organisation_id): Duty(
            PUBLISH, line.organisation_id, tuple(settings_of(line.move.rule)["roles"])
        )
        for line in lines
    }
    desks = Desks(duties.values(), clock.day_of(now))
    changes: dict[int, Change] = defaultdict(Change)
    for line in lines:
        duty = duties[line.move.rule.pk, line.organisation_id]
        for account in desks.holders(duty.organisation_id, duty.roles) or desks.instead(duty.organisation_id):
            changes[account].add(line.move, line.count)
    url = reverse("portal:calendar-year", args=[edition.year])
    send([_message(account, edition, change, url) for account, change in changes.items()], now=now)
    return len(changes)


def _message(account: int, edition: CalendarEdition, change: Change, url: str) -> Message:
    parts = [
        f"{change.moved} 项的截止日期变动" if change.moved else "",
        f"{change.late} 项按新日历已经逾期" if change.late else "",
        f"{change.firm} 项由暂定转为正式" if change.firm else "",
    ]
    said = "，".join(part for part in parts if part)
    advice = "已经逾期的，补办须经逾期特批。" if change.late else ""
    return Message(
        recipient_id=account,
        title=f"{edition.year}年工作日历已发布：您经办的时限{said}",
        body=f"依据：{edition}。所涉时限已按新日历重新计算，请在待办中核对。{advice}",
        url=url,
        label="工作日历",
        urgent=bool(change.late),
    )
