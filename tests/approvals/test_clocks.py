"""Clocks of a decision that stand still, go on and are extended (rules 2.4; 行政许可法第四十二条、第四十五条)."""

import io
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pypdf import PdfReader

from approvals.clocks import clock_papers, extending, pausing, standing
from approvals.dossiers.sections.reading import Reader
from approvals.licences import acceptance, deciding, licensing, serving
from approvals.models import ClockNotice, Decision, ExtensionProposal, LicenceApplicant
from certification.deadlines import ledger, pauses
from certification.deadlines.models import Deadline, Pause, Reminder
from certification.deadlines.reminding.reminders import remind
from certification.deadlines.sweep import sweep
from certification.notices.models import Notice
from certification.organisations.models import RoleAssignment, User
from certification.organisations.roles import Role
from certification.refusals import Incomplete, NotPermitted, SeparationBreach
from tests.approvals.cases import content_of, make_group, take_exam
from tests.approvals.correction_steps import answer_items, asks
from tests.approvals.licensing_steps import SUBMITTED, ids_of, reconciled, submitted
from tests.factories import at, working_day

pytestmark = pytest.mark.django_db

RECEIVED = SUBMITTED.date()


def nth(number: int, hour: int = 10, minute: int = 0):
    """The ``number``-th working day after receipt."""
    return at(working_day(RECEIVED, number), hour, minute)


@pytest.fixture
def examined(world):
    def make(people=1):
        group = make_group(world, people, state="CLEARED")
        take_exam(world, group)
        return group

    return make


@pytest.fixture
def waiting(world, examined):
    """The ids of people who wait for their decision, received and accepted on the same day."""

    def make(people=1) -> list[int]:
        return ids_of(reconciled(world, examined(people)))

    return make


def pause(world, ids, now, *, who="sheng-shenpi", kind="HEARING", reason="申请人要求听证。", expected=None):
    expected = expected or working_day(now.date(), 5)
    return pausing.pause(
        actor=world.user(who), now=now, applicant_ids=ids, kind=kind, reason=reason, expected_on=expected
    )


def resume(world, ids, now, *, last_day=None, who="sheng-shenpi", outcome="听证笔录第1号。"):
    return pausing.resume(
        actor=world.user(who), now=now, applicant_ids=ids, last_day=last_day or now.date(), outcome=outcome
    )


def propose(world, ids, now, *, who="sheng-shenpi", reason="案情复杂，需要向发证院校核实学历。"):
    return extending.propose(actor=world.user(who), now=now, applicant_ids=ids, reason=reason)


def approve(world, results, now, *, who="sheng-fuze", reason="同意。"):
    ids = [result.row.pk for result in results]
    return extending.approve(actor=world.user(who), now=now, proposal_ids=ids, reason=reason)


def due(pk, rule="decision") -> date:
    return ledger.find(rule, LicenceApplicant(pk=pk)).due_on


def state(pk, now, rule="decision"):
    return ledger.find(rule, LicenceApplicant(pk=pk)).state_at(now)


def code_of(result) -> str:
    return result.refusal.code if result.refusal else ""


# Standing still and going on


def test_a_hearing_stops_promise_and_law_alike_and_both_go_on(world, waiting):
    (pk,) = waiting()
    (done,) = pause(world, [pk], nth(3))
    assert done.ok
    for rule in ("decision", "decision_statutory"):
        assert state(pk, nth(40), rule) == Deadline.State.PAUSED
    (done,) = resume(world, [pk], nth(8))
    assert done.ok
    # Six working days did not count: the third to the eighth.
    assert due(pk) == working_day(RECEIVED, 16)
    assert due(pk, "decision_statutory") == working_day(RECEIVED, 26)


def test_what_stands_still_is_neither_granted_nor_refused_until_it_goes_on(world, waiting):
    ids = waiting(2)
    pause(world, ids[:1], nth(2))
    maker = world.user("sheng-shenpi")
    stopped, free = deciding.grant(actor=maker, now=nth(3), applicant_ids=ids)
    assert (code_of(stopped), free.ok) == ("standing_still", True)
    assert "第四十五条" in stopped.refusal.clause
    with pytest.raises(type(stopped.refusal), match="中止计算"):
        deciding.refuse(actor=maker, now=nth(3), applicant_id=ids[0], facts="甲", basis="乙", reasons="丙")
    resume(world, ids[:1], nth(4))
    (done,) = deciding.grant(actor=maker, now=nth(5), applicant_ids=ids[:1])
    assert done.ok


def test_nothing_stands_still_before_acceptance_or_after_the_decision(world, examined, waiting):
    early = ids_of(submitted(world, examined()))
    (refused,) = pause(world, early, nth(1))
    assert "自受理起算" in refused.refusal.message
    ids = waiting()
    deciding.grant(actor=world.user("sheng-shenpi"), now=nth(2), applicant_ids=ids)
    (refused,) = pause(world, ids, nth(3))
    assert "已经作出决定" in refused.refusal.message
    assert not Pause.objects.exists()


def test_the_same_twice_changes_nothing_and_another_is_told(world, waiting):
    (pk,) = waiting()
    for _ in range(2):
        (done,) = pause(world, [pk], nth(3))
        assert done.ok
    (other,) = pause(world, [pk], nth(3), who="sheng-shouli", kind="EXPERT_APPRAISAL")
    assert code_of(other) == "paused_already"
    assert (Pause.objects.count(), ClockNotice.objects.count()) == (1, 1)
    for _ in range(2):
        (done,) = resume(world, [pk], nth(6))
        assert done.ok
    (other,) = resume(world, [pk], nth(6), who="sheng-shouli")
    assert code_of(other) == "not_paused"
    assert ClockNotice.objects.count() == 2
    assert due(pk) == working_day(RECEIVED, 14)


def test_what_is_missing_is_asked_for_all_at_once(world, waiting):
    (pk,) = waiting()
    with pytest.raises(Incomplete) as caught:
        pausing.pause(
            actor=world.user("sheng-shenpi"), now=nth(2), applicant_ids=[pk], kind="X", reason=" ", expected_on=None
        )
    assert [problem.field for problem in caught.value.problems] == ["kind", "reason", "expected_on"]
    with pytest.raises(Incomplete, match="不能早于今天"):
        pause(world, [pk], nth(2), expected=RECEIVED)
    pause(world, [pk], nth(2))
    for day in (working_day(RECEIVED, 1), working_day(RECEIVED, 9)):
        (refused,) = resume(world, [pk], nth(5), last_day=day)
        assert code_of(refused) == "incomplete"
    with pytest.raises(Incomplete, match="结果"):
        resume(world, [pk], nth(5), outcome=" ")


def test_the_days_shown_before_are_the_days_after(world, waiting):
    ids = waiting(2)
    pause(world, ids, nth(2))
    day = working_day(RECEIVED, 6)
    shown = {(row.subject_id, row.rule_id): found.due_on for row, found in pauses.after_resume(_people(ids), day)}
    resume(world, ids, nth(8), last_day=day)
    rows = Deadline.objects.unmet().filter(rule__code__in=["decision", "decision_statutory"])
    assert shown == {(row.subject_id, row.rule_id): row.due_on for row in rows}
    proposed = propose(world, ids, nth(9))
    shown = {row.subject_id: found.due_on for row, found in pauses.after_extension("decision_statutory", _people(ids))}
    approve(world, proposed, nth(9))
    assert shown == {pk: due(pk, "decision_statutory") for pk in ids}


def test_a_bulk_costs_the_same_for_one_and_for_many(world, waiting):
    maker, head, counts = world.user("sheng-shenpi"), world.user("sheng-fuze"), []
    for people in (1, 1, 6):  # the first fills what is read once
        ids = waiting(people)
        with CaptureQueriesContext(connection) as queries:
            pausing.pause(
                actor=maker, now=nth(2), applicant_ids=ids, kind="HEARING", reason="听证", expected_on=nth(6).date()
            )
            pausing.resume(actor=maker, now=nth(3), applicant_ids=ids, last_day=nth(3).date(), outcome="笔录")
            extending.propose(actor=maker, now=nth(3), applicant_ids=ids, reason="复杂")
            proposals = list(ExtensionProposal.objects.filter(applicant__in=ids).values_list("pk", flat=True))
            extending.approve(actor=head, now=nth(3), proposal_ids=proposals, reason="同意")
        counts.append([query["sql"] for query in queries])
    assert len(counts[1]) == len(counts[2])


# Midnight


def test_the_last_minute_of_the_day_that_the_pause_moved_to_is_in_time(world, waiting, at):
    (pk,) = waiting()
    pause(world, [pk], nth(9))
    resume(world, [pk], nth(12))
    last_day = working_day(RECEIVED, 14)
    assert due(pk) == last_day
    sweep(now=at(nth(14, 23, 59)))
    assert state(pk, nth(14, 23, 59)) == Deadline.State.OPEN
    late = at(nth(14, 23, 59) + timedelta(minutes=2))
    sweep(now=late)
    assert state(pk, late) == Deadline.State.OVERDUE
    assert ledger.find("decision", LicenceApplicant(pk=pk)).breached_at == late
    assert not Decision.objects.exists()


@pytest.mark.parametrize(("hour", "minute", "expected"), [(23, 59, "PAUSED"), (0, 1, "OVERDUE")])
def test_a_pause_begins_before_midnight_of_the_last_day_or_finds_it_overdue(world, waiting, at, hour, minute, expected):
    """Today does not count any more, so that the last day itself is saved; the day after it, nothing is."""
    (pk,) = waiting()
    last_day = working_day(RECEIVED, 10)
    moment = at(nth(10, 23, 59) if hour else nth(10, 23, 59) + timedelta(minutes=2))
    assert (moment.hour, moment.minute) == (hour, minute)
    (done,) = pause(world, [pk], moment)
    assert done.ok
    sweep(now=moment + timedelta(days=30))
    assert state(pk, moment + timedelta(days=30)) == expected
    assert state(pk, moment + timedelta(days=30), "decision_statutory") == Deadline.State.PAUSED
    assert last_day == due(pk)


def test_over_midnight_a_pause_takes_out_both_days_and_no_weekend_counts_twice(world, waiting):
    (pk,) = waiting()
    pause(world, [pk], nth(4, 23, 59))
    resume(world, [pk], nth(5, 0, 1))
    assert due(pk) == working_day(RECEIVED, 12)


def test_warnings_at_the_eighth_and_tenth_day_follow_the_clock_over_a_pause(world, waiting, at):
    (pk,) = waiting()
    decision = ledger.find("decision", LicenceApplicant(pk=pk))
    pause(world, [pk], nth(5))
    for day in range(6, 12):
        remind(now=at(nth(day, 9)))
    assert not Reminder.objects.filter(deadline=decision).exists()
    resume(world, [pk], nth(12), last_day=nth(10).date())
    told = {}
    for day in range(12, 18):
        now = at(nth(day, 9))
        remind(now=now)
        told[day] = sorted(
            (row.stage, row.recipient.username)
            for row in Reminder.objects.filter(deadline=decision, state="SENT", created_at=now)
        )
    # Six days stood still: the eighth day is the fourteenth, the tenth the sixteenth.
    heads_and_makers = {row.recipient.username for row in Reminder.objects.filter(deadline=decision, stage="BEFORE_2")}
    assert {"sheng-shenpi", "sheng-fuze"} <= heads_and_makers
    assert {stage for stage, _who in told[14]} == {"BEFORE_2"}
    assert {stage for stage, _who in told[16]} == {"DUE"}
    assert {stage for stage, _who in told[17]} == {"BREACH"}
    assert [told[day] for day in (12, 13, 15)] == [[], [], []]
    told_the_head = Notice.objects.filter(recipient=world.users["sheng-fuze"], title__contains="承诺时限")
    eighth, tenth, _breach = told_the_head.order_by("pk")
    assert "法定时限" in eighth.body
    assert "法定时限" in tenth.body


# The one extension


def test_somebody_proposes_the_head_approves_and_the_applicant_is_told(world, waiting):
    (pk,) = waiting()
    before = due(pk, "decision_statutory")
    proposed = propose(world, [pk], nth(15))
    assert Notice.objects.filter(recipient=world.users["sheng-fuze"], title__startswith="提请延长").exists()
    assert due(pk, "decision_statutory") == before
    (done,) = approve(world, proposed, nth(16))
    assert done.ok
    assert due(pk, "decision_statutory") == working_day(before, 10)
    assert due(pk) == working_day(RECEIVED, 10)
    told = ClockNotice.objects.get()
    assert (told.kind, told.from_on, told.until_on) == ("EXTENDED", before, working_day(before, 10))
    for who in ("jigou", "shi-kaowu"):
        notice = Notice.objects.get(recipient=world.users[who], title__startswith="决定期限延长")
        assert "向发证院校核实学历" in notice.body


def test_a_second_extension_is_impossible(world, waiting):
    (pk,) = waiting()
    approve(world, propose(world, [pk], nth(3)), nth(4))
    (refused,) = propose(world, [pk], nth(5), reason="还要核实。")
    assert "不得再次延长" in refused.refusal.message
    assert "第四十二条" in refused.refusal.clause


def test_only_the_head_approves_and_never_what_they_proposed_or_prepared(world, waiting):
    (pk,) = waiting()
    with pytest.raises(NotPermitted):
        propose(world, [pk], nth(3), who="sheng-fuze")
    proposed = propose(world, [pk], nth(3))
    for who in ("sheng-shenpi", "sheng-shouli", "sheng-shenhe", "shenji"):
        with pytest.raises(NotPermitted):
            approve(world, proposed, nth(4), who=who)
    for name in ("sheng-shenpi", "sheng-shouli"):
        head = _head(world, world.user(name).person, f"second-{name}")
        (refused,) = extending.approve(actor=head, now=nth(4), proposal_ids=[proposed[0].row.pk], reason="同意")
        assert isinstance(refused.refusal, SeparationBreach)
    assert ExtensionProposal.objects.get().state == "REQUESTED"


def test_who_extended_does_not_decide(world, waiting):
    (pk,) = waiting()
    approve(world, propose(world, [pk], nth(3)), nth(4))
    maker = User.objects.create(username="maker", organisation=world.centre, person=world.user("sheng-fuze").person)
    RoleAssignment.objects.create(
        user=maker, role=Role.PROVINCIAL_DECISION_MAKER, valid_from=RECEIVED, granted_by=maker
    )
    (refused,) = deciding.grant(actor=maker, now=nth(5), applicant_ids=[pk])
    assert isinstance(refused.refusal, SeparationBreach)
    assert "批准延长" in refused.refusal.clause


def test_declined_with_a_reason_nothing_moves_and_it_may_be_proposed_again(world, waiting):
    (pk,) = waiting()
    before = due(pk, "decision_statutory")
    (proposed,) = propose(world, [pk], nth(3))
    head = world.user("sheng-fuze")
    with pytest.raises(Incomplete):
        extending.decline(actor=head, now=nth(4), proposal_ids=[proposed.row.pk], reason=" ")
    extending.decline(actor=head, now=nth(4), proposal_ids=[proposed.row.pk], reason="可以按期办结。")
    assert due(pk, "decision_statutory") == before
    assert not ClockNotice.objects.exists()
    assert Notice.objects.filter(recipient=world.users["sheng-shenpi"], title__startswith="不批准延长").exists()
    (again,) = propose(world, [pk], nth(5))
    assert again.ok


def test_one_proposal_at_a_time_and_it_can_be_taken_back(world, waiting):
    (pk,) = waiting()
    (first,) = propose(world, [pk], nth(3))
    (same,) = propose(world, [pk], nth(3))
    assert same.row.pk == first.row.pk
    (other,) = propose(world, [pk], nth(3), who="sheng-shouli", reason="别的理由")
    assert code_of(other) == "proposed_already"
    extending.withdraw(actor=world.user("sheng-shenpi"), now=nth(4), proposal_id=first.row.pk)
    (refused,) = approve(world, [first], nth(4))
    assert code_of(refused) == "wrong_state"


def test_too_late_to_extend_and_in_time_a_minute_before(world, waiting, at):
    ids = waiting(2)
    last = working_day(RECEIVED, 20)
    proposed = propose(world, ids, at(nth(20, 23, 58)))
    (done,) = approve(world, proposed[:1], at(nth(20, 23, 59)))
    assert done.ok
    (refused,) = approve(world, proposed[1:], at(nth(20, 23, 59) + timedelta(minutes=2)))
    assert code_of(refused) == "too_late"
    assert due(ids[1], "decision_statutory") == last


def test_a_decision_ends_what_waits_for_the_head(world, waiting):
    (pk,) = waiting()
    proposed = propose(world, [pk], nth(3))
    deciding.grant(actor=world.user("sheng-shenpi"), now=nth(4), applicant_ids=[pk])
    assert ExtensionProposal.objects.get().state == "LAPSED"
    (refused,) = approve(world, proposed, nth(5))
    assert not refused.ok


def test_extended_while_it_stands_still_both_add_up(world, waiting):
    (pk,) = waiting()
    pause(world, [pk], nth(3))
    approve(world, propose(world, [pk], nth(4)), nth(5))
    assert state(pk, nth(6), "decision_statutory") == Deadline.State.PAUSED
    resume(world, [pk], nth(7))
    assert due(pk, "decision_statutory") == working_day(RECEIVED, 20 + 10 + 5)


# What is told, what is shown


def test_every_event_has_its_numbered_paper_in_the_name_of_the_authority(world, waiting):
    (pk,) = waiting()
    pause(world, [pk], nth(3))
    resume(world, [pk], nth(6))
    approve(world, propose(world, [pk], nth(7)), nth(8))
    assert clock_papers.write_missing() == 3
    assert clock_papers.write_missing() == 0
    notices = list(ClockNotice.objects.select_related("letter").order_by("pk"))
    assert [notice.number for notice in notices] == [f"云应急特种许告〔2026〕{n}号" for n in (1, 2, 3)]
    texts = [_text(content_of(notice.letter)) for notice in notices]
    assert all("云岭省应急管理厅" in text for text in texts)
    assert "申请人要求听证" in texts[0]
    assert "第四十五条" in texts[0]
    assert "恢复计算" in texts[1]
    assert "经本行政机关负责人批准，延长10个工作日" in texts[2]


def test_the_papers_lie_in_the_dossier_of_the_session(world, examined):
    group = examined()
    (pk,) = ids_of(reconciled(world, group))
    pause(world, [pk], nth(3))
    clock_papers.write_missing()
    papers = Reader(group.session, [group.plan], masked=True, inside=True).class_papers()[group.plan.pk]
    assert [paper for paper in papers if "中止计算期限告知书" in paper.title]


def test_the_four_clocks_stand_side_by_side(world, examined, at):
    (pk,) = ids_of(submitted(world, examined()))
    assert _faces(pk, nth(0)) == {"acceptance": "OPEN", "decision": "OPEN", "decision_statutory": None, "service": None}
    acceptance.accept(actor=world.user("sheng-shouli"), now=nth(6), applicant_ids=[pk])
    acceptance.reconcile(actor=world.user("sheng-shouli"), now=nth(6), applicant_ids=[pk])
    found = {face.rule.code: face for face in standing.faces(LicenceApplicant.objects.get(pk=pk), nth(11))}
    assert {code: face.broken for code, face in found.items()} == {
        "acceptance": "超过受理时限",
        "decision": "超过承诺时限",
        "decision_statutory": "",
        "service": "",
    }
    deciding.grant(actor=world.user("sheng-shenpi"), now=nth(11), applicant_ids=[pk])
    decisions = list(Decision.objects.values_list("pk", flat=True))
    serving.serve(
        actor=world.user("sheng-shouli"), now=nth(12), decision_ids=decisions, method="HANDED_OVER", evidence="1"
    )
    assert _faces(pk, nth(12)) == {
        "acceptance": "MET_LATE",
        "decision": "MET_LATE",
        "decision_statutory": "MET",
        "service": "MET",
    }


def test_a_correction_before_acceptance_starts_the_acceptance_clock_anew(world, examined):
    (pk,) = ids_of(submitted(world, examined()))
    acceptance.ask_correction(actor=world.user("sheng-shouli"), now=nth(5), applicant_ids=[pk], items=asks("照片不符"))
    assert _faces(pk, nth(6)) == dict.fromkeys(standing.RULES)
    answer_items(world.user("shi-kaowu"), LicenceApplicant.objects.get(pk=pk), nth(7))
    licensing.send_again(
        actor=world.user("shi-kaowu"), now=nth(7), applicant_ids=[pk], receipt_number="PT2", reason="已换照片"
    )
    assert due(pk, "acceptance") == working_day(RECEIVED, 12)
    assert due(pk) == working_day(RECEIVED, 17)
    asked = Deadline.objects.get(rule__code="acceptance", closed_at__isnull=False)
    assert (asked.met_late, asked.met_at) == (False, nth(5))


@pytest.mark.parametrize(("minutes", "counted_from"), [(0, 5), (2, 0)])
def test_who_had_no_answer_in_time_counts_as_accepted_on_the_day_of_receipt(world, examined, minutes, counted_from):
    (pk,) = ids_of(submitted(world, examined()))
    now = nth(5, 23, 59) + timedelta(minutes=minutes)
    acceptance.accept(actor=world.user("sheng-shouli"), now=now, applicant_ids=[pk])
    assert ledger.find("decision_statutory", LicenceApplicant(pk=pk)).anchor_on == working_day(RECEIVED, counted_from)


def _people(ids):
    return list(LicenceApplicant.objects.filter(pk__in=ids))


def _faces(pk, now):
    applicant = LicenceApplicant.objects.get(pk=pk)
    return {
        face.rule.code: face.deadline and face.deadline.state_at(now).value for face in standing.faces(applicant, now)
    }


def _head(world, person, username) -> User:
    user = User.objects.create(username=username, organisation=world.centre, person=person)
    RoleAssignment.objects.create(user=user, role=Role.PROVINCIAL_HEAD, valid_from=RECEIVED, granted_by=user)
    return user


def _text(content: bytes) -> str:
    return "".join("".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(content)).pages)
