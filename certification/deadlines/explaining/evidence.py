"""The explanation of a due date on paper, for a dispute: one page A4 with every day of the count."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings

from certification.deadlines.explaining.explanation import Explanation, explain_deadline
from certification.deadlines.explaining.line import line_of_deadline
from certification.deadlines.explaining.versions import versions
from certification.deadlines.models import Deadline
from certification.documents.rendering import render_pdf
from certification.workdays import calendars
from certification.workdays.counting import Step


@dataclass(frozen=True)
class Cell:
    """One day of the count; ``step`` is None on the event day and on days outside the count."""

    day: date
    step: Step | None
    is_event: bool
    is_due: bool


def weeks(explanation: Explanation) -> list[list[Cell]]:
    """The count as whole weeks, Monday first, from the earlier of event and due day to the later; nothing where no
    working days are counted."""
    if not explanation.steps:
        return []
    steps = {step.date: step for step in explanation.steps}
    first, last = min(explanation.event_on, *steps), max(explanation.event_on, *steps)
    start = first - timedelta(days=first.weekday())
    days = [start + timedelta(days=offset) for offset in range((last - start).days + 7 - last.weekday())]
    cells = [Cell(day, steps.get(day), day == explanation.event_on, day == explanation.due_on) for day in days]
    return [cells[place : place + 7] for place in range(0, len(cells), 7)]


def explanation_pdf(deadline: Deadline, *, now: datetime) -> bytes:
    """The PDF of the explanation as things stand on the day of ``now``; the same bytes for the same day and data.

    Raises documents' MissingGlyphs and RendererMissing.
    """
    explanation = explain_deadline(deadline)
    today = now.date()
    context = {
        "title": "时限说明",
        "deadline": deadline,
        "explanation": explanation,
        "line": line_of_deadline(deadline, calendars.as_counted(deadline.calendar_signature), today),
        "weeks": weeks(explanation),
        "versions": versions(deadline),
        "state": deadline.state_at(now),
        "as_of": today,
        "authority": settings.LICENSING_AUTHORITY,
    }
    return render_pdf("deadlines/documents/explanation.html", context)
