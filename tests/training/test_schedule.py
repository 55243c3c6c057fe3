"""课程表: entry by form, sheet and copy; hours against the edition; nobody and nothing in two places at once."""

from dataclasses import replace
from datetime import date, time
from decimal import Decimal

import pytest

from certification.refusals import Incomplete, NotPermitted, WrongState
from certification.spreadsheets.columns import read_records
from certification.spreadsheets.writing import workbook
from tests.factories import at
from tests.training.classes import FIRST_DAY, ROSTER_ON
from tests.training.conftest import FILED_ON
from training import resources
from training.lessons import scheduling
from training.lessons.schedule_checks import check_lessons, surroundings
from training.lessons.schedule_columns import clean_time, entry_of, schedule_columns
from training.lessons.schedule_sums import sums
from training.models import Lesson, Teacher, TrainingPlan, Venue
from training.plans import filing, moving

NOW = at(ROSTER_ON, 16)


def codes(refused) -> set[str]:
    return {problem.code for problem in refused.value.problems}


def test_lessons_stand_in_the_schedule_and_sum_up_against_the_syllabus(running):
    practical = running.entry(start=13, part="PRACTICAL")
    online = running.entry(date(2026, 4, 21), mode="ONLINE", teacher_id=None, venue_id=None)
    running.lessons(running.entry(), practical, online)
    found = {line.label: line for line in sums(running.plan, running.plan.lessons.standing()).lines}
    assert {label: (line.planned, line.wanted) for label, line in found.items()} == {
        "合计": (12, 148),
        "理论": (8, 88),
        "实操": (4, 60),
        "线下": (8, 120),
        "线上": (4, 40),
    }
    assert found["实操"].short == 56
    assert sums(running.plan, running.plan.lessons.standing()).online_share == 33


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"day": date(2026, 4, 19)}, "outside"),
        ({"day": date(2026, 5, 16)}, "outside"),
        ({"ends_at": time(7)}, "invalid"),
        ({"hours": Decimal("4.1")}, "too_many_hours"),
        ({"hours": Decimal("9"), "ends_at": time(20)}, "day_full"),
        ({"teacher_id": None}, "required"),
        ({"venue_id": None}, "required"),
        ({"part": "PRACTICAL", "mode": "ONLINE"}, "invalid"),
    ],
)
def test_each_wrong_lesson_is_refused_with_its_reason(running, changes, code):
    with pytest.raises(Incomplete) as refused:
        running.lessons(replace(running.entry(), **changes))
    assert code in codes(refused)
    assert not Lesson.objects.exists()


def test_a_teacher_who_is_not_filed_and_one_whose_qualification_ran_out(running, world):
    stranger = world.persons(1)[0]
    with pytest.raises(Incomplete) as refused:
        running.lessons(running.entry(teacher_id=stranger.pk))
    assert codes(refused) == {"not_of_class"}
    listed = Teacher.objects.get(institution=world.institution, person=running.teacher)
    resources.change_teacher(actor=running.filer, now=NOW, teacher_id=listed.pk, valid_until=date(2026, 4, 21))
    running.lessons(running.entry(date(2026, 4, 21)))
    with pytest.raises(Incomplete) as refused:
        running.lessons(running.entry(date(2026, 4, 22)))
    assert codes(refused) == {"expired"}


def test_a_venue_too_small_for_the_class(running):
    small = resources.save_venue(actor=running.filer, now=NOW, name="小教室", address="", capacity=29, active=True)
    with pytest.raises(Incomplete) as refused:
        running.lessons(running.entry(venue_id=small.pk))
    assert codes(refused) == {"too_small"}


def test_all_entries_of_one_filing_are_judged_together_and_none_is_saved(running):
    with pytest.raises(Incomplete) as refused:
        running.lessons(running.entry(), running.entry(start=10), running.entry(date(2026, 4, 21)))
    assert "overlap" in codes(refused)
    assert not Lesson.objects.exists()


@pytest.fixture
def sibling(world, draft):
    """A second class of the institution on the same days, with the same teachers."""
    plan = filing.file_plan(actor=world.user("jigou"), now=at(FILED_ON), plan_id=draft().pk)
    return TrainingPlan.objects.get(pk=plan.pk)


def test_nobody_teaches_two_classes_and_no_venue_holds_two_at_the_same_time(running, sibling):
    running.lessons(running.entry())
    with pytest.raises(Incomplete) as refused:
        scheduling.plan_lessons(actor=running.filer, now=NOW, plan_id=sibling.pk, entries=[running.entry(start=10)])
    assert {problem.field for problem in refused.value.problems} == {"teacher", "venue"}
    assert codes(refused) == {"taken"}
    scheduling.plan_lessons(actor=running.filer, now=NOW, plan_id=sibling.pk, entries=[running.entry(start=11)])
    assert sibling.lessons.count() == 1


def test_a_cancelled_lesson_gives_teacher_and_venue_free(running, sibling):
    (lesson,) = running.lessons()
    with pytest.raises(Incomplete):
        scheduling.cancel_lesson(actor=running.filer, now=NOW, lesson_id=lesson.pk, reason=" ")
    scheduling.cancel_lesson(actor=running.filer, now=NOW, lesson_id=lesson.pk, reason="教师请假")
    with pytest.raises(WrongState):
        scheduling.cancel_lesson(actor=running.filer, now=NOW, lesson_id=lesson.pk, reason="教师请假")
    scheduling.plan_lessons(actor=running.filer, now=NOW, plan_id=sibling.pk, entries=[running.entry()])
    assert Lesson.objects.filter(state="CANCELLED").count() == 1


def test_what_became_wrong_later_is_shown_at_the_lesson(running):
    (lesson,) = running.lessons()
    Venue.objects.filter(pk=running.venue.pk).update(capacity=20)
    (problems,) = check_lessons([lesson], surroundings(running.plan, {lesson.day}))
    assert [problem.code for problem in problems] == ["too_small"]


def test_a_lesson_is_changed_until_it_is_signed(running):
    (lesson,) = running.lessons()
    moved = running.entry(date(2026, 4, 22), start=14)
    changed = scheduling.change_lesson(actor=running.filer, now=NOW, lesson_id=lesson.pk, entry=moved)
    assert (changed.day, changed.starts_at) == (date(2026, 4, 22), time(14))
    running.sign(changed)
    with pytest.raises(WrongState):
        scheduling.change_lesson(actor=running.filer, now=NOW, lesson_id=lesson.pk, entry=running.entry())
    with pytest.raises(WrongState):
        scheduling.cancel_lesson(actor=running.filer, now=NOW, lesson_id=lesson.pk, reason="x")


def test_a_week_is_copied_day_by_day(running):
    running.lessons(running.entry(), running.entry(date(2026, 4, 22), start=14))
    copied = scheduling.copy_lessons(
        actor=running.filer,
        now=NOW,
        plan_id=running.plan.pk,
        first=FIRST_DAY,
        last=date(2026, 4, 26),
        to=date(2026, 4, 27),
    )
    assert [(row.day, row.starts_at) for row in copied] == [
        (date(2026, 4, 27), time(8)),
        (date(2026, 4, 29), time(14)),
    ]
    with pytest.raises(Incomplete):
        scheduling.copy_lessons(
            actor=running.filer,
            now=NOW,
            plan_id=running.plan.pk,
            first=date(2026, 5, 12),
            last=date(2026, 5, 12),
            to=date(2026, 5, 13),
        )


def test_only_its_institution_plans_a_class(running, world):
    with pytest.raises(NotPermitted):
        scheduling.plan_lessons(
            actor=world.user("shi-jianguan"), now=NOW, plan_id=running.plan.pk, entries=[running.entry()]
        )


def test_a_sheet_is_read_with_every_problem_at_its_row(running):
    columns = schedule_columns(running.plan)
    head = [column.name for column in columns]
    teacher = running.teacher.name
    good = ["2026-04-20", "08:00", time(11), 4, "理论", "", "安全用电", teacher, "201教室"]
    rows = [
        good,
        ["2026-04-20", "9点30分", "12:00", 4, "理论", "线下", "重叠", teacher, "201教室"],
        ["四月", "25:00", "12:00", 0, "其他", "线下", "", "无此人", "无此室"],
    ]
    parsed = read_records(workbook(head, rows), "课程表.xlsx", columns)
    assert {problem.column for problem in parsed.problems} == {
        "日期",
        "开始时间",
        "学时",
        "类别",
        "课程内容",
        "教师",
        "场地",
    }
    entries = [entry_of(record) for record in parsed.records if record.ok]
    with pytest.raises(Incomplete) as refused:
        running.lessons(*entries)
    assert {(problem.row, problem.code) for problem in refused.value.problems} >= {(2, "overlap"), (3, "overlap")}


@pytest.mark.parametrize("cell", [time(8, 30), "08:30", "8：30", "8点30分", 8.5 / 24, "8:30:00"])
def test_times_as_sheets_write_them(cell):
    assert clean_time(cell) == time(8, 30)


def test_two_who_give_the_same_teacher_away_at_once(at_once, world, draft, records):
    from tests.training.classes import running_class

    plans = [filing.file_plan(actor=world.user("jigou"), now=at(FILED_ON), plan_id=draft().pk) for _each in range(2)]
    running = running_class(world, plans[0], records(2))
    entry = running.entry()

    def plan_one(plan):
        return lambda: scheduling.plan_lessons(actor=running.filer, now=NOW, plan_id=plan.pk, entries=[entry])

    done = at_once(*(plan_one(plan) for plan in plans))
    assert sorted(type(one).__name__ for one in done) == ["Incomplete", "list"]
    assert Lesson.objects.count() == 1


def test_moving_the_class_names_the_lessons_that_would_stay_outside_its_days(running):
    running.lessons(running.entry(), running.entry(date(2026, 4, 21)), running.entry(date(2026, 5, 11)))
    now = at(ROSTER_ON, 17)
    later = moving.preview(running.plan, moving.Days(date(2026, 5, 11), date(2026, 6, 5)), now=now)
    (said,) = [line for line in later.warnings if line.startswith("课程表不随班期变动")]
    assert "2 次课不在新的培训日期内" in said
    assert "4月20日" in said
    scheduling.cancel_lesson(
        actor=running.filer, now=now, lesson_id=running.plan.lessons.order_by("day")[0].pk, reason="调整"
    )
    longer = moving.preview(running.plan, moving.Days(date(2026, 4, 21), date(2026, 5, 15)), now=now)
    assert not [line for line in longer.warnings if line.startswith("课程表不随班期变动")]
