"""Results: two persons, theory before practical, retakes, and parts that stay valid (rules 8)."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from certification.organisations.accounts import grant_role
from certification.organisations.roles import Role
from certification.people.models import Bar
from certification.refusals import Incomplete, NotPermitted, SeparationBreach, WrongState
from certification.rulebook import lookup
from certification.rulebook.models import Rule
from exams.models import Candidate, ExamApplication, Part, Result, Seat
from exams.scores import results
from exams.scores.results import Row
from exams.sessions import assigning
from exams.sessions.assigning import pool
from exams.states import CandidateState, ResultState
from tests.exams.conftest import EXAM_ON, TODAY
from tests.factories import at as moment

AFTER = moment(EXAM_ON, 21)


def theory(candidates, score=85):
    return [Row(row.pk, score=Decimal(score)) for row in candidates]


@pytest.fixture
def held(bench):
    session = bench.ready(size=3)
    bench.held(session)
    session.refresh_from_db()
    return session


def test_practical_waits_for_theory_passed_and_checked(bench, held):
    passed, failed, _third = bench.candidates(held)
    bench.enter(held, Part.THEORY, [*theory([passed]), Row(failed.pk, score=Decimal(50))])
    with pytest.raises(Incomplete) as refused:
        bench.enter(held, Part.PRACTICAL, [bench.practical(passed)])
    assert {problem.code for problem in refused.value.problems} == {"theory_first"}


def test_no_subject_gives_more_than_its_points(bench, held):
    first, second, third = bench.candidates(held)
    bench.enter(held, Part.THEORY, theory([first, second, third]))
    bench.check(held, Part.THEORY)
    rows = [bench.practical(first, (20, 40, 20, 20)), bench.practical(second, (95, 2, 1, 2))]
    with pytest.raises(Incomplete) as refused:
        bench.enter(held, Part.PRACTICAL, rows)
    (problem,) = refused.value.problems
    assert (problem.code, problem.row, problem.column, problem.value) == ("above_points", 2, "K1", "95")
    assert problem.message == f"{second}：K1 为 95 分，超过该科目的 20 分。"
    rule = Rule.objects.get(edition=lookup.edition_on(TODAY), area="examination", code="practical")
    rule.values["by_job_type"] = {"0102": {"K1": 95, "K2": 2, "K3": 1, "K4": 2}}
    rule.save()
    lookup.forget()
    # Where the job type's own points are not known, those of another say nothing.
    assert len(bench.enter(held, Part.PRACTICAL, rows)) == 2
    rule.values["by_job_type"]["0101"] = {"K1": 94}
    rule.save()
    lookup.forget()
    with pytest.raises(Incomplete):
        bench.enter(held, Part.PRACTICAL, rows)
    rule.values["by_job_type"]["0101"] = {"K1": 95}
    rule.save()
    lookup.forget()
    assert len(bench.enter(held, Part.PRACTICAL, rows)) == 2


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"score": Decimal("100.1")}, "out_of_range"),
        ({"score": Decimal(-1)}, "out_of_range"),
        ({"score": None}, "missing"),
        ({"absent": True, "score": Decimal(80)}, "absent_with_score"),
    ],
)
def test_wrong_rows_are_all_named_and_nothing_is_stored(bench, held, row, code):
    first, second, third = bench.candidates(held)
    with pytest.raises(Incomplete) as refused:
        bench.enter(held, Part.THEORY, [*theory([first]), Row(second.pk, **row), Row(third.pk, **row)])
    assert [problem.code for problem in refused.value.problems] == [code, code]
    assert [problem.row for problem in refused.value.problems] == [2, 3]
    assert not Result.objects.exists()


def test_subscores_must_be_whole_and_add_up(bench, held):
    candidates = bench.candidates(held)
    bench.enter(held, Part.THEORY, theory(candidates))
    bench.check(held, Part.THEORY)
    first = candidates[0]
    with pytest.raises(Incomplete) as refused:
        bench.enter(held, Part.PRACTICAL, [Row(first.pk, score=Decimal(90), subscores={"K1": Decimal(90)})])
    assert refused.value.problems[0].code == "subscores_incomplete"
    with pytest.raises(Incomplete) as refused:
        bench.enter(held, Part.PRACTICAL, [bench.practical(first, score=Decimal(99))])
    assert refused.value.problems[0].code == "sum"


def test_checking_needs_everybody_and_another_person(bench, held):
    candidates = bench.candidates(held)
    bench.enter(held, Part.THEORY, theory(candidates[:2]))
    with pytest.raises(Incomplete):
        bench.check(held, Part.THEORY)
    bench.enter(held, Part.THEORY, theory(candidates[2:]))
    clerk = bench.user("shi-luru")
    with pytest.raises(NotPermitted):
        bench.check(held, Part.THEORY, by="shi-luru")
    grant_role(actor=bench.user("guanli"), now=moment(TODAY), user=clerk, role=Role.CITY_RESULTS_CHECKER)
    with pytest.raises(SeparationBreach, match="4.3"):
        bench.check(held, Part.THEORY, by="shi-luru")
    assert len(bench.check(held, Part.THEORY)) == 3


def test_what_is_checked_changes_only_after_it_was_sent_back(bench, held):
    candidates = bench.candidates(held)
    bench.enter(held, Part.THEORY, theory(candidates))
    bench.check(held, Part.THEORY)
    with pytest.raises(Incomplete) as refused:
        bench.enter(held, Part.THEORY, theory(candidates[:1], 99))
    assert refused.value.problems[0].code == "already_checked"
    results.send_back(actor=bench.user("shi-fuhe"), now=AFTER, session_id=held.pk, part=Part.THEORY, reason="录错一人")
    bench.enter(held, Part.THEORY, theory(candidates[:1], 99))
    bench.check(held, Part.THEORY)
    assert Result.objects.get(candidate=candidates[0]).score == 99
    assert Result.objects.filter(state=ResultState.CHECKED).count() == 3


def test_nothing_is_released_while_something_is_missing(bench, held):
    candidates = bench.candidates(held)
    bench.enter(held, Part.THEORY, theory(candidates))
    bench.check(held, Part.THEORY)
    with pytest.raises(Incomplete) as refused:
        bench.release(held)
    assert len(refused.value.problems) == 3
    bench.enter(held, Part.PRACTICAL, [bench.practical(row) for row in candidates])
    bench.check(held, Part.PRACTICAL)
    bench.release(held)
    with pytest.raises(WrongState):
        bench.release(held)


def release_with_a_failed_practical(bench, session):
    """One passes both, one fails practical, one fails theory."""
    one, two, three = bench.candidates(session)
    bench.enter(session, Part.THEORY, [*theory([one, two]), *theory([three], 60)])
    bench.check(session, Part.THEORY)
    bench.enter(session, Part.PRACTICAL, [bench.practical(one), bench.practical(two, (10, 10, 10, 10))])
    bench.check(session, Part.PRACTICAL)
    bench.release(session)
    return one, two, three


def test_a_retake_keeps_the_passed_part_and_is_given_once(bench, held):
    one, two, three = release_with_a_failed_practical(bench, held)
    assert {row.pk for row in pool(bench.world.bureau, today=EXAM_ON)} == {two.application_id, three.application_id}
    again = bench.session(day=date(2026, 5, 13), now=AFTER)

    def assign(*candidates, session=again, now=AFTER):
        return assigning.assign_to_session(
            actor=bench.officer(),
            now=now,
            application_ids=[row.application_id for row in candidates],
            session_id=session.pk,
        )

    outcomes = assign(one, two, three)
    assert [result.ok for result in outcomes] == [False, True, True]
    second = Candidate.objects.get(application=two.application_id, session=again)
    assert (second.previous_id, second.retake) == (two.pk, True)
    carried = Result.objects.get(candidate=second)
    assert (carried.part, carried.carried_from.candidate_id, carried.passed) == (Part.THEORY, two.pk, True)
    bench.rooms(again, now=AFTER)
    bench.planned(again, now=AFTER)
    bench.seated(again, now=AFTER)
    assert list(Seat.objects.filter(candidate=second).values_list("part__part", flat=True)) == [Part.PRACTICAL]

    bench.held(again)
    third = Candidate.objects.get(application=three.application_id, session=again)
    bench.enter(again, Part.THEORY, [Row(third.pk, absent=True)])
    bench.check(again, Part.THEORY)
    bench.enter(again, Part.PRACTICAL, [bench.practical(second, (5, 5, 5, 5))])
    bench.check(again, Part.PRACTICAL)
    bench.release(again)
    assert not pool(bench.world.bureau, today=date(2026, 5, 14)).exists()
    last = bench.session(day=date(2026, 6, 10), now=moment(date(2026, 5, 14)))
    refused = assign(second, session=last, now=moment(date(2026, 5, 14)))
    assert refused[0].refusal.code == "no_retake"
    assert ExamApplication.objects.get(pk=two.application_id).candidates.count() == 2


def test_a_part_that_everybody_carries_over_needs_no_room(bench, held, browse, at):
    """A retake of the practical part alone: the session's page goes on to the seats without a room for the theory."""
    _passed, failed_practical, _failed_theory = release_with_a_failed_practical(bench, held)
    again = bench.session(day=date(2026, 5, 13), now=AFTER)
    at(AFTER)
    officer, page = browse("shi-kaowu"), reverse("exams:session_detail", args=[again.pk])
    bench.planned(again, now=AFTER)
    bench.rooms(again, part=Part.PRACTICAL, now=AFTER)
    assert officer.get(page).context["step"].label == "安排考场"
    assigning.assign_to_session(
        actor=bench.officer(), now=AFTER, application_ids=[failed_practical.application_id], session_id=again.pk
    )
    step = officer.get(page).context["step"]
    assert (step.label, officer.get(page).context["may_seat"]) == ("安排座位", True)
    assert officer.post(step.url).status_code == 302
    assert [row.state for row in bench.candidates(again)] == [CandidateState.ADMITTED]


def test_a_part_passed_more_than_twelve_months_ago_is_not_carried_and_the_retake_is_over(bench, held):
    _one, two, _three = release_with_a_failed_practical(bench, held)
    now = moment(date(2026, 11, 2))
    late = bench.session(day=date(2027, 4, 20), now=now)
    (result,) = assigning.assign_to_session(
        actor=bench.officer(), now=now, application_ids=[two.application_id], session_id=late.pk
    )
    assert result.refusal.code == "retake_too_late"


def test_who_was_barred_meanwhile_does_not_sit_again(bench, held):
    _one, two, _three = release_with_a_failed_practical(bench, held)
    Bar.objects.create(
        person_id=two.application.person_id,
        ground="EXAM_FRAUD",
        reason="替考",
        barred_from=EXAM_ON,
        barred_until=date(2027, 4, 14),
        imposed_by=bench.user("sheng-fuze"),
        imposed_at=AFTER,
    )
    again = bench.session(day=date(2026, 5, 13), now=AFTER)
    (result,) = assigning.assign_to_session(
        actor=bench.officer(), now=AFTER, application_ids=[two.application_id], session_id=again.pk
    )
    assert result.refusal.code == "barred"


def test_two_clerks_at_once_leave_one_result_each(bench, at_once):
    session = bench.ready(size=2)
    bench.held(session)
    candidates = bench.candidates(session)
    at_once(
        lambda: bench.enter(session, Part.THEORY, theory(candidates, 81)),
        lambda: bench.enter(session, Part.THEORY, theory(candidates, 82)),
    )
    assert Result.objects.count() == 2
    assert len(set(Result.objects.values_list("score", flat=True))) == 1
