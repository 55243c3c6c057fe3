"""Who may do what in training (rules 4a), and the action that each page needs."""

from certification.organisations.roles import EXAM_ROLES, REVIEW_ROLES, Role
from training.hours.proofs import ISSUE
from training.lessons.attendance_window import REOPEN
from training.lessons.scheduling import SCHEDULE
from training.lessons.signing_in import RECORD
from training.plans.acknowledging import ANSWER
from training.plans.filing import FILE
from training.resources import MANAGE
from training.rosters.submitting import SUBMIT
from training.rosters.trainees import REVEAL
from training.spot_checks.recording import ANSWER_CHECK, INSPECT

VIEW = "training.view"

_ON_THE_DAY = {Role.INVIGILATOR, Role.EXAMINER, Role.SITE_STAFF}
VIEWERS = (
    {
        Role.INSTITUTION_FILER,
        Role.CITY_SUPERVISOR,
        Role.CITY_HEAD,
        Role.PROVINCIAL_ACCEPTANCE_CLERK,
        Role.PROVINCIAL_DECISION_MAKER,
        Role.PROVINCIAL_HEAD,
        Role.AUDITOR,
    }
    | REVIEW_ROLES
    | EXAM_ROLES
) - _ON_THE_DAY

SUPERVISORS = (Role.CITY_SUPERVISOR, Role.PROVINCIAL_INSPECTOR)

ACTIONS = [
    (VIEW, "查看培训计划和学员名单", VIEWERS),
    (FILE, "报备培训计划", [Role.INSTITUTION_FILER]),
    (SUBMIT, "报送学员名单", [Role.INSTITUTION_FILER]),
    (ANSWER, "签收培训计划", [Role.CITY_REVIEWER, Role.PROVINCIAL_REVIEWER]),
    (REVEAL, "查看完整证件号码", VIEWERS),
    (MANAGE, "管理师资和场地", [Role.INSTITUTION_FILER]),
    (SCHEDULE, "安排课程表", [Role.INSTITUTION_FILER]),
    (RECORD, "登记考勤和学时", [Role.INSTITUTION_FILER]),
    (ISSUE, "开具学时证明", [Role.INSTITUTION_FILER]),
    (REOPEN, "重开考勤", SUPERVISORS),
    (INSPECT, "开展培训检查", SUPERVISORS),
    (ANSWER_CHECK, "报送培训检查整改情况", [Role.INSTITUTION_FILER]),
]

URLS = {
    "training:plan_list": VIEW,
    "training:plan_detail": VIEW,
    "training:plan_create": FILE,
    "training:plan_edit": FILE,
    "training:plan_file": FILE,
    "training:plan_withdraw": FILE,
    "training:plan_move": FILE,
    "training:acknowledge_many": ANSWER,
    "training:receipt_acknowledge": ANSWER,
    "training:receipt_return": ANSWER,
    "training:receipt_reject": ANSWER,
    "training:roster_list": VIEW,
    "training:roster": VIEW,
    "training:roster_template": SUBMIT,
    "training:roster_upload": SUBMIT,
    "training:roster_version": VIEW,
    "training:roster_masked": VIEW,
    "training:trainee_enter": SUBMIT,
    "training:trainee_withdraw": SUBMIT,
    "training:trainee_substitute": SUBMIT,
    "training:trainee": VIEW,
    "training:trainee_number": REVEAL,
    "training:resources": VIEW,
    "training:teacher_add": MANAGE,
    "training:teacher_edit": MANAGE,
    "training:teacher_end": MANAGE,
    "training:venue_add": MANAGE,
    "training:venue_edit": MANAGE,
    "training:schedule": VIEW,
    "training:schedule_template": SCHEDULE,
    "training:schedule_upload": SCHEDULE,
    "training:schedule_copy": SCHEDULE,
    "training:lesson_add": SCHEDULE,
    "training:lesson_edit": SCHEDULE,
    "training:lesson_cancel": SCHEDULE,
    "training:lessons_today": VIEW,
    "training:lesson": VIEW,
    "training:sign_in": RECORD,
    "training:attendance": VIEW,
    "training:attendance_reopen": REOPEN,
    "training:online_template": RECORD,
    "training:online_upload": RECORD,
    "training:proofs_issue": ISSUE,
    "training:proofs_pdf": VIEW,
    "training:check_list": VIEW,
    "training:check_classes": INSPECT,
    "training:check_record": INSPECT,
    "training:check": VIEW,
    "training:check_answer": ANSWER_CHECK,
    "training:check_confirm": INSPECT,
    "training:check_return": INSPECT,
}
