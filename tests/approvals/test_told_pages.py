"""Each case's page shows who was told what about it: to the offices all of it, to an institution its own people."""

import pytest
from django.urls import reverse

from approvals.bars import proposing
from approvals.models import LicenceApplicant, LicenceApplication
from certification.notices.sending import notify
from exams.models import ExamPlan
from tests.approvals.cases import NOW, Group, make_group, take_exam
from tests.approvals.licensing_steps import SUBMITTED, reconciled

pytestmark = pytest.mark.django_db

FILER, REVIEWER, OFFICER = "jigou", "shi-shenhe", "shi-kaowu"


@pytest.fixture
def group(world) -> Group:
    made = make_group(world, 2, state="CLEARED")
    take_exam(world, made)
    reconciled(world, made)
    return made


@pytest.fixture
def page(client, world, at):
    def get(who, name, case) -> str:
        at(SUBMITTED)
        client.force_login(world.user(who))
        answer = client.get(reverse(name, args=[case.pk]))
        assert answer.status_code == 200
        return answer.content.decode().partition("通知记录")[2]

    return get


CASES = {
    "training:plan_detail": lambda group: group.plan,
    "exams:application_detail": lambda group: group.applications[0],
    "exams:session_detail": lambda group: group.session,
    "approvals:licence": lambda group: LicenceApplication.objects.get(),
    "approvals:applicant": lambda group: LicenceApplicant.objects.order_by("pk").first(),
    "approvals:case": lambda group: group.applications[0],
    "exams:plan_detail": lambda group: ExamPlan.objects.get(),
}
READERS = {"approvals:case": REVIEWER}
# Pages that an institution is shown of its cases.
SHARED = ("training:plan_detail", "exams:application_detail", "exams:session_detail")


@pytest.mark.parametrize("name", CASES)
def test_an_office_sees_who_was_told_what(world, group, page, name):
    case = CASES[name](group)
    notify([world.user(FILER), world.user("sheng-shenhe")], title="核查情况通报", about=case, now=NOW)
    shown = page(READERS.get(name, OFFICER), name, case)
    assert "核查情况通报" in shown
    for who in (FILER, "sheng-shenhe"):
        user = world.user(who)
        assert f"{user}（{user.organisation.short_name}）：未读" in shown


@pytest.mark.parametrize("name", SHARED)
def test_an_institution_sees_what_its_own_people_got(world, group, page, name):
    case = CASES[name](group)
    notify([world.user(FILER), world.user("sheng-shenhe")], title="核查情况通报", about=case, now=NOW)
    notify([world.user("sheng-shenhe")], title="只告诉省厅", about=case, now=NOW)
    shown = page(FILER, name, case)
    assert f"{world.user(FILER)}：未读" in shown
    assert str(world.user("sheng-shenhe")) not in shown
    assert "只告诉省厅" not in shown


def test_a_bar_shows_who_heard_of_the_proposal(world, group, page):
    said = {"ground": "FALSE_MATERIAL", "reason": "学历证书系伪造", "evidence": "学校核验函"}
    person = group.applications[0].person_id
    case = proposing.propose(actor=world.user(REVIEWER), now=SUBMITTED, person_id=person, **said)
    assert f"{world.user('sheng-fuze')}（" in page("sheng-fuze", "approvals:bar", case)


@pytest.mark.parametrize("name", CASES)
def test_as_many_queries_for_many_notices_as_for_one(world, group, client, at, django_assert_max_num_queries, name):
    at(SUBMITTED)
    client.force_login(world.user(READERS.get(name, OFFICER)))
    case = CASES[name](group)
    url = reverse(name, args=[case.pk])
    counts = []
    for number in (1, 1, 50):
        for each in range(number):
            notify([world.user(FILER), world.user(REVIEWER)], title=f"第{each}条", about=case, now=NOW)
        with django_assert_max_num_queries(120) as counted:
            assert "通知记录" in client.get(url).content.decode()
        counts.append(len(counted.captured_queries))
    assert counts[1] == counts[2]
