"""The small province that tests stand on."""

import pytest

from certification.organisations.models import Designation, OrganisationKind, User
from certification.organisations.roles import Role
from tests.factories import BUILT_AT


@pytest.mark.parametrize("_time", ["built", "put back"])
def test_the_world_is_the_same_each_time(world, _time):
    """Built once, put back later: nobody must notice."""
    roles = {role for user in User.objects.exclude(username="system") for role in user.roles_on(BUILT_AT.date())}
    assert roles == set(Role)
    assert world.user("jigou").organisation == world.institution
    assert Designation.objects.count() == 8
    assert world.centre.kind == OrganisationKind.PROVINCIAL_CENTRE
    first, second = world.persons(2)
    assert first.pk != second.pk


def test_a_city_organises_for_its_neighbour(world):
    designation = Designation.objects.get(territory=world.other_bureau.territory, group__code="04")
    assert designation.bureau == world.bureau
