"""What approvals puts on each role's home page, in the search box, and beside the plan's clauses."""

from datetime import date

import pytest

from approvals import todo
from approvals.finding import find
from approvals.licences.licensing import prepare as prepare_licences
from approvals.models import CorrectionNotice, Handover
from approvals.reviews.preparing import hand_over, prepare
from certification.deadlines.models import Deadline
from certification.portal.plan import screens
from certification.portal.search import parse
from exams.models import Candidate
from tests.approvals.cases import NOW, make_group, take_exam
from tests.approvals.correction_steps import asks
from tests.approvals.licensing_steps import DECIDED, RELEASED, SERVED, granted, reconciled, served, submitted
from tests.approvals.test_routes import give

pytestmark = pytest.mark.django_db


def titles(world, who, now=NOW):
    return {line.title: line for line in todo.lines(world.user(who), now)}


def test_reviewers_are_told_what_waits_and_by_when(world):
    make_group(world, 2)
    line = titles(world, "shi-shenhe")["初审考试申报"]
    assert (line.count, line.deadline.rule.code) == (2, "preliminary_review")
    assert titles(world, "sheng-shenhe") == {}
    assert titles(world, "lanxi-shenhe") == {}


def test_what_is_prepared_waits_to_be_handed_over_by_the_same_day(world):
    group = make_group(world, 3)
    common = {"now": NOW, "stage": "PRELIMINARY", "outcome": "PASS"}
    prepare(actor=world.user("shi-shenhe"), application_ids=group.ids[:2], **common)
    lines = titles(world, "shi-shenhe")
    assert (lines["初审考试申报"].count, lines["移交已拟定的审核意见"].count) == (1, 2)
    assert lines["移交已拟定的审核意见"].deadline.rule.code == "preliminary_review"
    assert "移交已拟定的审核意见" not in titles(world, "shi-shenhe2")
    hand_over(actor=world.user("shi-shenhe"), now=NOW)
    assert "移交已拟定的审核意见" not in titles(world, "shi-shenhe")


def test_what_was_forwarded_is_the_provinces_to_do_and_the_citys_to_wait_for(world):
    give(world, "shi-shenhe", make_group(world), "PRELIMINARY")
    assert titles(world, "sheng-shenhe")["审核设区市转报的申报"].count == 1
    assert titles(world, "shi-shenhe")["已转报、等待省级审核结果"].kind == "waiting"


def test_reported_renewals_wait_for_the_provincial_record(world):
    give(world, "shi-shenhe", make_group(world, kind="RENEWAL"), "CITY_REVIEW")
    assert titles(world, "sheng-shenhe")["对设区市审核结果作出省级审核记录"].count == 1


def test_each_desk_is_told_its_step_of_the_licence(world):
    group = make_group(world, 2, state="CLEARED")
    take_exam(world, group)
    line = titles(world, "shi-kaowu", RELEASED)["生成发证许可申请"]
    assert line.count == 2
    assert line.due_on is not None
    submitted(world, group)
    assert titles(world, "sheng-shouli", RELEASED)["受理发证许可申请"].count == 2


def test_each_prepared_batch_shows_its_own_deadline(world):
    batches = []
    for _ in range(2):
        group = make_group(world, 2, state="CLEARED")
        take_exam(world, group)
        batches.append(prepare_licences(actor=world.user("shi-kaowu"), now=RELEASED, session_id=group.session.pk))
    later = Deadline.objects.of("licence_submission", list(batches[1].applicants.all()))
    later.update(due_on=date(2030, 1, 4))
    shown = {
        line.subject: line.deadline.due_on
        for line in todo.lines(world.user("shi-kaowu"), RELEASED)
        if line.title == "在平台提交并填写回执号"
    }
    assert shown.keys() == {batch.number for batch in batches}
    assert shown[batches[1].number] == date(2030, 1, 4)
    assert shown[batches[0].number] < date(2030, 1, 4)


def test_decision_and_service_follow(world):
    group = make_group(world, 2, state="CLEARED")
    take_exam(world, group)
    reconciled(world, group)
    assert titles(world, "sheng-shenpi", DECIDED)["作出许可决定"].deadline.rule.code == "decision"


def test_service_then_sealing(world):
    group = make_group(world, 1, state="CLEARED")
    take_exam(world, group)
    granted(world, group)
    assert titles(world, "sheng-shouli", DECIDED)["送达许可决定"].count == 1
    assert "封存档案" not in titles(world, "shi-kaowu", DECIDED)


def test_a_finished_session_asks_to_be_sealed(world):
    group = make_group(world, 2, state="CLEARED")
    take_exam(world, group, passed=1)
    served(world, group)
    assert titles(world, "shi-kaowu", SERVED)["封存档案"].subject.startswith("DA-")


def test_search_finds_within_reach_and_masked(world):
    group = make_group(world, 1)
    person = group.applications[0].person
    hits = list(find(world.user("shi-shenhe"), parse(person.name), 20))
    assert [hit.kind for hit in hits] == ["资格审核", "人员"]
    assert not [hit for hit in hits if person.document_number in f"{hit.title}{hit.detail}"]
    assert list(find(world.user("lanxi-shenhe"), parse(person.name), 20)) == []
    assert list(find(world.user("shi-shenhe"), parse(person.document_number[:10]), 20))


def test_search_finds_hand_overs_by_their_receipt_and_notices_by_their_number(world):
    sent, back = make_group(world, 1), make_group(world, 1)
    common = {"actor": world.user("shi-shenhe"), "now": NOW, "stage": "PRELIMINARY"}
    prepare(application_ids=sent.ids, outcome="PASS", **common)
    prepare(application_ids=back.ids, outcome="RETURN", items=asks("照片不清晰", material="PHOTO"), **common)
    hand_over(actor=world.user("shi-shenhe"), now=NOW)
    receipt = Handover.objects.exclude(receipt_number="").get()
    notice = CorrectionNotice.objects.get()
    for text, kind in (
        (receipt.receipt_number, "移交单"),
        (receipt.number, "移交单"),
        (notice.number, "补正通知"),
    ):
        (hit,) = find(world.user("sheng-shenhe"), parse(text), 20)
        assert (hit.kind, hit.title) == (kind, receipt.number if kind == "移交单" else notice.number)
        assert list(find(world.user("lanxi-shenhe"), parse(text), 20)) == []


def test_clauses_are_linked_to_their_screens(world):
    roles = world.user("sheng-shenpi").roles_on(NOW.date())
    assert {"许可决定", "受理和核对"} <= {screen.label for screen in screens.screens_of("三(四)", roles)}


def test_a_session_that_was_never_held_is_not_to_be_sealed(world):
    group = make_group(world, 1)
    Candidate.objects.filter(session=group.session).update(state="MOVED")
    assert "封存档案" not in titles(world, "shi-kaowu", SERVED)
