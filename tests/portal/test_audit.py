"""办理记录检索: found by case, person, account, whose behalf and day; the chain of a case is proved on the page."""

from datetime import timedelta

import pytest

from approvals.assignments import assigning
from approvals.reviews.reviewing import review
from certification import clock
from certification.organisations import acting
from certification.organisations.models import ActingFor
from certification.organisations.roles import Role
from certification.people import naming
from certification.records import sealing, tasks
from certification.records.models import TransitionLog
from exams.materials import declarations
from tests.approvals.cases import make_group

pytestmark = pytest.mark.django_db


@pytest.fixture
def cases(world):
    """Two applications: one taken and passed by a deputy, one only taken by a colleague."""
    now = clock.now()
    group, other = make_group(world), make_group(world)
    absent, deputy = world.user("shi-shenhe"), world.user("shi-shenhe2")
    ActingFor.objects.create(
        absent=absent,
        deputy=deputy,
        role=Role.CITY_REVIEWER,
        valid_from=now.date(),
        valid_until=now.date() + timedelta(days=5),
        reason="休假",
        granted_by=world.user("shi-fuze"),
        granted_at=now,
    )
    assert acting.act_for(deputy, absent.pk, now.date())
    review(actor=deputy, now=now, application_ids=group.ids, stage="PRELIMINARY", outcome="PASS", reason="材料齐全")
    assigning.take_cases(actor=world.user("shi-shenhe2"), now=now, application_ids=other.ids)
    return group.applications[0], other.applications[0]


@pytest.fixture
def search(client_of):
    def run(**asked) -> str:
        return client_of("shenji").get("/audit/", asked).content.decode()

    return run


def test_found_by_case_person_account_behalf_step_and_day(cases, search, world):
    passed, taken = cases
    for asked in ({"case": passed.number}, {"person": passed.person.document_number}, {"behalf": "shi-shenhe"}):
        page = search(**asked)
        assert "材料齐全" in page, asked
        assert f"/audit/exams.ExamApplication/{taken.pk}/" not in page, asked
    assert f"{world.user('shi-shenhe2')} 代 {world.user('shi-shenhe')}" in search(case=passed.number)
    assert f"/audit/exams.ExamApplication/{taken.pk}/" in search(account="shi-shenhe2")
    assert f"/audit/exams.ExamApplication/{taken.pk}/" in search(step="认领")
    assert "材料齐全" not in search(step="认领")
    yesterday = (clock.today() - timedelta(days=1)).isoformat()
    assert "材料齐全" not in search(last=yesterday)
    assert "材料齐全" not in search(case="无此编号")


def test_the_chain_of_a_case_is_checked_on_its_page(cases, client_of):
    passed, _taken = cases
    address = f"/audit/exams.ExamApplication/{passed.pk}/"
    sealing.seal(now=clock.now())
    client = client_of("shenji")
    assert "校验此件" in client.get(address).content.decode()
    assert "此件记录完好" in client.post(address).content.decode()
    TransitionLog.objects.about(passed).filter(reason="材料齐全").update(reason="改过")
    assert "记录与封存不符" in client.post(address).content.decode()
    assert "还没有全部校验过" in client.get("/audit/").content.decode()
    tasks.verify_log()
    assert "发现不符" in client.get("/audit/").content.decode()


def test_names_and_texts_that_people_signed_are_found(cases, search, world):
    """By the name of before as well as by the one of now; a text by its title."""
    person, now = cases[0].person, clock.now()
    former, clerk = person.name, world.user("sheng-shouli")
    naming.note_different([(person, "欧阳新名")], source="学员名单", actor=world.user("jigou"), now=now)
    naming.correct_name(person=person, name="欧阳新名", reason="户口簿曾用名栏", actor=clerk, now=now)
    for name in (former, "欧阳新名"):
        page = search(person=name)
        assert f"更正姓名：{former} → 欧阳新名" in page
        assert "学员名单所填姓名不同：欧阳新名" in page
    text = {"kind": "CONSENT", "title": "单独同意书", "body": "同意。", "source": "", "certainty": "CONFIRMED"}
    declarations.add_text(actor=world.user("guanli"), now=now, in_force_from=clock.today(), **text)
    assert "登记文本，自" in search(case="同意书")


def test_only_the_auditor_and_nothing_of_what_does_not_exist(client_of):
    assert client_of("sheng-fuze").get("/audit/").status_code == 403
    for address in ("/audit/exams.ExamApplication/999999/", "/audit/no.Such/1/", "/audit/nothing/1/"):
        assert client_of("shenji").get(address).status_code == 404


def test_as_many_queries_for_many_lines_as_for_few(client_of, world, django_assert_max_num_queries):
    client = client_of("shenji")
    counts = []
    for people in (2, 2, 15):
        group = make_group(world, people)
        assigning.take_cases(actor=world.user("shi-shenhe"), now=clock.now(), application_ids=group.ids)
        with django_assert_max_num_queries(40) as counted:
            client.get("/audit/", {"step": "认领"})
        counts.append(len(counted))
    assert counts[1] == counts[2]
