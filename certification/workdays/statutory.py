"""The statutory days off of a year: for years without a notice, and to find what a notice forgets.

Years without a notice have the 13 days of 全国年节及纪念日放假办法 of 2024-11-10, taken literally: no days in lieu of
those that fall on a weekend and no make-up days, since only a notice fixes them. Pure; no Django.
"""

from datetime import date, timedelta
from functools import cache

# The one place that touches it: `holidays` keeps its lunisolar tables (1901 to 2100) in this class only, and
# its own China calendar leaves out the days that older laws did not know.
from holidays.calendars.chinese import _ChineseLunisolar

_lunar = _ChineseLunisolar()

# The first year under the decree of 2024, which added New Year's Eve and 2 May to the 11 days before it.
_THIRTEEN_SINCE = 2025


@cache
def by_decree(year: int) -> dict[date, str]:
    """The days that the decree in force for ``year`` makes off: 13 since 2025, before that (from 2014 on) 11."""
    days = dict(days_off(year))
    if year < _THIRTEEN_SINCE:
        eve = min(day for day, name in days.items() if name == "春节")
        del days[eve], days[date(year, 5, 2)]
    return days


@cache
def days_off(year: int) -> dict[date, str]:
    """The 13 statutory days off of ``year`` by date, with their names.

    Beyond the lunar tables of `holidays` (after 2100) only the days of the solar calendar are known.
    """
    days = {date(year, 1, 1): "元旦"}
    _add(days, _lunar.lunar_new_year_date(year)[0], "春节", first=-1, last=2)
    _add(days, _lunar.qingming_date(year)[0], "清明节")
    _add(days, date(year, 5, 1), "劳动节", last=1)
    _add(days, _lunar.dragon_boat_date(year)[0], "端午节")
    _add(days, _lunar.mid_autumn_date(year)[0], "中秋节")
    _add(days, date(year, 10, 1), "国庆节", last=2)
    return days


def _add(days: dict[date, str], start: date | None, name: str, *, first: int = 0, last: int = 0) -> None:
    if start is None:
        return
    for offset in range(first, last + 1):
        days.setdefault(start + timedelta(days=offset), name)
