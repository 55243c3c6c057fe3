"""What somebody has learnt, as checks: hours against the syllabus, the share online, when they are judged."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from certification.people.checks import running as runner
from tests.training.test_hours import LAST_DAY, complete, line, report
from training.class_checks import entry_of_trainee, subject_of

AFTER = LAST_DAY + timedelta(days=1)


def found(running, trainee, today=AFTER, **changes):
    """code → the problem found against ``trainee``'s hours."""
    subject = replace(subject_of(running.plan, today), **changes)
    entry = entry_of_trainee(trainee, trainee.person, today)
    entry.enrolment = trainee.pk
    result = runner.run(subject, [entry])
    ours = [one for one in (*result.errors, *result.warnings) if one.problem.code in ("hours", "online_share")]
    return {one.problem.code: one for one in ours}


def test_too_few_hours_are_found_with_what_lacks_clause_and_remedy(running):
    running.sign(running.lessons()[0])
    one = running.trainees[0]
    finding = found(running, one)["hours"]
    assert "少于应修的 148 学时：缺" in finding.problem.message
    assert "方案四（一）" in finding.problem.advice
    assert (finding.ruled.severity, finding.ruled.rule.certainty) == ("warning", "READING")


def test_hours_that_were_not_recorded_here_are_said_to_be_so(running):
    assert "没有考勤和线上学时记录" in found(running, running.trainees[0])["hours"].problem.message


def test_complete_hours_have_nothing_against_them(running):
    complete(running)
    first, *_others, absent = running.trainees
    assert found(running, first) == {}
    assert set(found(running, absent)) == {"hours"}


def test_too_much_online_is_found(running):
    running.sign(running.lessons()[0])
    report(running, [line(running.trainees[0], 40)])
    finding = found(running, running.trainees[0])["online_share"]
    assert "超过上限 50%" in finding.problem.message
    report(running, [line(running.trainees[1], 4)], platform="另一平台")
    assert "online_share" not in found(running, running.trainees[1])
    assert "online_share" not in found(running, running.trainees[0], kind="RENEWAL")


@pytest.mark.parametrize(("kind", "signed", "judged"), [("INITIAL", True, True), ("INITIAL", False, False)])
def test_before_the_class_ends_initial_is_judged_by_what_was_recorded(running, kind, signed, judged):
    if signed:
        running.sign(running.lessons()[0])
    assert ("hours" in found(running, running.trainees[0], LAST_DAY, kind=kind)) is judged


def test_a_renewal_is_judged_once_its_class_is_over(running):
    running.sign(running.lessons()[0])
    assert found(running, running.trainees[0], LAST_DAY, kind="RENEWAL", end=LAST_DAY) == {}


def test_without_a_class_there_is_nothing_to_judge(running):
    trainee = running.trainees[0]
    subject = subject_of(running.plan, date(2026, 6, 1))
    judged = runner.run(subject, [entry_of_trainee(trainee, trainee.person, subject.today)]).judged
    assert not {"hours", "online_share"} & {ruled.check.code for ruled in judged}
