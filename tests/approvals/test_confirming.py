"""Two officials, and the head where a setting asks (行政许可法第三十四条): drafts, approval, sending back."""

import pytest

from approvals.licences import acceptance, approving, confirming, deciding
from approvals.models import Decision, DecisionProposal, LicenceApplicant
from certification.deadlines import ledger
from certification.people import bars
from certification.refusals import Incomplete, NotPermitted, SeparationBreach, WrongState
from certification.rulebook import lookup
from certification.rulebook.models import Rule
from tests.approvals.cases import make_group, take_exam
from tests.approvals.licensing_steps import DECIDED, SUBMITTED, ids_of, reconciled, submitted

pytestmark = pytest.mark.django_db
SAID = {"facts": "查明的事实", "basis": "第七十八条", "reasons": "虚假材料"}


def waiting(world, people=1):
    group = make_group(world, people, state="CLEARED")
    take_exam(world, group)
    return ids_of(reconciled(world, group))


def drafted(world, applicant_id):
    return deciding.refuse(actor=world.user("sheng-shenpi"), now=DECIDED, applicant_id=applicant_id, **SAID)


def setting(code, **values):
    rule = Rule.objects.get(area="decision", code=code, edition=lookup.edition_on(DECIDED.date()))
    rule.values = rule.values | values
    rule.save()


def answer(world, act, by, *drafts, **said):
    return act(actor=world.user(by), now=DECIDED, proposal_ids=[row.pk for row in drafts], **said)


def codes(results):
    return [result.refusal and result.refusal.code for result in results]


def test_a_refusal_is_drafted_by_one_and_made_by_another(world):
    (pk,) = waiting(world)
    draft = drafted(world, pk)
    assert (draft.needs, draft.state) == ("SECOND", "PROPOSED")
    assert not Decision.objects.exists()
    assert ledger.find("decision", LicenceApplicant.objects.get(pk=pk)).met_at is None
    assert codes(answer(world, confirming.approve, "sheng-shenpi", draft)) == ["separation"]
    assert codes(answer(world, confirming.approve, "sheng-shenpi2", draft, opinion="同意")) == [None]
    decision = Decision.objects.get()
    assert (decision.outcome, decision.facts, decision.number) == ("REFUSED", "查明的事实", "云应急特种不许〔2026〕1号")
    assert decision.decided_by == world.user("sheng-shenpi")
    assert (decision.approved_by, decision.approved_at) == (world.user("sheng-shenpi2"), DECIDED)
    assert ledger.find("decision", LicenceApplicant.objects.get(pk=pk)).met_at == DECIDED
    assert codes(answer(world, confirming.approve, "sheng-shenpi2", draft)) == ["wrong_state"]
    assert Decision.objects.count() == 1


def test_while_a_draft_waits_nothing_else_is_decided(world):
    (pk,) = waiting(world)
    draft = drafted(world, pk)
    with pytest.raises(Exception, match="等待第二名工作人员复核"):
        drafted(world, pk)
    results = deciding.grant(actor=world.user("sheng-shenpi2"), now=DECIDED, applicant_ids=[pk])
    assert codes(results) == ["proposed"]
    assert codes(answer(world, approving.withdraw, "sheng-shenpi2", draft)) == ["not_own"]
    assert codes(answer(world, approving.withdraw, "sheng-shenpi", draft)) == [None]
    assert codes(deciding.grant(actor=world.user("sheng-shenpi2"), now=DECIDED, applicant_ids=[pk])) == [None]


def test_a_draft_is_sent_back_with_a_reason_and_its_author_is_told(world):
    (pk,) = waiting(world)
    draft = drafted(world, pk)
    with pytest.raises(Incomplete):
        answer(world, confirming.send_back, "sheng-shenpi2", draft, opinion=" ")
    assert codes(answer(world, confirming.send_back, "sheng-shenpi2", draft, opinion="证据不足")) == [None]
    assert world.user("sheng-shenpi").notices.filter(body__contains="证据不足").exists()
    assert LicenceApplicant.objects.get(pk=pk).state == "RECONCILED"
    assert drafted(world, pk).state == "PROPOSED"


def test_whoever_checked_the_scores_does_not_decide(world):
    (pk,) = waiting(world)
    LicenceApplicant.objects.update(reconciled_by=world.user("sheng-shenpi"))
    assert codes(deciding.grant(actor=world.user("sheng-shenpi"), now=DECIDED, applicant_ids=[pk])) == ["separation"]
    with pytest.raises(SeparationBreach):
        drafted(world, pk)
    draft = deciding.refuse(actor=world.user("sheng-shenpi2"), now=DECIDED, applicant_id=pk, **SAID)
    assert codes(answer(world, confirming.approve, "sheng-shenpi", draft)) == ["separation"]


def test_nothing_is_refused_before_scores_and_names_were_checked(world):
    group = make_group(world, 1, state="CLEARED")
    take_exam(world, group)
    batch = submitted(world, group)
    acceptance.accept(actor=world.user("sheng-shouli"), now=SUBMITTED, applicant_ids=ids_of(batch))
    with pytest.raises(WrongState, match="尚未核对"):
        drafted(world, ids_of(batch)[0])


def test_a_large_application_is_put_before_the_head(world):
    setting("head_approval", above=2)
    ids = waiting(world, 3)
    results = deciding.grant(actor=world.user("sheng-shenpi"), now=DECIDED, applicant_ids=ids)
    assert [result.detail for result in results] == [{"proposed": "负责人批准"}] * 3
    assert not Decision.objects.exists()
    drafts = list(DecisionProposal.objects.order_by("pk"))
    assert codes(answer(world, confirming.approve, "sheng-shenpi2", *drafts)) == ["not_permitted"] * 3
    bars.impose(
        actor=world.user("sheng-fuze"),
        now=DECIDED,
        person=drafts[1].applicant.candidate.application.person,
        ground="FRAUD",
        reason="查明",
        evidence="材料",
        months=12,
        barred_from=DECIDED.date(),
    )
    results = answer(world, confirming.approve, "sheng-fuze", *drafts, opinion="同意")
    assert codes(results) == [None, "barred", None]
    numbers = list(Decision.objects.order_by("pk").values_list("number", flat=True))
    assert numbers == ["云应急特种许准〔2026〕1号", "云应急特种许准〔2026〕2号"]
    assert set(Decision.objects.values_list("approved_by", flat=True)) == {world.user("sheng-fuze").pk}
    assert list(DecisionProposal.objects.order_by("pk").values_list("state", flat=True)) == [
        "APPROVED",
        "PROPOSED",
        "APPROVED",
    ]


def test_others_may_neither_draft_nor_answer(world):
    (pk,) = waiting(world)
    draft = drafted(world, pk)
    for act, said in ((confirming.approve, {}), (confirming.send_back, {"opinion": "x"})):
        with pytest.raises(NotPermitted):
            answer(world, act, "sheng-shouli", draft, **said)
    assert draft.state == "PROPOSED"


@pytest.mark.django_db(transaction=True)
def test_two_who_approve_at_once_make_one_decision(world, at_once):
    ids = waiting(world, 3)
    drafts = [drafted(world, pk) for pk in ids]

    def approve(by):
        return lambda: codes(answer(world, confirming.approve, by, *drafts))

    first, second = at_once(approve("sheng-shenpi2"), approve("sheng-fuze"))
    assert sorted([first, second], key=str) == sorted([[None] * 3, ["wrong_state"] * 3], key=str)
    numbers = sorted(Decision.objects.values_list("number", flat=True))
    assert numbers == [f"云应急特种不许〔2026〕{place}号" for place in (1, 2, 3)]
