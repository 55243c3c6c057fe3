"""Re-checking a released score, and the list of retakes (rules 4.3, 8)."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from approvals.licences import licensing
from certification.deadlines import ledger
from certification.organisations import acting
from certification.organisations.accounts import grant_role
from certification.organisations.models import ActingFor
from certification.organisations.roles import Role
from certification.refusals import Incomplete, NotPermitted, Refusal, SeparationBreach, WrongState
from exams.incidents import effects
from exams.models import Candidate, Part, Result, ScoreRecheck
from exams.scores import rechecks, retakes
from exams.scores.rows import Row
from exams.sessions import assigning
from exams.states import CandidateState
from tests.exams.conftest import EXAM_ON
from tests.factories import at as moment

RELEASED = moment(EXAM_ON, 20)
NEXT_DAY = moment(date(2026, 4, 16))


@pytest.fixture
def released(bench, at):
    """One passed both, one failed practical, one failed theory, one was absent."""
    session = bench.ready(size=4)
    bench.held(session)
    one, two, three, four = bench.candidates(session)
    scores = [Row(one.pk, score=Decimal(90)), Row(two.pk, score=Decimal(90)), Row(three.pk, score=Decimal(78))]
    bench.enter(session, Part.THEORY, [*scores, Row(four.pk, absent=True)])
    bench.check(session, Part.THEORY)
    bench.enter(session, Part.PRACTICAL, [bench.practical(one), bench.practical(two, (10, 20, 10, 10))])
    bench.check(session, Part.PRACTICAL)
    bench.release(session)
    session.refresh_from_db()
    at(NEXT_DAY)
    return session


def score(candidate, part=Part.PRACTICAL) -> Result:
    return Result.objects.get(candidate=candidate, part=part)


def ask(bench, result, *, now=NEXT_DAY, by="jigou") -> ScoreRecheck:
    return rechecks.request(actor=bench.user(by), now=now, result_id=result.pk, reason="评分表有一项漏计。")


def find(bench, asked, row=None, *, by="shi-luru"):
    return rechecks.find(
        actor=bench.user(by), now=NEXT_DAY, recheck_id=asked.pk, finding="调阅评分表和录像，K2 漏计。", row=row
    )


def answer(bench, asked, *, by="shi-fuhe"):
    return rechecks.answer(actor=bench.user(by), now=NEXT_DAY, recheck_id=asked.pk, text="经核查，已更正。")


def practical(*scores) -> Row:
    return Row(0, subscores={f"K{number}": Decimal(each) for number, each in enumerate(scores, 1)})


def test_a_score_that_was_wrong_is_corrected_by_two_and_the_exam_is_passed(bench, released):
    _one, two, *_rest = bench.candidates(released)
    asked = ask(bench, score(two))
    deadline = ledger.find(rechecks.DEADLINE, asked)
    assert deadline.due_on == date(2026, 4, 30)
    find(bench, asked, practical(18, 38, 18, 18))
    assert score(two).score == 50
    done = answer(bench, asked)
    assert done.state == "CORRECTED"
    two.refresh_from_db()
    assert (score(two).score, score(two).passed, two.state) == (92, True, CandidateState.PASSED)
    assert score(two).state == "RELEASED"
    assert ledger.find(rechecks.DEADLINE, asked).met_at == NEXT_DAY
    titles = list(bench.user("jigou").notices.values_list("title", flat=True))
    assert any(asked.number in title for title in titles)
    with pytest.raises(WrongState):
        answer(bench, asked)


def test_a_score_that_was_right_stands(bench, released):
    two = bench.candidates(released)[1]
    asked = ask(bench, score(two))
    find(bench, asked, practical(10, 20, 10, 10))
    assert answer(bench, asked).state == "UPHELD"
    assert score(two).score == 50
    with pytest.raises(WrongState) as refused:
        ask(bench, score(two))
    assert refused.value.code == "asked_before"


def test_who_looked_into_it_does_not_answer(bench, released):
    asked = ask(bench, score(bench.candidates(released)[1]))
    clerk = bench.user("shi-fuhe")
    grant_role(actor=bench.user("guanli"), now=NEXT_DAY, user=bench.user("shi-luru"), role=Role.CITY_RESULTS_CHECKER)
    find(bench, asked)
    with pytest.raises(SeparationBreach):
        answer(bench, asked, by="shi-luru")
    assert answer(bench, asked, by=clerk.username).state == "UPHELD"


def test_nor_does_who_acts_for_them(bench, released):
    asked = ask(bench, score(bench.candidates(released)[1]))
    finder, deputy = bench.user("shi-jianguan"), bench.user("shi-fuhe")
    for role in (Role.CITY_RESULTS_CLERK, Role.CITY_RESULTS_CHECKER):
        grant_role(actor=bench.user("guanli"), now=NEXT_DAY, user=finder, role=role)
    find(bench, asked, by=finder.username)
    ActingFor.objects.create(
        absent=finder,
        deputy=deputy,
        role=Role.CITY_RESULTS_CHECKER,
        valid_from=NEXT_DAY.date(),
        valid_until=NEXT_DAY.date(),
        reason="休假",
        granted_by=bench.user("shi-fuze"),
        granted_at=NEXT_DAY,
    )
    assert acting.act_for(deputy, finder.pk, NEXT_DAY.date())
    with pytest.raises(SeparationBreach):
        rechecks.answer(actor=deputy, now=NEXT_DAY, recheck_id=asked.pk, text="经核查，维持。")


def test_it_is_asked_for_in_time_by_the_own_institution_only(bench, released):
    result = score(bench.candidates(released)[1])
    with pytest.raises(WrongState) as refused:
        ask(bench, result, now=moment(date(2026, 4, 23)))
    assert refused.value.code == "too_late"
    with pytest.raises(Result.DoesNotExist):
        ask(bench, result, by="lanxi-jigou")
    with pytest.raises(NotPermitted):
        ask(bench, result, by="shi-kaowu")
    with pytest.raises(Incomplete):
        rechecks.request(actor=bench.user("jigou"), now=NEXT_DAY, result_id=result.pk, reason=" ")
    asked = ask(bench, result, now=moment(date(2026, 4, 22)))
    rechecks.withdraw(actor=bench.user("jigou"), now=moment(date(2026, 4, 22)), recheck_id=asked.pk, reason="本人放弃")
    assert ledger.find(rechecks.DEADLINE, asked) is None
    assert ask(bench, result, now=moment(date(2026, 4, 22))).state == "REQUESTED"


def test_a_theory_that_turns_out_passed_keeps_for_the_retake(bench, released):
    three = bench.candidates(released)[2]
    asked = ask(bench, score(three, Part.THEORY))
    find(bench, asked, Row(0, score=Decimal(82)))
    answer(bench, asked)
    three.refresh_from_db()
    assert three.state == CandidateState.FAILED
    (line,) = retakes.of([three.application], NEXT_DAY.date())
    assert line.owes == [Part.PRACTICAL]


def test_an_arranged_retake_is_taken_back_first(bench, released):
    two = bench.candidates(released)[1]
    asked = ask(bench, score(two))
    retake = bench.session(day=date(2026, 5, 13), now=NEXT_DAY)
    (made,) = assigning.assign_to_session(
        actor=bench.officer(), now=NEXT_DAY, application_ids=[two.application_id], session_id=retake.pk
    )
    assert made.ok
    find(bench, asked, practical(20, 40, 20, 20))
    with pytest.raises(WrongState) as refused:
        answer(bench, asked)
    assert refused.value.code == "retake_arranged"
    assert score(two).score == 50


def test_a_score_is_corrected_though_a_licence_was_applied_for_and_stands_against_its_grant(bench, released):
    one, *_rest = bench.candidates(released)
    asked = ask(bench, score(one))
    find(bench, asked, practical(10, 20, 10, 10))
    licensing.prepare(actor=bench.officer(), now=NEXT_DAY, session_id=released.pk)
    answer(bench, asked)
    assert not score(one).passed
    assert effects.against_licence([one])[one.pk].code == "not_passed"


def test_an_impossible_correction_and_a_request_turned_down(bench, released):
    asked = ask(bench, score(bench.candidates(released)[1]))
    with pytest.raises(Incomplete) as refused:
        find(bench, asked, Row(0, subscores={"K1": Decimal(20)}))
    assert refused.value.problems[0].code == "subscores_incomplete"
    rechecks.decline(actor=bench.user("shi-fuhe"), now=NEXT_DAY, recheck_id=asked.pk, reason="没有具体理由")
    asked.refresh_from_db()
    assert (asked.state, asked.answer) == ("DECLINED", "没有具体理由")


def test_two_requests_at_once_are_one(bench, released, at_once):
    result = score(bench.candidates(released)[1])
    outcomes = at_once(lambda: ask(bench, result), lambda: ask(bench, result))
    assert sum(isinstance(outcome, Refusal) for outcome in outcomes) == 1
    assert ScoreRecheck.objects.count() == 1


def test_the_list_of_retakes_says_what_each_may_still_do(bench, released):
    _one, two, three, four = bench.candidates(released)
    today = NEXT_DAY.date()
    rows = {row.application.pk: row for row in retakes.of(list(retakes.waiting(bench.user("jigou"))), today)}
    assert set(rows) == {row.application_id for row in (two, three, four)}
    line = rows[two.application_id]
    assert (line.owes, line.keeps) == ([Part.PRACTICAL], [(Part.THEORY, date(2027, 4, 15))])
    assert (line.counts, line.may_sit) == ([("实操", 1, 2)], True)
    assert rows[four.application_id].owes == [Part.THEORY, Part.PRACTICAL]
    later = retakes.of([two.application], date(2027, 4, 16))[0]
    assert (later.may_sit, later.owes) == (False, [Part.THEORY, Part.PRACTICAL])
    assert not retakes.waiting(bench.user("lanxi-jigou")).exists()
    candidates = Candidate.objects.select_related("application__rule_edition").order_by("pk")
    counted = []
    for number in (1, 3):
        applications = [row.application for row in candidates[1 : 1 + number]]
        with CaptureQueriesContext(connection) as captured:
            retakes.of(applications, today)
        counted.append(len(captured))
    assert counted[0] == counted[1] <= 5, counted


def test_the_pages(bench, released, browse):
    two = bench.candidates(released)[1]
    result = score(two)
    filer = browse("jigou")
    text = filer.get(reverse("exams:application_detail", args=[two.application_id])).content.decode()
    assert reverse("exams:recheck_request", args=[result.pk]) in text
    address = reverse("exams:recheck_request", args=[result.pk])
    assert filer.get(address).status_code == 200
    assert filer.post(address, {"reason": ""}).status_code == 422
    assert filer.post(address, {"reason": "漏计"}).status_code == 302
    asked = ScoreRecheck.objects.get()
    page = reverse("exams:recheck", args=[asked.pk])
    assert "撤回申请" in filer.get(page).content.decode()
    assert two.application.person.name in filer.get(reverse("exams:retakes")).content.decode()
    assert filer.get(reverse("exams:retake_export", args=["xlsx"])).status_code == 200
    clerk = browse("shi-luru")
    assert "核查成绩复核申请" in clerk.get(reverse("portal:home")).content.decode()
    assert "提交审定" in clerk.get(page).content.decode()
    finding = "评分表第二页漏加四分。"
    wrong = {"finding": finding, "changed": "on", "K1": "20"}
    response = clerk.post(reverse("exams:recheck_find", args=[asked.pk]), wrong)
    assert response.status_code == 422
    assert 'value="20"' in response.content.decode()
    right = {"finding": finding, "changed": "on", "K1": "20", "K2": "40", "K3": "18", "K4": "18"}
    assert clerk.post(reverse("exams:recheck_find", args=[asked.pk]), right).status_code == 302
    assert finding not in browse("jigou").get(page).content.decode()
    checker = browse("shi-fuhe")
    assert "96" in checker.get(reverse("exams:recheck_answer", args=[asked.pk])).content.decode()
    assert checker.post(reverse("exams:recheck_answer", args=[asked.pk]), {"text": "已更正"}).status_code == 302
    assert "更正成绩" in checker.get(reverse("exams:rechecks")).content.decode()
    assert finding in browse("jigou").get(page).content.decode()
    two.refresh_from_db()
    assert two.state == CandidateState.PASSED
