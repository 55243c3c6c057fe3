"""In what a notice contradicts itself, the calendar or the decree: every contradiction, with its day and reason.

Pure. A notice with any of them is refused whole; nothing is guessed.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from certification.workdays import statutory
from certification.workdays.arrangements import Arrangement, Day, days_of
from certification.workdays.models import CalendarDay
from certification.workdays.wording import full_day, weekday

# A hole in a holiday longer than this is told as one line.
_LONGEST_GAP = 9
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Contradiction:
    """One thing that cannot be true; ``day`` is None where it is not about one day, ``place`` "" where nowhere."""

    reason: str
    day: date | None = None
    place: str = ""

    def __str__(self) -> str:
        about = "，".join(part for part in (self.place, full_day(self.day) if self.day else "") if part)
        return f"{about}：{self.reason}" if about else self.reason


def of_arrangements(year: int, arrangements: Sequence[Arrangement]) -> list[Contradiction]:
    """Everything that is wrong with a notice for ``year``, in the order of its parts, then of the year."""
    if not arrangements:
        return [Contradiction("没有读出任何一个节日的放假安排。")]
    found = [one for arrangement in arrangements for one in _of_one(year, arrangement)]
    return [*found, *_of_all(arrangements), *_statutory(year, arrangements)]


def of_days(year: int, days: Iterable[Day]) -> list[Contradiction]:
    """What no set of days may hold, whoever wrote it: a make-up day on a weekday, a day twice, another year's."""
    kinds: dict[date, list[str]] = {}
    found = []
    for day, kind, name in days:
        kinds.setdefault(day, []).append(kind)
        if kind == CalendarDay.Kind.MAKEUP:
            found += _weekday_worked(day, name)
        found += _wrong_year(year, day, name)
    return found + [_twice(day, written, "") for day, written in kinds.items() if len(written) > 1]


def _of_one(year: int, arrangement: Arrangement) -> Iterator[Contradiction]:
    place = arrangement.place
    for day, said in arrangement.weekdays:
        if day.weekday() != said:
            yield Contradiction(f"写作周{'一二三四五六日'[said]}，实为{weekday(day)}。", day, place)
    for day in arrangement.makeup:
        yield from _weekday_worked(day, place)
    for day in sorted({*arrangement.days_off, *arrangement.makeup}):
        yield from _wrong_year(year, day, place)
    yield from _before_the_year(year, arrangement)
    yield from _gaps(arrangement)
    yield from _number_of_days(arrangement)
    if arrangement.no_swap and arrangement.makeup:
        yield Contradiction("写明不调休，又列有上班的日期。", arrangement.makeup[0], place)


def _weekday_worked(day: date, place: str) -> Iterator[Contradiction]:
    if day.weekday() < 5:
        yield Contradiction("不是周六、周日，不能作为调休上班日。", day, place)


def _wrong_year(year: int, day: date, place: str) -> Iterator[Contradiction]:
    """A notice speaks of its own year, and at New Year of the last days of the year before."""
    if not date(year - 1, 12, 1) <= day <= date(year, 12, 31):
        yield Contradiction(f"不属于{year}年的放假安排。", day, place)


def _before_the_year(year: int, arrangement: Arrangement) -> Iterator[Contradiction]:
    days = arrangement.days_off
    before = [day for day in days if date(year - 1, 12, 1) <= day < date(year, 1, 1)]
    if before and date(year, 1, 1) not in days:
        yield Contradiction(f"在{year}年之前，又不与{year}年元旦相连。", before[0], arrangement.place)


def _gaps(arrangement: Arrangement) -> Iterator[Contradiction]:
    days = sorted(set(arrangement.days_off))
    for before, after in zip(days, days[1:], strict=False):
        missing = (after - before).days - 1
        if missing > _LONGEST_GAP:
            reason = f"与下一个放假日{full_day(after)}之间隔了 {missing} 天，放假日期不连续。"
            yield Contradiction(reason, before, arrangement.place)
            continue
        for offset in range(1, missing + 1):
            yield Contradiction("在假期中间，却没有列为放假。", before + timedelta(days=offset), arrangement.place)


def _number_of_days(arrangement: Arrangement) -> Iterator[Contradiction]:
    listed = len(set(arrangement.days_off))
    if arrangement.said_days is not None and arrangement.said_days != listed:
        first = min(arrangement.days_off, default=None)
        reason = f"写明共 {arrangement.said_days} 天，所列放假日期为 {listed} 天。"
        yield Contradiction(reason, first, arrangement.place)


def _of_all(arrangements: Sequence[Arrangement]) -> Iterator[Contradiction]:
    places: dict[date, list[str]] = {}
    kinds: dict[date, list[str]] = {}
    for arrangement in arrangements:
        for day, kind, _name in days_of([arrangement]):
            kinds.setdefault(day, []).append(kind)
            places.setdefault(day, []).append(arrangement.place)
    for day in sorted(kinds):
        if len(kinds[day]) > 1:
            yield _twice(day, kinds[day], "；".join(dict.fromkeys(places[day])))


def _twice(day: date, kinds: list[str], place: str) -> Contradiction:
    if len(set(kinds)) > 1:
        return Contradiction("既列为放假，又列为上班。", day, place)
    ((kind, times),) = Counter(kinds).items()
    return Contradiction(f"列为{CalendarDay.Kind(kind).label} {times} 次，日期重复。", day, place)


def _statutory(year: int, arrangements: Sequence[Arrangement]) -> Iterator[Contradiction]:
    """Days that the decree makes off and that would be worked by this notice."""
    off = {day for arrangement in arrangements for day in arrangement.days_off}
    worked = {day for arrangement in arrangements for day in arrangement.makeup}
    for day, name in statutory.by_decree(year).items():
        if day not in off and (day.weekday() < 5 or day in worked):
            yield Contradiction(f"是法定放假日（{name}），却没有列为放假。", day)
