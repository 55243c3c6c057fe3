"""Reads a notice in the State Council's own wording: 二、春节：2月15日（周日）至23日（周一）放假调休，共9天。

Only sentences that say 放假 or 上班 arrange days; recommendations (鼓励…休息) do not. A sentence with dates that
cannot be read is reported, never passed over. Pure.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date

from certification.workdays.arrangements import Arrangement, each_day
from certification.workdays.contradictions import Contradiction

_NUMERALS = "一二三四五六七八九十"
_KNOWN = "元旦|春节|清明节?|劳动节|端午节?|中秋节?|国庆节?"
_HEADING = re.compile(
    rf"(?:^|(?<=[\n。;]))\s*"
    rf"(?:(?P<ordinal>[{_NUMERALS}]{{1,3}}|\d{{1,2}})\s*[、.]\s*(?P<name>[^:。;,\n\d]{{1,24}}?)"
    rf"|(?P<known>(?:{_KNOWN})(?:[、和与及](?:{_KNOWN}))*))\s*:"
)
_TITLE = re.compile(r"国务院办公厅关于\s*\d{4}\s*年[^。:]{0,30}?通知")
_NUMBER = re.compile(r"国办[^\s\d。]{1,6}[〔\[(【]\s*\d{4}\s*[〕\])】]\s*第?\s*\d{1,4}\s*号")
_FULL_DATE = r"(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日"
_SIGNED = re.compile(rf"国务院办公厅\s*{_FULL_DATE}|(?:^|\n)[ \t]*{_FULL_DATE}[ \t]*(?=\n|$)")
_YEAR = re.compile(r"(?:关于|现将)\s*(\d{4})\s*年")
_ADVICE = re.compile(r"鼓励|提倡|建议")
# Brackets with a date in them that do not stand behind a date hold the date itself: 除夕（2月9日）放假.
_DATE_IN_BRACKETS = re.compile(r"(?<!日)\(([^()]*\d日[^()]*)\)")
_WEEKDAY = re.compile(r"(?:周|星期|礼拜)([一二三四五六日天])")
_DAYS = rf"(?:\d{{1,3}}|[{_NUMERALS}]{{1,3}})"
_TOKEN = re.compile(
    r"(?P<note>\([^()]*\))"
    r"|(?P<date>(?:(?P<year>\d{2,4})年)?(?:(?P<month>\d{1,2})月)?(?P<day>\d{1,2})日)"
    rf"|(?P<count>(?:共计?|合计)(?P<days>{_DAYS})天)"
    rf"|(?P<off_count>(?:放假|休息)(?P<off_days>{_DAYS})天)"
    r"|(?P<plain>不调休)"
    r"|(?P<off>放假|补休|公休|休息)"
    r"|(?P<work>上班|补班)"
    r"|(?P<to>至|到|-+|—+|–+|~+)"
)


@dataclass
class Notice:
    """What was read: head ("" or None where the text does not say), arrangements, and what is wrong already."""

    title: str = ""
    number: str = ""
    dated_on: date | None = None
    arrangements: list[Arrangement] = field(default_factory=list)
    contradictions: list[Contradiction] = field(default_factory=list)


def read(text: str, year: int) -> Notice:
    """Read the notice for ``year``. Dates without a year are of ``year``, at 元旦 those of December of the one
    before. Never raises: whatever cannot be read is among the contradictions."""
    plain = unicodedata.normalize("NFKC", text).replace("\r\n", "\n").replace("\r", "\n")
    notice = Notice()
    _read_head(plain, year, notice)
    body = _SIGNED.sub("\n", plain)
    headings = list(_HEADING.finditer(body))
    ends = [*(heading.start() for heading in headings[1:]), len(body)]
    for heading, end in zip(headings, ends, strict=False):
        section = _Section(heading, year)
        section.read(body[heading.end() : end])
        notice.arrangements.append(section.arrangement)
        notice.contradictions += section.contradictions
    return notice


def _read_head(text: str, year: int, notice: Notice) -> None:
    if title := _TITLE.search(text):
        notice.title = re.sub(r"\s", "", title[0])
    if number := _NUMBER.search(text):
        notice.number = re.sub(r"\s", "", number[0])
    if signed := list(_SIGNED.finditer(text)):
        parts = [int(part) for part in signed[-1].groups() if part]
        notice.dated_on = _date(*parts)
        if notice.dated_on is None:
            notice.contradictions.append(Contradiction(f"落款日期{_said(*parts)}不存在。"))
    for named in sorted({int(said) for said in _YEAR.findall(text)} - {year}):
        notice.contradictions.append(Contradiction(f"原文是{named}年的通知，录入的年份是{year}年。"))


class _Section:
    """Reads one numbered paragraph; remembers the last date for those that leave out the month."""

    def __init__(self, heading: re.Match, year: int):
        ordinal, name = heading["ordinal"], heading["name"] or heading["known"]
        name = re.sub(r"[\s“”\"]", "", name)
        self.place = f"{ordinal}、{name}" if ordinal else name
        self.arrangement = Arrangement(name, self.place)
        self.contradictions: list[Contradiction] = []
        self.year = year
        self._last: date | None = None
        self._pending: list[tuple[date, date]] = []

    def read(self, text: str) -> None:
        squeezed = re.sub(r"\s", "", text)
        for sentence in re.split(r"[。;]", squeezed):
            if not _ADVICE.search(sentence):
                self._read_sentence(_DATE_IN_BRACKETS.sub(r"\1", sentence))
        if not self.arrangement.off and not self.contradictions:
            self._wrong("没有读出放假日期。")

    def _read_sentence(self, sentence: str) -> None:
        self._pending = []
        kind, to, behind_date = "", False, False
        for token in _TOKEN.finditer(sentence):
            name = token.lastgroup
            if name == "date":
                behind_date = self._take_date(token, to)
            elif name == "note" and behind_date:
                self._take_weekday(token[0])
            elif name in ("off", "off_count", "work"):
                kind = "work" if name == "work" else "off"
                self._arrange(kind)
            self._take_count(token, name)
            to = name == "to" or (to and name == "note")
        if self._pending and kind:
            self._arrange(kind)
        elif self._pending:
            self._wrong(f"这一句有日期，但没有读懂：“{sentence}”。")

    def _take_date(self, token: re.Match, to: bool) -> bool:
        """Add a date, or end the span that the last one began; False where it cannot be read."""
        parts = self._completed(token)
        if parts is None:
            self._wrong(f"“{token[0]}”没有写明月份。")
            return False
        day = _date(*parts)
        if day is None:
            self._wrong(f"日期{_said(*parts)}不存在。")
            return False
        if to and self._pending:
            self._end_span(day)
        else:
            self._pending.append((day, day))
        self._last = day
        return True

    def _end_span(self, last: date) -> None:
        first, _last = self._pending.pop()
        if last < first:
            self._wrong(f"起止日期颠倒：{_said(first.year, first.month, first.day)}至{_said(*last.timetuple()[:3])}。")
        elif (last - first).days > 30:
            self._wrong(f"放假时间过长：{_said(*first.timetuple()[:3])}至{_said(*last.timetuple()[:3])}。")
        else:
            self._pending.append((first, last))

    def _completed(self, token: re.Match) -> tuple[int, int, int] | None:
        """Year, month and day, with what is left out taken from the date before and from the notice's year."""
        last, day = self._last, int(token["day"])
        if token["month"] is None:
            return (last.year, last.month, day) if last else None
        month = int(token["month"])
        if token["year"]:
            return int(token["year"]), month, day
        december_before = month == 12 and "元旦" in self.arrangement.name
        return self.year - december_before, month, day

    def _take_weekday(self, note: str) -> None:
        if (said := _WEEKDAY.search(note)) and self._last:
            self.arrangement.weekdays.append((self._last, "一二三四五六日".find(said[1].replace("天", "日"))))

    def _take_count(self, token: re.Match, name: str) -> None:
        if name in ("count", "off_count"):
            self.arrangement.said_days = _number(token["days"] or token["off_days"])
        elif name == "plain":
            self.arrangement.no_swap = True

    def _arrange(self, kind: str) -> None:
        if kind == "off":
            self.arrangement.off += self._pending
        else:
            self.arrangement.makeup += [day for span in self._pending for day in each_day(span)]
        self._pending = []

    def _wrong(self, reason: str) -> None:
        self.contradictions.append(Contradiction(reason, place=self.place))


def is_notice(text: str) -> bool:
    """Whether ``text`` has at least one paragraph as notices have them."""
    return bool(_HEADING.search(unicodedata.normalize("NFKC", text)))


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _said(year: int, month: int, day: int) -> str:
    return f"{year}年{month}月{day}日"


def _number(text: str) -> int:
    """12, 九, 十, 十一, 二十."""
    if text.isdecimal():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return _NUMERALS.find(text) + 1
    return (_NUMERALS.find(tens) + 1 if tens else 1) * 10 + (_NUMERALS.find(ones) + 1 if ones else 0)
