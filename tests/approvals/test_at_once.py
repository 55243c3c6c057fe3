"""Two people, or one with a nervous finger, at the same moment (PostgreSQL, a connection each)."""

import pytest
from django.db import transaction

from approvals.assignments import assigning
from approvals.clocks import extending, pausing
from approvals.dossiers import sealing
from approvals.licences import deciding, licensing
from approvals.models import (
    Assignment,
    ClockNotice,
    Decision,
    Dossier,
    DossierItem,
    ExtensionProposal,
    Handover,
    LicenceApplicant,
    LicenceApplication,
    PreparedOpinion,
    Review,
)
from approvals.reviews.preparing import hand_over, prepare, take_back
from approvals.reviews.reviewing import review
from certification.deadlines import ledger
from certification.deadlines.models import Pause
from certification.people.models import Certificate
from certification.refusals import Refusal
from tests.approvals.cases import NOW, make_group, take_exam
from tests.approvals.licensing_steps import DECIDED, RELEASED, SERVED, ids_of, reconciled, served

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_reviewers_at_once_give_one_opinion(at_once, world):
    group = make_group(world)

    def give(who):
        return lambda: review(
            actor=world.user(who), now=NOW, application_ids=group.ids, stage="PRELIMINARY", outcome="PASS"
        )

    results = [answer[0] for answer in at_once(give("shi-shenhe"), give("shi-shenhe2"))]
    assert sorted(result.ok for result in results) == [False, True]
    assert [result.refusal.code for result in results if not result.ok] == ["wrong_state"]
    assert Review.objects.count() == 1


def test_opposite_opinions_at_once_do_not_both_stand(at_once, world):
    group = make_group(world, 5, job_type="0901")

    def give(who, outcome):
        return lambda: review(
            actor=world.user(who),
            now=NOW,
            application_ids=group.ids,
            stage="DIRECT",
            outcome=outcome,
            reason="资料造假",
        )

    at_once(give("sheng-shenhe", "PASS"), give("sheng-shenhe2", "REFUSE"))
    assert Review.objects.count() == 5
    by_application = dict(Review.objects.values_list("application_id", "outcome"))
    expected = {"PASS": "CLEARED", "REFUSE": "REFUSED"}
    assert {row.pk: row.state for row in group.fresh()} == {pk: expected[o] for pk, o in by_application.items()}


def test_a_double_click_prepares_one_application(at_once, world):
    group = make_group(world, 2, state="CLEARED")
    take_exam(world, group)

    def prepare():
        return licensing.prepare(actor=world.user("shi-kaowu"), now=RELEASED, session_id=group.session.pk)

    answers = at_once(prepare, prepare)
    assert LicenceApplication.objects.count() == 1
    assert [answer.code for answer in answers if isinstance(answer, Refusal)] == ["nobody"]


def test_numbers_stay_gap_free_when_two_decide_at_once_and_one_is_rolled_back(at_once, world):
    groups = [make_group(world, 3, state="CLEARED") for _ in range(3)]
    batches = []
    for group in groups:
        take_exam(world, group)
        batches.append(reconciled(world, group))

    def grant(who, batch):
        return lambda: deciding.grant(actor=world.user(who), now=DECIDED, applicant_ids=ids_of(batch))

    def fail():
        with transaction.atomic():
            deciding.grant(actor=world.user("sheng-shenpi"), now=DECIDED, applicant_ids=ids_of(batches[2]))
            raise RuntimeError("rolled back")

    answers = at_once(grant("sheng-shenpi", batches[0]), grant("sheng-shenpi2", batches[1]), fail)
    assert isinstance(answers[2], RuntimeError)
    deciding.grant(actor=world.user("sheng-shenpi"), now=DECIDED, applicant_ids=ids_of(batches[2]))
    numbers = Decision.objects.values_list("number", flat=True)
    assert sorted(numbers) == [f"云应急特种许准〔2026〕{n}号" for n in range(1, 10)]


def test_the_same_people_granted_twice_at_once_get_one_certificate(at_once, world):
    group = make_group(world, 2, state="CLEARED")
    take_exam(world, group)
    batch = reconciled(world, group)

    def grant(who):
        return lambda: deciding.grant(actor=world.user(who), now=DECIDED, applicant_ids=ids_of(batch))

    at_once(grant("sheng-shenpi"), grant("sheng-shenpi2"))
    assert Decision.objects.count() == 2
    assert Certificate.objects.filter(state="VALID").count() == 2


def test_sealing_twice_at_once_makes_one_archive(at_once, world):
    group = make_group(world, 1, state="CLEARED")
    take_exam(world, group)
    served(world, group)
    dossier = Dossier.objects.get()

    def seal():
        return sealing.seal(actor=world.user("shi-kaowu"), now=SERVED, dossier_id=dossier.pk)

    first, second = at_once(seal, seal)
    assert first.archive_id == second.archive_id
    assert DossierItem.objects.filter(path="dossier.pdf").count() == 1


def _waiting(world) -> int:
    """One person who waits for the decision."""
    group = make_group(world, 1, state="CLEARED")
    take_exam(world, group)
    (pk,) = ids_of(reconciled(world, group))
    return pk


def _pause(world, who, pk, reason="听证"):
    return lambda: pausing.pause(
        actor=world.user(who),
        now=DECIDED,
        applicant_ids=[pk],
        kind="HEARING",
        reason=reason,
        expected_on=SERVED.date(),
    )


def test_a_pause_and_a_decision_at_once_never_both(at_once, world):
    pk = _waiting(world)

    def decide():
        return deciding.grant(actor=world.user("sheng-shenpi"), now=DECIDED, applicant_ids=[pk])

    answers = [answer[0] for answer in at_once(_pause(world, "sheng-shouli", pk), decide)]
    assert sorted(answer.ok for answer in answers) == [False, True]
    assert Pause.objects.count() + Decision.objects.count() == 1


def test_two_who_stop_the_clock_at_once_stop_it_once(at_once, world):
    pk = _waiting(world)
    answers = at_once(_pause(world, "sheng-shouli", pk, "甲"), _pause(world, "sheng-shenpi", pk, "乙"))
    assert sorted(answer[0].ok for answer in answers) == [False, True]
    assert (Pause.objects.count(), ClockNotice.objects.count()) == (1, 1)


def test_a_double_click_stops_the_clock_and_starts_it_once(at_once, world):
    pk = _waiting(world)
    answers = at_once(_pause(world, "sheng-shenpi", pk), _pause(world, "sheng-shenpi", pk))
    assert [answer[0].ok for answer in answers] == [True, True]

    def resume():
        return pausing.resume(
            actor=world.user("sheng-shenpi"), now=SERVED, applicant_ids=[pk], last_day=SERVED.date(), outcome="笔录"
        )

    answers = at_once(resume, resume)
    assert [answer[0].ok for answer in answers] == [True, True]
    assert (Pause.objects.count(), ClockNotice.objects.count()) == (1, 2)


def test_approved_twice_at_once_it_is_extended_once(at_once, world):
    pk = _waiting(world)
    (proposed,) = extending.propose(
        actor=world.user("sheng-shenpi"), now=DECIDED, applicant_ids=[pk], reason="案情复杂"
    )

    def approve():
        return extending.approve(
            actor=world.user("sheng-fuze"), now=DECIDED, proposal_ids=[proposed.row.pk], reason="同意"
        )

    answers = [answer[0] for answer in at_once(approve, approve)]
    assert sorted(answer.ok for answer in answers) == [False, True]
    assert ledger.find("decision_statutory", LicenceApplicant(pk=pk)).extension_days == 10
    assert ClockNotice.objects.count() == 1


def test_an_approval_and_a_decision_at_once_leave_no_extension_of_a_decided_case(at_once, world):
    pk = _waiting(world)
    (proposed,) = extending.propose(
        actor=world.user("sheng-shenpi"), now=DECIDED, applicant_ids=[pk], reason="案情复杂"
    )
    at_once(
        lambda: extending.approve(
            actor=world.user("sheng-fuze"), now=DECIDED, proposal_ids=[proposed.row.pk], reason="同意"
        ),
        lambda: deciding.grant(actor=world.user("sheng-shenpi2"), now=DECIDED, applicant_ids=[pk]),
    )
    assert Decision.objects.count() == 1
    state = ExtensionProposal.objects.get().state
    extended = ledger.find("decision_statutory", LicenceApplicant(pk=pk)).extension_days
    assert (state, extended) in (("APPROVED", 10), ("LAPSED", 0))


def test_two_prepare_at_once_and_one_opinion_stands(at_once, world):
    group = make_group(world, 3)

    def give(who, outcome):
        return lambda: prepare(
            actor=world.user(who),
            now=NOW,
            application_ids=group.ids,
            stage="PRELIMINARY",
            outcome=outcome,
            reason="学历不符",
        )

    answers = at_once(give("shi-shenhe", "PASS"), give("shi-shenhe2", "PROPOSE_REFUSAL"))
    told = {frozenset(result.refusal.code if result.refusal else "" for result in answer) for answer in answers}
    assert told == {frozenset({""}), frozenset({"prepared"})}
    assert PreparedOpinion.objects.standing().count() == PreparedOpinion.objects.count() == 3


def test_a_hand_over_from_two_windows_happens_once(at_once, world):
    group = make_group(world, 3)
    prepare(actor=world.user("shi-shenhe"), now=NOW, application_ids=group.ids, stage="PRELIMINARY", outcome="PASS")

    def hand():
        return hand_over(actor=world.user("shi-shenhe"), now=NOW, application_ids=group.ids)

    answers = at_once(hand, hand)
    assert sorted(sum(result.ok for result in answer.results) for answer in answers) == [0, 3]
    assert Handover.objects.count() == 1
    assert Review.objects.count() == 3
    assert list(Handover.objects.values_list("counts", flat=True)) == [{"PASS": 3}]


def test_taking_back_and_handing_over_at_once_do_not_both_happen(at_once, world):
    group = make_group(world)
    actor = {"now": NOW, "application_ids": group.ids}
    prepare(actor=world.user("shi-shenhe"), stage="PRELIMINARY", outcome="PASS", **actor)
    back, handed = at_once(
        lambda: take_back(actor=world.user("shi-shenhe2"), **actor),
        lambda: hand_over(actor=world.user("shi-shenhe"), **actor),
    )
    assert [back[0].ok, handed.results[0].ok].count(True) == 1
    assert Review.objects.count() == handed.results[0].ok
    assert group.states() == ["FINAL_REVIEW" if handed.results[0].ok else "PRELIMINARY_REVIEW"]


def test_of_two_who_take_the_same_case_the_second_is_told(at_once, world):
    group = make_group(world, 3)

    def take(who):
        return lambda: assigning.take_cases(actor=world.user(who), now=NOW, application_ids=group.ids)

    answers = at_once(take("shi-shenhe"), take("shi-shenhe2"))
    assert sorted(tuple(result.ok for result in answer) for answer in answers) == [(False,) * 3, (True,) * 3]
    assert {result.refusal.code for answer in answers for result in answer if not result.ok} == {"assigned"}
    assert Assignment.objects.count() == 3


def test_two_who_take_the_next_get_different_cases(at_once, world):
    make_group(world, 6)

    def take(who):
        return lambda: assigning.take_next(actor=world.user(who), now=NOW, stage="PRELIMINARY", count=2)

    answers = at_once(take("shi-shenhe"), take("shi-shenhe2"))
    taken = [result.row.pk for answer in answers for result in answer if result.ok]
    assert len(taken) == len(set(taken)) == Assignment.objects.open().count()


def test_who_takes_while_the_head_assigns_from_an_older_page(at_once, world):
    group = make_group(world)
    (pk,) = group.ids
    head = world.user("shi-fuze")

    def give():
        to = {pk: world.user("shi-shenhe2").pk}
        return assigning.assign(actor=head, now=NOW, to=to, held={pk: None})

    def take():
        return assigning.take_cases(actor=world.user("shi-shenhe"), now=NOW, application_ids=[pk])

    answers = [answer[0] for answer in at_once(give, take)]
    assert sorted(result.ok for result in answers) == [False, True]
    assert Assignment.objects.open().count() == Assignment.objects.count() == 1


def test_taking_over_while_it_is_handed_over_leaves_it_in_one_hand(at_once, world):
    group = make_group(world)
    owner, colleague = world.user("shi-shenhe"), world.user("shi-shenhe2")
    assigning.take_cases(actor=owner, now=NOW, application_ids=group.ids)

    def hand_over():
        return assigning.hand_on(
            actor=owner, now=NOW, application_ids=group.ids, colleague_id=colleague.pk, reason="出差"
        )

    def take_over():
        return assigning.take_cases(actor=colleague, now=NOW, application_ids=group.ids, take_over=True)

    answers = [answer[0] for answer in at_once(hand_over, take_over)]
    assert sorted(result.ok for result in answers) == [False, True]
    assert Assignment.objects.open().get().assignee == colleague
