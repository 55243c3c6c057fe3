"""The one data-scope mechanism (rules 5): which rows a user may see, in lists, counts, exports and downloads alike.

A model states the way from its rows to each reach, once::

    class TrainingPlan(models.Model):
        scope = Scope(institution="institution", organiser="organiser", territory="institution__territory")
        objects = ScopedQuerySet.as_manager()
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import models
from django.db.models import Q

from certification import clock
from certification.organisations.roles import REACH, Reach

Way = str | Callable[..., Q] | None


@dataclass(frozen=True)
class Scope:
    """How rows of a model reach those who may see them.

    Each way is a lookup path to an organisation or territory, or a function of the user that returns a Q.
    A reach without a way sees nothing. ``province`` False hides the rows from the province too.
    """

    institution: Way = None
    organiser: Way = None
    territory: Way = None
    window: Way = None
    session: Way = None
    province: bool = True


class ScopedQuerySet(models.QuerySet):
    def visible_to(self, user) -> "ScopedQuerySet":
        """The rows that ``user`` may see: the union over the roles held today."""
        return self.filter(condition(self.model.scope, user))


def condition(scope: Scope, user) -> Q:
    """The Q of what ``user`` may see; an account without roles sees nothing, the jobs' account everything."""
    if user.is_system:
        return Q()
    reaches = {REACH[role] for role in user.roles_on(clock.today())}
    if Reach.PROVINCE in reaches and scope.province:
        return Q()
    seen = Q(pk__in=[])
    if Reach.CITY in reaches:
        seen |= _by(scope.organiser, user, user.organisation_id)
        seen |= _by(scope.territory, user, user.organisation.territory_id)
    if Reach.INSTITUTION in reaches:
        seen |= _by(scope.institution, user, user.organisation_id)
    if Reach.WINDOW in reaches:
        seen |= _by(scope.window, user, user.organisation_id)
    if Reach.SESSION in reaches:
        seen |= _by(scope.session, user, user.person_id)
    return seen


def _by(way: Way, user, value) -> Q:
    if way is None or value is None:
        return Q(pk__in=[])
    if not callable(way):
        return Q(**{way: value})
    # An empty Q means every row, but joined to others by "or" Django drops it.
    return way(user) or ~Q(pk__in=[])
