"""A session or an exam plan begun from the planner: its form with what was planned."""

from datetime import date
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils.dateparse import parse_date

from certification.catalogue.models import ApplicationKind, Category
from certification.deadlines.planning import starts
from certification.organisations.models import OrganisationKind


def register() -> None:
    """Offer both forms in the planner."""
    starts.register("据此公布考试场次", "exams.session.announce", announce_address)
    starts.register("编制考试计划", "exams.plan.file", plan_address)


def announce_address(planned_for: starts.PlannedFor) -> str:
    """The form of a new session on the planned day; nothing where another office organises it or it is announced."""
    wish = planned_for.wish
    if wish.exam_on is None or wish.announced or not _organises(planned_for):
        return ""
    typed = {"job_type": planned_for.job_type, "theory_day": wish.exam_on}
    if wish.kind == ApplicationKind.INITIAL:
        typed["practical_day"] = wish.exam_on
    return f"{reverse('exams:session_announce')}?{urlencode({name: value for name, value in typed.items() if value})}"


def plan_address(planned_for: starts.PlannedFor) -> str:
    """The form of a new exam plan with the announced sessions of the planned day ticked."""
    wish = planned_for.wish
    if wish.exam_on is None or not _organises(planned_for):
        return ""
    typed = {"on": wish.exam_on, "job_type": planned_for.job_type}
    return f"{reverse('exams:plan_create')}?{urlencode({name: value for name, value in typed.items() if value})}"


def session_initial(asked: QueryDict) -> dict[str, str]:
    """What the address fills into the form of a new session; the form judges it."""
    return {name: asked[name] for name in ("job_type", "theory_day", "practical_day") if asked.get(name)}


def planned_day(asked: QueryDict) -> tuple[date | None, str]:
    """The day and the job type (its key, or "") whose sessions a new exam plan should list."""
    try:
        day = parse_date(asked.get("on", ""))
    except ValueError:
        day = None
    return day, asked.get("job_type", "")


def _organises(planned_for: starts.PlannedFor) -> bool:
    """The provincial centre organises Category 1, city bureaux Category 2 (rules 1.2)."""
    provincial = planned_for.user.organisation.kind == OrganisationKind.PROVINCIAL_CENTRE
    return provincial == (planned_for.wish.category == Category.ONE)
