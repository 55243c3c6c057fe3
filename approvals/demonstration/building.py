"""Builds the whole demonstration in one transaction: all of it stands, or nothing."""

from dataclasses import dataclass
from itertools import islice

from django.db import transaction
from simple_history.utils import bulk_create_with_history

from approvals.demonstration import accounts, province
from approvals.demonstration.people import invented_people, unsaved
from certification.organisations.models import Organisation, User
from certification.people.models import Person

SEED = 20230401
REGISTERED_PEOPLE = 1000


@dataclass
class Demonstration:
    """What the cases are played with: organisations, accounts by username, people who have no account."""

    province: province.Province
    users: dict[str, User]
    people: list[Person]


def build_once(*, now) -> bool:
    """Build the demonstration unless the database holds organisations already; whether it was built."""
    accounts.require_demonstration()
    if Organisation.objects.exists():
        return False
    with transaction.atomic():
        build(now=now)
    return True


def build(*, now) -> Demonstration:
    """Organisations, accounts, people, cases."""
    system = User.objects.system()
    made = province.build(province.CITIES, actor=system, now=accounts.IN_OFFICE_SINCE)
    divisions = tuple(division for city in province.CITIES for division in city.divisions)
    invented = invented_people(SEED, divisions=divisions, today=now.date())
    users = accounts.make(accounts.planned(made, province.CITIES), invented, actor=system, now=accounts.IN_OFFICE_SINCE)
    people = [unsaved(person, now=now) for person in islice(invented, REGISTERED_PEOPLE)]
    bulk_create_with_history(people, Person, default_user=system, default_date=now)
    return Demonstration(made, users, people)
