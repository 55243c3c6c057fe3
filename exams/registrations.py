"""What examinations tell the registries below; called once from ``AppConfig.ready``."""

from certification.deadlines.late_admissions import admissions
from certification.inspections.models import Grade
from certification.inspections.states import CheckState
from certification.jobs import errands
from certification.people.checks import known
from certification.portal import navigation, search, timeline, todo, tones
from certification.portal.plan import screens
from certification.portal.tones import Tone
from certification.records import scanning
from certification.rulebook import meaning
from exams import claims, figures, finding, late, separation_sources, standards, timed_cases, todo_day, todo_rooms
from exams.applications import consequences, due_days, turns
from exams.day_states import IncidentState, RecordState, StaffState
from exams.materials import attaching, generated_hours
from exams.models import Attendance
from exams.scores import importing as score_importing
from exams.sessions import starting
from exams.states import (
    ApplicationState,
    CandidateState,
    ExamPlanState,
    RecheckState,
    ResultState,
    SessionState,
)
from exams.tickets import ticket_files
from exams.todo import lines
from exams.tours import tour_notices
from training import claims as training_claims


def register() -> None:
    """Fill the registries."""
    separation_sources.register()
    meaning.register(standards.EXAMINATION, standards.rule_problems)
    consequences.register()
    due_days.register()
    starting.register()
    late.register()
    score_importing.register()
    timed_cases.register()
    turns.register()
    errands.register(errands.Kind(ticket_files.KIND, "生成准考证", ticket_files.make))
    errands.register(errands.Kind(generated_hours.KIND, "生成学时证明", generated_hours.make))
    known.register_elsewhere(claims.elsewhere)
    training_claims.register_bound(claims.bound)
    training_claims.register_attached(claims.attached)
    todo.register(lines)
    todo.register(figures.lines)
    todo.register(todo_day.lines)
    todo.register(todo_rooms.lines)
    tour_notices.register()
    search.register(finding.find)
    scanning.on_infected(attaching.withdraw_infected)
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
    register("异常情况", "exams:incident_list", "exams.incident.view", 342, "attention", group=exams)
    register("巡考", "exams:tour_list", "exams.tour.view", 343, "review", group=exams)
    register("考务人员库", "exams:pool_staff", "exams.staff.view", 345, "people", group=exams)
    register("成绩", "exams:results_list", "exams.results.view", 350, "done", group=exams)
    register("补考名单", "exams:retakes", "exams.retake.view", 352, "waiting", group=exams)
    register("成绩复核申请", "exams:rechecks", "exams.recheck.view", 354, "info", group=exams)
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
                    ApplicationState.TAKEN_OVER,
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
        "exams.StaffAssignment",
        {
            StaffState.INVITED: Tone.WAITING,
            StaffState.ACCEPTED: Tone.DONE,
            StaffState.DECLINED: Tone.REFUSED,
            StaffState.ENDED: Tone.WAITING,
        },
    )
    tones.register(
        "exams.Incident",
        {
            IncidentState.REPORTED: Tone.ATTENTION,
            IncidentState.PROPOSED: Tone.UNDERWAY,
            IncidentState.DECIDED: Tone.DONE,
            IncidentState.DISMISSED: Tone.WAITING,
            IncidentState.REVIEWING: Tone.UNDERWAY,
            IncidentState.UPHELD: Tone.DONE,
            IncidentState.REVOKED: Tone.WAITING,
        },
    )
    tones.register(
        "exams.InspectionTour",
        {
            CheckState.CLEAN: Tone.DONE,
            CheckState.REMEDY: Tone.ATTENTION,
            CheckState.ANSWERED: Tone.UNDERWAY,
            CheckState.RETURNED: Tone.ATTENTION,
            CheckState.CONFIRMED: Tone.DONE,
        },
    )
    grades = {Grade.MINOR: Tone.WAITING, Grade.SERIOUS: Tone.ATTENTION, Grade.SEVERE: Tone.REFUSED}
    tones.register("exams.TourFinding", grades, field="grade")
    tones.register(
        "exams.SignIn",
        {
            Attendance.PRESENT: Tone.DONE,
            Attendance.LATE: Tone.ATTENTION,
            Attendance.ABSENT: Tone.WAITING,
            Attendance.REFUSED: Tone.REFUSED,
        },
        field="outcome",
    )
    tones.register(
        "exams.RoomRecord",
        {
            RecordState.SIGNING_IN: Tone.UNDERWAY,
            RecordState.WRITING: Tone.ATTENTION,
            RecordState.SIGNED: Tone.DONE,
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
    tones.register(
        "exams.ScoreRecheck",
        {
            RecheckState.REQUESTED: Tone.WAITING,
            RecheckState.FOUND: Tone.UNDERWAY,
            RecheckState.UPHELD: Tone.DONE,
            RecheckState.CORRECTED: Tone.DONE,
            RecheckState.DECLINED: Tone.REFUSED,
            RecheckState.WITHDRAWN: Tone.WAITING,
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
            "replace_room": lambda detail: f"换考场：{detail.get('before', '')} → {detail.get('after', '')}",
            "seat": "编排座位",
            "assign_staff": "安排考务人员",
            "end_assignment": "解除考务安排",
            "staff_declined": "考务人员谢绝",
            "room_recorded": lambda detail: f"考场记录已签名（{detail.get('room', '')}）",
            "incident": lambda detail: f"异常情况 {detail.get('number', '')}：{detail.get('act', '')}",
            "tour": lambda detail: f"巡考（{detail.get('number', '')}，问题 {detail.get('findings', 0)} 项）",
            "note_recording": "登记考试录像",
            "send_back_results": "退回成绩录入",
            "import_results": "导入成绩",
            "read_results": "核对成绩",
        },
    )
    timeline.register("exams.ScoreRecheck", {"request": "申请复核"})
    timeline.keep_inside("exams.ScoreRecheck", ("find", "send_back"))
    timeline.register("exams.DeclarationText", {"add_text": _text_kept, "change_text": _text_kept})
    timeline.register("training.TrainingPlan", {"attach_class_material": "上传班级材料"})
    timeline.register(
        "exams.ExamPlan",
        {"save": "保存考试计划", "session_changed": "所列场次变更", "follow_up": "审核后核定人数", **admissions.STEPS},
    )
    timeline.register(
        "exams.Candidate",
        {
            "list": "安排场次",
            "reseat": _reseated,
            "sign_in": _signed_in,
            "correct_sign_in": "更正签到",
        },
    )
    timeline.register("exams.Incident", {"report": "报告"})
    timeline.register(
        "exams.InspectionTour", {"tour": "巡考", "suspend": "暂停使用考试点", "restore": "恢复使用考试点"}
    )
    timeline.register(
        "exams.ExamSite", {"save": "保存", "suspend": "暂停使用", "restore": "恢复使用", "upgrade": _upgraded}
    )
    timeline.register(
        "exams.ExamRoom", {"save": "保存", "equip": "登记设备", "maintain": "安排维护", "maintained": "恢复使用"}
    )
    timeline.register("exams.SessionRecording", {"begin_recording": "开始保存考试录像"})
    timeline.register("exams.StaffQualification", {"admit": "入库", "end": "出库"})


def _upgraded(detail: dict) -> str:
    return f"升级为{detail.get('level', '')}"


def _signed_in(detail: dict) -> str:
    outcome = detail.get("outcome", "")
    return f"签到：{Attendance(outcome).label}" if outcome in Attendance.values else "签到"


def _reseated(detail: dict) -> str:
    return f"人工调整{detail.get('part', '')}座位：{detail.get('before', '')} → {detail.get('after', '')}"


def _attached(detail: dict) -> str:
    # The file is named by what the paper is called for this person.
    paper, text = detail.get("name", "").rpartition(".")[0] or "材料", detail.get("text")
    return f"上传{paper}（所签文本：{text}）" if text else f"上传{paper}"


def _text_kept(detail: dict) -> str:
    changed = "、".join(detail.get("changed", []))
    return f"更改未启用的文本：{changed}" if changed else f"登记文本，自 {detail.get('in_force_from', '')} 起启用"


def _register_screens() -> None:
    for clause, label, url_name in (
        ("三(二)1", "考试申报（初训）", "exams:class_list"),
        ("三(二)2", "考试申报（复审、换证）", "exams:class_list"),
        ("三(二)1", "批量上传材料，未归入材料的指定和裁剪", "exams:materials_upload"),
        ("三(二)2", "批量上传材料，未归入材料的指定和裁剪", "exams:materials_upload"),
        ("三(二)2", "学时证明确认", "exams:hours"),
        ("三(二)1", "承诺书和同意书文本", "exams:declaration_list"),
        ("三(三)", "考试场次公布、变更时间和考试点、取消", "exams:session_list"),
        ("三(三)", "考试计划报送和签收", "exams:plan_list"),
        ("三(三)", "成绩录入、复核、公布", "exams:results_list"),
        ("三(三)", "补考名单", "exams:retakes"),
        ("三(三)", "成绩复核申请", "exams:rechecks"),
        ("四(二)", "考场、座位、监考和考评", "exams:session_list"),
        ("四(二)", "违纪、替考等异常情况处理", "exams:incident_list"),
        ("三(三)", "巡考", "exams:tour_list"),
        ("二", "巡考", "exams:tour_list"),
        ("四(二)", "考务人员库", "exams:pool_staff"),
        ("四(二)", "签到、身份核验和考场记录", "exams:duty_list"),
        ("四(三)", "考试点和考场", "exams:site_list"),
    ):
        screens.register(clause, label, url_name)
