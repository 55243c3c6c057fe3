"""The one way to change a state: transition tables and the locked ``apply``.

A machine is a table of transitions over one state field. ``apply`` takes rows, locks them, checks each
one, writes state, history and transition log in a fixed number of statements, and returns a result per
row. ``activity`` wraps each thing a person or a job does: keyword-only, one transaction, history in the
name of the actor.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import wraps

from django.db import models, transaction

from certification import clock
from certification.records import bulk
from certification.records.history import acting_as
from certification.records.models import TransitionLog
from certification.records.models.transitions import Reason
from certification.refusals import Refusal, WrongState

# From so many rows on, one CASE per column takes longer than everything else that is done with them. More than anybody
# ticks in a list at once: what is done to a list costs as many statements for twenty as for two hundred.
MANY = 300


@dataclass(frozen=True)
class Transition:
    """One row of a table: ``name`` moves a thing from any of ``sources`` to ``target`` (None: the state stays)."""

    name: str
    label: str
    sources: tuple[str, ...]
    target: str | None


class Machine:
    """The transition table of one model's state field."""

    def __init__(self, model_label: str, states: type[models.TextChoices], transitions: Iterable[Transition]):
        self.model_label = model_label
        self.states = states
        self.transitions = {transition.name: transition for transition in transitions}
        MACHINES[model_label] = self

    def __getitem__(self, name: str) -> Transition:
        return self.transitions[name]

    def allows(self, name: str, state: str) -> bool:
        """Whether transition ``name`` may start from ``state``; pages ask this before they show a button."""
        return state in self.transitions[name].sources

    def constraint(self, name: str) -> models.CheckConstraint:
        """The database constraint that the state column holds one of the machine's states."""
        return models.CheckConstraint(condition=models.Q(state__in=self.states.values), name=name)


MACHINES: dict[str, Machine] = {}


@dataclass
class Result:
    """What happened to one row: ``refusal`` is None where the transition was made."""

    row: models.Model
    refusal: Refusal | None = None
    from_state: str = ""
    detail: dict = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return self.refusal is None


def activity(function: Callable) -> Callable:
    """Run ``function(*, actor, now, …)`` in one transaction, with history written in the name of ``actor``, and ``now``
    in Asia/Shanghai: a moment that was read from the database has another day for a third of the night."""

    @wraps(function)
    def run(*, actor, now=None, **kwargs):
        with transaction.atomic(), acting_as(actor):
            return function(actor=actor, now=clock.local(now) if now else clock.now(), **kwargs)

    return run


def lock(queryset) -> list:
    """The rows of ``queryset``, locked and freshly read, in primary-key order so that two callers never deadlock."""
    return list(queryset.select_for_update(of=("self",)).order_by("pk"))


def apply(
    machine: Machine,
    name: str,
    rows: Iterable[models.Model],
    *,
    actor,
    now,
    reason: Reason = "",
    check: Callable[[models.Model], None] | None = None,
    change: Callable[[models.Model], None] | None = None,
    fields: tuple[str, ...] = (),
    detail: dict | None = None,
) -> list[Result]:
    """Make transition ``name`` on every row that allows it.

    ``rows`` must come from ``lock``. ``check(row)`` may raise a Refusal, which becomes that row's result.
    ``change(row)`` sets further columns, named in ``fields``; ``reason`` is one for all, or asked of each row.
    The number of statements is the same for one row and for a thousand.
    """
    transition = machine[name]
    results = [_checked(machine, transition, row, check) for row in rows]
    made = [result for result in results if result.ok]
    for result in made:
        if transition.target is not None:
            result.row.state = transition.target
        if change:
            change(result.row)
    _write(transition, made, actor=actor, now=now, reason=reason, fields=fields, detail=detail or {})
    return results


def apply_one(machine: Machine, name: str, row: models.Model, **kwargs) -> models.Model:
    """``apply`` to one locked row; raises its refusal."""
    (result,) = apply(machine, name, [row], **kwargs)
    if result.refusal:
        raise result.refusal
    return result.row


def log(
    rows: Iterable[models.Model],
    name: str,
    *,
    actor,
    now,
    reason: Reason = "",
    detail: dict | list[dict] | Callable[[models.Model], dict] | None = None,
) -> None:
    """Write transition-log lines for something that happened to ``rows`` without a change of state, in one statement;
    a function says the ``reason`` or the ``detail`` of each row, a list the ``detail`` of each in their order."""
    TransitionLog.write(
        [(row, getattr(row, "state", ""), getattr(row, "state", "")) for row in rows],
        name=name,
        actor=actor,
        at=now,
        reason=reason,
        detail=detail or {},
    )


def _checked(machine: Machine, transition: Transition, row: models.Model, check) -> Result:
    result = Result(row=row, from_state=row.state)
    if row.state not in transition.sources:
        label = machine.states(row.state).label
        result.refusal = WrongState(
            f"“{row}”当前状态为“{label}”，不能{transition.label}。", advice="该事项可能已由他人处理，请刷新后查看。"
        )
        return result
    if check:
        try:
            check(row)
        except Refusal as refusal:
            result.refusal = refusal
    return result


def _write(transition: Transition, made: list[Result], *, actor, now, reason, fields, detail) -> None:
    if not made:
        return
    rows = [result.row for result in made]
    columns = [*fields] if transition.target is None else ["state", *fields]
    if columns and len(rows) >= MANY:
        bulk.update(rows, columns, actor=actor, at=now, reason=transition.label)
    elif columns:
        bulk.change(rows, columns, actor=actor, reason=transition.label)
    TransitionLog.write(
        [(result.row, result.from_state, result.row.state) for result in made],
        name=transition.name,
        actor=actor,
        at=now,
        reason=reason,
        detail=detail,
    )
