"""Papers are called by what the applicant holds: nobody asks the holder of a passport for a 身份证."""

import pytest
from django.urls import reverse

from approvals.corrections.once import Item
from certification.people.models import DocumentType, Person
from exams.applications import applying
from exams.materials import attaching
from exams.models import Material, MaterialKind
from tests.exams.conftest import TODAY, picture
from tests.factories import at as moment


@pytest.fixture
def foreigner(bench, settings, tmp_path):
    """A draft without papers, of somebody with a passport."""
    settings.MEDIA_ROOT = tmp_path
    first, _second = bench.drafts(bench.plan(size=2), bench.session(), papers=False)
    Person.objects.filter(pk=first.person_id).update(document_type="PASSPORT", document_number="E12345678")
    first.refresh_from_db()
    return first


@pytest.mark.parametrize(
    ("document_type", "names"),
    [
        ("IDENTITY_CARD", ["身份证", "身份证人像面", "身份证国徽面"]),
        ("PASSPORT", ["护照", "护照人像面", "护照背面"]),
        (
            "PERMANENT_RESIDENCE",
            ["外国人永久居留身份证", "外国人永久居留身份证人像面", "外国人永久居留身份证背面"],
        ),
    ],
)
def test_each_document_has_its_name(document_type, names):
    kinds = (MaterialKind.IDENTITY_CARD, MaterialKind.IDENTITY_FRONT, MaterialKind.IDENTITY_BACK)
    assert [kind.named(document_type) for kind in kinds] == names
    assert MaterialKind.PHOTO.named(document_type) == "照片"
    assert Item("IDENTITY_CARD", "看不清").named(document_type) == names[0]


def test_what_is_missing_is_the_passport(bench, foreigner):
    (result,) = applying.submit_applications(
        actor=bench.user("jigou"), now=moment(TODAY), application_ids=[foreigner.pk]
    )
    said = [problem.message for problem in result.refusal.problems]
    assert "缺少护照。" in said
    assert not [message for message in said if "身份证" in message]


def test_the_page_the_form_and_the_file_say_passport(bench, foreigner, client):
    client.force_login(bench.user("jigou"))
    material = attaching.attach_material(
        actor=bench.user("jigou"),
        now=moment(TODAY),
        application_id=foreigner.pk,
        kind="IDENTITY_CARD",
        content=picture(600, 400),
        name="扫描件.jpg",
    )
    assert material.file.name == "护照.jpg"
    page = client.get(reverse("exams:application_detail", args=[foreigner.pk])).content.decode()
    shown = page.partition("<main")[2]
    assert '<th scope="row">护照</th>' in shown
    assert "身份证" not in shown
    assert f'<option value="IDENTITY_CARD">{DocumentType.PASSPORT.label}</option>' in shown


def test_a_class_sheet_names_the_document_for_all(bench, foreigner, client):
    client.force_login(bench.user("jigou"))
    page = client.get(reverse("exams:class_matrix", args=[foreigner.plan_id])).content.decode()
    assert '<th scope="col">身份证件</th>' in page


def test_names_of_fifty_papers_cost_no_queries(bench, django_assert_num_queries):
    rows = bench.drafts(bench.plan(size=3), bench.session())
    papers = attaching.completeness(rows)
    with django_assert_num_queries(0):
        names = {paper.name for one in papers.values() for paper in one.held.values()}
    assert "身份证" in names
    assert Material.objects.count() == 18
