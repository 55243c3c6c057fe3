"""Which certificates somebody may see: those that a decision they may see granted, renewed or reviewed, and those with
which a trainee whom they may see came to class (rules 5)."""

from django.db.models import QuerySet

from approvals.models import Decision
from certification import clock
from certification.organisations.roles import REACH, Reach
from certification.people.models import Certificate
from training.models import Trainee


def certificates_visible_to(user) -> QuerySet[Certificate]:
    """The register of certificates within the user's reach: the province sees imported ones too."""
    reaches = {REACH[role] for role in user.roles_on(clock.today())}
    if user.is_system or Reach.PROVINCE in reaches:
        return Certificate.objects.all()
    granted = Decision.objects.visible_to(user).filter(certificate__isnull=False)
    held = Trainee.objects.visible_to(user).filter(certificate__isnull=False)
    return Certificate.objects.filter(pk__in=granted.values("certificate").union(held.values("certificate")))
