"""The workbook that goes back to its sender: the upload with what was corrected since, what was found in each row, and
a mark by which each row is known when it comes again.

The organisation that uploaded it gets the numbers that it typed, whole: it has them anyway and must mend them (rules
5, 7). Nobody else gets this file.
"""

from collections.abc import Callable, Iterator
from pathlib import PurePath
from typing import Any

from certification.imports import contents, reports, working
from certification.imports.contents import ROW_MARK
from certification.imports.models import Import
from certification.refusals import Refusal
from certification.spreadsheets.annotating import PASSED, Annotation, annotate

DROPPED = "已去掉，不导入"


def workbook(import_: Import, progress: Callable[[int, int], None] | None = None) -> bytes:
    """The annotated upload; ``progress`` hears how many rows were written. Raises Refusal where it can no longer be
    read as it was."""
    try:
        found = working.read(import_)
    except contents.Unsure as unsure:
        raise Refusal("列的对应关系需要重新确认。", advice="请先确认各列。") from unsure
    report = reports.unpack(import_.report)
    upload = import_.files.select_related("file").order_by("number").first()
    numbers = {row.number for row in found.table.rows} | set(found.corrected)
    notes = dict.fromkeys(import_.dropped, DROPPED)
    for warning in report.warnings:
        notes[warning.row] = f"{PASSED}。请核对{warning.column}：{warning.message}"
    annotation = Annotation(
        [problem for problem in report.problems if problem.row is not None],
        notes,
        marks={number: contents.mark_of(import_, number) for number in numbers},
        mark_name=ROW_MARK.name,
        places=found.layout.places,
        corrected={number: _cells(record, found.layout.places) for number, record in found.corrected.items()},
        progress=progress,
    )
    return annotate(upload.content(), found.table, annotation=annotation)


def file_name(import_: Import) -> str:
    """The upload's own name, with what was done to it."""
    upload = import_.files.select_related("file").order_by("number").first()
    return f"{PurePath(upload.file.name).stem}-核对结果.xlsx"


def rows(found: contents.Contents) -> Iterator[list[Any]]:
    """The rows as they stand now, by the columns of the upload: those of corrections in their places."""
    width = len(found.table.header)
    for record in found.records:
        if record.row not in found.corrected:
            yield list(record.cells)
            continue
        cells = _cells(record, found.layout.places)
        yield [cells.get(place, "") for place in range(width)]


def _cells(record, places) -> dict[int, Any]:
    """What a correction says, by the positions of the upload."""
    return {index: record.typed(key) for key, index in places.items() if key in record.places and key != ROW_MARK.key}
