"""When a crontab line comes round: the turns of a day, the next one, the longest wait between two, and in words."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache

from celery.schedules import crontab

from certification.clock import SHANGHAI

WEEKDAYS = "日一二三四五六"
# Within this time every line comes round that is not for the 29th of February alone.
_SEARCHED_DAYS = 800


@dataclass(frozen=True)
class Turns:
    """A crontab line (minute hour day-of-month month day-of-week), by the time of Asia/Shanghai."""

    line: str
    times: tuple[time, ...]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]

    @classmethod
    @cache
    def of(cls, line: str) -> "Turns":
        """Raises ValueError for a line that is none."""
        minute, hour, day, month, weekday = line.split()
        parsed = crontab(minute, hour, weekday, day, month)
        times = tuple(time(hour, minute) for hour in sorted(parsed.hour) for minute in sorted(parsed.minute))
        days, months, weekdays = (
            frozenset(found) for found in (parsed.day_of_month, parsed.month_of_year, parsed.day_of_week)
        )
        return cls(line, times, days, months, weekdays)

    def falls_on(self, day: date) -> bool:
        """Whether there is a turn on ``day``."""
        return day.day in self.days and day.month in self.months and day.isoweekday() % 7 in self.weekdays

    def after(self, moment: datetime) -> Iterator[datetime]:
        """The turns after ``moment``, first to last, over rather more than two years."""
        start = moment.astimezone(SHANGHAI)
        for offset in range(_SEARCHED_DAYS):
            day = start.date() + timedelta(days=offset)
            if self.falls_on(day):
                turns = (datetime.combine(day, at, tzinfo=SHANGHAI) for at in self.times)
                yield from (turn for turn in turns if turn > start)

    @property
    def interval(self) -> timedelta:
        """The longest time between two turns that follow each other."""
        return _longest_wait(self.line)

    def in_words(self) -> str:
        """As an administrator reads it: 每 10 分钟, 每天 02:30, 每周一 08:00, 12月每天 08:00."""
        return f"{self._days_in_words()}{self._times_in_words()}"

    def _days_in_words(self) -> str:
        months = "" if len(self.months) == 12 else "、".join(f"{month}月" for month in sorted(self.months))
        if len(self.days) < 31:
            days = "、".join(f"{day}日" for day in sorted(self.days))
            return f"{months or '每月'}{days} "
        if self.weekdays == frozenset(range(1, 6)):
            return f"{months}周一至周五 "
        if len(self.weekdays) < 7:
            return f"{months}每周{'、'.join(WEEKDAYS[weekday] for weekday in sorted(self.weekdays))} "
        return months and f"{months}每天 "

    def _times_in_words(self) -> str:
        minutes = [at.hour * 60 + at.minute for at in self.times]
        if step := _even_step([*minutes, minutes[0] + 24 * 60]):
            return f"每{step}"
        if len(minutes) > 3 and (step := _even_step(minutes)):
            at = f"{self.times[0]:%H:%M} 至 {self.times[-1]:%H:%M} 每{step}"
        else:
            at = "、".join(f"{at:%H:%M}" for at in self.times)
        return at if self._days_in_words() else f"每天 {at}"


def _even_step(minutes: list[int]) -> str:
    """The time between two of the minutes where it is always the same and shorter than a day, else nothing."""
    steps = {late - early for early, late in zip(minutes, minutes[1:], strict=False)}
    if len(steps) != 1 or (step := steps.pop()) >= 24 * 60:
        return ""
    return f"{step // 60}小时" if step % 60 == 0 else f"{step}分钟"


@cache
def _longest_wait(line: str) -> timedelta:
    turns = Turns.of(line)
    days = [day for day in _days_of_two_years() if turns.falls_on(day)]
    if not days:
        return timedelta(days=_SEARCHED_DAYS)
    over_night = max(((b - a) for a, b in zip(days, days[1:], strict=False)), default=timedelta(days=365))
    first, last = (timedelta(hours=at.hour, minutes=at.minute) for at in (turns.times[0], turns.times[-1]))
    within = [
        timedelta(hours=b.hour - a.hour, minutes=b.minute - a.minute)
        for a, b in zip(turns.times, turns.times[1:], strict=False)
    ]
    return max([over_night - last + first, *within])


def _days_of_two_years() -> Iterator[date]:
    return (date(2026, 1, 1) + timedelta(days=offset) for offset in range(_SEARCHED_DAYS))
