"""The identity document of somebody in the register becomes another one: certificates bear the new number, the former
one still leads to the person (令30 art. 20)."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from approvals import finding
from approvals.demonstration.people import identity_number
from approvals.forms.bars import BarFilter
from approvals.models import BarCase, Decision, DocumentChange
from approvals.persons import changing
from approvals.public import seeing
from certification.organisations.models import User
from certification.people import documents
from certification.people.checks.known import know
from certification.people.checks.subject import Entry, Subject
from certification.people.models import Bar, Certificate, DocumentType, FormerDocument, Person
from certification.people.register import find_or_register
from certification.portal.search import Query
from certification.records.models import StoredFile, TransitionLog
from certification.refusals import Incomplete, NotPermitted
from certification.rulebook import lookup
from exams.forms.pool import PoolFilter
from exams.models import ExamApplication
from tests.approvals.cases import NOW, make_group, take_exam
from tests.approvals.licensing_steps import SERVED, granted
from tests.approvals.test_bars import propose
from tests.exams.conftest import PHOTO

pytestmark = pytest.mark.django_db
CLERK = "sheng-shouli"
PAPERS = (("证明.jpg", PHOTO),)


@pytest.fixture
def certificate(world) -> Certificate:
    group = make_group(world, 1, state="CLEARED")
    take_exam(world, group)
    granted(world, group)
    return Decision.objects.get().certificate


def other_number(person: Person, sequence: int = 900) -> str:
    """Another number of the same birth date and sex."""
    return identity_number("990131", person.birth_date, sequence + (person.sex == "M"))


def change(
    world, person, number=None, *, by=CLERK, kind=DocumentType.IDENTITY_CARD, reason="公安机关变更证明", files=PAPERS
):
    return changing.change_document(
        actor=world.user(by),
        now=SERVED,
        person_id=person.pk,
        document_type=kind,
        document_number=number or other_number(person),
        reason=reason,
        files=files,
    )


def test_the_certificates_bear_the_new_number_and_the_former_one_leads_to_the_person(world, certificate):
    person = certificate.person
    old, new = person.document_number, other_number(person)
    row = change(world, person, new)
    person.refresh_from_db()
    certificate.refresh_from_db()
    assert (person.document_number, certificate.number) == (new, f"T{new}")
    assert FormerDocument.objects.get().document_number == old
    assert StoredFile.objects.of(DocumentChange, [row.pk]).count() == 1
    assert [line.number for line in certificate.history.order_by("history_id")][-2:] == [f"T{old}", f"T{new}"]
    assert person.history.first().history_change_reason == "变更证件：公安机关变更证明"
    for subject, name in ((person, "change_document"), (certificate, "renumber")):
        detail = TransitionLog.objects.about(subject).get(name=name).detail
        assert old not in str(detail)
        assert new not in str(detail)
    found = list(finding.find(world.user("sheng-shenhe"), Query(old), 5))
    assert {hit.title for hit in found} == {person.name}
    assert {"人员", "证书"} <= {hit.kind for hit in found}
    assert seeing.find(person.name, new) == person
    assert seeing.find(person.name, old) is None
    again = find_or_register(
        document_number=old,
        name=person.name,
        sex=person.sex,
        birth_date=person.birth_date,
        now=SERVED,
        actor=world.user(CLERK),
        phone="13900000001",
    )
    assert (again.person.pk, again.created) == (person.pk, False)
    assert "该证件已变更" in again.warnings[0]


def barred(world, person: Person) -> Bar:
    return Bar.objects.create(
        person=person,
        ground="EXAM_FRAUD",
        reason="替考",
        barred_from=SERVED.date(),
        barred_until=SERVED.date() + timedelta(days=365),
        imposed_by=world.user("sheng-fuze"),
        imposed_at=SERVED,
    )


def test_a_bar_holds_under_the_former_number(world, certificate):
    person, day = certificate.person, SERVED.date()
    old, bar = person.document_number, barred(world, person)
    change(world, person, "E12345678", kind=DocumentType.PASSPORT)
    entry = Entry(row=1, document_type="IDENTITY_CARD", number=old, name=person.name, birth_date=person.birth_date)
    subject = Subject(world.job_type("0101"), "INITIAL", lookup.edition_on(day), day, start=day)
    assert know(subject, [entry]).bars == {person.pk: bar}
    assert entry.person_id == person.pk


def test_every_list_that_is_asked_by_number_finds_the_person_by_the_former_one(client, world, at):
    group = make_group(world, 2)
    row, person = group.applications[0], group.applications[0].person
    case, old = propose(world, group), person.document_number
    change(world, person)
    applications = ExamApplication.objects.filter(pk__in=group.ids)
    assert list(PoolFilter({"person": old}, waiting=applications).apply(applications)) == [row]
    assert list(BarFilter({"q": old}).apply(BarCase.objects.all(), SERVED.date())) == [case]
    at(NOW)
    client.force_login(world.user("shi-shenhe"))
    lines = client.get(reverse("approvals:reviews"), {"q": old}).context["lines"]
    assert [line.application.pk for line in lines] == [row.pk]


def test_back_to_the_former_number_and_forth_again(world, certificate):
    person = certificate.person
    old, new = person.document_number, other_number(person)
    for number in (new, old, new):
        change(world, Person.objects.get(pk=person.pk), number)
        (former,) = documents.former_of(Person.objects.get(pk=person.pk))
        assert former.document_number == (old if number == new else new)
    assert Person.objects.get(pk=person.pk).document_number == new
    assert set(FormerDocument.objects.values_list("document_number", flat=True)) == {old, new}
    assert DocumentChange.objects.count() == 3


def test_what_is_wrong_with_it_is_said_at_the_field(world, certificate):
    person = certificate.person
    other = Person.objects.exclude(pk=person.pk).filter(document_type="IDENTITY_CARD").first()
    wrong = other_number(person)[:-1] + ("0" if other_number(person)[-1] != "0" else "1")
    later = identity_number("990131", person.birth_date + timedelta(days=1), 900 + (person.sex == "M"))
    for number, code in (
        (person.document_number, "same"),
        (other.document_number, "taken"),
        (wrong, "check_digit"),
        (later, "differs"),
        ("123", "length"),
    ):
        with pytest.raises(Incomplete) as refused:
            change(world, person, number)
        (first, *_more) = refused.value.problems
        assert (first.field, first.code) == ("document_number", code)
    with pytest.raises(Incomplete) as refused:
        change(world, person, reason=" ")
    assert [one.field for one in refused.value.problems] == ["reason"]
    with pytest.raises(Incomplete) as refused:
        change(world, person, files=())
    assert [one.field for one in refused.value.problems] == ["files"]
    change(world, person)
    with pytest.raises(Incomplete) as refused:
        change(world, other, certificate.person.document_number)
    assert not FormerDocument.objects.filter(person=other).exists()


def test_only_the_clerk_and_not_the_own_one(client, world, certificate, at):
    at(SERVED)
    person = certificate.person
    for by in ("sheng-shenpi", "shi-shenhe", "jigou"):
        with pytest.raises(NotPermitted):
            change(world, person, by=by)
    url = reverse("approvals:person_document", args=[person.pk])
    client.force_login(world.user(CLERK))
    assert url in client.get(reverse("approvals:person", args=[person.pk])).content.decode()
    assert client.get(url).status_code == 200
    data = {"document_type": "IDENTITY_CARD", "document_number": other_number(person), "reason": "变更证明"}
    refused = client.post(url, data)
    assert refused.status_code == 422
    assert data["document_number"] in refused.content.decode()
    paper = SimpleUploadedFile("证明.jpg", PHOTO, "image/jpeg")
    assert client.post(url, {**data, "files": paper}).status_code == 302
    page = client.get(reverse("approvals:person", args=[person.pk])).content.decode()
    assert "曾用证件" in page
    old = FormerDocument.objects.get().document_number
    assert person.name in client.get(reverse("approvals:persons"), {"q": old[:10]}).content.decode()
    assert person.name in client.get(reverse("approvals:certificates"), {"q": f"T{old}"}).content.decode()
    file = StoredFile.objects.of(DocumentChange, [DocumentChange.objects.get().pk]).get()
    client.force_login(world.user("jigou"))
    assert client.get(f"/files/{file.uuid}").status_code == 404
    assert client.get(url).status_code == 403
    User.objects.filter(username=CLERK).update(person=person)
    with pytest.raises(NotPermitted):
        change(world, person, "E12345678", kind=DocumentType.PASSPORT)


@pytest.mark.django_db(transaction=True)
def test_two_persons_who_are_given_one_number_at_once(world, at_once):
    first, second = [row.person for row in make_group(world, 2).applications]
    outcomes = at_once(*[lambda who=who: change(world, who, "E12345678", kind="PASSPORT") for who in (first, second)])
    assert sum(isinstance(outcome, DocumentChange) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, Incomplete) for outcome in outcomes) == 1
    assert Person.objects.filter(document_number="E12345678").count() == 1
