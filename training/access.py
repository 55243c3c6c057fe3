"""Who may do what in training (rules 4a), and the action that each page needs."""

from certification.organisations.roles import EXAM_ROLES, REVIEW_ROLES, Role
from training.acknowledging import ANSWER
from training.filing import FILE
from training.rosters import SUBMIT
from training.trainees import REVEAL

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

ACTIONS = [
    (VIEW, "查看培训计划和学员名单", VIEWERS),
    (FILE, "报备培训计划", [Role.INSTITUTION_FILER]),
    (SUBMIT, "报送学员名单", [Role.INSTITUTION_FILER]),
    (ANSWER, "签收培训计划", [Role.CITY_REVIEWER, Role.PROVINCIAL_REVIEWER]),
    (REVEAL, "查看完整证件号码", VIEWERS),
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
    "training:trainee_enter": SUBMIT,
    "training:trainee_withdraw": SUBMIT,
    "training:trainee_substitute": SUBMIT,
    "training:trainee": VIEW,
    "training:trainee_number": REVEAL,
}
