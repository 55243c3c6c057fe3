"""What moving an event changes, tier by tier, for the page that asks before it happens, and who is told after it.

Preview and result are both lists of ``moving.Move``; this says them in lines, names them for a confirmation, and finds
the accounts that act on them.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from certification.deadlines import holders, naming
from certification.deadlines.holders import Tier
from certification.deadlines.models import Deadline
from certification.deadlines.moving import Move
from certification.deadlines.reminding.recipients import Desks, Duty, settings_of
from certification.organisations.models import OrganisationKind
from certification.refusals import WrongState
from certification.rulebook import lookup
from certification.rulebook.models import Rule

NAMES_SHOWN = 5
TIERS = (Tier.INSTITUTION, Tier.CITY, Tier.PROVINCE)


@dataclass(frozen=True)
class Line:
    """Deadlines that move alike: of one rule and one organisation, from one day to another, met or not.

    ``names`` are the cases: all of them where they become late, else the first few of ``count``.
    """

    rule: Rule
    tier: Tier
    responsible: str
    due_before: date
    due_after: date
    provisional_before: bool
    provisional_after: bool
    becomes_late: bool
    met: bool
    names: tuple[str, ...]
    count: int

    @property
    def more(self) -> int:
        """How many cases are not named."""
        return self.count - len(self.names)

    @property
    def later(self) -> bool:
        return self.due_after > self.due_before


def lines_of(moves: Iterable[Move]) -> list[Line]:
    """The moves in lines, the institution's first and the province's last, within a tier the earliest first."""
    moves = [move for move in moves if move.moved]
    names = naming.names_of([move.deadline for move in moves])
    alike: dict[tuple, list[str]] = defaultdict(list)
    first: dict[tuple, Move] = {}
    for move in moves:
        first.setdefault(_alike(move), move)
        alike[_alike(move)].append(names[move.deadline.pk])
    lines = [_line(first[key], sorted(cases)) for key, cases in alike.items()]
    return sorted(lines, key=lambda line: (TIERS.index(line.tier), line.due_before, line.rule.pk, line.responsible))


@dataclass(frozen=True)
class Ending:
    """Open obligations of one rule and one organisation that end: ``count`` of them, ``due_on`` the earliest."""

    rule: Rule
    tier: Tier
    responsible: str
    due_on: date
    count: int


def endings_of(deadlines: Iterable[Deadline]) -> list[Ending]:
    """The unmet among ``deadlines`` (read for display) in lines, by tier."""
    alike: dict[tuple, list[Deadline]] = defaultdict(list)
    for row in deadlines:
        if row.met_at is None:
            alike[row.rule_id, row.responsible_id].append(row)
    endings = [
        Ending(rows[0].rule, _tier(rows[0]), str(rows[0].responsible), min(row.due_on for row in rows), len(rows))
        for rows in alike.values()
    ]
    return sorted(endings, key=lambda one: (TIERS.index(one.tier), one.due_on, one.rule.pk))


def require_as_foreseen(foreseen: str, confirmed: str) -> None:
    """Raise WrongState where what would happen now is not what was confirmed."""
    if foreseen != confirmed:
        raise WrongState("预览之后情况有变化，尚未办理。", advice="请核对下面更新后的预览，再确认。")


def fingerprint(moves: Iterable[Move], facts: Iterable[object]) -> str:
    """Names exactly these moves and ``facts``: the same again as long as nothing differs."""
    said = [
        f"{move.deadline.pk} {move.due_before} {move.due_after} {move.anchor_after} {move.provisional_after} "
        f"{move.becomes_late} {move.deadline.met_at is not None}"
        for move in moves
    ]
    return hashlib.sha256("\n".join([*said, *map(str, facts)]).encode()).hexdigest()


def late(moves: Iterable[Move]) -> int:
    """How many become late."""
    return sum(move.becomes_late for move in moves)


def accounts_of(moves: Sequence[Move], day: date) -> dict[int, list[Move]]:
    """Who acts on the deadlines that move and are still open, by account."""
    by_deadline = {move.deadline.pk: move for move in moves if move.moved}
    found = holders_of([move.deadline for move in by_deadline.values()], day)
    return {account: [by_deadline[row.pk] for row in rows] for account, rows in found.items()}


def holders_of(deadlines: Iterable[Deadline], day: date) -> dict[int, list[Deadline]]:
    """Who acts on what is unmet among ``deadlines``, by account: those with the rule's roles at the responsible
    organisation, or whoever is told where nobody holds them."""
    unmet = [row for row in deadlines if row.met_at is None]
    duties = {
        (row.rule_id, row.responsible_id): Duty(
            "move", row.responsible_id, tuple(settings_of(lookup.by_id(row.rule_id))["roles"])
        )
        for row in unmet
    }
    desks = Desks(duties.values(), day)
    found: dict[int, list[Deadline]] = defaultdict(list)
    for row in unmet:
        duty = duties[row.rule_id, row.responsible_id]
        for account in desks.holders(duty.organisation_id, duty.roles) or desks.instead(duty.organisation_id):
            found[account].append(row)
    return found


def said_of(moves: Sequence[Move]) -> str:
    """What an account is told of its own deadlines, in a sentence; "" without any."""
    if not moves:
        return ""
    overdue = late(moves)
    said = f"您经办的 {len(moves)} 项时限随之变动"
    return f"{said}，其中 {overdue} 项因此逾期，补办须经逾期特批。" if overdue else f"{said}。"


def _alike(move: Move) -> tuple:
    return (
        move.rule.pk,
        move.deadline.responsible_id,
        move.due_before,
        move.due_after,
        move.provisional_before,
        move.provisional_after,
        move.becomes_late,
        move.deadline.met_at is not None,
    )


def _line(move: Move, cases: list[str]) -> Line:
    return Line(
        rule=move.rule,
        tier=_tier(move.deadline),
        responsible=str(move.deadline.responsible),
        due_before=move.due_before,
        due_after=move.due_after,
        provisional_before=move.provisional_before,
        provisional_after=move.provisional_after,
        becomes_late=move.becomes_late,
        met=move.deadline.met_at is not None,
        names=tuple(cases if move.becomes_late else cases[:NAMES_SHOWN]),
        count=len(cases),
    )


def _tier(deadline: Deadline) -> Tier:
    by_province = deadline.responsible.kind == OrganisationKind.PROVINCIAL_CENTRE
    return holders.resolved(Tier(lookup.by_id(deadline.rule_id).values["responsible"]), by_province=by_province)
