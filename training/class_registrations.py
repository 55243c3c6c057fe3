"""What the life of a class (lessons, attendance, hours, spot checks) tells the kernel's registries."""

from certification.deadlines import consequences
from certification.inspections.models import Grade
from certification.inspections.states import CheckState
from certification.organisations import separation
from certification.organisations.separation import Capacity
from certification.portal import navigation, timeline, todo, tones
from certification.portal.plan import screens
from certification.portal.tones import Tone
from training import access, claims, todo_checks, todo_lessons
from training.lessons import schedule_checks
from training.models import Presence, TrainingPlan
from training.separation_sources import inspects
from training.spot_checks.spot_check_notices import remedy_missed
from training.states import LessonState

REMEDIES = ("remedy_urgent", "remedy_serious", "remedy_ordinary")
PLAN_STEPS = {
    "plan_lessons": lambda detail: f"排课 {detail.get('lessons', '')} 次",
    "change_schedule": lambda detail: f"调课（{detail.get('lesson', '')}）",
    "cancel_lesson": lambda detail: f"取消课程（{detail.get('lesson', '')}）",
    "correct_attendance": lambda detail: f"更正签到（{detail.get('lesson', '')}）",
    "import_online": lambda detail: f"导入线上学时（{detail.get('platform', '')}第 {detail.get('version', '')} 版）",
    "reopen_attendance": "重开考勤",
    "spot_check": lambda detail: f"培训检查（{detail.get('number', '')}，问题 {detail.get('findings', 0)} 项）",
    "check_confirmed": lambda detail: f"培训检查整改合格（{detail.get('number', '')}）",
}
PRESENCES = {
    Presence.PRESENT: Tone.DONE,
    Presence.LATE: Tone.ATTENTION,
    Presence.ABSENT: Tone.REFUSED,
    Presence.LEAVE: Tone.WAITING,
}
GRADES = {Grade.MINOR: Tone.WAITING, Grade.SERIOUS: Tone.ATTENTION, Grade.SEVERE: Tone.REFUSED}
CHECKS = {
    CheckState.CLEAN: Tone.DONE,
    CheckState.REMEDY: Tone.ATTENTION,
    CheckState.ANSWERED: Tone.UNDERWAY,
    CheckState.RETURNED: Tone.ATTENTION,
    CheckState.CONFIRMED: Tone.DONE,
}


def register() -> None:
    """Fill the registries."""
    separation.register_source(TrainingPlan, Capacity.INSPECTS, inspects)
    claims.register_attached(schedule_checks.attached)
    for remedy in REMEDIES:
        consequences.register(remedy, remedy_missed)
    todo.register(todo_lessons.lines)
    todo.register(todo_checks.lines)
    navigation.register("课程考勤", "training:lessons_today", access.VIEW, 112, "calendar")
    navigation.register("培训检查", "training:check_list", access.VIEW, 114, "review")
    navigation.register("师资场地", "training:resources", access.VIEW, 116, "site")
    timeline.register("training.TrainingPlan", PLAN_STEPS)
    timeline.register("training.Lesson", {"sign_in": "登记签到", "correct_attendance": "更正签到"})
    timeline.register("training.SpotCheck", {"spot_check": "培训检查"})
    timeline.register("training.Teacher", {"leave": "离任"})
    timeline.register("training.Trainee", {"issue_proof": "开具学时证明"})
    tones.register("training.Attendance", PRESENCES, field="presence")
    tones.register("training.SpotFinding", GRADES, field="grade")
    tones.register("training.Lesson", {LessonState.PLANNED: Tone.UNDERWAY, LessonState.CANCELLED: Tone.WAITING})
    tones.register("training.SpotCheck", CHECKS)
    for label, url_name in (
        ("课程和考勤", "training:lessons_today"),
        ("师资和场地", "training:resources"),
        ("培训检查", "training:check_list"),
    ):
        screens.register("四(一)", label, url_name)
