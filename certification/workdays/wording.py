"""How days and the time left are said on screens (look.md)."""

from datetime import date

WEEKDAYS = "一二三四五六日"


def weekday(day: date) -> str:
    """周一 to 周日."""
    return f"周{WEEKDAYS[day.weekday()]}"


def short_day(day: date, today: date) -> str:
    """``11月27日 周五``; with the year where it is not this one."""
    year = "" if day.year == today.year else f"{day.year}年"
    return f"{year}{day.month}月{day.day}日 {weekday(day)}"


def plain_day(day: date) -> str:
    """``2026年11月27日``, inside a sentence or a title, where the weekday says nothing."""
    return f"{day.year}年{day.month}月{day.day}日"


def full_day(day: date) -> str:
    """``2026年11月27日（周五）``, for letters and refusals."""
    return f"{plain_day(day)}（{weekday(day)}）"
