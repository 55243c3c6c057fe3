"""A diary of acts, each with its moment, played in the order of time up to the present."""

from collections.abc import Callable
from datetime import date, datetime, time

from certification.clock import SHANGHAI
from certification.workdays import calendars


class Diary:
    """Collects acts and plays those that lie before the end of today.

    What is noted for a later hour of today is played now: what the demonstration shows depends on the day on which
    it is made, not on the hour.
    """

    def __init__(self, now: datetime):
        self.now = now.astimezone(SHANGHAI)
        self.today = self.now.date()
        self._calendar = calendars.current()
        self._entries: list[tuple[datetime, int, Callable]] = []

    def day(self, shift: int, of: date | None = None) -> date:
        """The ``shift``-th working day after (before, where negative) ``of``, by default today."""
        return self._calendar.shift(of or self.today, shift).date

    def note(self, day: date, at: str, act: Callable) -> None:
        """Let ``act(now)`` happen on ``day`` at ``at`` ("09:30")."""
        moment = datetime.combine(day, time.fromisoformat(at), tzinfo=SHANGHAI)
        self._entries.append((moment, len(self._entries), act))

    def play(self, every_morning: Callable[[datetime], None]) -> None:
        """Play everything up to today; ``every_morning`` runs before the first act of each day that has any."""
        morning_of = None
        for moment, _place, act in sorted(self._entries, key=lambda entry: entry[:2]):
            if moment.date() > self.today:
                return
            if moment.date() != morning_of:
                morning_of = moment.date()
                every_morning(min(datetime.combine(morning_of, time(0, 10), tzinfo=SHANGHAI), self.now))
            act(min(moment, self.now))
