"""倒排计划: one class and one exam planned backwards. The whole state is in the address; nothing is stored."""

from datetime import date

from django.http import QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_safe

from certification import clock
from certification.catalogue.models import CatalogueEdition, JobType
from certification.deadlines.due import AREA
from certification.deadlines.explaining.line import line_of_due
from certification.deadlines.forms import PlannerForm
from certification.deadlines.planning import starts
from certification.deadlines.planning.months import months
from certification.deadlines.planning.planner import Planned, event_days, plan
from certification.rulebook import lookup
from certification.rulebook.models import RuleEdition
from certification.workdays import calendars
from certification.workdays.counting import Calendar


@require_safe
def planner(request):
    """Every due date of the wished class and exam, the slack of each tier, the months, the earliest lawful days."""
    today = clock.today()
    form = PlannerForm(_asked(request.GET), job_types=_job_types(today), today=today)
    context = {"form": form, "planned": None}
    if form.is_valid():
        context |= _planned(request, form, today)
    return render(request, "deadlines/planner.html", context, status=200 if form.is_valid() else 422)


def _asked(typed: QueryDict) -> QueryDict:
    """What the address asks, with the first choice where it says nothing."""
    asked = typed.copy()
    for name, value in (("kind", "INITIAL"), ("category", "TWO")):
        asked.setdefault(name, value)
    return asked


def _planned(request, form: PlannerForm, today: date) -> dict:
    calendar, since = calendars.current(), form.cleaned_data["today"]
    edition = lookup.edition_on(since)
    wish = form.wish()
    planned = plan(
        wish,
        lookup.rules(edition, AREA),
        calendar,
        today=since,
        announcement=lookup.rule("examination", "announcement", edition),
    )
    job_type = form.cleaned_data["job_type"]
    return {
        "planned": planned,
        "rows": _rows(planned, calendar, today),
        "months": months(planned, calendar),
        "edition": edition,
        "other_editions": _other_editions(edition, planned, today),
        "address": form.data.urlencode(),
        "earliest": _earliest(form, planned),
        "starts": starts.offered(starts.PlannedFor(wish, request.user, job_type.pk if job_type else None)),
        "category": wish.category,
        "job_type": job_type,
        "since": since,
        "is_today": since == today,
    }


def _rows(planned: Planned, calendar: Calendar, today: date) -> list[dict]:
    """The wished days, the due dates and the last day to announce a session, in the order of their days."""
    rows = [{"day": day, "event": name} for day, name in event_days(planned.wish)]
    if planned.announcement:
        rows.append({"day": planned.announcement.last_on, "announcement": planned.announcement})
    for line in planned.lines:
        text = line_of_due(line.due, calendar, today, category=planned.wish.category)
        rows.append({"day": line.due_on, "line": line, "text": text})
    return sorted(rows, key=lambda row: row["day"])


def _job_types(today: date):
    edition = CatalogueEdition.objects.in_force(today)
    return JobType.objects.filter(group__edition=edition).select_related("group").order_by("group__code", "code")


def _other_editions(edition: RuleEdition, planned: Planned, today: date) -> list[tuple[RuleEdition, date]]:
    """Editions that come into force before the plan is done, each with the day from which to plan by it."""
    last = max((line.due_on for line in planned.lines), default=planned.today)
    rows = RuleEdition.objects.filter(active=True, valid_from__lte=last, valid_from__gt=today).exclude(pk=edition.pk)
    return [(row, row.valid_from) for row in rows.order_by("valid_from")]


def _earliest(form: PlannerForm, planned: Planned) -> dict[str, str]:
    """The address with the earliest class start, and with the earliest exam; the class keeps its length."""
    wish, earliest = planned.wish, planned.earliest
    started = form.data.copy()
    started["class_start"] = earliest.class_start.isoformat()
    if wish.class_start and wish.class_end:
        started["class_end"] = (earliest.class_start + (wish.class_end - wish.class_start)).isoformat()
    elif wish.class_end and wish.class_end < earliest.class_start:
        started["class_end"] = ""
    if wish.exam_on:
        started["exam_on"] = ""
    examined = form.data.copy()
    examined["exam_on"] = earliest.exam_on.isoformat()
    return {"class_start": started.urlencode(), "exam_on": examined.urlencode()}
