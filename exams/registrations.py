"""What examinations tell the registries below; called once from ``AppConfig.ready``."""

from certification.deadlines import admissions
from certification.people.checks import known
from certification.portal import navigation, search, timeline, todo, tones
from certification.portal.plan import screens
from certification.portal.tones import Tone
from certification.records import scanning
from exams import (
    claims,
    consequences,
    figures,
    finding,
    late,
    materials,
    separation_sources,
    starting,
    timed_cases,
    turns,
)
from exams.models import MaterialKind
from exams.states import (
    ApplicationState,
    CandidateState,
    ExamPlanState,
    ResultState,
    SessionState,
)
from exams.todo import lines
from training import claims as training_claims


def register() -> None:
    """Fill the registries."""
    separation_sources.register()
    consequences.register()
    starting.register()
    late.register()
    timed_cases.register()
    turns.register()
    known.register_elsewhere(claims.elsewhere)
    training_claims.register_bound(claims.bound)
    training_claims.register_attached(claims.attached)
    todo.register(lines)
    todo.register(figures.lines)
    search.register(finding.find)
    scanning.on_infected(materials.withdraw_infected)
    _register_places()
    _register_tones()
    _register_steps()
    _register_screens()


def _register_places() -> None:
    register, exams = navigation.register, navigation.Group.EXAMS
    register("考试申报", "exams:class_list", "exams.application.file", 200, "apply")
    register("申报查询", "exams:application_list", "exams.application.view", 210, "search")
    register("考试场次", "exams:session_list", "exams.session.view", 300, "exam", group=exams)
    register("考试计划", "exams:plan_list", "exams.plan.view", 310, "calendar", group=exams)
    register("待安排考试", "exams:pool", "exams.pool.view", 320, "waiting", group=exams)
    register("学时证明", "exams:hours", "exams.hours.confirm", 330, "file", group=exams)
    register("我的考务", "exams:duty_list", "exams.duty.view", 340, "people", group=exams)
    register("成绩", "exams:results_list", "exams.results.view", 350, "done", group=exams)
    register("考试点", "exams:site_list", "exams.site.view", 360, "site", group=exams)
    register(
        "承诺书文本", "exams:declaration_list", "exams.declarations.view", 935, "book", group=navigation.Group.BASIS
    )


def _register_tones() -> None:
    tones.register(
        "exams.ExamApplication",
        {
            ApplicationState.DRAFT: Tone.WAITING,
            **dict.fromkeys(
                (
                    ApplicationState.PRELIMINARY_REVIEW,
                    ApplicationState.FINAL_REVIEW,
                    ApplicationState.DIRECT_REVIEW,
                    ApplicationState.CITY_REVIEW,
                ),
                Tone.UNDERWAY,
            ),
            ApplicationState.RETURNED: Tone.ATTENTION,
            ApplicationState.CLEARED: Tone.DONE,
            ApplicationState.REFUSED: Tone.REFUSED,
            ApplicationState.WITHDRAWN: Tone.WAITING,
        },
    )
    tones.register(
        "exams.ExamSession",
        {
            SessionState.ANNOUNCED: Tone.WAITING,
            SessionState.PLANNED: Tone.UNDERWAY,
            SessionState.HELD: Tone.UNDERWAY,
            SessionState.RELEASED: Tone.DONE,
            SessionState.CANCELLED: Tone.REFUSED,
        },
    )
    tones.register(
        "exams.ExamPlan",
        {
            ExamPlanState.DRAFT: Tone.WAITING,
            ExamPlanState.FILED: Tone.UNDERWAY,
            ExamPlanState.ACKNOWLEDGED: Tone.DONE,
            ExamPlanState.RETURNED: Tone.ATTENTION,
        },
    )
    tones.register(
        "exams.Candidate",
        {
            CandidateState.LISTED: Tone.WAITING,
            CandidateState.ADMITTED: Tone.UNDERWAY,
            CandidateState.MOVED: Tone.ATTENTION,
            CandidateState.WITHDRAWN: Tone.WAITING,
            CandidateState.PASSED: Tone.DONE,
            CandidateState.FAILED: Tone.REFUSED,
            CandidateState.ABSENT: Tone.ATTENTION,
        },
    )
    tones.register(
        "exams.Result",
        {
            ResultState.ENTERED: Tone.WAITING,
            ResultState.CHECKED: Tone.UNDERWAY,
            ResultState.RELEASED: Tone.DONE,
        },
    )


def _register_steps() -> None:
    timeline.register(
        "exams.ExamApplication",
        {
            "build": "生成申报",
            "choose_session": "选择场次",
            "attach_material": _attached,
            "material_infected": "材料含有病毒，已退出",
            "claim_exemption": "更改免培训依据",
            "reject_hours": "退回学时证明",
            "confirm_hours": "确认学时证明",
            "materials_missed": "逾期未提交，退出所选场次",
            "session_cancelled": lambda detail: f"所选场次{detail.get('session', '')}取消",
            **admissions.STEPS,
        },
    )
    timeline.register(
        "exams.ExamSession",
        {
            "announce": "公布场次",
            "use_rooms": "安排考场",
            "seat": "编排座位",
            "assign_staff": "安排考务人员",
            "end_assignment": "解除考务安排",
            "send_back_results": "退回成绩录入",
        },
    )
    timeline.register("training.TrainingPlan", {"attach_class_material": "上传班级材料"})
    timeline.register("exams.ExamPlan", {"save": "保存考试计划", "session_changed": "所列场次变更", **admissions.STEPS})
    timeline.register("exams.Candidate", {"list": "安排场次"})


def _attached(detail: dict) -> str:
    kind = detail.get("kind", "")
    return f"上传{MaterialKind(kind).label}" if kind in MaterialKind.values else "上传材料"


def _register_screens() -> None:
    for clause, label, url_name in (
        ("三(二)1", "考试申报（初训）", "exams:class_list"),
        ("三(二)2", "考试申报（复审、换证）", "exams:class_list"),
        ("三(二)2", "学时证明确认", "exams:hours"),
        ("三(二)1", "承诺书和同意书文本", "exams:declaration_list"),
        ("三(三)", "考试场次公布、变更、取消", "exams:session_list"),
        ("三(三)", "考试计划报送和签收", "exams:plan_list"),
        ("三(三)", "成绩录入、复核、公布", "exams:results_list"),
        ("四(二)", "考场、座位、监考和考评", "exams:session_list"),
        ("四(三)", "考试点和考场", "exams:site_list"),
    ):
        screens.register(clause, label, url_name)
