"""确认列: which column of the file is which, where the names left a doubt; without a script."""

from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from certification import clock
from certification.imports import contents, purposes, receiving
from certification.imports.matching import ColumnsForm, HeaderForm
from certification.imports.models import Import
from certification.imports.states import AT_WORK, ImportState
from certification.imports.views.pages import found, frame
from certification.refusals import Refusal
from certification.spreadsheets import layout as layouts
from certification.spreadsheets.columns import Column
from certification.spreadsheets.layout import Found
from certification.spreadsheets.reading import read_sheets
from certification.spreadsheets.tables import Sheet


@require_http_methods(["GET", "POST"])
def columns(request, uuid):
    """The form; GET with ``sheet`` and ``header_row`` looks at another sheet or row, POST says it."""
    import_ = found(request, uuid)
    if import_.state in AT_WORK or import_.state not in (ImportState.ASKING, ImportState.CHECKED):
        return redirect("imports:detail", uuid)
    file = receiving.file_in_question(import_)
    sheets = read_sheets(file.content(), file.file.name)
    wanted = list(purposes.of(import_).columns(import_, clock.today()))
    try:
        best = _look(request, import_, sheets, [*wanted, contents.ROW_MARK])
    except Refusal as refusal:
        return render(request, "imports/ended.html", {**frame(import_), "refusal": refusal}, status=422)
    sheet = next(one for one in sheets if one.name == best.layout.sheet)
    form = ColumnsForm(request.POST if request.method == "POST" else None, columns=wanted, found=best, sheet=sheet)
    refusal = None
    if request.method == "POST" and form.is_valid():
        layout = form.chosen()
        if (mark := best.layout.places.get(contents.ROW_MARK.key)) is not None:
            layout.places[contents.ROW_MARK.key] = mark
        try:
            import_ = receiving.match_columns(actor=request.user, import_uuid=uuid, layout=layout)
            receiving.go_on(import_)
            return redirect("imports:detail", uuid)
        except Refusal as refused:
            refusal = refused
    context = {
        **frame(import_),
        "form": form,
        "header": HeaderForm(sheets=sheets, initial={"sheet": sheet.name, "header_row": best.layout.header_row}),
        "doubts": import_.doubts if best.layout.sheet == sheet.name and not request.GET else best.doubts,
        "file": file,
        "refusal": refusal,
    }
    return render(request, "imports/columns.html", context, status=422 if form.errors or refusal else 200)


def _look(request, import_: Import, sheets: list[Sheet], wanted: list[Column]) -> Found:
    """The sheet and row asked for in the address, else those that the last layout or the names suggest."""
    known = contents.remembered(import_)
    row = request.GET.get("header_row", "")
    name = request.GET.get("sheet", sheets[0].name if len(sheets) == 1 else "")
    if row.isdecimal() and len(row) < 7 and (there := layouts.look_at(sheets, name, int(row), wanted, known)):
        return there
    suggestion = layouts.suggest(sheets, wanted, known)
    return suggestion.of_sheet(name) or suggestion.best
