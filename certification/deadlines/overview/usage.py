"""Who used which working days of a case (用时明细), from its transition log (rules 2.11).

As everywhere the day of receipt is not counted: a day belongs to who held the case when it began, so that the days
of one holder are counted exactly as its deadline counts them, and the days of all add up to those between the first
moment and the last. Days on which the clock stood still belong to nobody.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db import models

from certification import clock
from certification.deadlines import cases
from certification.deadlines.cases import CaseKind
from certification.deadlines.holders import Tier, resolved, tier_in
from certification.deadlines.models import Pause
from certification.organisations.models import Organisation, OrganisationKind
from certification.records.models import TransitionLog
from certification.workdays.counting import Calendar, Interval, merged
from certification.workflow import MACHINES


@dataclass(frozen=True)
class Spell:
    """One stretch in which a case stayed in one state with one holder (never ORGANISER: city or province).

    ``days`` are working days, those on which the clock stood still apart in ``paused_days``. ``running``: it lasts.
    """

    tier: Tier
    organisation: Organisation | None
    label: str
    starts_at: datetime
    ends_at: datetime
    running: bool = False
    days: int = 0
    paused_days: int = 0


@dataclass(frozen=True)
class Share:
    """The working days of one holder in all its spells, and their part of the whole in per cent."""

    tier: Tier | None
    label: str
    days: int
    percent: int


@dataclass(frozen=True)
class _Moment:
    """From ``at`` on the case stood in ``state``."""

    at: datetime
    case: models.Model
    state: str


def spells(case: models.Model, *, now: datetime, calendar: Calendar) -> list[Spell]:
    """The spells of a case and of those that it continued from and into, in order, up to its end or to ``now``."""
    chain = cases.chain_of(case)
    moments = _moments(chain)
    if not moments:
        return []
    end = _end(chain[-1], moments, now)
    centre = Organisation.objects.provincial_centre()
    found = [_spell(moment, centre) for moment in _changes(moments) if moment.at < end or moment is moments[0]]
    pauses = _pauses(chain, clock.day_of(now))
    ends = [spell.starts_at for spell in found[1:]] + [max(end, found[0].starts_at)]
    found = [_counted(spell, until, pauses, calendar) for spell, until in zip(found, ends, strict=True)]
    if end == now:
        found[-1] = replace(found[-1], running=True)
    return found


def shares(found: Sequence[Spell]) -> list[Share]:
    """The days by holder, in the order in which they first held the case; those without a clock last."""
    total = sum(spell.days + spell.paused_days for spell in found)
    days: dict[Tier, int] = {}
    for spell in found:
        days[spell.tier] = days.get(spell.tier, 0) + spell.days
    result = [Share(tier, str(tier.label), used, _percent(used, total)) for tier, used in days.items()]
    paused = sum(spell.paused_days for spell in found)
    return [*result, Share(None, "中止计算", paused, _percent(paused, total))] if paused else result


def _moments(chain: list[models.Model]) -> list[_Moment]:
    """What the logs of the chain say, oldest first; what a case did after its successor began is left out."""
    found: list[_Moment] = []
    for case in chain:
        own = _own_moments(case)
        if own:
            found = [moment for moment in found if moment.at < own[0].at] + own
    return found


def _own_moments(case: models.Model) -> list[_Moment]:
    # Lines without a state (a breach, a reminder) say nothing of who held the case.
    stated = TransitionLog.objects.about(case).exclude(to_state="")
    lines = list(stated.values_list("at", "from_state", "to_state"))
    found = [_Moment(at, case, state) for at, _before, state in lines]
    kind = cases.kind_of(type(case))
    began_at = kind.began_at(case) if kind else None
    if began_at and (not found or began_at < found[0].at):
        _at, before, state = lines[0] if found else (began_at, "", case.state)
        found.insert(0, _Moment(began_at, case, before or state))
    return found


def _changes(moments: list[_Moment]) -> list[_Moment]:
    """Only those moments at which the state, and with it the holder, may have changed."""
    kept = moments[:1]
    for moment in moments[1:]:
        if (moment.case, moment.state) != (kept[-1].case, kept[-1].state):
            kept.append(moment)
    return kept


def _end(last_case: models.Model, moments: list[_Moment], now: datetime) -> datetime:
    """When the case ended: since then nobody holds it; ``now`` while somebody does."""
    end = now
    for moment in reversed(moments):
        if tier_in(moment.case._meta.label, moment.state) != Tier.NOBODY:
            break
        end = moment.at
    kind: CaseKind | None = cases.kind_of(type(last_case))
    told = kind.ended_at(last_case, now) if kind else None
    return min(end, told) if told else end


def _spell(moment: _Moment, centre: Organisation) -> Spell:
    label, kind = moment.case._meta.label, cases.kind_of(type(moment.case))
    institution, organiser = kind.parties(moment.case)
    tier = resolved(tier_in(label, moment.state), by_province=_is_province(organiser))
    organisation = {Tier.INSTITUTION: institution, Tier.CITY: organiser, Tier.PROVINCE: centre}.get(tier)
    machine = MACHINES.get(label)
    words = str(machine.states(moment.state).label) if machine else moment.state
    return Spell(tier, organisation, words, moment.at, moment.at)


def _is_province(organiser: Organisation | None) -> bool:
    return organiser is not None and organiser.kind == OrganisationKind.PROVINCIAL_CENTRE


def _counted(spell: Spell, until: datetime, pauses: list[Interval], calendar: Calendar) -> Spell:
    first, last = clock.day_of(spell.starts_at), clock.day_of(until)
    days = calendar.between(first, last)
    paused = sum(calendar.overlap(first, last, pause) for pause in pauses)
    return replace(spell, ends_at=until, days=days - paused, paused_days=paused)


def _pauses(chain: list[models.Model], today: date) -> list[Interval]:
    found = [pause for case in chain for pause in Pause.objects.about([case])]
    return merged((pause.starts_on, max(pause.ends_on or today, pause.starts_on)) for pause in found)


def _percent(part: int, whole: int) -> int:
    return round(100 * part / whole) if whole else 0
