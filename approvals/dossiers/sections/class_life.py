"""What happened in each training class: lessons, sign-in, hours, spot checks [四(一)]."""

from collections import defaultdict

from approvals.dossiers.sections.reading import Reader
from approvals.dossiers.sections.shapes import Row
from training.hours.hour_words import plain
from training.hours.reckoning import hours_of
from training.models import HoursProof, Lesson, OnlineImport, SignInSheet, SpotAnswer, SpotCheck, SpotFinding, Trainee
from training.states import TraineeState


def lessons(reader: Reader) -> dict[int, list[Row]]:
    """The schedule, cancelled lessons too."""
    rows = Lesson.objects.filter(plan__in=reader.ids).for_display()
    return reader.by_plan(
        rows,
        lambda row: row.plan_id,
        lambda row: (
            row.day,
            f"{row.starts_at:%H:%M}—{row.ends_at:%H:%M}",
            row.subject,
            plain(row.hours),
            row.get_part_display(),
            row.get_mode_display(),
            row.teacher.name if row.teacher else "",
            row.venue,
            row.get_state_display(),
        ),
    )


def sign_in_sheets(reader: Reader) -> dict[int, list[Row]]:
    """Every version of every sign-in sheet, and what it corrected."""
    rows = SignInSheet.objects.filter(lesson__plan__in=reader.ids).select_related("lesson", "recorded_by__person")
    return reader.by_plan(
        rows.order_by("lesson__day", "lesson__starts_at", "lesson_id", "version"),
        lambda row: row.lesson.plan_id,
        lambda row: (
            row.lesson.day,
            f"{row.lesson.starts_at:%H:%M} {row.lesson.subject}",
            row.version,
            row.expected,
            row.present,
            row.recorded_by,
            row.recorded_at,
            row.reason,
        ),
    )


def online_imports(reader: Reader) -> dict[int, list[Row]]:
    """What the learning platforms reported, replaced reports too."""
    rows = OnlineImport.objects.filter(plan__in=reader.ids).select_related("file", "imported_by__person")
    return reader.by_plan(
        rows.order_by("plan", "platform", "version"),
        lambda row: row.plan_id,
        lambda row: (
            row.platform,
            row.version,
            row.headcount,
            row.imported_by,
            row.imported_at,
            row.reason,
            row.file.sha256,
            row.replaced_at,
        ),
    )


def hours(reader: Reader) -> dict[int, list[Row]]:
    """What everybody learnt, and the proof of it that stands."""
    rows = Trainee.objects.filter(plan__in=reader.ids, state=TraineeState.ENROLLED).select_related("person")
    trainees = list(rows.order_by("plan", "pk"))
    learnt = hours_of([row.pk for row in trainees])
    proofs = {row.trainee_id: row for row in HoursProof.objects.current().filter(trainee__in=trainees)}

    def cells(row: Trainee):
        found, proof = learnt[row.pk], proofs.get(row.pk)
        counted = (found.required, found.total, found.onsite, found.practical, found.online)
        return (
            row.person.name,
            reader.number_of(row.person),
            *map(plain, counted),
            found.says or "已修满",
            proof.number if proof else "",
        )

    return reader.by_plan(trainees, lambda row: row.plan_id, cells)


def spot_checks(reader: Reader) -> dict[int, list[Row]]:
    """The spot checks, what was found and how it was remedied."""
    checks = list(SpotCheck.objects.filter(plan__in=reader.ids).for_display().order_by("plan", "pk"))
    found: dict[int, list[str]] = defaultdict(list)
    for row in SpotFinding.objects.filter(visit__in=checks).exclude(grade="").order_by("pk"):
        found[row.visit_id].append(f"{row.text}（{row.get_grade_display()}）：{row.note}")
    answers: dict[int, list[str]] = defaultdict(list)
    for row in SpotAnswer.objects.filter(visit__in=checks).order_by("visit", "round"):
        judged = {True: "合格", False: "退回", None: "待复核"}[row.accepted]
        answers[row.visit_id].append(
            f"第{row.round}次：{row.text}（{judged}{f'，{row.opinion}' if row.opinion else ''}）"
        )
    return reader.by_plan(
        checks,
        lambda row: row.plan_id,
        lambda row: (
            row.number,
            row.organisation,
            row.inspector,
            row.checked_at,
            f"{row.counted}/{row.expected}",
            "；".join(found[row.pk]),
            "；".join(answers[row.pk]),
            row.get_state_display(),
        ),
    )


CLASS_LIFE_TABLES = (
    (
        "lessons",
        "课程表",
        ("日期", "时间", "课程内容", "学时", "类别", "方式", "教师", "场地", "状态"),
        lessons,
    ),
    (
        "sign_in",
        "签到",
        ("日期", "课程", "版本", "应到", "实到", "登记人", "登记时间", "更正原因"),
        sign_in_sheets,
    ),
    (
        "online_hours",
        "线上学时导入",
        ("学习平台", "版本", "人数", "导入人", "导入时间", "更正原因", "文件校验值", "替换时间"),
        online_imports,
    ),
    (
        "hours",
        "学员学时",
        ("姓名", "证件号码", "应修", "实修", "线下", "其中实操", "线上", "结果", "学时证明"),
        hours,
    ),
    (
        "spot_checks",
        "培训检查",
        ("检查编号", "检查单位", "检查人", "检查时间", "现场/在册", "发现的问题", "整改", "状态"),
        spot_checks,
    ),
)
