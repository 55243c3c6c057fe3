"""One import: its progress, what the check found, what was saved; and the workbook that goes back."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import HttpResponseClientRefresh

from certification import clock
from certification.imports import purposes, receiving, reports, returning, undecided, workbooks, working
from certification.imports.models import Import
from certification.imports.reports import Report
from certification.imports.states import AT_WORK, ImportState, Standing
from certification.records.content import XLSX
from certification.refusals import Refusal

PAGE_SIZE = 100
WARNINGS = "warnings"
LEAVING = "leaving"
ALL = "all"


@dataclass(frozen=True)
class Tab:
    """One view of the rows: its name in the address, label, number, and whether it is the one shown."""

    name: str
    label: str
    count: int
    current: bool


@require_safe
def detail(request, uuid):
    """How far it is; while the background works the page asks again by itself, with a script or without."""
    import_ = found(request, uuid)
    if import_.state in AT_WORK:
        return render(request, "imports/progress.html", frame(import_))
    if request.htmx and request.htmx.target == "progress":
        return HttpResponseClientRefresh()
    if import_.state == ImportState.ASKING:
        return redirect("imports:columns", import_.uuid)
    if import_.state == ImportState.SAVED:
        return render(request, "imports/saved.html", frame(import_))
    if import_.state in (ImportState.REFUSED, ImportState.DISCARDED):
        return render(request, "imports/ended.html", frame(import_))
    return show_checked(request, import_)


@require_http_methods(["GET", "HEAD", "POST"])
def workbook(request, uuid):
    """The sender's own workbook with what was found in each row; POST has that of a long import made."""
    import_ = found(request, uuid)
    if not import_.checked_at or import_.state not in workbooks.JUDGED:
        raise Http404
    if request.method == "POST":
        try:
            receiving.go_on(receiving.ask_for_workbook(actor=request.user, import_uuid=uuid))
        except Refusal as refusal:
            messages.warning(request, str(refusal))
        return redirect("imports:detail", uuid)
    if import_.workbook is None and not workbooks.is_short(import_):
        return redirect("imports:detail", uuid)
    try:
        content = receiving.take_workbook(import_, actor=request.user, now=clock.now())
    except Refusal as refusal:
        return show_checked(request, import_, refusal=refusal)
    header = content_disposition_header(as_attachment=True, filename=returning.file_name(import_))
    headers = {"Content-Disposition": header, "Cache-Control": "private, no-store"}
    return HttpResponse(content, content_type=XLSX, headers=headers)


def found(request, uuid) -> Import:
    """The import of the address; 404 where it is not this person's."""
    import_ = receiving.find(request.user, uuid)
    if import_ is None:
        raise Http404
    return import_


def show_checked(request, import_: Import, *, refusal: Refusal | None = None):
    """The preview: figures, wrong rows first, and what can be done now."""
    purpose = purposes.of(import_)
    report = reports.unpack(import_.report)
    shown = request.GET.get("show") or (Standing.WRONG if import_.counts.get("problems") else ALL)
    closed = purpose.closed(import_, clock.now())
    said = refusal or working.refusal_of(import_)
    rows, pages = _page(request, _rows(report, shown))
    context = {
        **frame(import_),
        "report": report,
        "refusal": said,
        "closed": closed,
        "tabs": _tabs(import_, report, shown),
        "shown": shown,
        "rows": rows,
        "pages": pages,
        "general": [problem for problem in report.problems if problem.row is None],
        "may_save": receiving.may_be_saved(import_) and closed is None,
        "wrong": import_.counts.get(Standing.WRONG, 0),
    }
    return render(request, "imports/checked.html", context, status=422 if refusal else 200)


def frame(import_: Import) -> dict:
    """What every page of an import shows of it."""
    purpose = purposes.of(import_)
    files = list(import_.files.select_related("file").order_by("number"))
    return {
        "import": import_,
        "purpose": purpose,
        "title": purpose.title(import_),
        "back": purpose.url(import_),
        "files": files,
        "upload": files[0],
        "corrections": files[1:],
        "counts": import_.counts,
        "refusal": working.refusal_of(import_),
        "keeps_until": undecided.keeps_until(import_),
        "workbook_ready": import_.workbook_id is not None or workbooks.is_short(import_),
        "percent": _percent(import_),
    }


def _percent(import_: Import) -> int:
    return import_.done * 100 // import_.total if import_.total else 0


def _tabs(import_: Import, report: Report, shown: str) -> list[Tab]:
    counts = import_.counts
    tabs = [(standing.value, standing.label, counts.get(standing.value, 0)) for standing in Standing]
    tabs += [
        (LEAVING, "移除", counts.get("leaving", 0)),
        (WARNINGS, "请核对", counts.get("warnings", 0)),
        (ALL, "全部", counts.get("rows", 0)),
    ]
    return [Tab(name, label, count, name == shown) for name, label, count in tabs if count or name == shown]


def _rows(report: Report, shown: str) -> list[dict]:
    """The lines of one view, each a dict of what its row of the table says."""
    if shown == LEAVING:
        return [{"text": name} for name in report.leaving]
    if shown == WARNINGS:
        return [{"problem": warning} for warning in report.warnings]
    problems: dict[int, list] = {}
    for problem in report.problems:
        if problem.row is not None:
            problems.setdefault(problem.row, []).append(problem)
    return [
        {
            "row": row,
            "standing": Standing(row.standing),
            "texts": list(zip(row.texts, report.labels, strict=True)),
            "problems": problems.get(row.number, []),
            "changes": report.changes.get(row.number, []),
        }
        for row in report.rows
        if shown in (ALL, row.standing)
    ]


def _page(request, rows: list) -> tuple[list, dict]:
    """The lines of the page asked for, and the addresses of its neighbours."""
    asked = request.GET.get("page", "")
    last = max((len(rows) - 1) // PAGE_SIZE + 1, 1)
    number = min(max(int(asked), 1), last) if asked.isdecimal() and len(asked) < 7 else 1

    def address(page: int) -> str:
        return f"?{urlencode({**request.GET.dict(), 'page': page})}" if 1 <= page <= last else ""

    pages = {
        "previous_url": address(number - 1),
        "next_url": address(number + 1),
        "first": (number - 1) * PAGE_SIZE + 1,
        "last": min(number * PAGE_SIZE, len(rows)),
        "total": len(rows),
    }
    return rows[(number - 1) * PAGE_SIZE : number * PAGE_SIZE], pages


def address_of(import_: Import) -> str:
    """Where an import is shown."""
    return reverse("imports:detail", args=[import_.uuid])
