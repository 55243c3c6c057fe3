"""What happens while a class of the demonstration runs: schedule, sign-in, online hours, spot checks."""

from collections.abc import Iterator
from datetime import date, time, timedelta
from decimal import Decimal

from approvals.demonstration.cases import Case
from approvals.demonstration.papers import paper
from certification.inspections.checklists import Finding
from certification.inspections.models import Grade
from certification.people.models import Person
from certification.spreadsheets.columns import read_records
from certification.spreadsheets.writing import workbook
from exams.models import MaterialKind
from training import resources
from training.hours import online_hours, proofs
from training.hours.online_columns import online_columns
from training.lessons import scheduling, signing_in
from training.lessons.schedule_entry import LessonEntry
from training.lessons.schedule_sums import practical_of
from training.models import Lesson, LessonMode, LessonPart, SignInSheet, Trainee, TrainingPlan
from training.spot_checks import recording

SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PLATFORM = "云岭安全培训在线"
PER_DAY = 8
SHOWN = timedelta(days=21)
HALF = 4
# Beginning and end of the two halves of a day, and of a whole one.
MORNING, AFTERNOON = (time(8, 30), time(11, 30)), (time(14), time(17))
WHOLE_DAY = (time(8, 30), time(17))
SUBJECTS = {
    (LessonPart.THEORY, LessonMode.ONSITE): "安全技术理论",
    (LessonPart.THEORY, LessonMode.ONLINE): "法律法规和基础知识",
    (LessonPart.PRACTICAL, LessonMode.ONSITE): "安全操作实训",
}
# Twist → the rule by which the findings of the class's spot check are to be remedied ("" where nothing was found).
CHECKED = {
    "check_clean": "",
    "check_open": "remedy_ordinary",
    "check_overdue": "remedy_urgent",
    "check_answered": "remedy_serious",
    "check_returned": "remedy_serious",
    "check_confirmed": "remedy_serious",
}


def schedule(case: Case, now) -> None:
    """A venue of its own, qualified teachers, and lessons until the filed hours are planned: a single one a day, but
    two on the day on which the demonstration is made."""
    if not _shown(case):
        return
    plan = TrainingPlan.objects.select_related("job_type__group", "rule_edition").get(pk=case.plan_id)
    filer = case.cast.filer
    serial = filer.organisation.venues.count() + 1
    venue = resources.save_venue(
        actor=filer,
        now=now,
        name=f"教学楼{200 + serial}室",
        address=filer.organisation.address,
        capacity=40,
        active=True,
    )
    teachers = [Person.objects.get(document_number=one.number) for one in case.teachers]
    for row in filer.organisation.teachers.filter(person__in=teachers).order_by("pk"):
        until = date(now.year + 2, 6, 30)
        resources.change_teacher(
            actor=filer, now=now, teacher_id=row.pk, qualification="安全培训教师", valid_until=until
        )
    entries = list(_lessons(plan, [one.pk for one in teachers], venue.pk, in_halves=case.built_on))
    scheduling.plan_lessons(actor=filer, now=now, plan_id=plan.pk, entries=entries)
    if "lesson_cancelled" in case.story.twists:
        _cancel_one(case, plan, teachers[0].pk, venue.pk, now)


def attend(case: Case, now) -> None:
    """Everybody is there at every lesson up to today, but for one who comes late and one who is missing once."""
    if not _shown(case):
        return
    lessons = Lesson.objects.to_sign().filter(plan=case.plan_id, day__lte=now.date(), sheets__isnull=True)
    # The lesson that is on while the demonstration is made has not been signed yet.
    lessons = [lesson for lesson in lessons.order_by("day", "starts_at") if not _still_to_sign(case, lesson)]
    trainees = list(Trainee.objects.filter(plan=case.plan_id, state="ENROLLED").order_by("pk")) if lessons else []
    if not trainees:
        return
    for place, lesson in enumerate(lessons):
        marks = {}
        if place == 0 and lesson.day.weekday() == 2:
            marks[trainees[0].pk] = signing_in.Mark("LATE", "堵车")
        if "short_hours" in case.story.twists and lesson.day == case.class_start:
            marks[trainees[-1].pk] = signing_in.Mark("ABSENT")
        signing_in.sign_in(actor=case.cast.filer, now=now, lesson_id=lesson.pk, marks=marks)
    if "short_hours" in case.story.twists and now.date() == case.class_start:
        _correct(case, trainees, now)


def report_online(case: Case, now) -> None:
    """The learning platform's report for everybody, on the last day of the class; none where all is on site."""
    plan = TrainingPlan.objects.get(pk=case.plan_id)
    if not plan.online_hours or now.date() < plan.class_end or not _shown(case):
        return
    trainees = Trainee.objects.filter(plan=plan, state="ENROLLED").select_related("person").order_by("pk")
    rows = [
        [one.person.name, one.person.document_number, plan.online_hours, plan.class_start, plan.class_end]
        for one in trainees
    ]
    columns = online_columns(now.date())
    content = workbook([column.name for column in columns], rows, text_columns=["身份证号码"])
    name = "线上学时.xlsx"
    online_hours.import_online_hours(
        actor=case.cast.filer,
        now=now,
        plan_id=plan.pk,
        platform=PLATFORM,
        records=read_records(content, name, columns).records,
        content=content,
        name=name,
        media_type=SHEET,
    )


def prove(case: Case, now) -> None:
    """Proofs of hours for whoever has learnt all, made by the system."""
    if "proofs" in case.story.twists:
        ids = Trainee.objects.filter(plan=case.plan_id, state="ENROLLED").order_by("pk").values_list("pk", flat=True)
        proofs.issue_proofs(actor=case.cast.filer, now=now, trainee_ids=list(ids))


def check(case: Case, now) -> None:
    """The organiser's supervisor, or the province's inspector, visits the class."""
    twist = _twist(case)
    if twist is None:
        return
    remedy = CHECKED[twist]
    findings = []
    if remedy:
        findings = [
            Finding("attendance", Grade.SERIOUS, "上午第二节有一名学员由他人代签。"),
            Finding("records", Grade.MINOR, "教学日志缺前一天的记录。"),
        ]
    made = recording.record_check(
        actor=_inspector(case),
        now=now,
        plan_id=case.plan_id,
        counted=case.story.size - bool(remedy),
        findings=findings,
        lesson_id=Lesson.objects.to_sign()
        .filter(plan=case.plan_id, day=now.date())
        .values_list("pk", flat=True)
        .first(),
        remarks="随堂检查，核对学员身份证件。",
        remedy=remedy,
        photos=[paper(MaterialKind.IDENTITY_CARD, 1)] if remedy else [],
    )
    case.check_id = made.pk


def answer_check(case: Case, now) -> None:
    if _twist(case) not in ("check_answered", "check_returned", "check_confirmed"):
        return
    recording.answer(
        actor=case.cast.filer,
        now=now,
        check_id=case.check_id,
        text="已约谈授课教师和代签学员，补记教学日志，自即日起每节课由教务人员到场点名。",
        files=[paper(MaterialKind.IDENTITY_CARD, 2)],
    )


def judge_check(case: Case, now) -> None:
    if _twist(case) == "check_confirmed":
        recording.confirm(actor=_inspector(case), now=now, check_id=case.check_id, opinion="已现场复核，情况属实。")
    elif _twist(case) == "check_returned":
        recording.return_answer(
            actor=_inspector(case), now=now, check_id=case.check_id, opinion="请附补记的教学日志和当日签到表。"
        )


def _cancel_one(case: Case, plan: TrainingPlan, teacher: int, venue: int, now) -> None:
    """One lesson more on the last day, and the same taken out again."""
    part, mode = LessonPart.THEORY, LessonMode.ONSITE
    entry = LessonEntry(plan.class_end, *MORNING, Decimal(HALF), part, mode, SUBJECTS[part, mode], teacher, venue)
    (lesson,) = scheduling.plan_lessons(actor=case.cast.filer, now=now, plan_id=plan.pk, entries=[entry])
    scheduling.cancel_lesson(actor=case.cast.filer, now=now, lesson_id=lesson.pk, reason="复习课改为自习。")


def _shown(case: Case) -> bool:
    """Whether the life of the class is played: it costs time, and what is long over shows it in a few cases only."""
    return case.class_end >= case.built_on - SHOWN or "proofs" in case.story.twists


def _lessons(plan: TrainingPlan, teachers: list[int], venue: int, *, in_halves: date) -> Iterator[LessonEntry]:
    """Theory on site, then online, then practical, day by day from class start."""
    practical = min(practical_of(plan), plan.onsite_hours)
    wanted = (
        (LessonPart.THEORY, LessonMode.ONSITE, plan.onsite_hours - practical, teachers[0]),
        (LessonPart.THEORY, LessonMode.ONLINE, plan.online_hours, None),
        (LessonPart.PRACTICAL, LessonMode.ONSITE, practical, teachers[-1]),
    )
    slots = _slots(plan.class_start, in_halves)
    for part, mode, hours, teacher in wanted:
        while hours:
            day, (starts_at, ends_at), most = next(slots)
            taken = min(hours, most)
            hours -= taken
            place = venue if mode == LessonMode.ONSITE else None
            subject = SUBJECTS[part, mode]
            yield LessonEntry(day, starts_at, ends_at, Decimal(taken), part, mode, subject, teacher, place)


def _slots(start: date, in_halves: date) -> Iterator[tuple[date, tuple[time, time], int]]:
    day = start
    while True:
        if day == in_halves:
            yield day, MORNING, HALF
            yield day, AFTERNOON, HALF
        else:
            yield day, WHOLE_DAY, PER_DAY
        day += timedelta(days=1)


def _still_to_sign(case: Case, lesson: Lesson) -> bool:
    return lesson.day == case.built_on and lesson.starts_at == AFTERNOON[0]


def _correct(case: Case, trainees: list[Trainee], now) -> None:
    """One correction with its reason, so that a lesson has two versions."""
    sheet = SignInSheet.objects.filter(lesson__plan=case.plan_id).order_by("pk").first()
    if sheet is None:
        return
    marks = {trainees[0].pk: signing_in.Mark("LEAVE", "病假"), trainees[-1].pk: signing_in.Mark("ABSENT")}
    signing_in.sign_in(
        actor=case.cast.filer,
        now=now,
        lesson_id=sheet.lesson_id,
        marks=marks,
        seen_version=1,
        reason="学员补交病假条，更正为请假。",
    )


def _twist(case: Case) -> str | None:
    return next((twist for twist in CHECKED if twist in case.story.twists), None)


def _inspector(case: Case):
    return case.cast.province("xunkao") if case.category == "ONE" else case.cast.organiser("jianguan")
