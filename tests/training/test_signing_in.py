"""签到: the whole class by default, corrections with a reason, closing, two people at once."""

from datetime import date

import pytest

from certification.refusals import Incomplete, NotPermitted, TooLate, WrongState
from tests.factories import at
from tests.training.classes import FIRST_DAY, LAST_DAY
from training.lessons import attendance_window, scheduling, signing_in
from training.lessons.signing_in import Mark
from training.models import Attendance, SignInSheet


def presences(lesson) -> list[str]:
    return list(Attendance.objects.filter(lesson=lesson).order_by("trainee").values_list("presence", flat=True))


def test_the_whole_class_is_there_but_for_the_exceptions(running):
    (lesson,) = running.lessons()
    _one, two, three = running.trainees
    sheet = running.sign(lesson, {two.pk: Mark("LATE"), three.pk: Mark("LEAVE", "病假")})
    assert presences(lesson) == ["PRESENT", "LATE", "LEAVE"]
    assert (sheet.version, sheet.expected, sheet.present) == (1, 3, 2)
    assert Attendance.history.filter(history_user=running.filer).count() == 3


def test_a_correction_is_a_version_with_its_reason(running):
    (lesson,) = running.lessons()
    running.sign(lesson)
    absent = {running.trainees[0].pk: Mark("ABSENT")}
    with pytest.raises(Incomplete):
        running.sign(lesson, absent, seen_version=1)
    sheet = running.sign(lesson, absent, seen_version=1, reason="点名有误")
    assert (sheet.version, sheet.reason, sheet.present) == (2, "点名有误", 2)
    assert sheet.changes == [[running.trainees[0].pk, "PRESENT", "ABSENT"]]
    assert SignInSheet.objects.get(lesson=lesson, version=1).present == 3
    with pytest.raises(signing_in.NothingChanged):
        running.sign(lesson, absent, seen_version=2, reason="再报一次")


def test_whoever_comes_second_is_told_who_was_first(running):
    (lesson,) = running.lessons()
    running.sign(lesson)
    with pytest.raises(signing_in.ChangedMeanwhile) as refused:
        running.sign(lesson, {running.trainees[0].pk: Mark("ABSENT")}, reason="x")
    assert str(running.filer) in refused.value.message
    assert presences(lesson) == ["PRESENT"] * 3


def test_no_sign_in_before_the_day_for_a_cancelled_or_an_online_lesson(running):
    early, online, gone = running.lessons(
        running.entry(),
        running.entry(start=13, mode="ONLINE", teacher_id=None, venue_id=None),
        running.entry(date(2026, 4, 21)),
    )
    scheduling.cancel_lesson(actor=running.filer, now=at(FIRST_DAY), lesson_id=gone.pk, reason="停电")
    for lesson, now in ((early, at(date(2026, 4, 19))), (online, at(FIRST_DAY)), (gone, at(date(2026, 4, 21)))):
        with pytest.raises(WrongState):
            running.sign(lesson, now=now)


def test_strangers_are_not_signed_in(running):
    (lesson,) = running.lessons()
    with pytest.raises(Incomplete):
        running.sign(lesson, {0: Mark("PRESENT")})


def test_attendance_closes_after_the_class_and_opens_again_with_a_reason(running, world):
    (lesson,) = running.lessons()
    running.sign(lesson, now=at(date(2026, 5, 22), 23))
    late = at(date(2026, 5, 23))
    absent = {running.trainees[0].pk: Mark("ABSENT")}
    with pytest.raises(TooLate) as refused:
        running.sign(lesson, absent, now=late, seen_version=1, reason="核对有误")
    assert refused.value.code == "attendance_closed"
    supervisor = world.user("shi-jianguan")
    with pytest.raises(NotPermitted):
        attendance_window.reopen(actor=running.filer, now=late, plan_id=running.plan.pk, reason="x")
    with pytest.raises(Incomplete):
        attendance_window.reopen(actor=supervisor, now=late, plan_id=running.plan.pk, reason="")
    opened = attendance_window.reopen(actor=supervisor, now=late, plan_id=running.plan.pk, reason="机构申请更正")
    assert opened.until == date(2026, 5, 26)
    with pytest.raises(WrongState):
        attendance_window.reopen(actor=supervisor, now=late, plan_id=running.plan.pk, reason="再次")
    running.sign(lesson, absent, now=late, seen_version=1, reason="核对有误")
    with pytest.raises(TooLate):
        running.sign(lesson, now=at(date(2026, 5, 27)), seen_version=2, reason="再次更正")
    assert attendance_window.closes_on(running.plan) > LAST_DAY


def test_two_sign_in_the_same_lesson_at_once(at_once, world, plan, records):
    from tests.training.classes import running_class

    running = running_class(world, plan, records(4))
    (lesson,) = running.lessons()
    marks = [{running.trainees[0].pk: Mark("ABSENT")}, {running.trainees[1].pk: Mark("ABSENT")}]
    done = at_once(*(lambda own=own: running.sign(lesson, own) for own in marks))
    assert sorted(type(one).__name__ for one in done) == ["ChangedMeanwhile", "SignInSheet"]
    assert sorted(presences(lesson)) == ["ABSENT", "PRESENT", "PRESENT", "PRESENT"]
    assert SignInSheet.objects.count() == 1
