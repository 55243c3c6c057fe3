"""Certificates cut at retirement are extended once retirement is delayed (facts 5, rule retirement_cap)."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from approvals.certificates import extending
from approvals.endings import ending
from approvals.models import Decision
from approvals.persons import persons
from certification.organisations import separation_scan
from certification.organisations.models import Conflict, User
from certification.people.certificates import NotExtended
from certification.people.models import Certificate, Person
from certification.refusals import Incomplete, NotPermitted, Refusal, SeparationBreach, WrongState
from tests.approvals.cases import make_group, take_exam
from tests.approvals.licensing_steps import SERVED, granted
from training.models import PlanTeacher

pytestmark = pytest.mark.django_db


@pytest.fixture
def capped(world) -> Certificate:
    """Issued to a man who retires in four years: born in July 1969, at 61 years and 2 months."""
    group = make_group(world, 1, state="CLEARED")
    take_exam(world, group)
    Person.objects.filter(pk=group.applications[0].person_id).update(birth_date=date(1969, 7, 10), sex="M")
    granted(world, group)
    return Decision.objects.get().certificate


def declared(world, certificate, months=24, by="sheng-shouli"):
    return persons.declare(
        actor=world.user(by),
        now=SERVED,
        person_id=certificate.person_id,
        fact="DELAY",
        months=months,
        proof="延迟退休协议2026-1",
    )


def extend(world, certificate, by="sheng-shenpi", reason="延迟退休协议2026-1", now=SERVED):
    return extending.extend(actor=world.user(by), now=now, certificate_id=certificate.pk, reason=reason)


def test_a_declared_delay_extends_what_was_cut_and_no_further(world, capped):
    # 1969-07: 54 months after the first cohort, 14 months of delay.
    assert capped.valid_until == date(2030, 9, 10)
    with pytest.raises(NotExtended) as refused:
        extend(world, capped)
    assert refused.value.code == "nothing_more"
    declared(world, capped)
    with pytest.raises(Incomplete):
        extend(world, capped, reason=" ")
    assert extend(world, capped).valid_until == date(2032, 9, 10)
    with pytest.raises(NotExtended):
        extend(world, capped)
    declared(world, capped, months=36)
    # Another year would go beyond six years: those are the end.
    assert extend(world, capped).valid_until == date(2032, 11, 4)
    assert Certificate.history.filter(id=capped.pk, history_type="~").count() == 2


def test_what_was_not_cut_or_has_ended_or_is_being_ended_is_not_extended(world, capped):
    declared(world, capped)
    with pytest.raises(NotExtended) as refused:
        extend(world, capped, now=SERVED + timedelta(days=365 * 4))
    assert refused.value.code == "expired"
    Certificate.objects.filter(pk=capped.pk).update(valid_until=date(2030, 9, 11))
    with pytest.raises(NotExtended) as refused:
        extend(world, capped)
    assert refused.value.code == "not_capped"
    Certificate.objects.filter(pk=capped.pk).update(valid_until=date(2030, 9, 10))
    ending.propose(
        actor=world.user("sheng-shouli"),
        now=SERVED,
        certificate_id=capped.pk,
        ground="REQUEST",
        facts="本人申请。",
        evidence="申请书",
    )
    with pytest.raises(WrongState):
        extend(world, capped)


def test_one_that_is_older_than_the_first_rules_is_judged_by_those(client, world, capped, at):
    """As imported ones are, which begin before the system did."""
    Person.objects.filter(pk=capped.person_id).update(birth_date=date(1966, 7, 10))
    Certificate.objects.filter(pk=capped.pk).update(valid_from=date(2022, 5, 9), valid_until=date(2026, 12, 10))
    at(SERVED)
    client.force_login(world.user("sheng-shenpi"))
    assert client.get(reverse("approvals:certificate", args=[capped.pk])).status_code == 200
    declared(world, capped)
    assert extend(world, capped).valid_until == date(2028, 5, 8)


def test_who_may_extend(world, capped):
    declared(world, capped, by="sheng-shouli")
    with pytest.raises(NotPermitted):
        extend(world, capped, by="sheng-shouli")
    capped.person.declarations.update(declared_by=world.user("sheng-shenpi"))
    with pytest.raises(SeparationBreach, match="4.3"):
        extend(world, capped)
    assert extend(world, capped, by="sheng-shenpi2").valid_until == date(2032, 9, 10)


def test_the_holder_and_who_keeps_away_from_them_do_not_extend(world, capped):
    declared(world, capped)
    relative, holder = world.user("sheng-shenpi2"), world.user("sheng-shenpi")
    Conflict.objects.create(
        person=relative.person, kind="RELATIVE", other=capped.person, declared_by=relative, declared_at=SERVED
    )
    User.objects.filter(pk=holder.pk).update(person=capped.person_id)
    for login in ("sheng-shenpi2", "sheng-shenpi"):
        with pytest.raises(SeparationBreach, match="回避|本人"):
            extend(world, capped, by=login)


def test_who_trained_the_holder_does_not_extend(world, capped):
    declared(world, capped)
    plan = Decision.objects.get().applicant.candidate.application.plan
    PlanTeacher.objects.create(plan=plan, person=world.user("sheng-shenpi").person)
    with pytest.raises(SeparationBreach, match="4.1"):
        extend(world, capped)


def test_the_daily_scan_finds_who_extended_by_their_own_entry(world, capped):
    declared(world, capped)
    extend(world, capped)
    assert not [found for found in separation_scan.breaches(SERVED.date()) if found.model is Certificate]
    capped.person.declarations.update(declared_by=world.user("sheng-shenpi"))
    (found,) = [found for found in separation_scan.breaches(SERVED.date()) if found.model is Certificate]
    assert (found.case_id, found.rule[:3]) == (capped.pk, "4.3")


@pytest.mark.django_db(transaction=True)
def test_two_at_once_extend_once(world, at_once):
    group = make_group(world, 1, state="CLEARED")
    take_exam(world, group)
    Person.objects.filter(pk=group.applications[0].person_id).update(birth_date=date(1969, 7, 10), sex="M")
    granted(world, group)
    certificate = Decision.objects.get().certificate
    declared(world, certificate)
    outcomes = at_once(lambda: extend(world, certificate), lambda: extend(world, certificate, by="sheng-shenpi2"))
    assert sum(isinstance(outcome, Refusal) for outcome in outcomes) == 1


def test_the_way_over_the_pages(world, capped, client, at):
    at(SERVED)
    declared(world, capped)
    client.force_login(world.user("sheng-shenpi"))
    page, url = (
        reverse("approvals:certificate", args=[capped.pk]),
        reverse("approvals:certificate_extend", args=[capped.pk]),
    )
    assert "延长有效期" in client.get(page).content.decode()
    assert "2032年9月10日" in client.get(url).content.decode()
    assert client.post(url, {"reason": ""}).status_code == 422
    assert client.post(url, {"reason": "延迟退休协议2026-1"}).status_code == 302
    shown = client.get(page).content.decode()
    assert "延长有效期：2030年9月10日 → 2032年9月10日" in shown
    assert url not in shown
    # Nothing is left to extend: back to the certificate, told why.
    assert client.get(url).status_code == 302
