"""Bars (禁考, rules 3.3): proposed, imposed or declined, appealed, lifted, over by themselves; what an imposed bar does
to a person who is already in an examination; who sees what of it."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from approvals.bars import bar_papers, deciding, proposing
from approvals.models import BarCase, Review
from approvals.reviews.reviewing import review
from certification.notices.models import Notice
from certification.people import bars
from certification.people.models import Bar
from certification.records.models import TransitionLog
from certification.refusals import Incomplete, NotPermitted, SeparationBreach, WrongState
from certification.rulebook import lookup
from exams.applications.person_checks import errors_against, refusal_of
from exams.materials import specimens
from exams.models import Candidate, ExamApplication
from exams.sessions.assigning import assign_to_session, move_to_pool
from exams.tickets import ticket_changes
from tests.approvals.cases import EXAM, NOW, TODAY, make_group, make_session
from tests.approvals.test_pages import go, text_of  # noqa: F401
from training.models import Trainee, TrainingPlan

pytestmark = pytest.mark.django_db
REASON, PROOF = "学历证书系伪造", "学校核验函"
LAST = date(2027, 10, 18)


def propose(world, group, who="shi-shenhe", place=0, **changes):
    row = group.applications[place]
    said = {"ground": "FALSE_MATERIAL", "reason": REASON, "evidence": PROOF, **changes}
    return proposing.propose(actor=world.user(who), now=NOW, person_id=row.person_id, application_id=row.pk, **said)


def impose(world, case, who="sheng-fuze"):
    return deciding.impose(actor=world.user(who), now=NOW, case_id=case.pk, reason="证据确凿")


def imposed(world, **more):
    group = make_group(world, **more)
    return group, impose(world, propose(world, group))


def test_a_proposal_keeps_nobody_from_anything_and_the_head_bars_for_the_editions_months(world):
    group = make_group(world)
    case = propose(world, group, files=[("核验函.jpg", specimens.scan("核验函"))])
    person_id = group.applications[0].person_id
    assert bars.in_force([person_id], TODAY) == {}
    assert group.states() == ["PRELIMINARY_REVIEW"]
    assert Notice.objects.filter(recipient=world.user("sheng-fuze"), title__startswith="提请禁考").count() == 1
    assert case.files.get().file.owner == case.files.get()
    assert propose(world, group).pk == case.pk
    with pytest.raises(WrongState):
        propose(world, group, who="shi-shenhe2")
    case = impose(world, case)
    assert (case.state, case.bar.barred_from, case.bar.barred_until) == ("IMPOSED", TODAY, LAST)
    assert case.number.startswith("云应急特种禁〔2026〕")
    assert list(bars.in_force([person_id], LAST)) == [person_id]
    assert bars.in_force([person_id], date(2027, 10, 19)) == {}
    assert bar_papers.write_missing() == 1
    case.refresh_from_db()
    with case.letter.file.open() as letter:
        assert letter.read(4) == b"%PDF"
    assert bar_papers.write_missing() == 0
    told = set(Notice.objects.filter(title__startswith="禁考决定").values_list("recipient__username", flat=True))
    assert told >= {"jigou", "shi-shenhe", "shi-kaowu"}


@pytest.mark.parametrize(
    ("state", "after"),
    [
        ("CLEARED", "REFUSED"),
        ("FINAL_REVIEW", "REFUSED"),
        ("PRELIMINARY_REVIEW", "WITHDRAWN"),
        ("RETURNED", "WITHDRAWN"),
    ],
)
def test_whoever_is_in_a_session_is_taken_off_it_and_the_others_stay(world, state, after):
    group = make_group(world, 2, state=state)
    Candidate.objects.filter(session=group.session).update(state="ADMITTED", ticket_number="")
    Candidate.objects.filter(application=group.ids[0]).update(ticket_number="20260001")
    impose(world, propose(world, group))
    assert group.states() == [after, state]
    assert list(Candidate.objects.order_by("application").values_list("state", flat=True)) == ["WITHDRAWN", "ADMITTED"]
    told = Notice.objects.filter(recipient=world.user("shi-kaowu"), title__startswith="禁考决定").get()
    assert "准考证 20260001 作废" in told.body
    line = TransitionLog.objects.about(group.fresh()[0]).last()
    assert "行政许可法第七十八条" in line.reason


def test_whoever_is_in_a_class_that_has_not_ended_leaves_it_by_a_new_version_of_the_roster(world):
    group = make_group(world, 2, state="CLEARED")
    TrainingPlan.objects.filter(pk=group.plan.pk).update(class_end=EXAM)
    case = propose(world, group)
    assert [plan.pk for plan in deciding.concerned(case, TODAY).classes] == [group.plan.pk]
    impose(world, case)
    states = Trainee.objects.filter(plan=group.plan).order_by("pk").values_list("state", flat=True)
    assert list(states) == ["WITHDRAWN", "ENROLLED"]
    version = group.plan.rosters.order_by("version").last()
    assert (version.version, version.headcount, version.receipts.count()) == (2, 1, 2)
    assert [trainee.person_id for trainee in version.left()] == [group.applications[0].person_id]
    told = Notice.objects.get(recipient=world.user("jigou"), title__startswith="禁考决定")
    assert "已从班级退班" in told.body


def test_a_class_that_has_ended_and_one_whose_exam_has_begun_keep_their_people(world):
    ended = make_group(world, state="CLEARED")
    impose(world, propose(world, ended))
    running = make_group(world, state="CLEARED", exam_on=TODAY)
    TrainingPlan.objects.filter(pk=running.plan.pk).update(class_end=EXAM)
    Candidate.objects.filter(session=running.session).update(state="ADMITTED")
    impose(world, propose(world, running))
    assert set(Trainee.objects.values_list("state", flat=True)) == {"ENROLLED"}


def test_a_ticket_that_holds_no_longer_stands_in_the_list_of_differences(world, client, at):
    """Rules 3.4: not only in a notice."""
    group = make_group(world, 3, state="CLEARED")
    for place, pk in enumerate(group.ids):
        Candidate.objects.filter(application=pk).update(state="ADMITTED", ticket_number=f"2026000{place}")
    impose(world, propose(world, group))
    second = Candidate.objects.filter(application=group.ids[1])
    move_to_pool(
        actor=world.user("shi-kaowu"), now=NOW, candidate_ids=list(second.values_list("pk", flat=True)), reason="住院"
    )
    changes = ticket_changes.of(group.session, None, world.user("shi-kaowu"))
    assert [(one.candidate.ticket_number, one.holds) for one in changes] == [("20260000", False), ("20260001", False)]
    assert "不予安排考试" in changes[0].why
    assert changes[1].why == "住院"
    at(NOW)
    client.force_login(world.user("shi-kaowu"))
    page = text_of(client.get(reverse("exams:session_detail", args=[group.session.pk])))
    assert "准考证变更" in page
    assert ticket_changes.of(group.session, None, world.user("lanxi-kaowu")) == []


def test_an_exam_that_has_begun_is_left_to_the_licence(world, at):
    group = make_group(world, state="CLEARED", exam_on=TODAY)
    Candidate.objects.filter(session=group.session).update(state="ADMITTED")
    impose(world, propose(world, group))
    assert group.states() == ["CLEARED"]
    assert Candidate.objects.get().state == "ADMITTED"


def test_the_edition_may_let_applications_stand(world, monkeypatch):
    group = make_group(world, state="CLEARED")
    case = propose(world, group)
    rule = lookup.rule("eligibility", "bar_decisions", lookup.edition_on(TODAY))
    TrainingPlan.objects.filter(pk=group.plan.pk).update(class_end=EXAM)
    monkeypatch.setitem(rule.values, "open_applications", "KEEP")
    monkeypatch.setitem(rule.values, "open_classes", "KEEP")
    impose(world, case)
    assert group.states() == ["CLEARED"]
    assert Trainee.objects.get(plan=group.plan).state == "ENROLLED"


def test_the_bar_is_found_by_the_checks_and_at_the_assignment_until_it_is_lifted(world):
    group, case = imposed(world)
    person = group.applications[0].person
    later = make_group(world, persons=[person], assigned=False, state="CLEARED")
    session = make_session(world, later.applications[0].job_type, world.bureau, exam_on=EXAM)

    def found():
        errors = errors_against(later.fresh(), today=TODAY, exam_on=EXAM)
        refusal = refusal_of(errors[later.ids[0]])
        return refusal is not None and "不予安排考试" in str(refusal)

    def assign():
        (result,) = assign_to_session(
            actor=world.user("shi-kaowu"), now=NOW, application_ids=later.ids, session_id=session.pk
        )
        return result.refusal.code if result.refusal else ""

    assert (found(), assign()) == (True, "barred")
    deciding.note_appeal(
        actor=world.user("sheng-fuze"), now=NOW, case_id=case.pk, appealed_on=TODAY, what="申请行政复议"
    )
    assert found()
    case = deciding.lift(actor=world.user("sheng-fuze"), now=NOW, case_id=case.pk, reason="复议撤销")
    assert case.state == "LIFTED"
    assert (found(), assign() == "barred") == (False, False)


def test_what_is_declined_leaves_no_bar_and_nothing_is_done_twice(world):
    group = make_group(world)
    case = propose(world, group)
    head = world.user("sheng-fuze")
    deciding.decline(actor=head, now=NOW, case_id=case.pk, reason="证据不足")
    assert not Bar.objects.exists()
    assert Notice.objects.filter(recipient=world.user("shi-shenhe"), title__startswith="不予禁考").exists()
    for act in (deciding.impose, deciding.decline, deciding.lift):
        with pytest.raises(WrongState):
            act(actor=head, now=NOW, case_id=case.pk, reason="再来")
    with pytest.raises(WrongState):
        deciding.note_appeal(actor=head, now=NOW, case_id=case.pk, appealed_on=TODAY, what="申诉")
    with pytest.raises(Incomplete):
        propose(world, group, reason=" ", evidence="")
    assert group.states() == ["PRELIMINARY_REVIEW"]


def test_a_proposal_is_withdrawn_by_who_made_it_until_the_head_decides(world, go):  # noqa: F811
    group = make_group(world)
    case = propose(world, group)
    took_back = {"now": NOW, "case_id": case.pk}
    for who in ("shi-shenhe2", "sheng-shenhe", "sheng-fuze"):
        with pytest.raises(NotPermitted):
            proposing.withdraw(actor=world.user(who), reason="提请有误", **took_back)
    assert "撤回提请" not in text_of(go("shi-shenhe2", "bar", case.pk, when=NOW))
    assert "撤回提请" in text_of(go("shi-shenhe", "bar", case.pk, when=NOW))
    assert go("shi-shenhe", "bar_withdraw", case.pk, when=NOW, data={"reason": " "}).status_code == 422
    assert go("shi-shenhe", "bar_withdraw", case.pk, when=NOW, data={"reason": "人员有误"}).status_code == 302
    assert "人员有误" in text_of(go("sheng-fuze", "bar", case.pk, when=NOW))
    assert Notice.objects.filter(recipient=world.user("sheng-fuze"), title__startswith="撤回禁考提请").exists()
    with pytest.raises(WrongState):
        impose(world, case)
    with pytest.raises(WrongState):
        proposing.withdraw(actor=world.user("shi-shenhe"), reason="再次", **took_back)
    again = propose(world, group)
    assert again.pk != case.pk
    impose(world, again)
    with pytest.raises(WrongState):
        proposing.withdraw(actor=world.user("shi-shenhe"), now=NOW, case_id=again.pk, reason="太晚")


def test_who_may_and_who_proposed_or_reviewed_does_not_impose(world):
    group = make_group(world)
    for who in ("shi-fuze", "sheng-fuze", "jigou", "shenji"):
        with pytest.raises(NotPermitted):
            propose(world, group, who=who)
    case = propose(world, group)
    for who in ("shi-shenhe", "sheng-shenhe", "shi-fuze", "shenji"):
        with pytest.raises(NotPermitted):
            impose(world, case, who=who)
    head = world.user("sheng-fuze")
    BarCase.objects.filter(pk=case.pk).update(proposed_by=head)
    with pytest.raises(SeparationBreach):
        impose(world, case)
    BarCase.objects.filter(pk=case.pk).update(proposed_by=world.user("shi-shenhe"))
    review(actor=world.user("shi-shenhe"), now=NOW, application_ids=group.ids, stage="PRELIMINARY", outcome="PASS")
    Review.objects.update(reviewer=head)
    for act in (deciding.impose, deciding.decline):
        with pytest.raises(SeparationBreach):
            act(actor=head, now=NOW, case_id=case.pk, reason="同意")
    assert not Bar.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_heads_at_once_impose_one_bar(world, at_once):
    case = propose(world, make_group(world, state="CLEARED"))
    answers = at_once(lambda: impose(world, case), lambda: impose(world, case))
    assert [type(one) for one in answers if isinstance(one, Exception)] == [WrongState]
    assert (Bar.objects.count(), ExamApplication.objects.get().state) == (1, "REFUSED")


def test_an_institution_sees_what_was_imposed_on_its_own_and_no_evidence(world, client, go):  # noqa: F811
    group = make_group(world)
    case = propose(world, group, files=[("核验函.jpg", specimens.scan("核验函"))])
    file = case.files.get().file
    assert go("jigou", "bar", case.pk, when=NOW).status_code == 404
    impose(world, case)
    page = text_of(go("jigou", "bar", case.pk, when=NOW))
    assert case.person.masked_number in page
    for hidden in (case.person.document_number, "核验函.jpg", "解除禁考"):
        assert hidden not in page
    assert go("lanxi-jigou", "bar", case.pk, when=NOW).status_code == 404
    assert client.get(reverse("records:file", args=[file.uuid])).status_code == 404
    assert "核验函.jpg" in text_of(go("shenji", "bar", case.pk, when=NOW))


def test_the_head_decides_on_screen_and_typed_text_is_kept(world, go):  # noqa: F811
    group = make_group(world)
    query = f"?application={group.ids[0]}"
    data = {"ground": "FRAUD", "reason": REASON, "evidence": ""}
    refused = go("shi-shenhe", "bar_propose", query=query, when=NOW, data=data)
    assert refused.status_code == 422
    assert REASON in text_of(refused)
    data |= {"evidence": PROOF, "files": SimpleUploadedFile("核验函.jpg", specimens.scan("核验函"))}
    assert go("shi-shenhe", "bar_propose", query=query, when=NOW, data=data).status_code == 302
    case = BarCase.objects.get()
    assert "36 个月" in text_of(go("sheng-fuze", "bar", case.pk, when=NOW))
    assert go("sheng-fuze", "bar_impose", case.pk, when=NOW, data={"reason": "同意"}).status_code == 302
    again = go("sheng-fuze", "bar_impose", case.pk, when=NOW, data={"reason": "同意"})
    assert again.status_code == 422
    early = {"appealed_on": "2026-10-01", "what": "申诉"}
    assert go("sheng-fuze", "bar_appeal", case.pk, when=NOW, data=early).status_code == 422
    assert go("sheng-fuze", "bar_lift", case.pk, when=NOW, data={"reason": "申诉成立"}).status_code == 302
    assert "申诉成立" in text_of(go("jigou", "bar", case.pk, when=NOW))


def test_the_list_costs_the_same_for_one_and_for_many(world, go):  # noqa: F811
    queries = []
    go("sheng-fuze", "bars", when=NOW)
    for people in (1, 7):
        group = make_group(world, people)
        for place in range(people):
            case = propose(world, group, place=place)
            if place % 2 == 0:
                impose(world, case)
        with CaptureQueriesContext(
            connection,
        ) as seen:
            page = go("sheng-fuze", "bars", when=NOW)
        queries.append(len(seen))
    assert queries[0] == queries[1] <= 16
    assert text_of(page).count(group.applications[0].person.masked_number) == 1
    for standing, rows in (("PROPOSED", 3), ("IN_FORCE", 5), ("OVER", 0), ("LIFTED", 0)):
        found = go("sheng-fuze", "bars", query=f"?standing={standing}", when=NOW)
        assert len(found.context["page"].rows) == rows
