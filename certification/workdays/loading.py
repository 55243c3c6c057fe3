"""Loads the shipped calendars (``calendars/*.toml``). Loading again changes nothing.

A year that has a published edition in the database keeps it: what administrators published wins.
"""

import tomllib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from django.conf import settings

from certification.workdays.arrangements import Day
from certification.workdays.models import CalendarDay, CalendarEdition
from certification.workdays.publishing import draft, publish

SHIPPED = Path(__file__).parent / "calendars"


def load_calendars(*, now) -> list[CalendarEdition]:
    """Publish every shipped year that has no published edition yet; the invented year of the demonstration only
    where ``DEMONSTRATION_CALENDAR`` allows it. Returns what was published."""
    published = set(
        CalendarEdition.objects.filter(status=CalendarEdition.Status.PUBLISHED).values_list("year", flat=True)
    )
    contents = (tomllib.loads(path.read_text("utf-8")) for path in _files())
    return [publish(_draft(content), now=now) for content in contents if content["year"] not in published]


def read(path: Path) -> tuple[dict, list[Day]]:
    """A calendar file's head and its days."""
    content = tomllib.loads(path.read_text("utf-8"))
    return content, list(days(content))


def days(content: dict) -> Iterator[Day]:
    """The days of a calendar file: each holiday's range (first and last day included) and its make-up days."""
    for holiday in content["holiday"]:
        day = holiday["from"]
        while day <= holiday["to"]:
            yield day, CalendarDay.Kind.OFF, holiday["name"]
            day += timedelta(days=1)
        for worked in holiday.get("makeup", []):
            yield worked, CalendarDay.Kind.MAKEUP, holiday["name"]


def _files() -> list[Path]:
    files = sorted(SHIPPED.glob("*.toml"))
    return files + sorted((SHIPPED / "demo").glob("*.toml")) if settings.DEMONSTRATION_CALENDAR else files


def _draft(content: dict) -> CalendarEdition:
    return draft(
        year=content["year"],
        notice_title=content["notice_title"],
        notice_date=content.get("notice_date"),
        days=days(content),
        invented=content.get("invented", False),
    )
