"""The whole demonstration, built once for this package on a day that does not move, and rolled back after it."""

from datetime import datetime

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client

from approvals.demonstration import building
from certification import clock
from certification.clock import SHANGHAI
from certification.organisations.models import RoleAssignment, User
from certification.organisations.roles import Role
from certification.rulebook import lookup

ONE_OF_EACH = ("jigou", "chuangkou", "kaodian")
BUILT_ON = datetime(2026, 10, 28, 10, 0, tzinfo=SHANGHAI)


@pytest.fixture(scope="package")
def built(django_db_setup, django_db_blocker):
    """The demonstration province with its cases, and the clock at the moment at which it was built."""
    with django_db_blocker.unblock(), time_machine.travel(BUILT_ON, tick=False), transaction.atomic():
        call_command("load_reference", verbosity=0)
        lookup.forget()
        province = building.build(now=clock.now())
        # Once for all: what is still to be checked when a test begins is checked anew at the end of each.
        connection.check_constraints()
        yield province
        transaction.set_rollback(True)
    lookup.forget()


@pytest.fixture(scope="package")
def logins(built) -> dict[Role, User]:
    """One account per role, of the first city or the province."""
    found = {}
    for assignment in RoleAssignment.objects.select_related("user__organisation").order_by("pk"):
        user, role = assignment.user, Role(assignment.role)
        first_city = user.username in ONE_OF_EACH or user.username.startswith(("shi-", "sheng-"))
        if role not in found and (first_city or role in (Role.AUDITOR, Role.ADMINISTRATOR)):
            found[role] = user
    return found


@pytest.fixture(scope="package")
def clients(logins, django_db_blocker) -> dict[Role, Client]:
    """A browser for each role, logged in once."""
    found = {role: Client() for role in logins}
    with django_db_blocker.unblock():
        for role, client in found.items():
            client.force_login(logins[role])
    return found
