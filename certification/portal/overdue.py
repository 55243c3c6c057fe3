"""The number of overdue deadlines on the home page of those who oversee the work; it opens the board."""

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse

from certification.deadlines.overview import board, standing
from certification.deadlines.overview.standing import Standing
from certification.organisations.models import User
from certification.portal.todo import Kind, Todo, overseen


def _overdue(user: User, now: datetime) -> Iterator[Todo]:
    rows = board.deadlines(user).filter(standing.condition(Standing.OVERDUE, now), internal=False)
    yield Todo("逾期未办的事项", reverse("deadlines:board"), kind=Kind.FIGURE, count=rows.count())


lines = overseen({"deadlines.board": (_overdue,)})
