"""Steps of cases in the order in which they happened."""

from django.contrib.contenttypes.models import ContentType

from approvals.dossiers.sections.cells import cells
from approvals.dossiers.sections.shapes import Row
from certification.portal import timeline
from certification.records import accesses
from certification.records.models import TransitionLog


def step_rows(subjects: dict[type, dict[int, str]]) -> list[Row]:
    return [row for _pk, row in step_lines(subjects)]


def step_lines(subjects: dict[type, dict[int, str]], hidden: frozenset[str] = frozenset()) -> list[tuple[int, Row]]:
    """Steps of the named subjects, without those ``hidden``, in the order in which they happened: (subject id, row)."""
    found = []
    for model, names in subjects.items():
        rows = TransitionLog.objects.filter(
            subject_type=ContentType.objects.get_for_model(model), subject_id__in=list(names)
        ).select_related("actor__person")
        for row in rows.exclude(name__in=hidden | accesses.NO_STEPS).order_by("at", "pk"):
            found.append(
                (
                    row.at,
                    row.pk,
                    row.subject_id,
                    cells(
                        names[row.subject_id],
                        timeline.label(model._meta.label, row.name, row.detail),
                        row.actor,
                        row.at,
                        row.reason,
                    ),
                )
            )
    return [(pk, row) for _at, _id, pk, row in sorted(found, key=lambda one: one[:2])]
