"""A score that an incident's decision made void bears no licence; while the incident is open none is granted."""

from datetime import timedelta

import pytest

from approvals.licences import deciding as licences
from approvals.models import LicenceApplicant
from certification.refusals import WrongState
from exams.incidents import deciding, reporting
from exams.models import Candidate, Effect, Incident, Part, Result, RoomUse
from tests.approvals.cases import EXAM, make_group, take_exam
from tests.approvals.licensing_steps import DECIDED, SUBMITTED, granted, ids_of, reconciled, refused
from tests.factories import at as moment

pytestmark = pytest.mark.django_db


@pytest.fixture
def group(world):
    found = make_group(world, 2, state="CLEARED")
    take_exam(world, found)
    return found


def reported(world, group) -> Incident:
    """Found on the recording, after the results were released."""
    candidate = Candidate.objects.filter(session=group.session).order_by("pk")[0]
    return reporting.report(
        actor=world.user("shi-kaowu"),
        now=SUBMITTED,
        session_id=group.session.pk,
        act="device",
        description="录像显示使用手机。",
        happened_at=moment(EXAM, 9, 40),
        candidate_id=candidate.pk,
        use_id=RoomUse.objects.filter(part__session=group.session, part__part=Part.THEORY).order_by("pk")[0].pk,
        statement="承认使用手机。",
    )


def voided(world, incident: Incident) -> Incident:
    deciding.propose(
        actor=world.user("shi-kaowu"),
        now=SUBMITTED,
        incident_id=incident.pk,
        effect=Effect.VOID_ALL,
        barred=False,
        proposal="成绩无效。",
    )
    said = {"incident_id": incident.pk, "decision": "同意。"}
    return deciding.decide(actor=world.user("shi-fuze"), now=SUBMITTED + timedelta(minutes=1), **said)


def grant(world, batch) -> list[str]:
    done = licences.grant(actor=world.user("sheng-shenpi"), now=DECIDED, applicant_ids=ids_of(batch))
    return ["" if result.ok else result.refusal.code for result in done]


def test_an_open_incident_waits_and_a_void_score_bars_the_grant_until_it_is_refused(world, group):
    batch = reconciled(world, group)
    incident = reported(world, group)
    ids = ids_of(batch)
    stands = licences.grant_obstacles(
        list(LicenceApplicant.objects.filter(pk__in=ids)), world.user("sheng-shenpi"), DECIDED
    )
    assert {pk: refusal.code for pk, refusal in stands.items()} == {ids[0]: "incident_open"}
    voided(world, incident)
    assert Candidate.objects.get(pk=incident.candidate_id).state == "FAILED"
    assert grant(world, batch) == ["score_void", ""]
    assert refused(world, ids[0], facts="理论考试中使用手机。").outcome == "REFUSED"


def test_once_the_licence_was_granted_it_has_to_be_revoked(world, group):
    granted(world, group)
    with pytest.raises(WrongState) as refusal:
        voided(world, reported(world, group))
    assert refusal.value.code == "licence_granted"


def test_a_part_carried_from_where_it_was_void_bears_none(world, group):
    batch = reconciled(world, group)
    first, second = (row.candidate for row in LicenceApplicant.objects.filter(batch=batch).order_by("pk"))
    root = Result.objects.get(candidate=second, part=Part.THEORY)
    Result.objects.filter(pk=root.pk).update(cancelled=True, passed=False)
    Result.objects.filter(candidate=first, part=Part.THEORY).update(carried_from=root)
    assert grant(world, batch) == ["score_void", "score_void"]


@pytest.mark.django_db(transaction=True)
def test_grant_and_void_at_once_do_not_both_happen(world, at_once):
    group = make_group(world, 1, state="CLEARED")
    take_exam(world, group)
    batch = reconciled(world, group)
    incident = reported(world, group)
    deciding.propose(
        actor=world.user("shi-kaowu"),
        now=SUBMITTED,
        incident_id=incident.pk,
        effect=Effect.VOID_ALL,
        barred=False,
        proposal="成绩无效。",
    )
    said = {"incident_id": incident.pk, "decision": "同意。"}
    at_once(
        lambda: deciding.decide(actor=world.user("shi-fuze"), now=DECIDED, **said),
        lambda: grant(world, batch),
    )
    applicant = LicenceApplicant.objects.select_related("candidate").get(batch=batch)
    assert (applicant.candidate.state, applicant.state) in [("FAILED", "RECONCILED"), ("PASSED", "GRANTED")]
