"""The exam calendar of a site by room, and the load of each city's sites."""

from datetime import date, timedelta

from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from certification import clock
from certification.organisations.access import may
from certification.rulebook import lookup
from exams import standards
from exams.models import ExamSite, Part
from exams.rooms import load, room_calendar
from exams.rooms.condition import conditions

YEARS = range(2000, 2100)


@require_GET
def site_calendar(request, pk: int):
    """A week of the site by room; ``?on=`` names a day of it, ``?day`` shows that day alone."""
    sites = ExamSite.objects.visible_to(request.user).select_related("organiser", "territory")
    site = get_object_or_404(sites, pk=pk)
    today = clock.today()
    on = _asked_day(request.GET.get("on", "")) or today
    alone = "day" in request.GET
    days = [on] if alone else room_calendar.week_of(on)
    step = timedelta(days=len(days))
    rows = room_calendar.rows(site, days)
    entries = [entry for row in rows for _day, found in row.days for entry in found]
    known = conditions([row.room for row in rows], today)
    context = {
        "site": site,
        "days": days,
        "on": on,
        "alone": alone,
        "today": today,
        "rows": [(row, known.get(row.room.pk, [])) for row in rows],
        "entries": sorted(entries, key=lambda entry: (entry.use is None, entry.hours, entry.room.name)),
        "before": on - step,
        "after": on + step,
        "may_open": may(request.user, "exams.session.view"),
        "may_manage": may(request.user, "exams.site.manage") and site.organiser_id == request.user.organisation_id,
    }
    return render(request, "exams/site_calendar.html", context)


@require_GET
def site_load(request):
    """How many people each city's sites can examine in a month, against what is announced; ``?city=`` shows its days,
    ``?month=2026-04`` another month."""
    today = clock.today()
    first = _asked_day(f"{request.GET.get('month', '')}-01") or today.replace(day=1)
    loads = load.of_month(request.user, first)
    city = request.GET.get("city", "")
    shown = next((one for one in loads if str(one.territory.pk) == city), loads[0] if len(loads) == 1 else None)
    edition = lookup.edition_on(today)
    sites = ExamSite.objects.visible_to(request.user).filter(active=True)
    context = {
        "first": first,
        "before": (first - timedelta(days=1)).replace(day=1),
        "after": (first + timedelta(days=32)).replace(day=1),
        "loads": loads,
        "shown": shown,
        "sites": sites.filter(territory=shown.territory).order_by("name") if shown else [],
        "theory_rounds": standards.rounds_per_day(Part.THEORY, edition),
        "practical_rounds": standards.rounds_per_day(Part.PRACTICAL, edition),
    }
    return render(request, "exams/site_load.html", context)


def _asked_day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year in YEARS else None
