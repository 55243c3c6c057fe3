"""Whom a reminder reaches: the accounts that hold the rule's roles today, and who is told where nobody does."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from certification.deadlines.holders import Tier
from certification.deadlines.models import Deadline
from certification.deadlines.reminding.stages import ESCALATION
from certification.deadlines.stages import BREACH
from certification.organisations.models import RoleAssignment
from certification.organisations.roles import Role
from certification.rulebook import lookup
from certification.rulebook.models import Rule

HEADS = (Role.CITY_HEAD, Role.PROVINCIAL_HEAD)
TO_ORGANISER = "ORGANISER"
NOT_YET = "案件尚在前一环节，未到本单位办理"


@dataclass(frozen=True)
class Duty:
    """Whom one stage is for: everybody at an organisation who holds one of the roles, but nobody who is told of the
    same in another way (``besides``: organisation and roles). ``answering``: the matter is the answer to a return.
    ``suppressed`` says why nobody is told, "" where they are."""

    stage: str
    organisation_id: int
    roles: tuple[str, ...]
    besides: tuple[int, tuple[str, ...]] | None = None
    answering: bool = False
    suppressed: str = ""


def duties(deadline: Deadline, stage: str, centre_id: int, *, turn: Tier | None) -> list[Duty]:
    """Who is to be told of ``stage``; ``turn`` as ``acting.turns`` has it, None where the responsible act.

    Ahead of the day and on it whoever has to act. Once it has passed, whoever was responsible and the tier above it;
    where the answer to a return is missing, whoever should have answered and the tier that returned it.
    """
    rule = lookup.by_id(deadline.rule_id)
    values = settings_of(rule)
    own = deadline.responsible_id, tuple(values["roles"])
    if turn is not None and turn != Tier.NOBODY and (stage != BREACH or turn == Tier.INSTITUTION):
        answers = acts_for(deadline, turn, centre_id), tuple(_tiers(rule)[turn]["roles"])
        found = [Duty(stage, *answers, answering=True)]
        return [*found, Duty(ESCALATION, *own, besides=answers, answering=True)] if stage == BREACH else found
    if stage != BREACH:
        return [Duty(stage, *own, suppressed=NOT_YET if turn == Tier.NOBODY else "")]
    all_own = deadline.responsible_id, (*own[1], *values.get("breach_roles", ()))
    above = _tier_above(deadline, values["escalate_to"], centre_id)
    return [Duty(BREACH, *all_own), Duty(ESCALATION, above, tuple(values["escalate_roles"]), besides=all_own)]


def acts_for(deadline: Deadline, turn: Tier | None, centre_id: int) -> int | None:
    """The organisation that has to act now, None where nobody has to."""
    return {
        None: deadline.responsible_id,
        Tier.INSTITUTION: deadline.institution_id,
        Tier.CITY: deadline.organiser_id,
        Tier.ORGANISER: deadline.organiser_id,
        Tier.PROVINCE: centre_id,
    }.get(turn)


def settings_of(rule: Rule) -> dict:
    """``roles``, ``escalate_to`` and ``escalate_roles`` of a deadline rule; a rule that names none (of an edition
    made before it had to) has those of its tier from the rule ``reminder.tiers``."""
    if "roles" in rule.values:
        return rule.values
    return _tiers(rule)[rule.values["responsible"]]


def _tiers(rule: Rule) -> dict:
    return lookup.rule("reminder", "tiers", rule.edition).values


def _tier_above(deadline: Deadline, tier: str, centre_id: int) -> int:
    """The organiser is above the institution; above the organiser, and where there is none, the province."""
    organiser = deadline.organiser_id
    if tier == TO_ORGANISER and organiser is not None and organiser != deadline.responsible_id:
        return organiser
    return centre_id


class Desks:
    """Who holds which role where on one day, read in one query for all organisations and roles that are asked for."""

    def __init__(self, wanted: Iterable[Duty], day: date):
        wanted = list(wanted)
        roles = {role for duty in wanted for role in duty.roles} | set(HEADS)
        here = Q(user__organisation__in={duty.organisation_id for duty in wanted}, role__in=roles)
        rows = (
            RoleAssignment.objects.in_force(day)
            .filter(here | Q(role=Role.ADMINISTRATOR), user__is_active=True)
            .order_by("user_id")
            .values_list("user_id", "user__organisation_id", "role")
        )
        self._at: dict[tuple[int, str], list[int]] = defaultdict(list)
        self._administrators: list[int] = []
        for user, organisation, role in rows:
            self._at[organisation, role].append(user)
            if role == Role.ADMINISTRATOR:
                self._administrators.append(user)

    def holders(self, organisation_id: int, roles: Iterable[str]) -> list[int]:
        """The accounts at an organisation with one of the roles, each once."""
        return list(dict.fromkeys(user for role in roles for user in self._at.get((organisation_id, role), ())))

    def instead(self, organisation_id: int) -> list[int]:
        """Who is told that nobody holds a role: the organisation's head, or the administrators."""
        return self.holders(organisation_id, HEADS) or list(dict.fromkeys(self._administrators))
