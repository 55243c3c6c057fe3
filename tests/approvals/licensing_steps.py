"""The way of people from a passed exam to a served decision, step by step, as the roles take it."""

from datetime import timedelta

from approvals.certificates import blanks
from approvals.licences import acceptance, confirming, deciding, licensing, serving
from approvals.models import Decision, DecisionProposal, Dossier, LicenceApplicant, LicenceApplication
from tests.approvals.cases import EXAM, make_group, take_exam
from tests.factories import World, at

RELEASED = at(EXAM + timedelta(days=3))
SUBMITTED = at(EXAM + timedelta(days=4))
DECIDED = at(EXAM + timedelta(days=6))
SERVED = at(EXAM + timedelta(days=10))
OFFICER = {"TWO": "shi-kaowu", "ONE": "sheng-kaowu"}


def submitted(world: World, group) -> LicenceApplication:
    """Prepared and handed in."""
    officer = world.user(OFFICER[group.plan.category])
    batch = licensing.prepare(actor=officer, now=RELEASED, session_id=group.session.pk)
    return licensing.submit(actor=officer, now=SUBMITTED, batch_id=batch.pk, receipt_number="PT2026-1")


def ids_of(batch: LicenceApplication) -> list[int]:
    return list(LicenceApplicant.objects.filter(batch=batch).order_by("pk").values_list("pk", flat=True))


def reconciled(world: World, group) -> LicenceApplication:
    """Accepted and checked."""
    batch = submitted(world, group)
    clerk = world.user("sheng-shouli")
    for act in (acceptance.accept, acceptance.reconcile):
        results = act(actor=clerk, now=SUBMITTED, applicant_ids=ids_of(batch))
        assert all(result.ok for result in results), [result.refusal for result in results]
    return batch


def granted(world: World, group) -> LicenceApplication:
    """Decided in favour of everyone; the head approves where there are many."""
    batch = reconciled(world, group)
    results = deciding.grant(actor=world.user("sheng-shenpi"), now=DECIDED, applicant_ids=ids_of(batch))
    assert all(result.ok for result in results), [result.refusal for result in results]
    drafts = DecisionProposal.objects.filter(applicant__batch=batch).values_list("pk", flat=True)
    results = confirming.approve(actor=world.user("sheng-fuze"), now=DECIDED, proposal_ids=list(drafts))
    assert all(result.ok for result in results), [result.refusal for result in results]
    return batch


def refused(world: World, applicant_id: int, *, now=DECIDED, facts="学历证书系伪造。", **said) -> Decision:
    """Drafted by one decision maker, confirmed by another."""
    texts = {
        "facts": facts,
        "basis": "《中华人民共和国行政许可法》第七十八条",
        "reasons": "提供虚假材料申请许可。",
    } | said
    draft = deciding.refuse(actor=world.user("sheng-shenpi"), now=now, applicant_id=applicant_id, **texts)
    (result,) = confirming.approve(actor=world.user("sheng-shenpi2"), now=now, proposal_ids=[draft.pk])
    assert result.ok, result.refusal
    return Decision.objects.get(applicant=applicant_id)


def served(world: World, group) -> LicenceApplication:
    """Served with evidence."""
    batch = granted(world, group)
    results = serving.serve(
        actor=world.user("sheng-shouli"),
        now=SERVED,
        decision_ids=list(Decision.objects.filter(applicant__batch=batch).values_list("pk", flat=True)),
        method="THROUGH_INSTITUTION",
        evidence="回证第1号",
    )
    assert all(result.ok for result in results), [result.refusal for result in results]
    return batch


def finished(world: World) -> Dossier:
    """A dossier that can be sealed: of its two people one passed, and was served the decision."""
    group = make_group(world, 2, state="CLEARED")
    take_exam(world, group, passed=1)
    served(world, group)
    return Dossier.objects.get(session=group.session)


def stocked(world: World, *, by: str = "chuangkou", first: str = "YL000001", count: int = 5, when=SERVED):
    """Blank cards in the stock of a window."""
    return blanks.receive(actor=world.user(by), now=when, first_number=first, count=count, source="省厅，交接单1号")
