"""Steps of cases in the order in which they happened."""

from collections import defaultdict
from collections.abc import Callable, Iterable

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q

from approvals.dossiers.sections.cells import cells
from approvals.dossiers.sections.followed import Kind
from approvals.dossiers.sections.reading import Reader
from approvals.dossiers.sections.shapes import Row
from certification.organisations.models import named
from certification.portal import timeline
from certification.records import accesses
from certification.records.models import TransitionLog

# That somebody looked at something is no step of its case.
NO_STEPS = accesses.NO_STEPS | {accesses.REVEAL}

STEP_COLUMNS = ("事项", "环节", "办理人", "时间", "说明")

_Lines = dict[int | None, list[Row]]


def told_steps(reader: Reader, kinds: Iterable[Kind]) -> _Lines:
    """The steps that everybody is shown to whom the cases belong, by class (None: the session's own)."""
    return _steps(reader, [kind for kind in kinds if not kind.inside], lambda kind: ~_kept(kind))


def kept_steps(reader: Reader, kinds: Iterable[Kind]) -> _Lines:
    """The steps that are shown only to those who work on the cases; none where the reader is not one of them."""
    if not reader.inside:
        return {}
    return _steps(reader, kinds, lambda kind: Q() if kind.inside else _kept(kind))


def all_steps(reader: Reader, kinds: Iterable[Kind]) -> _Lines:
    """Every step, for those who work on the cases."""
    return _steps(reader, kinds, lambda _kind: Q())


def _kept(kind: Kind) -> Q:
    return Q(name__in=timeline.kept_inside(kind.model._meta.label))


def _steps(reader: Reader, kinds: Iterable[Kind], which: Callable[[Kind], Q]) -> _Lines:
    lines = []
    for kind in kinds:
        held = reader.cases(kind)
        rows = TransitionLog.objects.filter(
            which(kind), subject_type=ContentType.objects.get_for_model(kind.model), subject_id__in=list(held)
        ).exclude(name__in=NO_STEPS)
        for row in rows.select_related("actor__person", "on_behalf_of__person"):
            case = held[row.subject_id]
            shown = cells(
                case.name,
                timeline.label(kind.model._meta.label, row.name, row.detail),
                named(row.actor, row.on_behalf_of),
                row.at,
                row.reason,
            )
            lines += [(row.at, row.pk, plan, shown) for plan in case.plans]
    found: _Lines = defaultdict(list)
    for _at, _pk, plan, shown in sorted(lines, key=lambda line: line[:2]):
        found[plan].append(shown)
    return found
