"""The monthly figures of deadlines, and the file of what they show."""

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django import forms
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from certification import clock
from certification.deadlines.overview import board, tier_days
from certification.deadlines.overview.figures import GROUPING_LABELS, Figures, Grouping, Line, figures
from certification.deadlines.overview.filters import EVERY, INTERNAL, LATE, CaseFilter
from certification.deadlines.overview.standing import Standing
from certification.spreadsheets.exporting import FORMS, export
from certification.workdays import calendars

NAME = "时限统计"
MONTHS = 6
COLUMNS = [
    "应办",
    Standing.MET.label,
    Standing.MET_LATE.label,
    Standing.CLOSED_LATE.label,
    Standing.OVERDUE.label,
    Standing.OPEN.label,
    "按时率（%）",
    "平均用时（工作日）",
    "平均逾期（工作日）",
]
_HEIGHT, _STEP, _BAR = 120, 72, 40


class FiguresFilter(CaseFilter):
    """Which deadlines to count, and by what; the last six months unless others are asked for."""

    by = forms.ChoiceField(label="按", required=False)
    field_order = ["by", "since", "until", "rule", "tier", "city", "institution", "category", "group"]

    def __init__(self, data, *, user):
        data = data.copy()
        if not data.get("since") and not data.get("until"):
            data.update({"since": _months_back(clock.today(), MONTHS - 1), "until": f"{clock.today():%Y-%m}"})
        super().__init__(data, user=user)
        del self.fields["nature"]
        groupings = [by for by in Grouping if by not in ("city", "institution") or by.value in self.fields]
        self.fields["by"].choices = [(by.value, GROUPING_LABELS[by]) for by in groupings]

    @property
    def grouping(self) -> Grouping:
        """By what the lines are made."""
        return Grouping(self.chosen.get("by", Grouping.MONTH))

    @property
    def board_query(self) -> dict[str, str]:
        """What narrows the board to all that is counted here."""
        return {name: value for name, value in self.query.items() if name != "by"}


@dataclass(frozen=True)
class _Cell:
    number: object
    url: str = ""


@dataclass(frozen=True)
class _Bar:
    """One month of the chart: its parts from the bottom up as (y, height, manner), and the late number above."""

    x: int
    label: str
    late: int
    top: int
    parts: list[tuple[int, int, str]]


@require_safe
def monthly(request):
    """Due, in time, late, by what the person chooses; the working days of the late cases by tier."""
    now, calendar = clock.now(), calendars.current()
    form = FiguresFilter(request.GET, user=request.user)
    plan, internal = _both(request, form, now, calendar)
    binding = _rows(request, form).filter(internal=False)
    by_month = plan if form.grouping == Grouping.MONTH else figures(binding, Grouping.MONTH, now=now, calendar=calendar)
    used = tier_days.of_late(binding, now=now, calendar=calendar)
    query = {**form.board_query, "by": form.grouping.value}
    context = {
        "form": form,
        "head": GROUPING_LABELS[form.grouping],
        "columns": COLUMNS,
        "lines": _cells(plan, form, {}),
        "internal_lines": _cells(internal, form, {"nature": INTERNAL}),
        "bars": _bars(by_month),
        "chart_width": max(_STEP * len(by_month.lines), _STEP),
        "chart_height": _HEIGHT,
        "used": used,
        "late_url": _board(form, {"state": LATE}),
        "exports": [(kind, f"{reverse('deadlines:figures_export', args=[kind])}?{urlencode(query)}") for kind in FORMS],
    }
    return render(request, "deadlines/figures.html", context)


@require_safe
def monthly_export(request, form: str):
    """The same tables as xlsx or csv, internal targets apart."""
    if form not in FORMS:
        raise Http404
    wanted = FiguresFilter(request.GET, user=request.user)
    plan, internal = _both(request, wanted, clock.now(), calendars.current())
    rows = [
        [nature, *_values(line)]
        for nature, found in (("方案和法定时限", plan), ("内部控制目标", internal))
        for line in ([*found.lines, found.total] if found.lines else [])
    ]
    columns = ["性质", GROUPING_LABELS[wanted.grouping], *COLUMNS]
    return export(form, columns, rows, name=f"{NAME}-{clock.today():%Y%m%d}")


def _rows(request, form: FiguresFilter):
    return form.narrow_both(board.deadlines(request.user))


def _both(request, form: FiguresFilter, now, calendar) -> tuple[Figures, Figures]:
    """What plan and law ask, and the internal targets apart."""
    rows = _rows(request, form)
    return tuple(
        figures(rows.filter(internal=internal), form.grouping, now=now, calendar=calendar) for internal in (False, True)
    )


def _values(line: Line) -> list:
    """A line of the file: the label and the numbers in the order of COLUMNS."""
    counts = (line.counts[name] for name in _ORDER)
    return [line.label, line.due, *counts, line.in_time_rate, line.average_used, line.average_late]


_ORDER = (Standing.MET, Standing.MET_LATE, Standing.CLOSED_LATE, Standing.OVERDUE, Standing.OPEN)


def _cells(found: Figures, form: FiguresFilter, more: dict[str, str]) -> list[tuple[str, list[_Cell], bool]]:
    """Label, cells and whether it is the sum; every count links to its rows on the board."""
    lines = [*found.lines, found.total] if found.lines else []
    result = []
    for line in lines:
        narrowed = {**line.query, **more}
        cells = [_Cell(line.due, _board(form, {**narrowed, "state": EVERY}))]
        cells += [_Cell(line.counts[name], _board(form, {**narrowed, "state": name.value})) for name in _ORDER]
        cells += [_Cell(line.in_time_rate), _Cell(line.average_used), _Cell(line.average_late)]
        result.append((line.label, cells, line is found.total))
    return result


def _board(form: FiguresFilter, query: dict[str, str]) -> str:
    return f"{reverse('deadlines:board')}?{urlencode({**form.board_query, **query})}"


def _bars(by_month: Figures) -> list[_Bar]:
    """Stacked from the bottom: in time, late, not yet due."""
    most = max((line.due for line in by_month.lines), default=0) or 1
    bars = []
    for place, line in enumerate(by_month.lines):
        y, parts = _HEIGHT, []
        for number, manner in (
            (line.counts[Standing.MET], "met"),
            (line.late, "late"),
            (line.counts[Standing.OPEN], "open"),
        ):
            height = _HEIGHT * number // most or (2 if number else 0)
            y -= height
            if height:
                parts.append((y, height, manner))
        bars.append(_Bar(place * _STEP + (_STEP - _BAR) // 2, line.label, line.late, y, parts))
    return bars


def _months_back(day: date, months: int) -> str:
    index = day.year * 12 + day.month - 1 - months
    return f"{index // 12}-{index % 12 + 1:02d}"
