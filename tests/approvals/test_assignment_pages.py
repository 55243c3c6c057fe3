"""办理分派, notes and messages on their pages, for each role in its own way."""

import pytest

from approvals.assignments import assigning, workload
from approvals.models import Assignment, CaseMessage, InternalNote
from approvals.reviews import notes
from approvals.reviews.stages import STEPS
from certification.notices.models import Notice
from certification.organisations.models import Conflict
from certification.refusals import NotPermitted, SeparationBreach
from tests.approvals.cases import NOW, make_group

pytestmark = pytest.mark.django_db
LIST = "/approvals/reviews/assignments/"


@pytest.fixture
def page_of(client, world):
    def get(who: str, address: str, **data) -> str:
        client.force_login(world.user(who))
        response = client.post(address, data, follow=True) if data else client.get(address)
        assert response.status_code in (200, 409, 422), response.status_code
        return response.content.decode()

    return get


def test_a_reviewer_takes_the_next_hands_over_and_gives_back(page_of, world):
    group = make_group(world, 3)
    assert "待认领（3）" in page_of("shi-shenhe", LIST)
    assert "已认领 2 件" in page_of("shi-shenhe", f"{LIST}next/", stage="PRELIMINARY", count="2")
    colleague = world.user("shi-shenhe2")
    page = page_of(
        "shi-shenhe", f"{LIST}act/", act="hand_over", ids=group.ids[:2], colleague=colleague.pk, reason="出差"
    )
    assert page.count("已转办") >= 2
    assert Assignment.objects.open().filter(assignee=colleague).count() == 2
    case = page_of("shi-shenhe", f"/approvals/reviews/{group.ids[0]}/")
    assert "接手此件" in case
    page_of("shi-shenhe", f"{LIST}act/", act="take_over", case=group.ids[0])
    assert Assignment.objects.open().get(application=group.ids[0]).assignee == world.user("shi-shenhe")
    page_of("shi-shenhe", f"{LIST}act/", act="give_back", case=group.ids[0])
    assert not Assignment.objects.open().filter(application=group.ids[0]).exists()


def test_the_head_sees_the_load_and_spreads_evenly(page_of, world):
    group = make_group(world, 4)
    page = page_of("shi-fuze", LIST)
    assert "各人工作量" in page
    team = [world.user("shi-shenhe").pk, world.user("shi-shenhe2").pk]
    preview = page_of("shi-fuze", f"{LIST}assign/", act="spread", stage="PRELIMINARY", ids=group.ids, people=team)
    assert preview.count(" 2 件") == 2
    assert not Assignment.objects.exists()
    pairs = [f"{pk}:{team[place % 2]}:" for place, pk in enumerate(group.ids)]
    page_of("shi-fuze", f"{LIST}assign/", act="confirm", stage="PRELIMINARY", pair=pairs)
    assert [Assignment.objects.open().filter(assignee=pk).count() for pk in team] == [2, 2]
    again = page_of("shi-fuze", f"{LIST}assign/", act="confirm", stage="PRELIMINARY", pair=pairs)
    assert "刚刚变动" in again


def test_a_city_is_shown_the_stages_of_a_city_and_the_province_all(page_of, world):
    assert "省级审核" not in page_of("shi-fuze", LIST).partition('aria-label="环节"')[2].partition("</ul>")[0]
    stages = page_of("sheng-fuze", LIST).partition('aria-label="环节"')[2].partition("</ul>")[0]
    assert "省级审核" in stages
    assert "初审" in stages


def test_a_closed_account_is_pointed_out_and_gets_nothing(world):
    group = make_group(world, 2)
    absent = world.user("shi-shenhe")
    assigning.take_cases(actor=absent, now=NOW, application_ids=group.ids)
    absent.is_active = False
    absent.save()
    loads = {load.user: load for load in workload.of_team(world.bureau.pk, STEPS["PRELIMINARY"], NOW)}
    assert (loads[absent].open, loads[absent].standing, loads[absent].member) == (2, "账号已停用", False)
    to = dict.fromkeys(group.ids, world.user("shi-shenhe2").pk)
    assert all(row.ok for row in assigning.assign(actor=world.user("shi-fuze"), now=NOW, to=to))


def test_the_list_asks_the_same_number_of_queries_for_one_and_for_many(client, world, django_assert_max_num_queries):
    counts = []
    for people in (1, 1, 12):
        group = make_group(world, people)
        assigning.take_cases(actor=world.user("shi-shenhe"), now=NOW, application_ids=group.ids)
        client.force_login(world.user("shi-fuze"))
        with django_assert_max_num_queries(40) as counted:
            assert client.get(LIST).status_code == 200
        counts.append(len(counted))
    assert counts[1] == counts[2]


def test_a_note_stays_in_the_office_and_the_citys_does_not_read_the_provinces(page_of, world):
    group = make_group(world)
    address = f"/approvals/reviews/{group.ids[0]}/"
    page_of("shi-shenhe", f"{address}note/", text="照片与本人核对过")
    page_of("sheng-shenhe", f"{address}note/", text="省厅内部意见")
    for who, city, province in (
        ("shi-shenhe2", True, False),
        ("sheng-shenhe2", True, True),
        ("shenji", True, True),
        ("jigou", False, False),
    ):
        page = page_of(who, address)
        assert (("照片与本人核对过" in page), ("省厅内部意见" in page)) == (city, province), who
    assert "照片与本人核对过" not in page_of("jigou", f"/exams/applications/{group.ids[0]}/")
    with pytest.raises(NotPermitted):
        notes.write_note(actor=world.user("jigou"), now=NOW, application_id=group.ids[0], text="我")
    with pytest.raises(NotPermitted):
        notes.write_note(actor=world.user("shenji"), now=NOW, application_id=group.ids[0], text="我")


def test_who_has_to_keep_away_writes_no_note(world):
    group = make_group(world)
    author = world.user("shi-shenhe")
    Conflict.objects.create(
        person=author.person, kind="INSTITUTION", institution=world.institution, declared_by=author, declared_at=NOW
    )
    with pytest.raises(SeparationBreach, match="回避"):
        notes.write_note(actor=author, now=NOW, application_id=group.ids[0], text="看过")
    assert not InternalNote.objects.exists()


def test_a_message_reaches_the_filer_and_is_kept_as_seen(page_of, world):
    group = make_group(world)
    address = f"/approvals/reviews/{group.ids[0]}/"
    page_of("shi-shenhe", f"{address}message/", text="请保持电话畅通")
    message = CaseMessage.objects.get()
    notice = Notice.objects.get(recipient=world.user("jigou"), title__contains="消息")
    assert notice.url == f"/approvals/reviews/messages/{message.pk}/"
    assert "尚未阅读" in page_of("shi-shenhe", address)
    page_of("shi-shenhe2", notice.url)
    message.refresh_from_db()
    assert message.seen_at is None, "a colleague's look is not the filer's"
    assert "请保持电话畅通" in page_of("jigou", notice.url)
    message.refresh_from_db()
    assert message.seen_by == world.user("jigou")
