"""The clocks of a decision on screen: who may do what, previews, results, papers, equal numbers of queries."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from approvals import todo
from approvals.clocks import extending, pausing
from approvals.models import ClockNotice, ExtensionProposal, LicenceApplicant
from certification.deadlines import ledger
from certification.deadlines.models import Pause
from certification.organisations.models import User
from tests.approvals.cases import make_group, take_exam
from tests.approvals.licensing_steps import DECIDED, SERVED, SUBMITTED, ids_of, reconciled, submitted
from tests.approvals.test_pages import go, text_of  # noqa: F401
from tests.factories import working_day

pytestmark = pytest.mark.django_db
LATER = SERVED.replace(hour=15)


@pytest.fixture
def waiting(world):
    def make(people=1) -> list[int]:
        group = make_group(world, people, state="CLEARED")
        take_exam(world, group)
        return ids_of(reconciled(world, group))

    return make


@pytest.fixture
def paused(world, waiting):
    def make(people=1, expected=SERVED) -> list[int]:
        ids = waiting(people)
        pausing.pause(
            actor=world.user("sheng-shenpi"),
            now=DECIDED,
            applicant_ids=ids,
            kind="HEARING",
            reason="申请人要求听证。",
            expected_on=expected.date(),
        )
        return ids

    return make


@pytest.fixture
def proposed(world, waiting):
    def make(people=1) -> list[ExtensionProposal]:
        results = extending.propose(
            actor=world.user("sheng-shenpi"), now=DECIDED, applicant_ids=waiting(people), reason="案情复杂。"
        )
        return [result.row for result in results]

    return make


def named(ids) -> str:
    return "?" + "&".join(f"ids={pk}" for pk in ids)


def test_the_decision_maker_stops_a_clock_and_the_page_shows_it(go, world, waiting):  # noqa: F811
    (pk,) = waiting()
    page = go("sheng-shenpi", "applicant", pk, when=DECIDED)
    assert "中止计算期限" in text_of(page)
    assert "提请延长期限" in text_of(page)
    assert "承诺时限" in text_of(page)
    page = go("sheng-shenpi", "pause", query=named([pk]), when=DECIDED)
    assert "培训机构转交申请人" in text_of(page)
    sent = {"ids": pk, "confirmed": "yes", "kind": "HEARING", "reason": "要求听证", "expected_on": "2026-11-20"}
    answer = go("sheng-shenpi", "pause", data=sent, when=DECIDED)
    assert answer.url == reverse("approvals:clocks", args=[pk])
    page = text_of(go("sheng-shenpi", "applicant", pk, when=DECIDED))
    assert "恢复前不能作出决定" in page
    assert reverse("approvals:resume") in page
    assert "不予许可</a>" not in page


def test_what_is_missing_stands_at_its_field_and_nothing_typed_is_lost(go, waiting):  # noqa: F811
    (pk,) = waiting()
    sent = {"ids": pk, "confirmed": "yes", "kind": "HEARING", "reason": "要求听证", "expected_on": "2026-01-05"}
    answer = go("sheng-shenpi", "pause", data=sent, when=DECIDED)
    assert answer.status_code == 422
    assert "不能早于今天" in text_of(answer)
    assert "要求听证" in text_of(answer)
    answer = go("sheng-shenpi", "pause", data={**sent, "expected_on": "下周"}, when=DECIDED)
    assert answer.status_code == 422
    assert "2026-11-27" in text_of(answer)
    assert not Pause.objects.exists()


def test_a_pause_that_is_no_longer_possible_says_so_on_the_form(go, paused):  # noqa: F811
    (pk,) = paused()
    sent = {"ids": pk, "confirmed": "yes", "kind": "HEARING", "reason": "另一次", "expected_on": "2026-11-20"}
    answer = go("sheng-shouli", "pause", data=sent, when=DECIDED)
    assert answer.status_code == 422
    assert "已由" in text_of(answer)
    assert "第四十五条" in text_of(answer)


def test_another_day_is_shown_before_anything_is_done_by_it(go, paused):  # noqa: F811
    (pk,) = paused()
    page = go("sheng-shenpi", "resume", query=named([pk]), when=SERVED)
    assert "恢复后" in text_of(page)
    sent = {"ids": pk, "confirmed": "yes", "last_day": DECIDED.date().isoformat(), "outcome": "听证笔录"}
    page = go("sheng-shenpi", "resume", data={**sent, "previewed": SERVED.date().isoformat()}, when=SERVED)
    assert page.status_code == 200
    assert "核对后再次提交" in text_of(page)
    assert Pause.objects.running().exists()
    moves = {row.rule.code: after for _person, row, after, _over in page.context["moves"]}
    answer = go("sheng-shenpi", "resume", data={**sent, "previewed": sent["last_day"]}, when=SERVED)
    assert answer.status_code == 302
    applicant = LicenceApplicant(pk=pk)
    assert moves == {code: ledger.find(code, applicant).due_on for code in ("decision", "decision_statutory")}


def test_a_last_day_that_cannot_be_is_refused_at_its_field(go, paused):  # noqa: F811
    (pk,) = paused()
    day = working_day(SERVED.date(), 3).isoformat()
    sent = {"ids": pk, "confirmed": "yes", "last_day": day, "previewed": day, "outcome": "听证笔录"}
    answer = go("sheng-shenpi", "resume", data=sent, when=SERVED)
    assert answer.status_code == 422
    assert "之间" in str(answer.context["form"].errors["last_day"])


def test_many_at_once_from_the_desk_with_a_result_each(go, world, paused, waiting):  # noqa: F811
    free = waiting(2)
    page = go("sheng-shenpi", "pause", data={"ids": free}, when=DECIDED)
    assert page.status_code == 200
    sent = {"ids": free, "confirmed": "yes", "kind": "EXPERT_APPRAISAL", "reason": "鉴定", "expected_on": "2026-11-20"}
    assert "已中止计算 2 人" in text_of(go("sheng-shenpi", "pause", data=sent, when=DECIDED))
    desk = text_of(go("sheng-shenpi", "clock_desk", when=SERVED))
    assert desk.count('name="ids"') == 2
    day = SERVED.date().isoformat()
    sent = {"ids": free, "confirmed": "yes", "last_day": day, "previewed": day, "outcome": "鉴定意见"}
    assert "已恢复计算 2 人" in text_of(go("sheng-shenpi", "resume", data=sent, when=SERVED))


def test_nobody_chosen_leads_back_and_anothers_or_no_person_is_not_there(go, world, waiting):  # noqa: F811
    for name in ("pause", "resume", "extension_propose"):
        assert go("sheng-shenpi", name, when=DECIDED).status_code == 302
        assert go("sheng-shenpi", name, query="?ids=999999", when=DECIDED).status_code == 404
        assert go("sheng-shenpi", name, query="?ids=²&ids=x", when=DECIDED).status_code == 302


def test_the_head_is_told_looks_and_approves(go, world, proposed):  # noqa: F811
    (row,) = proposed()
    (line,) = [line for line in todo.lines(world.user("sheng-fuze"), DECIDED) if "延长" in line.title]
    assert (line.count, line.deadline.rule.code) == (1, "decision_statutory")
    page = text_of(go("sheng-fuze", "clock_desk", query="?tab=extensions", when=DECIDED))
    assert "案情复杂" in page
    query = f"?proposal={row.pk}&outcome=approve"
    page = go("sheng-fuze", "extension_decide", query=query, when=DECIDED)
    ((_person, _row, after),) = page.context["moves"]
    answer = go("sheng-fuze", "extension_decide", query=query, data={"reason": "同意"}, when=DECIDED)
    assert answer.url == reverse("approvals:clocks", args=[row.applicant_id])
    deadline = ledger.find("decision_statutory", LicenceApplicant(pk=row.applicant_id))
    assert (deadline.due_on, deadline.extension_days) == (after, 10)
    explained = go("sheng-fuze", "clocks", row.applicant_id, when=DECIDED)
    assert "已延长" in text_of(explained)


def test_declining_needs_a_reason_and_an_unknown_outcome_is_no_decision(go, world, proposed):  # noqa: F811
    (row,) = proposed()
    query = f"?proposal={row.pk}&outcome=decline"
    assert go("sheng-fuze", "extension_decide", query=query, data={"reason": ""}, when=DECIDED).status_code == 422
    assert go("sheng-fuze", "extension_decide", query=f"?proposal={row.pk}", when=DECIDED).status_code == 400
    assert go("sheng-fuze", "extension_decide", query="?outcome=approve", when=DECIDED).status_code == 302
    go("sheng-fuze", "extension_decide", query=query, data={"reason": "按期办结"}, when=DECIDED)
    assert ExtensionProposal.objects.get().state == "DECLINED"


def test_a_second_extension_is_not_offered(go, world, proposed):  # noqa: F811
    (row,) = proposed()
    extending.approve(actor=world.user("sheng-fuze"), now=DECIDED, proposal_ids=[row.pk], reason="同意")
    assert "提请延长期限" not in text_of(go("sheng-shenpi", "clocks", row.applicant_id, when=DECIDED))
    page = text_of(go("sheng-shenpi", "extension_propose", query=named([row.applicant_id]), when=DECIDED))
    assert "不得再次延长" in page
    assert 'name="confirmed"' not in page


def test_a_proposal_is_taken_back(go, proposed):  # noqa: F811
    (row,) = proposed()
    assert "撤回" in text_of(go("sheng-shenpi", "extension_withdraw", row.pk, when=DECIDED))
    assert go("sheng-shenpi", "extension_withdraw", row.pk, data={}, when=DECIDED).status_code == 302
    assert ExtensionProposal.objects.get().state == "WITHDRAWN"


def test_the_institution_is_told_and_reads_its_paper_but_not_what_was_asked_of_the_head(
    go,  # noqa: F811
    world,
    paused,
    client,
):
    (pk,) = paused()
    extending.propose(actor=world.user("sheng-shenpi"), now=DECIDED, applicant_ids=[pk], reason="内部理由")
    page = text_of(go("jigou", "clocks", pk, when=DECIDED))
    assert "听证" in page
    assert "内部理由" not in page
    assert "提请延长" not in page
    notice = ClockNotice.objects.get()
    answer = go("jigou", "clock_paper", notice.pk, when=DECIDED)
    assert answer.status_code == 302
    paper = client.get(answer.url)
    assert b"".join(paper.streaming_content).startswith(b"%PDF")
    assert go("lanxi-jigou", "clock_paper", notice.pk, when=DECIDED).status_code == 404
    assert go("lanxi-jigou", "clocks", pk, when=DECIDED).status_code == 404
    assert notice.number in text_of(go("jigou", "clock_notices", when=DECIDED))
    assert notice.number not in text_of(go("lanxi-jigou", "clock_notices", when=DECIDED))


def test_who_only_looks_on_is_offered_nothing_to_do(go, paused, proposed):  # noqa: F811
    ids, (row,) = paused(), proposed()
    for pk in (*ids, row.applicant_id):
        page = text_of(go("shenji", "clocks", pk, when=DECIDED))
        assert "恢复计算期限</a>" not in page
        assert "撤回" not in page
    desk = text_of(go("shenji", "clock_desk", when=DECIDED))
    assert 'type="checkbox"' not in desk
    assert 'type="checkbox"' not in text_of(go("shenji", "clock_desk", query="?tab=extensions", when=DECIDED))


def test_a_pause_that_lasts_too_long_is_to_be_done_and_one_that_does_not_is_waited_for(world, paused):
    paused(2, expected=SERVED)
    for who in ("sheng-shenpi", "sheng-shouli", "sheng-fuze"):
        user = world.user(who)
        early = {line.title: line for line in todo.lines(user, DECIDED) if "中止" in line.title}
        assert {line.kind for line in early.values()} == ({"waiting"} if who != "sheng-fuze" else set())
        late = [line for line in todo.lines(user, LATER.replace(day=LATER.day + 3)) if "超过预计" in line.title]
        assert [(line.count, line.due_on) for line in late] == [(2, SERVED.date())]


@pytest.mark.parametrize("name", ["desk", "extensions", "notices"])
def test_lists_cost_the_same_for_one_and_for_many(go, world, waiting, name):  # noqa: F811
    query = {"desk": "", "extensions": "?tab=extensions", "notices": ""}[name]
    view = "clock_notices" if name == "notices" else "clock_desk"

    def fill(people):
        ids = waiting(people)
        maker = User.objects.get(username="sheng-shenpi")
        pausing.pause(
            actor=maker, now=DECIDED, applicant_ids=ids, kind="HEARING", reason="听证", expected_on=SERVED.date()
        )
        extending.propose(actor=maker, now=DECIDED, applicant_ids=ids, reason="复杂")

    counts = []
    for people in (1, 5):
        fill(people)
        go("sheng-fuze", view, query=query, when=DECIDED)
        with CaptureQueriesContext(connection) as queries:
            assert go("sheng-fuze", view, query=query, when=DECIDED).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_before_acceptance_the_page_says_what_each_clock_waits_for(go, world):  # noqa: F811
    group = make_group(world, 1, state="CLEARED")
    take_exam(world, group)
    (pk,) = ids_of(submitted(world, group))
    page = text_of(go("sheng-shouli", "applicant", pk, when=SUBMITTED))
    assert "受理后起算" in page
    assert "作出决定后起算" in page
    assert "中止计算期限</a>" not in page


def test_the_explanation_shows_the_pause_and_the_extension(go, world, proposed, client):  # noqa: F811
    (row,) = proposed()
    extending.approve(actor=world.user("sheng-fuze"), now=DECIDED, proposal_ids=[row.pk], reason="同意")
    maker = world.user("sheng-shenpi")
    pausing.pause(
        actor=maker,
        now=DECIDED,
        applicant_ids=[row.applicant_id],
        kind="HEARING",
        reason="申请人要求听证。",
        expected_on=SERVED.date(),
    )
    pausing.resume(
        actor=maker, now=SERVED, applicant_ids=[row.applicant_id], last_day=SERVED.date(), outcome="听证笔录"
    )
    deadline = ledger.find("decision_statutory", LicenceApplicant(pk=row.applicant_id))
    go("shenji", "clocks", row.applicant_id, when=SERVED)
    page = text_of(client.get(reverse("deadlines:explanation", args=[deadline.pk])))
    assert "经批准延长 10 个工作日" in page
    assert "申请人要求听证" in page
    assert "中止计算（听证）" in page
    paper = client.get(reverse("deadlines:explanation_pdf", args=[deadline.pk]))
    assert paper["Content-Type"] == "application/pdf"


def test_who_stands_still_does_not_wait_for_the_decision_maker(world, paused, waiting):
    paused(1)
    waiting(2)
    (line,) = [line for line in todo.lines(world.user("sheng-shenpi"), DECIDED) if line.title == "作出许可决定"]
    assert line.count == 2
    assert line.deadline.paused_on is None


def test_the_desk_offers_to_go_on_instead_of_a_refusal(go, paused):  # noqa: F811
    (pk,) = paused()
    page = text_of(go("sheng-shenpi", "deciding", when=DECIDED))
    assert f"{reverse('approvals:resume')}?ids={pk}" in page
    assert reverse("approvals:refuse", args=[pk]) not in page
    assert f'name="ids" value="{pk}"' not in page
    sent = {"facts": "甲", "basis": "乙", "reasons": "丙"}
    answer = go("sheng-shenpi", "refuse", pk, data=sent, when=DECIDED)
    assert answer.status_code == 422
    assert "尚未恢复" in text_of(answer)
