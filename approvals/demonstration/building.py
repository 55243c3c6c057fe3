"""Builds the whole demonstration in one transaction: all of it stands, or nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from django.db import transaction
from simple_history.utils import bulk_create_with_history

from approvals.demonstration import (
    absences,
    accounts,
    bars,
    desks,
    endings,
    list_views,
    playing,
    province,
    registers,
    site_upkeep,
    stocks,
)
from approvals.demonstration.people import InventedPerson, invented_people, unsaved
from certification import clock
from certification.jobs.waking import nobody_runs
from certification.organisations.models import Organisation, User
from certification.people.models import Person

SEED = 20230401
PEOPLE = 1000


@dataclass
class Demonstration:
    """What the cases are played with: organisations, accounts by username."""

    province: province.Province
    users: dict[str, User]


def build_once(*, now) -> bool:
    """Build the demonstration unless the database holds organisations already; whether it was built."""
    accounts.require_demonstration()
    if Organisation.objects.exists():
        return False
    with nobody_runs(), clock.held(), transaction.atomic():
        build(now=now)
    return True


def build(*, now) -> Demonstration:
    """Organisations, accounts, people, cases."""
    system = User.objects.system()
    made = province.build(province.CITIES, actor=system, now=accounts.IN_OFFICE_SINCE)
    divisions = tuple(division for city in province.CITIES for division in city.divisions)
    invented = invented_people(SEED, divisions=divisions, today=now.date())
    users = accounts.make(accounts.planned(made, province.CITIES), invented, actor=system, now=accounts.IN_OFFICE_SINCE)
    stocks.play(users, now=accounts.IN_OFFICE_SINCE)
    playing.play(made, users, invented, now=now)
    site_upkeep.play(users, now=now)
    registers.play(users, invented, now=now)
    bars.play(users, now=now)
    endings.play(users, now=now)
    desks.play(users, now=now)
    absences.play(users, invented, now=now)
    list_views.play(users, now=now)
    _register(invented, actor=system, now=now)
    return Demonstration(made, users)


def _register(invented: Iterator[InventedPerson], *, actor, now) -> None:
    """Fill the register up to the number of people that the demonstration has."""
    missing = max(PEOPLE - Person.objects.count(), 0)
    people = [unsaved(person, now=now) for person in islice(invented, missing)]
    bulk_create_with_history(people, Person, default_user=actor, default_date=now)
