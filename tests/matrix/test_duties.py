"""The role table of rules 4a, walked: each role may do exactly its acts, through an account that holds it alone."""

import pytest

from certification.organisations import access
from certification.organisations.models import RoleAssignment
from certification.organisations.roles import Role
from certification.refusals import NotPermitted
from tests.matrix.duties import ACTS, ADMINISTRATOR, ALL, APPROVES, AUDITOR, EITHER, FOR_THEMSELVES, HEADS, READS

TABLE = ACTS | APPROVES | EITHER | FOR_THEMSELVES | READS


def test_the_table_names_every_role_and_every_action():
    assert set(Role.values) == ALL
    assert access.ACTIONS.keys() == TABLE.keys()
    assert not ACTS.keys() & READS.keys()


@pytest.fixture
def account_with(built, db):
    def find(role: str):
        held = RoleAssignment.objects.filter(role=role, user__is_active=True).order_by("pk").first()
        assert held, f"nobody holds {role}"
        return held.user

    return find


@pytest.mark.parametrize("role", Role.values)
def test_each_role_may_do_exactly_its_acts(account_with, role):
    user = account_with(role)
    expected = {code for code, roles in TABLE.items() if role in roles}
    allowed = {code for code in access.ACTIONS if access.may(user, code)}
    assert allowed == expected
    for code in access.ACTIONS.keys() - expected:
        with pytest.raises(NotPermitted):
            access.require(user, code)


def test_who_prepares_does_not_approve_and_who_watches_changes_nothing():
    for code, roles in ACTS.items():
        assert not roles & AUDITOR, code
        assert not roles & HEADS, code
        assert not roles & ADMINISTRATOR or roles == ADMINISTRATOR, code
    for code, roles in APPROVES.items():
        assert roles <= HEADS, code
