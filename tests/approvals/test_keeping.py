"""Retention and holds: how long a sealed dossier is kept, and who may stop the end of that, with a reason."""

from datetime import date

import pytest
from django.urls import reverse

from approvals.dossiers import keeping, sealing
from approvals.models import Dossier
from certification.refusals import Incomplete, NotPermitted, WrongState
from certification.rulebook import lookup
from tests.approvals.cases import make_group, take_exam
from tests.approvals.licensing_steps import SERVED, served

pytestmark = pytest.mark.django_db


@pytest.fixture
def sealed(world) -> Dossier:
    group = make_group(world, 1, state="CLEARED")
    take_exam(world, group)
    served(world, group)
    return sealing.seal(actor=world.user("shi-kaowu"), now=SERVED, dossier_id=Dossier.objects.get().pk)


def test_kept_for_the_years_of_the_rule_from_the_next_year_on(world, sealed):
    years = lookup.values("dossier", "retention", SERVED.date())["years"]
    retention = keeping.retention_of(sealed)
    assert (retention.years, retention.until) == (years, date(SERVED.year + years, 12, 31))
    assert not retention.over(retention.until)
    assert retention.over(date(SERVED.year + years + 1, 1, 1))
    sealed.sealed_at = None
    assert keeping.retention_of(sealed) is None


def test_a_head_holds_with_a_reason_and_lifts_with_one(world, sealed):
    head = world.user("shi-fuze")
    with pytest.raises(Incomplete):
        keeping.hold(actor=head, now=SERVED, dossier_id=sealed.pk, reason="  ")
    keeping.hold(actor=head, now=SERVED, dossier_id=sealed.pk, reason="（2026）云01行初1号")
    with pytest.raises(WrongState):
        keeping.hold(actor=head, now=SERVED, dossier_id=sealed.pk, reason="又一次")
    assert keeping.hold_on(sealed).reason == "（2026）云01行初1号"
    lifted = keeping.lift(actor=world.user("sheng-fuze"), now=SERVED, dossier_id=sealed.pk, reason="判决生效")
    assert (keeping.hold_on(sealed), lifted.lifted_reason) == (None, "判决生效")
    with pytest.raises(WrongState):
        keeping.lift(actor=head, now=SERVED, dossier_id=sealed.pk, reason="又一次")


def test_nobody_else_holds(world, sealed):
    for username in ("shi-kaowu", "sheng-shenpi", "jigou"):
        with pytest.raises(NotPermitted):
            keeping.hold(actor=world.user(username), now=SERVED, dossier_id=sealed.pk, reason="案号")
    with pytest.raises(Dossier.DoesNotExist):
        keeping.hold(actor=world.user("lanxi-fuze"), now=SERVED, dossier_id=sealed.pk, reason="案号")


def test_the_page_asks_for_the_reason_and_shows_the_hold(client, world, sealed, at):
    at(SERVED)
    client.force_login(world.user("shi-fuze"))
    address = reverse("approvals:dossier_hold", args=[sealed.pk])
    assert client.post(address, {"reason": ""}).status_code == 422
    page = client.post(address, {"reason": "（2026）云01行初1号"}, follow=True).content.decode()
    assert "已冻结" in page
    assert "（2026）云01行初1号" in page
    page = client.post(address, {"reason": "判决生效"}, follow=True).content.decode()
    assert "已解除冻结" in page
