"""Whoever signed twice what two have to sign is found by the daily scan, whether they acted for themselves or were
acted for (rules 4.3, 4.5, 4a): one planted breach for each act that has a proposal and an answer.

What is planted goes past the activities, straight into the tables, as a mistake or a repair by hand would.
"""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from approvals.bars import proposing
from approvals.clocks import extending
from approvals.endings import ending
from approvals.licences import deciding
from approvals.models import Decision, EndingCase, ExtensionProposal, LicenceApplicant
from certification import clock
from certification.organisations import separation, separation_scan
from certification.organisations.separation import Capacity
from certification.refusals import SeparationBreach
from certification.rulebook import lookup
from certification.rulebook.models import Rule
from exams.models import StaffAssignment
from tests.approvals.cases import NOW, make_group, take_exam
from tests.approvals.licensing_steps import DECIDED, SERVED, granted, ids_of, reconciled

pytestmark = pytest.mark.django_db
FACTS = {"facts": "考试由他人代考。", "evidence": "监控录像"}


@dataclass(frozen=True)
class Signatures:
    """A row that ``first`` has signed and that the same person must not answer as ``capacity``."""

    name: str
    make: Callable
    first: str
    second: str
    capacity: Capacity
    answered: dict
    rule: str


def _bar(world):
    group = make_group(world, 1)
    row = group.applications[0]
    said = {"ground": "FRAUD", "reason": "伪造学历", "evidence": "核验函"}
    return proposing.propose(actor=world.user("shi-shenhe2"), now=NOW, person_id=row.person_id, **said)


def _licence(world) -> LicenceApplicant:
    group = make_group(world, 1, state="CLEARED")
    take_exam(world, group)
    return LicenceApplicant.objects.get(pk=ids_of(reconciled(world, group))[0])


def _extension(world):
    extending.propose(
        actor=world.user("sheng-shenpi"), now=DECIDED, applicant_ids=[_licence(world).pk], reason="案情复杂"
    )
    return ExtensionProposal.objects.get()


def _draft(world):
    said = {"facts": "事实", "basis": "依据", "reasons": "理由"}
    return deciding.refuse(actor=world.user("sheng-shenpi"), now=DECIDED, applicant_id=_licence(world).pk, **said)


def _ending(world):
    group = make_group(world, 1, state="CLEARED")
    take_exam(world, group)
    granted(world, group)
    certificate = Decision.objects.get().certificate_id
    said = {"certificate_id": certificate, "ground": "REQUEST", **FACTS}
    return ending.propose(actor=world.user("sheng-shouli"), now=SERVED, **said)


ANSWERED = {"decided_at": DECIDED, "decision_reason": "同意"}
NOT_BARRED, NOT_EXTENDED = {"state": "DECLINED", **ANSWERED}, {"state": "DECLINED", **ANSWERED}
SENT_BACK = {"state": "SENT_BACK", "answered_at": DECIDED, "opinion": "退回"}
ENDING_DROPPED = {"state": "DROPPED", "decided_at": SERVED, "opinion": "不同意"}
TWICE = (
    Signatures("bar", _bar, "proposed", "decided", Capacity.IMPOSES_BAR, NOT_BARRED, "4a"),
    Signatures("extension", _extension, "proposed", "decided", Capacity.EXTENDS, NOT_EXTENDED, "4a"),
    Signatures("draft", _draft, "proposed", "answered", Capacity.CONFIRMS, SENT_BACK, "4.3"),
    Signatures("ending", _ending, "proposed", "decided", Capacity.DECIDES_ENDING, ENDING_DROPPED, "4.3"),
)


def found_on(case) -> set[tuple[int, str]]:
    rows = separation_scan.breaches(clock.today())
    return {(row.person_id, row.rule.split()[0]) for row in rows if (row.model, row.case_id) == (type(case), case.pk)}


@pytest.mark.parametrize("way", ["through another account", "acting for", "acted for"])
@pytest.mark.parametrize("signed", TWICE, ids=lambda signed: signed.name)
def test_one_person_who_proposed_and_answered_is_refused_and_found(world, signed, way):
    case = signed.make(world)
    assert found_on(case) == set()
    who, another, third = world.user("sheng-shenpi2"), world.user("sheng-fuze"), world.user("sheng-shenhe2")
    account = type(who).objects.create(username="zwei", organisation=who.organisation, person=who.person)
    first, second = {
        "through another account": ((who, None), (account, None)),
        "acting for": ((who, None), (another, account)),
        "acted for": ((third, who), (account, None)),
    }[way]

    def sign(act, by, absent, **more):
        return type(case).objects.filter(pk=case.pk).update(**{f"{act}_by": by, f"{act}_on_behalf_of": absent, **more})

    sign(signed.first, *first)
    actor, actor.acting_for = second[0], second[1]
    with pytest.raises(SeparationBreach, match="不得再从事") as refused:
        separation.require(actor, signed.capacity, case)
    assert refused.value.clause.startswith(f"规则 {signed.rule}")
    assert found_on(case) == set()
    sign(signed.second, *second, **signed.answered)
    assert found_on(case) == {(who.person_id, signed.rule)}


@pytest.mark.parametrize("act", ["accepted", "reconciled"])
def test_who_handled_the_licence_and_extended_its_limit_is_found(world, act):
    proposal, clerk, deputy = _extension(world), world.user("sheng-shenpi2"), world.user("sheng-shenhe2")
    LicenceApplicant.objects.update(**{f"{act}_by": deputy, f"{act}_on_behalf_of": clerk})
    with pytest.raises(SeparationBreach, match="批准延长期限"):
        separation.require(clerk, Capacity.EXTENDS, proposal)
    ExtensionProposal.objects.update(decided_by=clerk, **NOT_EXTENDED)
    assert (clerk.person_id, "4a") in found_on(proposal)


@pytest.mark.parametrize("apart", [True, False])
def test_who_checked_the_scores_and_decided_is_found_where_the_setting_keeps_them_apart(world, apart):
    group = make_group(world, 1, state="CLEARED")
    take_exam(world, group)
    granted(world, group)
    rule = Rule.objects.get(area="decision", code="two_officials", edition=lookup.edition_on(clock.today()))
    rule.values |= {"checker_apart": apart}
    rule.save()
    lookup.forget()
    decision, licence = Decision.objects.get(), LicenceApplicant.objects.get()
    LicenceApplicant.objects.update(reconciled_by=decision.decided_by)
    assert found_on(licence) == ({(decision.decided_by.person_id, "4.3")} if apart else set())


def test_the_holder_and_who_declared_a_conflict_with_them_do_not_end_the_certificate(world):
    case, user = _ending(world), world.user("sheng-shenpi2")
    user.person = case.certificate.person
    user.save()
    for capacity in (Capacity.PROPOSES_ENDING, Capacity.DECIDES_ENDING):
        with pytest.raises(SeparationBreach, match="本人"):
            separation.require(user, capacity, case)
    EndingCase.objects.update(decided_by=user, **ENDING_DROPPED)
    assert found_on(case) == {(user.person_id, "4.4")}


def test_who_staffed_the_session_does_not_end_the_certificate(world):
    case, user = _ending(world), world.user("sheng-shenpi2")
    user.person = StaffAssignment.objects.first().person
    user.save()
    with pytest.raises(SeparationBreach, match="4.2"):
        ending.decide(actor=user, now=SERVED, case_id=case.pk, opinion="同意")
    EndingCase.objects.update(decided_by=user, **ENDING_DROPPED)
    assert found_on(case) == {(user.person_id, "4.2")}


def test_what_was_done_on_the_licence_alone_is_not_told_again_of_its_draft(world):
    draft, user = _draft(world), world.user("sheng-shouli")
    user.person = draft.applicant.candidate.application.person
    user.save()
    assert found_on(draft.applicant) == {(user.person_id, "4.4")}
    assert found_on(draft) == set()
