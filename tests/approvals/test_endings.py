"""Revocation and cancellation of certificates: grounds, telling, hearing, two people, bars, letters."""

import io
from datetime import timedelta

import pytest
from django.urls import reverse
from pypdf import PdfReader

from approvals import todo
from approvals.endings import ending, ending_papers
from approvals.licences import serving
from approvals.models import BarCase, Decision, EndingCase
from certification.refusals import Incomplete, NotPermitted, Refusal, SeparationBreach, WrongState
from tests.approvals.cases import make_group, take_exam
from tests.approvals.licensing_steps import SERVED, granted
from tests.factories import working_day

pytestmark = pytest.mark.django_db
SAID = {"facts": "考试由他人代考。", "evidence": "监控录像"}
DAY = timedelta(days=1)


@pytest.fixture
def certificate(world):
    return _certificate(world)


def _certificate(world):
    group = make_group(world, 1, state="CLEARED")
    take_exam(world, group)
    granted(world, group)
    return Decision.objects.select_related("certificate__person").get().certificate


def act(world, what, by, when=SERVED, **said):
    return what(actor=world.user(by), now=when, **said)


def proposed(world, certificate, ground="FRAUD", by="sheng-shouli"):
    return act(world, ending.propose, by, certificate_id=certificate.pk, ground=ground, **SAID)


def heard(world, certificate):
    case = proposed(world, certificate)
    act(world, ending.tell, "sheng-shouli", case_id=case.pk)
    return act(world, ending.hear, "sheng-shouli", case_id=case.pk, hearing_asked=False, statement="本人承认")


def text_of(content):
    return "".join("".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(content)).pages)


def test_a_revocation_is_told_heard_and_decided_by_the_head(world, certificate):
    case = proposed(world, certificate)
    assert (case.kind, case.clause, case.needs_hearing) == ("REVOKE", "行政许可法第六十九条第二款", True)
    with pytest.raises(WrongState, match="尚未告知"):
        act(world, ending.decide, "sheng-fuze", case_id=case.pk, opinion="同意")
    case = act(world, ending.tell, "sheng-shouli", case_id=case.pk)
    assert (case.notice_number, case.hearing_until) == ("云应急特种撤告〔2026〕1号", working_day(SERVED.date(), 5))
    hear = {"case_id": case.pk, "hearing_asked": False}
    with pytest.raises(Refusal) as early:
        act(world, ending.hear, "sheng-shouli", **hear)
    assert early.value.code == "too_early"
    later = SERVED + 10 * DAY
    with pytest.raises(Incomplete):
        act(world, ending.hear, "sheng-shouli", when=later, case_id=case.pk, hearing_asked=True, statement="记录")
    act(world, ending.hear, "sheng-shouli", when=later, **hear)
    with pytest.raises(NotPermitted):
        act(world, ending.decide, "sheng-shenpi", when=later, case_id=case.pk, opinion="同意")
    done = act(world, ending.decide, "sheng-fuze", when=later, case_id=case.pk, opinion="同意")
    assert done.number == "云应急特种撤〔2026〕1号"
    certificate.refresh_from_db()
    assert certificate.state == "REVOKED"
    with pytest.raises(WrongState):
        act(world, ending.decide, "sheng-fuze", when=later, case_id=case.pk, opinion="同意")
    assert ending_papers.write_missing() == 1
    fresh = EndingCase.objects.select_related(*ending_papers.RELATED).get()
    text = text_of(ending_papers.render(fresh))
    for expected in (done.number, "考试由他人代考", "监控录像", "60日内", "6个月内", "没有要求听证", "网上渠道"):
        assert expected in text
    assert "可以在收到本告知书之日起5个工作日内" in text_of(ending_papers.notice(fresh))


def test_fraud_brings_a_bar_of_its_own_case(world, certificate):
    case = proposed(world, certificate)
    assert (case.bar_case.ground, case.bar_case.state) == ("FRAUD", "PROPOSED")
    act(world, ending.drop, "sheng-fuze", case_id=case.pk, opinion="证据不足")
    again = proposed(world, certificate)
    assert again.bar_case == case.bar_case
    assert BarCase.objects.count() == 1


def test_a_cancellation_is_another_decision_makers(world, certificate):
    case = proposed(world, certificate, "REQUEST", by="sheng-shenpi")
    assert not case.needs_hearing
    with pytest.raises(WrongState):
        act(world, ending.tell, "sheng-shouli", case_id=case.pk)
    with pytest.raises(SeparationBreach):
        act(world, ending.decide, "sheng-shenpi", case_id=case.pk, opinion="同意")
    done = act(world, ending.decide, "sheng-shenpi2", case_id=case.pk, opinion="同意")
    certificate.refresh_from_db()
    assert (done.number, certificate.state) == ("云应急特种注〔2026〕1号", "CANCELLED")


def test_one_case_at_a_time_and_only_of_what_is_valid(world, certificate):
    proposed(world, certificate)
    with pytest.raises(WrongState, match="正在办理"):
        proposed(world, certificate, "UNFIT")
    EndingCase.objects.update(state="DROPPED", decided_by=world.user("sheng-fuze"))
    certificate.state = "CANCELLED"
    certificate.save()
    with pytest.raises(WrongState, match="已注销"):
        proposed(world, certificate)
    for said in ({"ground": "NONE"}, {"facts": " "}, {"evidence": ""}):
        given = {"ground": "UNFIT", **SAID} | said
        with pytest.raises(Incomplete):
            act(world, ending.propose, "sheng-shouli", certificate_id=certificate.pk, **given)
    with pytest.raises(NotPermitted):
        act(world, ending.propose, "shi-kaowu", certificate_id=certificate.pk, ground="UNFIT", **SAID)


@pytest.mark.django_db(transaction=True)
def test_two_who_decide_at_once_end_it_once(world, at_once):
    case = proposed(world, _certificate(world), "REQUEST")

    def decide(by):
        return lambda: act(world, ending.decide, by, case_id=case.pk, opinion="同意")

    results = at_once(decide("sheng-shenpi"), decide("sheng-fuze"))
    assert sorted(type(result).__name__ for result in results) == ["EndingCase", "WrongState"]
    assert list(EndingCase.objects.values_list("number", flat=True)) == ["云应急特种注〔2026〕1号"]


def test_the_way_over_the_pages(world, certificate, client, at):
    at(SERVED)

    def go(who, name, pk, data=None):
        client.force_login(world.user(who))
        url = reverse(f"approvals:{name}", args=[pk])
        return client.get(url) if data is None else client.post(url, data)

    guide, page = "微信：搜索公众号", go("sheng-shouli", "certificate", certificate.pk).content.decode()
    assert ("提请撤销、注销" in page, guide in page) == (True, True)
    assert "提请撤销、注销" not in go("shi-kaowu", "certificate", certificate.pk).content.decode()
    wrong = go("sheng-shouli", "ending_propose", certificate.pk, {"ground": "UNFIT", "facts": "事实", "evidence": ""})
    assert wrong.status_code == 422
    assert "事实</textarea>" in wrong.content.decode()
    go("sheng-shouli", "ending_propose", certificate.pk, {"ground": "UNFIT", **SAID})
    case = EndingCase.objects.get()
    assert go("sheng-shouli", "ending_notice", case.pk).status_code == 404
    go("sheng-shouli", "ending_tell", case.pk, {})
    assert go("sheng-shouli", "ending_notice", case.pk).content.startswith(b"%PDF")
    held = f"{SERVED:%Y-%m-%d}"
    go("sheng-shouli", "ending_hear", case.pk, {"hearing_asked": "on", "hearing_held_on": held, "statement": "记录"})
    assert "您不能决定此项" in go("sheng-shenpi", "ending", case.pk).content.decode()
    page = go("sheng-fuze", "ending", case.pk).content.decode()
    assert "作出决定" in page
    assert go("sheng-fuze", "ending_letter", case.pk).status_code == 404
    assert go("sheng-fuze", "ending_decide", case.pk, {"opinion": "同意"}).status_code == 302
    assert go("sheng-shouli", "ending_letter", case.pk).status_code == 302
    case_url = reverse("approvals:ending", args=[case.pk])
    page = go("sheng-shouli", "certificate", certificate.pk).content.decode()
    assert (case_url in page, guide in page) == (True, False)
    page = go("shi-kaowu", "certificate", certificate.pk).content.decode()
    assert (case_url in page, "已撤销" in page) == (False, True)
    client.force_login(world.user("shenji"))
    assert certificate.person.name in client.get(reverse("approvals:endings")).content.decode()


def test_a_decision_waits_for_its_service_at_the_clerk_s_desk_and_in_the_list(world, certificate, client, at):
    at(SERVED)
    case = proposed(world, certificate, "REQUEST")
    act(world, ending.decide, "sheng-shenpi", case_id=case.pk, opinion="同意")
    clerk = world.user("sheng-shouli")

    def shown() -> tuple[list[int], list[int], list[int]]:
        """How many the desk tells, and which cases the list has to be served and served."""
        told = [line.count for line in todo.lines(clerk, SERVED) if line.title == "送达撤销、注销决定"]
        return told, *([row.pk for row in listed(served)] for served in ("no", "yes"))

    def listed(served: str):
        client.force_login(clerk)
        return client.get(reverse("approvals:endings"), {"served": served}).context["page"]

    assert shown() == ([1], [case.pk], [])
    given = {"signatory": certificate.person.name, "signed_on": SERVED.date()}
    act(world, serving.sign_for_ending, "sheng-shouli", case_id=case.pk, **given)
    assert shown() == ([], [], [case.pk])
