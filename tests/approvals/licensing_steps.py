"""The way of people from a passed exam to a served decision, step by step, as the roles take it."""

from datetime import timedelta

from approvals import acceptance, deciding, licensing, serving
from approvals.models import Decision, LicenceApplicant, LicenceApplication
from tests.approvals.cases import EXAM
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
    """Decided in favour of everyone."""
    batch = reconciled(world, group)
    results = deciding.grant(actor=world.user("sheng-shenpi"), now=DECIDED, applicant_ids=ids_of(batch))
    assert all(result.ok for result in results), [result.refusal for result in results]
    return batch


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
