"""A plan as it was typed: the form's own texts, kept with the draft so that nothing typed is lost.

Keys are the names of the form's fields; teachers stand under ``teacher_name_1``, ``teacher_number_1``,
``teacher_subject_1`` and so on.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import models

TEACHER_ROWS = 6
FIELDS = (
    "job_type",
    "variant",
    "kind",
    "class_start",
    "class_end",
    "wished_exam_on",
    "capacity",
    "onsite_hours",
    "online_hours",
    "venue",
    "remarks",
)


@dataclass(frozen=True)
class TeacherEntry:
    """A teacher as entered: a person of the register once the plan is filed."""

    name: str
    number: str
    subject: str = ""


def teacher_keys(place: int) -> tuple[str, str, str]:
    """The names of the fields of the teacher at ``place`` (from 1)."""
    return f"teacher_name_{place}", f"teacher_number_{place}", f"teacher_subject_{place}"


def teachers_of(typed: Mapping[str, str]) -> list[tuple[int, TeacherEntry]]:
    """The teachers entered, with their places; rows without any text are left out."""
    found = []
    for place in range(1, TEACHER_ROWS + 1):
        entry = TeacherEntry(*(str(typed.get(key, "")).strip() for key in teacher_keys(place)))
        if entry.name or entry.number:
            found.append((place, entry))
    return found


def typed_of(values: Mapping[str, Any], teachers: Iterable[TeacherEntry] = ()) -> dict[str, str]:
    """``values`` (by field name) and ``teachers`` as the form would have typed them."""
    typed = {name: _text(values.get(name)) for name in FIELDS}
    for place, teacher in enumerate(teachers, start=1):
        typed.update(zip(teacher_keys(place), (teacher.name, teacher.number, teacher.subject), strict=True))
    return typed


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, models.Model):
        return str(value.pk)
    return value.isoformat() if isinstance(value, date) else str(value)
