"""Entering a year's notice: what was typed becomes a draft edition, or is refused with everything that is wrong."""

import re
from dataclasses import dataclass
from datetime import date

from certification.deadlines.calendars import table
from certification.organisations import access
from certification.records.content import JPEG, PDF, PNG, require_type
from certification.records.models import StoredFile
from certification.refusals import Incomplete, Problem, WrongState
from certification.workdays import contradictions, notice_text, publishing
from certification.workdays.arrangements import Arrangement, Day, days_of
from certification.workdays.contradictions import Contradiction
from certification.workdays.models import CalendarEdition
from certification.workdays.wording import plain_day
from certification.workflow import activity, lock, log

KEEP = "deadlines.keep_calendar"
CONTRADICTION = "contradiction"
REFUSED_ADVICE = "请对照通知原文改正后重新提交；录入的内容已保留。"


@dataclass(frozen=True)
class Upload:
    """A file as it came: its bytes and the uploader's name for it."""

    content: bytes
    name: str


@dataclass(frozen=True)
class Entry:
    """What was typed. ``text`` is the notice in its own words or a table; ``table`` a file in its place; an empty
    head is read from the text."""

    year: int
    text: str = ""
    title: str = ""
    number: str = ""
    dated_on: date | None = None
    table: Upload | None = None


@dataclass(frozen=True)
class Read:
    """An entry without contradictions: head and days of an edition."""

    year: int
    title: str
    number: str
    dated_on: date
    source_text: str
    days: list[Day]


def read_entry(entry: Entry) -> Read:
    """What ``entry`` comes to. Raises Incomplete with every contradiction and every cell that cannot be read, and
    UnreadableFile."""
    if entry.table:
        found = _Found(*table.read(entry.table.content, entry.table.name))
    elif table.is_table(entry.text):
        found = _Found(*table.read_text(entry.text))
    else:
        found = _from_notice(entry)
    problems = [*found.problems, *_wrong_head(entry, found), *_wrong_days(entry.year, found)]
    if problems:
        raise Incomplete(problems, advice=REFUSED_ADVICE)
    days = days_of(found.arrangements)
    return Read(
        year=entry.year,
        title=entry.title or found.title,
        number=entry.number or found.number,
        dated_on=entry.dated_on or found.dated_on,
        source_text=table.written(days) if entry.table else entry.text,
        days=days,
    )


@activity
def save_draft(*, entry: Entry, edition_id: int | None = None, notice_file: Upload | None = None, actor, now):
    """Keep an entry as a new draft, or in place of what the draft ``edition_id`` held; ``notice_file`` is the
    notice itself (PDF or picture). Raises Incomplete, UnreadableFile, WrongState where the draft is one no more."""
    access.require(actor, KEEP)
    read = read_entry(entry)
    edition = _draft(edition_id) if edition_id else CalendarEdition()
    edition.year, edition.notice_title, edition.notice_number = read.year, read.title, read.number
    edition.notice_date, edition.source_text = read.dated_on, read.source_text
    publishing.rewrite(edition, days=read.days)
    if notice_file:
        media_type = require_type(notice_file.content, (PDF, JPEG, PNG), "notice_file")
        StoredFile.store(
            notice_file.content, name=notice_file.name, media_type=media_type, owner=edition, actor=actor, now=now
        )
    log([edition], "enter", actor=actor, now=now, detail={"year": read.year, "days": len(read.days)})
    return edition


@activity
def correct(*, edition_id: int, actor, now) -> CalendarEdition:
    """A draft with the same head and days as a published edition, to be corrected; the published one stays as it is
    until the draft is published. Raises WrongState."""
    access.require(actor, KEEP)
    (edition,) = lock(CalendarEdition.objects.filter(pk=edition_id))
    if edition.status != CalendarEdition.Status.PUBLISHED:
        raise WrongState(f"“{edition}”{edition.get_status_display()}，只有已发布的日历可以更正。")
    draft = publishing.draft(
        year=edition.year,
        notice_title=edition.notice_title,
        notice_number=edition.notice_number,
        notice_date=edition.notice_date,
        source_text=edition.source_text,
        days=list(edition.days.values_list("date", "kind", "name")),
        invented=edition.invented,
    )
    log([draft], "correct", actor=actor, now=now, detail={"corrects": edition.pk})
    return draft


@activity
def discard(*, edition_id: int, actor, now) -> CalendarEdition:
    """Give a draft up, for good; what was typed stays on record. Raises WrongState where it is no draft any more."""
    access.require(actor, KEEP)
    edition = _draft(edition_id)
    edition.status = CalendarEdition.Status.DISCARDED
    edition._history_date = now
    edition.save(update_fields=["status"])
    log([edition], "discard", actor=actor, now=now)
    return edition


def notice_files(edition: CalendarEdition):
    """The notice itself as it was attached, every version."""
    return StoredFile.objects.of(CalendarEdition, [edition.pk]).order_by("pk")


def typed_of(edition: CalendarEdition) -> str:
    """What to show in the form for ``edition``: the text it was read from, else its days as a table."""
    return edition.source_text or table.written(edition.days.values_list("date", "kind", "name"))


@dataclass(frozen=True)
class _Found:
    arrangements: list[Arrangement]
    problems: list[Problem]
    title: str = ""
    number: str = ""
    dated_on: date | None = None


def _from_notice(entry: Entry) -> _Found:
    notice = notice_text.read(entry.text, entry.year)
    problems = [_problem(one) for one in notice.contradictions]
    return _Found(notice.arrangements, problems, notice.title, notice.number, notice.dated_on)


def _wrong_head(entry: Entry, found: _Found) -> list[Problem]:
    """Parts of the head that are missing, or that the text has otherwise."""
    problems = []
    if not (entry.title or found.title):
        problems.append(Problem("请填写通知标题。", code="required", field="title"))
    if not (entry.dated_on or found.dated_on):
        problems.append(Problem("请填写通知日期。", code="required", field="dated_on"))
    if entry.dated_on and found.dated_on and entry.dated_on != found.dated_on:
        said = f"填写的通知日期为{plain_day(entry.dated_on)}，原文落款为{plain_day(found.dated_on)}。"
        problems.append(Problem(said, code=CONTRADICTION, field="dated_on"))
    if entry.number and found.number and entry.number != found.number:
        said = f"填写的文号为“{entry.number}”，原文为“{found.number}”。"
        problems.append(Problem(said, code=CONTRADICTION, field="number"))
    for year in re.findall(r"(\d{4})\s*年", entry.title):
        if int(year) != entry.year:
            said = f"通知标题写的是{year}年，录入的年份是{entry.year}年。"
            problems.append(Problem(said, code=CONTRADICTION, field="title"))
    return problems


def _wrong_days(year: int, found: _Found) -> list[Problem]:
    """While cells could not be read, only what is wrong in itself: the rest would be about the unread ones."""
    if any(problem.row for problem in found.problems):
        return [_problem(one) for one in contradictions.of_days(year, days_of(found.arrangements))]
    return [_problem(one) for one in contradictions.of_arrangements(year, found.arrangements)]


def _problem(contradiction: Contradiction) -> Problem:
    value = contradiction.day.isoformat() if contradiction.day else ""
    return Problem(str(contradiction), code=CONTRADICTION, field="text", value=value)


def _draft(edition_id: int) -> CalendarEdition:
    (edition,) = lock(CalendarEdition.objects.filter(pk=edition_id))
    if not edition.is_draft:
        raise WrongState(
            f"“{edition}”{edition.get_status_display()}，不能修改。", advice="已发布的日历以更正的方式另立新版本。"
        )
    return edition
