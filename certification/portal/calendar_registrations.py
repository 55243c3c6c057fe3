"""What the calendar screens add to the registries: tones, names of logged steps, the administrator's line at
home."""

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse

from certification import clock
from certification.deadlines.calendars.entry import KEEP
from certification.deadlines.calendars.missing_notices import years_without_notice
from certification.organisations.models import User
from certification.portal import timeline, todo, tones
from certification.portal.todo import Todo

EDITION = "workdays.CalendarEdition"


def register() -> None:
    """Fill the registries; called once, when the portal is ready."""
    tones.register(
        EDITION,
        {"DRAFT": "attention", "PUBLISHED": "done", "SUPERSEDED": "waiting", "DISCARDED": "waiting"},
        field="status",
    )
    timeline.register(
        EDITION, {"enter": "录入", "correct": "另立更正草稿", "discard": "作废草稿", "publish": _published}
    )
    todo.register(todo.by_right({KEEP: (_missing,)}))


def _published(detail: dict) -> str:
    if "moved" not in detail:
        return "发布"
    return f"发布：{detail['moved']} 项时限变动，{detail['late']} 项因此逾期，通知 {detail['notified']} 个账号"


def _missing(user: User, now: datetime) -> Iterator[Todo]:
    for year in years_without_notice(clock.day_of(now)):
        yield Todo(
            f"录入{year}年放假通知",
            f"{reverse('portal:calendar-edition-create')}?year={year}",
            "尚未载入，所涉时限均为暂定",
        )
