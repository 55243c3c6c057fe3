"""The whole demonstration, built once for this package on a day that does not move, and rolled back after it."""

from datetime import datetime

import pytest
import time_machine
from django.core.management import call_command
from django.db import transaction

from approvals.demonstration import building
from certification import clock
from certification.clock import SHANGHAI
from certification.rulebook import lookup

BUILT_ON = datetime(2026, 10, 28, 10, 0, tzinfo=SHANGHAI)


@pytest.fixture(scope="package")
def built(django_db_setup, django_db_blocker):
    """The demonstration province with its cases, and the clock at the moment at which it was built."""
    with django_db_blocker.unblock(), time_machine.travel(BUILT_ON, tick=False), transaction.atomic():
        call_command("load_reference", verbosity=0)
        lookup.forget()
        yield building.build(now=clock.now())
        transaction.set_rollback(True)
    lookup.forget()
