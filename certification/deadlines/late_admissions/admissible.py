"""What the provincial head may admit late: which rules of which cases, who may ask, how long it can hold.

Apps register their models in ``AppConfig.ready``; a rule that nobody registered cannot be admitted late.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.db import models

from certification.organisations import access
from certification.organisations.models import Organisation, User
from certification.organisations.roles import Role
from certification.rulebook.models import RuleEdition


@dataclass(frozen=True)
class Parties:
    """To whom a case belongs: lets them see its admissions. ``organiser`` is None where no route is fixed yet."""

    institution: Organisation | None
    organiser: Organisation | None


@dataclass(frozen=True)
class Admissible:
    """One rule on one model.

    ``askers``: the actions that let somebody ask, each with the attribute of the case that names whose duty it is.
    ``rows`` joins what the other functions read. ``parties``, ``facts`` (label and value, for whoever decides and
    cannot see a draft) and ``edition`` (None: the one in force) are functions of the case, as is ``url``, its page;
    ``act_url`` of case and organisation id is where that organisation goes on once admitted; ``last_day`` of case and
    event day: no admission holds longer. ``told`` names the roles of the organiser that hear of the decision, besides
    its head and those who asked.
    """

    rule_code: str
    model: type[models.Model]
    askers: tuple[tuple[str, str], ...]
    rows: Callable[[models.QuerySet], models.QuerySet]
    parties: Callable[[models.Model], Parties]
    url: Callable[[models.Model], str]
    act_url: Callable[[models.Model, int], str]
    facts: Callable[[models.Model], list[tuple[str, object]]]
    edition: Callable[[models.Model], RuleEdition | None]
    last_day: Callable[[models.Model, date], date]
    category: Callable[[models.Model, date], str] = lambda case, event_on: ""
    told: tuple[Role, ...] = ()

    def organisation_of(self, case: models.Model, user: User) -> int | None:
        """The organisation for which ``user`` may ask about ``case``, by id; None where there is none."""
        for action, owner in self.askers:
            if access.may(user, action) and getattr(case, owner) == user.organisation_id:
                return user.organisation_id
        return None

    def asked_by(self, case: models.Model) -> int:
        """The organisation whose duty the obligation is, by id."""
        return getattr(case, self.askers[0][1])


_REGISTERED: dict[tuple[str, str], Admissible] = {}


def register(admissible: Admissible) -> None:
    """Let the head admit this rule late on this model."""
    _REGISTERED[admissible.model._meta.label, admissible.rule_code] = admissible


def find(model_label: str, rule_code: str) -> Admissible | None:
    """What is registered for a rule on a model, or None."""
    return _REGISTERED.get((model_label, rule_code))
