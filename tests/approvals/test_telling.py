"""What an institution is told of its cases: what it answers and what was decided, not what passes between tiers."""

from datetime import UTC, datetime, time
from decimal import Decimal

import pytest
from django.urls import reverse

from approvals.dossiers import sealing
from approvals.dossiers.sealing.acts import require_ready
from approvals.dossiers.sections import contents
from approvals.models import Dossier, Review
from approvals.reviews.recording import object_to
from approvals.reviews.reviewing import review
from certification.clock import SHANGHAI
from certification.refusals import Refusal
from exams.models import Candidate, Result
from tests.approvals.cases import NOW, make_group

pytestmark = pytest.mark.django_db


def tables(group, *, inside):
    found = contents(group.session, [group.plan], whole=False, masked=True, inside=inside)
    return {section.key: section.rows for section in found.sections}


def test_an_objection_stays_between_the_tiers(world, client, at):
    at(NOW)
    group = make_group(world, job_type="0101", kind="RENEWAL")
    common = {"now": NOW, "application_ids": group.ids}
    review(actor=world.user("shi-shenhe"), stage="CITY_REVIEW", outcome="PASS", conditional=True, **common)
    object_to(actor=world.user("sheng-shenhe"), reason="两级之间的话", **common)
    review(
        actor=world.user("shi-shenhe"),
        stage="CITY_REVIEW",
        outcome="RETURN",
        items=[{"material": "PHOTO", "text": "请换照片"}],
        **common,
    )
    assert Review.objects.count() == 3
    address = reverse("exams:application_detail", args=group.ids)
    client.force_login(world.user("jigou"))
    page = client.get(address).content.decode()
    assert "请换照片" in page
    assert "两级之间的话" not in page
    client.force_login(world.user("shi-kaowu"))
    assert "两级之间的话" in client.get(address).content.decode()
    for key in ("reviews", "inside_log"):
        assert "两级之间的话" in str(tables(group, inside=True)[key])
    assert "两级之间的话" not in str(tables(group, inside=False))


def test_results_are_told_once_released(world):
    group = make_group(world, state="CLEARED")
    candidate = Candidate.objects.get(session=group.session)
    result = Result.objects.create(
        candidate=candidate,
        part="THEORY",
        score=Decimal(77),
        entered_by=world.user("shi-luru"),
        entered_at=NOW,
    )
    assert tables(group, inside=True)["results"]
    assert not tables(group, inside=False)["results"]
    Result.objects.filter(pk=result.pk).update(state="RELEASED")
    assert tables(group, inside=False)["results"]


def test_the_part_of_a_dossier_that_an_institution_opens_is_told_so(world, client, at):
    at(NOW)
    group = make_group(world)
    review(
        actor=world.user("shi-shenhe"),
        now=NOW,
        application_ids=group.ids,
        stage="PRELIMINARY",
        outcome="PROPOSE_REFUSAL",
        reason="两级之间的话",
    )
    dossier = Dossier.objects.get(session=group.session)
    address = reverse("approvals:dossier_part", args=[dossier.pk, group.plan.pk])
    client.force_login(world.user("jigou"))
    assert "两级之间的话" not in client.get(address).content.decode()
    client.force_login(world.user("shi-shenhe"))
    assert "两级之间的话" in client.get(address).content.decode()


def test_a_dossier_is_not_sealed_before_the_exam(world):
    group = make_group(world)
    Candidate.objects.update(state="MOVED")
    dossier = Dossier.objects.get(session=group.session)
    with pytest.raises(Refusal, match="尚未到开考日期"):
        sealing.seal(actor=world.user("shi-kaowu"), now=NOW, dossier_id=dossier.pk)
    # By the database's clock it is still the day before.
    early = datetime.combine(dossier.session.starts_on, time(5), tzinfo=SHANGHAI).astimezone(UTC)
    require_ready(dossier, early)
