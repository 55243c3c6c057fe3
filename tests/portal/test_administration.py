"""/admin/: by role only, read-only where cases rest on the data, roles through ``grant_role``."""

import pytest

from certification.catalogue.models import JobType
from certification.organisations.models import RoleAssignment
from certification.organisations.roles import Role
from certification.people.models import Person

LISTS = [
    "organisations/user",
    "organisations/organisation",
    "organisations/territory",
    "organisations/designation",
    "organisations/roleassignment",
    "people/person",
    "catalogue/catalogueedition",
    "catalogue/operationgroup",
    "catalogue/jobtype",
    "catalogue/jobtypevariant",
    "rulebook/ruleedition",
    "rulebook/rule",
]


@pytest.mark.parametrize("path", ["", *LISTS])
def test_lists_open_for_administrators_only(client_of, path):
    address = f"/admin/{path}/" if path else "/admin/"
    assert client_of("guanli").get(address).status_code == 200
    assert client_of("sheng-fuze").get(address).status_code == 403


@pytest.mark.parametrize("path", [path for path in LISTS if "person" not in path])
def test_forms_open(client_of, path):
    assert client_of("guanli").get(f"/admin/{path}/add/").status_code == 200


def test_a_catalogue_in_use_cannot_be_changed(client_of, world):
    job_type = world.job_type()
    client_of("guanli").post(f"/admin/catalogue/jobtype/{job_type.pk}/change/", {"name": "改名"})
    assert JobType.objects.get(pk=job_type.pk).name == job_type.name


def test_calendars_are_kept_on_their_own_screens_alone(client_of):
    assert client_of("guanli").get("/admin/workdays/calendaredition/").status_code == 404


def test_cases_are_not_there(client_of):
    assert client_of("guanli").get("/admin/deadlines/deadline/").status_code == 404


def test_a_role_is_granted_through_the_activity(client_of, world):
    user = world.user("sheng-shenhe")
    client = client_of("guanli")
    response = client.post(
        "/admin/organisations/roleassignment/add/", {"user": user.pk, "role": Role.PROVINCIAL_INSPECTOR}
    )
    assert response.status_code == 302
    granted = RoleAssignment.objects.get(user=user, role=Role.PROVINCIAL_INSPECTOR)
    assert granted.granted_by.username == "guanli"


def test_separation_refuses_a_role_at_the_form(client_of, world):
    user = world.user("sheng-shenhe")
    response = client_of("guanli").post(
        "/admin/organisations/roleassignment/add/", {"user": user.pk, "role": Role.AUDITOR}
    )
    assert response.status_code == 200
    assert "不得再担任" in response.content.decode()
    assert not RoleAssignment.objects.filter(user=user, role=Role.AUDITOR).exists()


def test_a_person_is_registered_once(client_of, world):
    known = world.persons(1)[0]
    client = client_of("guanli")
    data = {"name": known.name, "document_number": known.document_number}
    assert client.post("/admin/people/person/add/", data).status_code == 302
    assert Person.objects.filter(document_number=known.document_number).count() == 1
    page = client.post("/admin/people/person/add/", {"name": "张三", "document_number": "110101199003070000"})
    assert page.status_code == 200
    assert "校验位" in page.content.decode()


def test_identity_numbers_are_masked_in_the_list(client_of, world):
    known = world.persons(1)[0]
    page = client_of("guanli").get("/admin/people/person/", {"q": known.name}).content.decode()
    assert known.document_number not in page
