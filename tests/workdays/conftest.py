import pytest

from certification.workdays import loading
from certification.workdays.counting import Calendar, Notice
from certification.workdays.models import CalendarDay


def notice(year: int, folder=loading.SHIPPED) -> Notice:
    head, days = loading.read(folder / f"{year}.toml")
    return Notice(
        year=year,
        key=str(year),
        title=head["notice_title"],
        off={day: name for day, kind, name in days if kind == CalendarDay.Kind.OFF},
        makeup={day: name for day, kind, name in days if kind == CalendarDay.Kind.MAKEUP},
        invented=head.get("invented", False),
    )


@pytest.fixture(scope="session")
def calendar() -> Calendar:
    """The shipped notices, without a database."""
    return Calendar.of(notice(year) for year in range(2023, 2027))
