"""What the cases of deadlines are called, for many at once."""

from collections.abc import Iterable

from django.contrib.contenttypes.models import ContentType

from certification.deadlines import cases
from certification.deadlines.models import Deadline
from certification.organisations.models import Organisation

GONE = "（已不存在）"


def names_of(deadlines: Iterable[Deadline]) -> dict[int, str]:
    """The name of each deadline's case: deadline id → name, in one query for each kind of case."""
    return {pk: name for type_id, rows in _by_kind(deadlines).items() for pk, name in _names(type_id, rows).items()}


def public_names_of(deadlines: Iterable[Deadline]) -> dict[int, str]:
    """The same for where no person may be named: the case of a person is called by its institution."""
    by_kind = _by_kind(deadlines)
    personal = [row for type_id, rows in by_kind.items() if _is_personal(type_id) for row in rows]
    names = _institutions(personal) if personal else {}
    for type_id, rows in by_kind.items():
        if not _is_personal(type_id):
            names |= _names(type_id, rows)
    return names


def _by_kind(deadlines: Iterable[Deadline]) -> dict[int, list[Deadline]]:
    by_kind: dict[int, list[Deadline]] = {}
    for deadline in deadlines:
        by_kind.setdefault(deadline.subject_type_id, []).append(deadline)
    return by_kind


def _model(type_id: int):
    return ContentType.objects.get_for_id(type_id).model_class()


def _is_personal(type_id: int) -> bool:
    kind = cases.kind_of(_model(type_id))
    return bool(kind and kind.personal)


def _names(type_id: int, rows: list[Deadline]) -> dict[int, str]:
    model = _model(type_id)
    kind = cases.kind_of(model)
    found = model._base_manager.select_related(*(kind.related if kind else ()))
    subjects = found.in_bulk([row.subject_id for row in rows])
    return {row.pk: str(subjects.get(row.subject_id, GONE)) for row in rows}


def _institutions(rows: list[Deadline]) -> dict[int, str]:
    wanted = {row.institution_id for row in rows if row.institution_id}
    names = dict(Organisation.objects.filter(pk__in=wanted).values_list("pk", "short_name"))
    return {row.pk: names.get(row.institution_id, "") for row in rows}
