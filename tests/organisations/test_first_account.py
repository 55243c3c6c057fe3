"""The first account of an installation, made on the command line."""

import io

import pytest
from django.core.management import CommandError, call_command

from certification.organisations.access import may
from certification.organisations.models import Organisation, User
from certification.organisations.roles import Role

IDENTITY = "11010519491231002X"  # the example of the standard itself


def create(monkeypatch, username="admin", password="correct horse battery"):
    monkeypatch.setattr("sys.stdin", io.StringIO(password + "\n"))
    call_command(
        "create_administrator",
        username,
        "--name=李四",
        f"--identity-number={IDENTITY}",
        "--password-from-stdin",
        stdout=io.StringIO(),
    )


@pytest.mark.django_db
def test_it_makes_the_centre_and_an_administrator_who_may_log_in(monkeypatch, client):
    create(monkeypatch)
    user = User.objects.get(username="admin")
    assert user.organisation == Organisation.objects.provincial_centre()
    assert set(user.role_assignments.values_list("role", flat=True)) == {Role.ADMINISTRATOR}
    assert client.login(username="admin", password="correct horse battery")
    assert client.get("/admin/organisations/user/").status_code == 200
    assert may(user, "portal.administer")


@pytest.mark.django_db
def test_a_second_administrator_joins_the_same_centre(monkeypatch):
    create(monkeypatch)
    create(monkeypatch, username="admin2")
    assert Organisation.objects.count() == 1
    assert User.objects.get(username="admin").person == User.objects.get(username="admin2").person


@pytest.mark.django_db
@pytest.mark.parametrize(("username", "password"), [("admin", "correct horse battery"), ("admin2", "12345678")])
def test_a_taken_name_or_a_weak_password_changes_nothing(monkeypatch, username, password):
    create(monkeypatch)
    with pytest.raises(CommandError):
        create(monkeypatch, username=username, password=password)
    assert User.objects.filter(username__startswith="admin").count() == 1
