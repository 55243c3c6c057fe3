"""What happened to a case, from the transition log, as ``{% timeline entries %}`` shows it.

Transitions carry their labels in their machine. Steps that are logged without one are named by their app::

    timeline.register("exams.ExamSession", {"seat": "编排座位"})
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import models

from certification.organisations.models import named
from certification.portal.tones import Tone, tone_of
from certification.records import accesses
from certification.records.models import TransitionLog
from certification.workflow import MACHINES

# A step's name, or a function from what was logged with the step to its name.
Label = str | Callable[[dict], str]

# Steps that the kernel logs on cases of every model.
OF_ANY_CASE: dict[str, Label] = {"deadline_breached": "时限届满未办结", **accesses.LABELS}

_LABELS: dict[str, dict[str, Label]] = defaultdict(dict)
_KEPT_INSIDE: dict[str, set[str]] = defaultdict(set)


@dataclass(frozen=True)
class Entry:
    """One step: when, what, by whom, with which reason, into which tone of state."""

    at: datetime
    title: str
    who: str
    text: str = ""
    tone: str = Tone.DONE.value


def register(model_label: str, labels: dict[str, Label]) -> None:
    """Name the steps of ``model_label`` that are written by ``workflow.log`` and have no transition, or whose
    transition's label says too little; a function names one by its logged detail."""
    _LABELS[model_label].update(labels)


def keep_inside(model_label: str, names: Iterable[str]) -> None:
    """Show these steps of ``model_label`` only to those who work on its cases, not to whom the case is about."""
    _KEPT_INSIDE[model_label].update(names)


def kept_inside(model_label: str) -> frozenset[str]:
    """The steps that ``keep_inside`` named."""
    return frozenset(_KEPT_INSIDE[model_label])


def entries(*subjects: models.Model, inside: bool = True) -> list[Entry]:
    """The steps of the subjects together, oldest first; without ``inside`` those that are kept inside are left out.
    One query for each subject."""
    lines = [(line, subject) for subject in subjects for line in _lines(subject, inside)]
    lines.sort(key=lambda pair: (pair[0].at, pair[0].pk))
    return [_entry(line, subject) for line, subject in lines]


def label(model_label: str, name: str, detail: dict | None = None) -> str:
    """The Chinese name of a logged step, with what its ``detail`` adds."""
    machine = MACHINES.get(model_label)
    found = _LABELS[model_label].get(name)
    if found is None and machine and name in machine.transitions:
        return machine[name].label
    found = found or OF_ANY_CASE.get(name, name)
    return found if isinstance(found, str) else found(detail or {})


def names() -> dict[str, set[str]]:
    """Every logged step by its name in the log, with what it is called on any kind of case."""
    found: dict[str, set[str]] = defaultdict(set)
    for machine in MACHINES.values():
        for name, transition in machine.transitions.items():
            found[name].add(transition.label)
    for labels in (OF_ANY_CASE, *_LABELS.values()):
        for name, one in labels.items():
            found[name].add(one if isinstance(one, str) else one({}))
    return dict(found)


def _lines(subject: models.Model, inside: bool):
    lines = TransitionLog.objects.about(subject).select_related(
        "actor__person", "actor__organisation", "on_behalf_of__person"
    )
    lines = lines.exclude(name__in=accesses.NO_STEPS)
    return lines if inside else lines.exclude(name__in=kept_inside(subject._meta.label))


def _entry(line: TransitionLog, subject: models.Model) -> Entry:
    model_label = subject._meta.label
    title = label(model_label, line.name, line.detail)
    tone = Tone.DONE
    if line.to_state and line.to_state != line.from_state:
        title = f"{title} → {_state_label(model_label, line.to_state)}"
        tone = tone_of(type(subject)(state=line.to_state))
    return Entry(line.at, title, _who(line), line.reason, tone.value)


def _state_label(model_label: str, state: str) -> str:
    machine = MACHINES.get(model_label)
    return str(machine.states(state).label) if machine and state in machine.states.values else state


def _who(line: TransitionLog) -> str:
    who = named(line.actor, line.on_behalf_of)
    return f"{who}（{line.actor.organisation.short_name}）" if line.actor.organisation else who
