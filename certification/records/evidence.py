"""Photographs and papers that show what was found on the spot (inspections, incidents): judged by content, bare, kept
under their case."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db import models

from certification.records import pictures
from certification.records.content import JPEG, PDF, PNG, require_type
from certification.records.models import StoredFile
from certification.refusals import Incomplete, Problem

MOST_FILES = 9
PICTURES = (JPEG, PNG)
PAPERS = (JPEG, PNG, PDF)
_ENDINGS = {JPEG: "jpg", PNG: "png", PDF: "pdf"}

# Name and content of an uploaded file.
Upload = tuple[str, bytes]


def media_types(files: Sequence[Upload], field: str, allowed, problems: list[Problem]) -> list[str]:
    """The media types of the files; what is wrong with them is added to ``problems``."""
    if len(files) > MOST_FILES:
        problems.append(Problem(f"最多上传 {MOST_FILES} 个文件。", code="too_many", field=field))
        return []
    types = []
    for name, content in files:
        try:
            types.append(require_type(content, allowed, field))
        except Incomplete as refusal:
            problems += [
                Problem(f"“{name}”：{problem.message}", code=problem.code, field=field, advice=problem.advice)
                for problem in refusal.problems
            ]
    return types


def keep(files: Sequence[Upload], types: list[str], word: str, owner, *, actor, now, first: int = 1) -> None:
    """Store the files under ``owner``, named by ``word`` and their place from ``first`` on."""
    for place, ((_name, content), media_type) in enumerate(zip(files, types, strict=True), start=first):
        name = f"{word}{place}.{_ENDINGS[media_type]}"
        content = content if media_type == PDF else pictures.clean(content, media_type)
        StoredFile.store(content, name=name, media_type=media_type, owner=owner, actor=actor, now=now)


def kept(model: type[models.Model], ids: Iterable[int]) -> dict[int, list[StoredFile]]:
    """What was kept under the rows of ``model``, in order: row id → files. One query."""
    found: dict[int, list[StoredFile]] = defaultdict(list)
    for row in StoredFile.objects.of(model, ids).order_by("pk"):
        found[row.owner_id].append(row)
    return found
