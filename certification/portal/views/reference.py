"""What the work rests on, for reading: plan beside rules, rules, checks, calendar, catalogue, designations."""

from django.db.models import Count, Prefetch
from django.http import Http404
from django.shortcuts import render

from certification import clock
from certification.catalogue.models import CatalogueEdition, Category, JobType, OperationGroup
from certification.deadlines.calendars.entry import KEEP, notice_files
from certification.deadlines.due import AREA
from certification.deadlines.rules.editions import PREPARE, VIEW
from certification.deadlines.rules.words import words_of
from certification.organisations.access import may
from certification.organisations.models import Designation, Territory
from certification.people.checks import catalogue as catalogue_of_checks
from certification.portal import year_calendar
from certification.portal.plan import clauses, screens, wording
from certification.rulebook.explaining import explains
from certification.rulebook.models import Certainty, Rule, RuleEdition
from certification.workdays import calendars
from certification.workdays.counting import OutOfRange
from certification.workdays.models import CalendarEdition


def plan(request):
    """方案对照: every clause, beside it the rules that carry it out and the screens where it happens."""
    roles = request.user.roles_on(clock.today())
    beside = clauses.rules_by_clause()
    parts = [
        (
            part,
            [] if part.clauses[0].code == part.number else [_shown(rule) for rule in beside[part.number]],
            [
                (clause, [_shown(rule) for rule in beside[clause.code]], screens.screens_of(clause.code, roles))
                for clause in part.clauses
            ],
        )
        for part in clauses.parts()
    ]
    return render(request, "portal/plan.html", {"parts": parts})


def rules(request):
    """规则: the rules of one edition (``?edition=`` its code; else the one in force) by area."""
    editions = list(RuleEdition.objects.order_by("valid_from"))
    edition = _chosen(editions, request.GET.get("edition"))
    grouped = clauses.rules_by_area(edition) if edition else {}
    areas = [(area, wording.AREAS.get(area, area), [_shown(rule) for rule in found]) for area, found in grouped.items()]
    today = clock.today()
    context = {
        "editions": editions,
        "edition": edition,
        "areas": areas,
        "before": _before(editions, edition),
        "coming": next((one for one in editions if one.active and one.valid_from > today), None),
        "may_view_editions": may(request.user, VIEW),
        "may_prepare": may(request.user, PREPARE),
        "certainties": _certainties(),
    }
    return render(request, "portal/rules.html", context)


def checks(request):
    """核验规则: every check of people and rosters as one edition has it: what it says, what to do, by which clause."""
    editions = list(RuleEdition.objects.order_by("valid_from"))
    edition = _chosen(editions, request.GET.get("edition"))
    rules = {rule.code: rule for rule in edition.rules.filter(area=catalogue_of_checks.AREA)} if edition else {}
    titles = dict(edition.rules.values_list("code", "title")) if edition else {}
    topics: dict[str, list[dict]] = {topic.value: [] for topic in catalogue_of_checks.Topic}
    for check in catalogue_of_checks.checks():
        if rule := rules.get(check.code):
            topics[check.topic.value].append(_shown_check(check, rule, titles))
    context = {
        "editions": editions,
        "edition": edition,
        "topics": [(topic, found) for topic, found in topics.items() if found],
        "number": len(rules),
        "certainties": _certainties(),
    }
    return render(request, "portal/checks.html", context)


def calendar(request, year=None):
    """工作日历: one year by months, days off and make-up days marked."""
    today = clock.today()
    year = year or today.year
    counted_by = calendars.current()
    try:
        months = year_calendar.months(year, counted_by)
    except (OutOfRange, ValueError):
        raise Http404 from None
    editions = CalendarEdition.objects.filter(status=CalendarEdition.Status.PUBLISHED).order_by("year")
    edition = next((edition for edition in editions if edition.year == year), None)
    context = {
        "year": year,
        "today": today,
        "months": months,
        "working_days": sum(month.working_days for month in months),
        "edition": edition,
        "files": notice_files(edition) if edition else [],
        "may_keep": may(request.user, KEEP),
        "published": counted_by.is_published(year),
        "years": sorted({edition.year for edition in editions} | {year, today.year, today.year + 1}),
    }
    return render(request, "portal/calendar.html", context)


def catalogue(request):
    """工种目录: groups and job types of one edition with category, hours and variants."""
    editions = list(CatalogueEdition.objects.order_by("valid_from"))
    edition = _chosen(editions, request.GET.get("edition"))
    job_types = JobType.objects.prefetch_related("variants").order_by("code")
    groups = (
        OperationGroup.objects.filter(edition=edition)
        .prefetch_related(Prefetch("job_types", queryset=job_types))
        .order_by("code")
    )
    categories = [(category, [group for group in groups if group.category == category]) for category in Category]
    counted = JobType.objects.filter(group__edition=edition).aggregate(total=Count("pk"))
    context = {"editions": editions, "edition": edition, "categories": categories, "total": counted["total"]}
    return render(request, "portal/catalogue.html", context)


def designations(request):
    """考试组织指定: which bureau organises which Category 2 group for which city, today."""
    today = clock.today()
    found = list(Designation.objects.in_force(today).select_related("territory", "group", "bureau"))
    groups = sorted({row.group for row in found}, key=lambda group: group.code)
    cells = {(row.territory_id, row.group_id): row for row in found}
    rows = [
        (territory, [cells.get((territory.pk, group.pk)) for group in groups])
        for territory in Territory.objects.order_by("code")
    ]
    context = {"groups": groups, "rows": rows, "found": found, "today": today}
    return render(request, "portal/designations.html", context)


def _chosen(editions: list, code: str | None):
    """The edition named, or the active one in force today, or the first; 404 for an unknown name."""
    if code:
        found = next((edition for edition in editions if edition.code == code), None)
        if found is None:
            raise Http404
        return found
    today = clock.today()
    in_force = [edition for edition in editions if edition.active and edition.valid_from <= today]
    return in_force[-1] if in_force else next(iter(editions), None)


def _shown(rule: Rule) -> dict:
    return {
        "rule": rule,
        "tone": wording.CERTAINTY_TONES[rule.certainty],
        "values": wording.values_in_words(rule.values),
        "words": words_of(rule) if rule.area == AREA else None,
        "explains": explains(rule),
    }


def _shown_check(check: catalogue_of_checks.Check, rule: Rule, titles: dict[str, str]) -> dict:
    severity = rule.values["severity"]
    return {
        "check": check,
        "rule": rule,
        "tone": wording.CERTAINTY_TONES[rule.certainty],
        "level": catalogue_of_checks.LEVELS[severity],
        "level_tone": wording.SEVERITY_TONES[severity],
        "says": check.in_words(check.says),
        "remedy": check.in_words(check.remedy),
        "parameters": [
            (name.replace(".", "-"), titles[name.partition(".")[2]])
            for name in check.parameters
            if name.partition(".")[2] in titles
        ],
    }


def _certainties() -> list[tuple[str, str, str]]:
    """Tone, label and meaning of each mark."""
    return [
        (wording.CERTAINTY_TONES[mark], Certainty(mark).label, meaning)
        for mark, meaning in wording.CERTAINTY_MEANINGS.items()
    ]


def _before(editions: list, edition):
    """The edition that this one followed or is to follow: the active one before it."""
    earlier = [one for one in editions if one.active and one != edition]
    if edition is not None and edition.active:
        earlier = [one for one in earlier if one.valid_from < edition.valid_from]
    return earlier[-1] if earlier else None
