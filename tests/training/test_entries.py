"""One person at a time: by form with the same checks, out of the class, and in another's place before and after the
roster has closed; and what each version says against the one before."""

from datetime import timedelta

import pytest
from django.urls import reverse

from certification.deadlines.late_admissions import admissions
from certification.deadlines.models import LateAdmission
from certification.people.models import Person
from certification.refusals import Incomplete, TooLate, WrongState
from tests.factories import at as moment
from tests.training.conftest import CLASS_START, record
from tests.training.test_rosters import NOW, submit
from training.models import Roster, RosterReceipt, Trainee
from training.rosters import submitting

AFTER = moment(CLASS_START + timedelta(days=1))


@pytest.fixture(autouse=True)
def _now(at):
    at(NOW)


@pytest.fixture
def classed(world, plan, records):
    """A class with three trainees, in the order of their names on the roster."""
    submit(world, plan, records(3))
    return list(Trainee.objects.filter(plan=plan).order_by("pk"))


def enter(world, plan, one, *, now=NOW, row=1, **kwargs):
    return submitting.enter_trainee(
        actor=world.user("jigou"), now=now, plan_id=plan.pk, record=record(row, one), **kwargs
    ).roster


def typed(one, **changes):
    values = {"name": one.name, "identity": one.number, "education": "高中", "phone": "13800000000"}
    return {**values, "employer": "", "position": "", "sex": "", "female_class": "", **changes}


def test_one_more_by_form_is_a_version_with_receipts(world, plan, classed):
    (one,) = world.invented()
    version = enter(world, plan, one)
    assert (version.version, version.headcount) == (2, 4)
    assert RosterReceipt.objects.filter(roster=version).count() == 2
    assert [trainee.person.name for trainee in version.joined()] == [one.name]
    assert version.members().count() == 4
    assert Roster.objects.get(version=1).members().count() == 3


def test_the_form_is_judged_as_an_upload_is(world, plan, classed, client):
    client.force_login(world.user("jigou"))
    address = reverse("training:trainee_enter", args=[plan.pk])
    assert client.get(address).status_code == 200
    (one,) = world.invented()
    wrong = client.post(address, typed(one, identity="110105194912310021", phone="1", education=""))
    assert wrong.status_code == 422
    assert {"identity", "phone", "education"} <= set(wrong.context["form"].errors)
    already = Person.objects.get(pk=classed[0].person_id)
    again = client.post(address, typed(one, name=already.name, identity=already.document_number))
    assert "是同一人" in again.content.decode()
    low = client.post(address, typed(one, education="小学"))
    assert "education" in low.context["form"].errors
    assert Roster.objects.count() == 1
    done = client.post(address, typed(one), follow=True)
    assert "名单第 2 版共 4 人" in done.content.decode()


def test_somebody_with_a_passport_is_entered_and_stays_on_later_versions(world, plan, classed, client):
    client.force_login(world.user("jigou"))
    address = reverse("training:trainee_enter", args=[plan.pk])
    one, other = world.invented(2)
    foreign = typed(one, name="Anna", identity="e12345678", document_type="护照", birth_date="1990-03-05")
    bare = client.post(address, foreign)
    assert "须填写性别" in str(bare.context["form"].errors["sex"])
    client.post(address, {**foreign, "sex": "女"})
    person = Person.objects.get(document_type="PASSPORT")
    assert (person.document_number, person.sex, str(person.birth_date)) == ("E12345678", "F", "1990-03-05")
    assert "是同一人" in client.post(address, {**foreign, "sex": "女"}).content.decode()
    assert enter(world, plan, other).members().filter(person=person, state="ENROLLED").exists()


def test_the_class_is_never_fuller_than_its_capacity(world, plan, classed):
    plan.capacity = 3
    plan.save()
    with pytest.raises(Incomplete) as refused:
        enter(world, plan, world.invented()[0])
    assert {problem.code for problem in refused.value.problems} == {"capacity"}


def test_withdrawing_needs_a_reason_and_is_a_version_even_after_the_roster_has_closed(world, plan, classed):
    actor = world.user("jigou")
    with pytest.raises(Incomplete):
        submitting.withdraw_trainee(actor=actor, now=NOW, trainee_id=classed[0].pk, reason=" ")
    version = submitting.withdraw_trainee(actor=actor, now=AFTER, trainee_id=classed[0].pk, reason="个人原因")
    assert (version.version, version.headcount) == (2, 2)
    assert list(version.left()) == [classed[0]]
    assert Roster.objects.get(version=1).members().count() == 3
    with pytest.raises(WrongState):
        submitting.withdraw_trainee(actor=actor, now=AFTER, trainee_id=classed[0].pk, reason="个人原因")


def test_a_substitute_before_and_after_the_roster_has_closed(world, plan, classed):
    first, second = world.invented(2)
    version = enter(world, plan, first, instead_of=classed[0].pk, reason="生病")
    assert (version.version, version.headcount) == (2, 3)
    assert list(version.left()) == [classed[0]]
    with pytest.raises(TooLate) as refused:
        enter(world, plan, second, now=AFTER, instead_of=classed[1].pk, reason="生病")
    assert refused.value.subject == plan
    admissions.ask(
        actor=world.user("jigou"),
        now=AFTER,
        model_label=plan._meta.label,
        rule_code="roster",
        wanted=[(plan.pk, CLASS_START)],
        reason="学员替换",
    )
    admission = LateAdmission.objects.get()
    admissions.grant(actor=world.user("sheng-fuze"), now=AFTER, admission_ids=[admission.pk], reason="情况属实")
    version = enter(world, plan, second, now=AFTER, instead_of=classed[1].pk, reason="生病")
    assert (version.version, version.headcount) == (3, 3)
    admission.refresh_from_db()
    assert admission.used_at == AFTER


def test_a_version_shows_what_it_changed(world, plan, records, client):
    rows = records(4)
    submit(world, plan, rows[:3])
    rows[1].values["employer"] = "新单位"
    version = submit(world, plan, rows[1:])
    for username in ("jigou", "shi-shenhe", "sheng-shenhe"):
        client.force_login(world.user(username))
        page = client.get(reverse("training:roster_version", args=[version.pk])).content.decode()
        assert "新增 1 人" in page
        assert "移除 1 人" in page
        assert "工作单位 测试公司 → 新单位" in page
        assert rows[0]["identity"].number not in page
    client.force_login(world.user("lanxi-jigou"))
    assert client.get(reverse("training:roster_version", args=[version.pk])).status_code == 404


def test_pages_of_one_trainee(world, plan, classed, client):
    client.force_login(world.user("jigou"))
    page = client.get(reverse("training:trainee", args=[classed[0].pk])).content.decode()
    substitute = reverse("training:trainee_substitute", args=[classed[0].pk])
    withdraw = reverse("training:trainee_withdraw", args=[classed[0].pk])
    assert substitute in page
    assert withdraw in page
    (one,) = world.invented()
    assert client.post(substitute, {**typed(one), "reason": ""}).status_code == 422
    assert client.post(substitute, {**typed(one), "reason": "生病"}).status_code == 302
    assert client.get(withdraw).status_code == 404
    other = reverse("training:trainee_withdraw", args=[classed[1].pk])
    assert "生成新一版名单" in client.get(other).content.decode()
    assert client.post(other, {"reason": "个人原因"}).status_code == 302
    assert Trainee.objects.filter(plan=plan, state="ENROLLED").count() == 2
