"""Incidents: act, evidence, statement, decision by another, effect on results, bar, review (rules 8)."""

from datetime import timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from approvals.models import BarCase
from certification.documents import rendering
from certification.records import accesses
from certification.records.models import TransitionLog
from certification.refusals import Incomplete, NotPermitted, SeparationBreach, WrongState
from exams.incidents import deciding, incident_papers, reporting
from exams.models import Effect, Incident, Part, Result, RoomUse
from exams.scores.rows import Row
from exams.scores.standing import differences
from tests.exams.conftest import EXAM_ON, PHOTO, TODAY
from tests.factories import at as moment

NOON, EVENING = moment(EXAM_ON, 10), moment(EXAM_ON, 18)


@pytest.fixture
def held(bench):
    session = bench.ready(size=3)
    use = RoomUse.objects.filter(part__session=session, part__part=Part.THEORY).order_by("room__name")[0]
    bench.invite(use)
    bench.held(session)
    session.refresh_from_db()
    return session


def report(bench, session, *, act="device", by="shi-jiankao", candidate=0, **more):
    use = RoomUse.objects.filter(part__session=session, part__part=Part.THEORY).order_by("room__name")[0]
    said = {
        "description": "考试中使用手机拍摄试题。",
        "happened_at": moment(EXAM_ON, 9, 40),
        "candidate_id": None if candidate is None else bench.candidates(session)[candidate].pk,
        "use_id": use.pk,
    }
    return reporting.report(actor=bench.user(by), now=NOON, session_id=session.pk, act=act, **(said | more))


def proposed(bench, session, *, effect=Effect.VOID_PART, barred=False, **more):
    incident = report(bench, session, statement="承认携带手机。", **more)
    return deciding.propose(
        actor=bench.officer(),
        now=NOON,
        incident_id=incident.pk,
        effect=effect,
        barred=barred,
        proposal="事实清楚，建议成绩无效。",
    )


def decide(bench, incident, *, by="shi-fuze", act=deciding.decide):
    return act(actor=bench.user(by), now=EVENING, incident_id=incident.pk, decision="同意。")


def test_every_problem_of_a_report_is_told_and_a_form_sent_twice_is_one(bench, held):
    with pytest.raises(Incomplete) as refused:
        report(bench, held, act="", description="", happened_at=None, candidate=None)
    assert {problem.field for problem in refused.value.problems} == {"act", "description", "happened_at"}
    with pytest.raises(Incomplete) as refused:
        report(bench, held, candidate=None)
    assert [problem.field for problem in refused.value.problems] == ["candidate"]
    key = "6f9619ff-8b86-d011-b42d-00cf4fc964ff"
    files = [("手机.jpg", PHOTO)]
    first = report(bench, held, entry_key=key, files=files)
    assert report(bench, held, entry_key=key, files=files).pk == first.pk
    assert [row.name for row in reporting.evidence_of(first)] == ["证据1.jpg"]


def test_only_who_is_there_reports(bench, held):
    with pytest.raises(NotPermitted):
        report(bench, held, by="shi-luru")
    assert report(bench, held, by="shi-kaowu").reported_by == bench.officer()


def test_nothing_is_proposed_before_the_candidate_was_heard_or_beyond_the_act(bench, held):
    incident = report(bench, held)
    with pytest.raises(Incomplete) as refused:
        deciding.propose(
            actor=bench.officer(), now=NOON, incident_id=incident.pk, effect="NONE", barred=True, proposal="记录"
        )
    assert {problem.field for problem in refused.value.problems} == {"effect", "proposal"}


def test_who_proposed_reported_or_staffed_does_not_decide(bench, held):
    from certification.organisations.accounts import grant_role
    from certification.organisations.roles import Role

    incident = proposed(bench, held)
    system = bench.user("guanli")
    for name in ("shi-kaowu", "shi-jiankao"):
        grant_role(actor=system, now=moment(TODAY), user=bench.user(name), role=Role.CITY_HEAD)
        with pytest.raises(SeparationBreach):
            decide(bench, incident, by=name)
    assert decide(bench, incident).state == "DECIDED"


def test_two_heads_at_once_decide_once(bench, held, at_once):
    incident = proposed(bench, held)
    outcomes = at_once(lambda: decide(bench, incident), lambda: decide(bench, incident, act=deciding.dismiss))
    assert sum(isinstance(outcome, WrongState) for outcome in outcomes) == 1


def test_results_wait_for_it_and_are_void_before_and_after_their_entry(bench, held):
    one, two, three = bench.candidates(held)
    open_ = report(bench, held)
    assert "incident_open" in {row.code for row in differences(held)}
    reporting.note_statement(actor=bench.user("shi-jiankao"), now=NOON, incident_id=open_.pk, statement="不作陈述")
    deciding.propose(
        actor=bench.officer(),
        now=NOON,
        incident_id=open_.pk,
        effect=Effect.VOID_PART,
        barred=False,
        proposal="成绩无效。",
    )
    decide(bench, open_)
    bench.enter(held, Part.THEORY, [Row(row.pk, score=Decimal(95)) for row in (one, two, three)])
    passed = dict(Result.objects.filter(part=Part.THEORY).values_list("candidate", "passed"))
    assert passed == {one.pk: False, two.pk: True, three.pk: True}
    decide(bench, proposed(bench, held, candidate=1, effect=Effect.VOID_ALL))
    assert not Result.objects.get(candidate=two).passed


def test_a_decision_after_release_changes_the_outcome_and_a_review_by_another_gives_it_back(bench, held):
    one, two, three = bench.candidates(held)
    late = proposed(bench, held)
    decide(bench, late, act=deciding.dismiss)
    bench.enter(held, Part.THEORY, [Row(row.pk, score=Decimal(95)) for row in (one, two, three)])
    bench.check(held, Part.THEORY)
    bench.enter(held, Part.PRACTICAL, [bench.practical(row) for row in (one, two, three)])
    bench.check(held, Part.PRACTICAL)
    bench.release(held)
    found = decide(bench, proposed(bench, held, effect=Effect.VOID_ALL))
    one.refresh_from_db()
    assert one.state == "FAILED"
    deciding.ask_review(actor=bench.officer(), now=EVENING, incident_id=found.pk, request="录像显示未使用手机。")
    with pytest.raises(NotPermitted):
        deciding.review(actor=bench.user("shi-fuze"), incident_id=found.pk, upheld=True, decision="维持")
    deciding.review(
        actor=bench.user("sheng-fuze"), now=EVENING, incident_id=found.pk, upheld=False, decision="证据不足。"
    )
    one.refresh_from_db()
    assert one.state == "PASSED"


def test_impersonation_proposes_a_bar_in_the_officers_name(bench, held):
    incident = proposed(
        bench,
        held,
        act="impersonation",
        effect=Effect.VOID_ALL,
        barred=True,
        impostor_name="冒名人",
        impostor_number="110101199001011237",
    )
    assert not BarCase.objects.exists()
    decide(bench, incident)
    case = BarCase.objects.get()
    assert (case.person, case.ground, case.proposed_by) == (
        incident.candidate.application.person,
        "EXAM_FRAUD",
        bench.officer(),
    )


def test_a_fault_of_equipment_is_settled_by_the_officer(bench, held):
    incident = report(bench, held, act="system", candidate=None, description="2号机蓝屏，换机。")
    done = deciding.propose(
        actor=bench.officer(), now=NOON, incident_id=incident.pk, effect="NONE", barred=False, proposal="已换机。"
    )
    assert done.state == "DECIDED"


def test_review_is_asked_for_within_the_days_of_the_setting(bench, held):
    found = tell(bench, decide(bench, proposed(bench, held)))
    assert found.review_until == found.told_on + timedelta(days=15)
    late = moment(found.review_until, 23)
    deciding.ask_review(actor=bench.officer(), now=late, incident_id=found.pk, request="请求复核")
    other = tell(bench, decide(bench, proposed(bench, held, candidate=1)))
    with pytest.raises(WrongState) as refused:
        deciding.ask_review(
            actor=bench.officer(), now=moment(found.review_until.replace(month=12)), incident_id=other.pk, request="请"
        )
    assert refused.value.code == "too_late"


def test_the_days_for_a_review_begin_when_the_candidate_is_told(bench, held):
    found = decide(bench, proposed(bench, held))
    assert found.review_until is None
    decided_on = found.decided_at.date()
    for told_on in (None, decided_on - timedelta(days=1), decided_on + timedelta(days=1)):
        with pytest.raises(Incomplete):
            tell(bench, found, told_on=told_on)
    with pytest.raises(Incomplete):
        tell(bench, found, told_how=" ")
    tell(bench, found)
    with pytest.raises(WrongState):
        tell(bench, found)
    other = decide(bench, proposed(bench, held, candidate=1))
    month = moment(decided_on + timedelta(days=60))
    asked = deciding.ask_review(actor=bench.officer(), now=month, incident_id=other.pk, request="请")
    assert asked.state == "REVIEWING"


def tell(bench, incident, **said):
    said = {"told_on": incident.decided_at.date(), "told_how": "当面告知，本人签字", **said}
    return deciding.tell(actor=bench.officer(), now=incident.decided_at, incident_id=incident.pk, **said)


def test_the_pages_of_an_incident(bench, held, at):
    at(NOON)

    def client(name):
        browser = Client()
        browser.force_login(bench.user(name))
        return browser

    url = reverse("exams:incident_report", args=[held.pk])
    invigilator, officer, head = client("shi-jiankao"), client("shi-kaowu"), client("shi-fuze")
    assert "使用通讯工具" in invigilator.get(url).content.decode()
    wrong = invigilator.post(url, {"act": "device", "description": "偷看"})
    assert wrong.status_code == 422
    assert "偷看" in wrong.content.decode()
    candidate = bench.candidates(held)[0]
    said = {"act": "device", "candidate": candidate.pk, "description": "偷看", "happened_at": "2026-04-15T09:30"}
    assert invigilator.post(url, said).status_code == 302
    incident = Incident.objects.get()

    def step(browser, name, **said):
        assert browser.get(reverse(f"exams:{name}", args=[incident.pk])).status_code == 200
        done = browser.post(reverse(f"exams:{name}", args=[incident.pk]), said)
        assert done.status_code == 302, done.content.decode()[-3000:]

    institution = client("jigou")
    assert institution.get(reverse("exams:incident", args=[incident.pk])).status_code == 404
    step(invigilator, "incident_statement", statement="没有偷看")
    step(officer, "incident_propose", effect="VOID_PART", proposal="成绩无效")
    step(head, "incident_decide", outcome="decide", decision="同意")
    assert "该科成绩无效" in institution.get(reverse("exams:incident", args=[incident.pk])).content.decode()
    step(officer, "incident_ask_review", request="不服")
    step(client("sheng-fuze"), "incident_review", outcome="uphold", decision="维持")
    assert "复核维持" in officer.get(reverse("exams:session_detail", args=[held.pk])).content.decode()
    assert "复核维持" in officer.get(reverse("exams:incident_list")).content.decode()


class TestOnPaper:
    """What the candidate is handed: 考试违规处理决定书."""

    def text(self, client, incident):
        response = client.get(reverse("exams:incident_paper", args=[incident.pk]))
        assert response["Content-Type"] == "application/pdf"
        pages = PdfReader(BytesIO(response.content)).pages
        return "".join("".join(page.extract_text().split()) for page in pages)

    def test_says_what_was_found_decided_and_where_to_turn(self, bench, held, browse):
        incident = decide(bench, proposed(bench, held))
        person, number = incident.candidate.application.person, incident.number
        text = self.text(browse("shi-kaowu"), incident)
        for said in (
            person.document_number,
            number,
            "使用手机拍摄试题",
            "承认携带手机",
            "该科成绩无效",
            "同意",
            "复核",
        ):
            assert said in text
        assert incident_papers.render(incident) == incident_papers.render(incident)

    def test_there_is_none_before_the_decision_nor_where_nothing_follows(self, bench, held, browse):
        officer, incident = browse("shi-kaowu"), proposed(bench, held)
        address = reverse("exams:incident_paper", args=[incident.pk])
        assert officer.get(address).status_code == 404
        decide(bench, incident, act=deciding.dismiss)
        assert officer.get(address).status_code == 404

    def test_one_that_cannot_be_made_says_why_on_the_page(self, bench, held, browse, monkeypatch):
        def broken(_html):
            raise rendering.RendererMissing("libpango")

        incident = decide(bench, proposed(bench, held))
        monkeypatch.setattr(rendering, "render", broken)
        answer = browse("shi-kaowu").get(reverse("exams:incident_paper", args=[incident.pk]))
        assert answer.status_code == 503
        assert "Pango" in answer.content.decode()
        assert not TransitionLog.objects.filter(name=accesses.TAKE_OUT).exists()

    def test_who_took_it_out_is_on_record_and_who_is_on_duty_does_not(self, bench, held, browse):
        incident = decide(bench, proposed(bench, held))
        address = reverse("exams:incident_paper", args=[incident.pk])
        assert browse("shi-jiankao").get(address).status_code == 403
        assert browse("jigou").get(address).status_code == 200
        (line,) = TransitionLog.objects.filter(name=accesses.TAKE_OUT)
        assert (line.actor, line.detail["persons"]) == (bench.user("jigou"), 1)
