"""Who may do what in examinations (rules 4a), and what every page of it asks."""

from certification.organisations.roles import Role as R

FILERS = (R.INSTITUTION_FILER,)
OFFICERS = (R.CITY_EXAM_OFFICER, R.PROVINCIAL_EXAM_OFFICER)
CLERKS = (R.CITY_RESULTS_CLERK, R.PROVINCIAL_RESULTS_CLERK)
CHECKERS = (R.CITY_RESULTS_CHECKER, R.PROVINCIAL_RESULTS_CHECKER)
ON_DUTY = (R.INVIGILATOR, R.EXAMINER, R.SITE_STAFF)
REVIEWERS = (R.CITY_REVIEWER, R.PROVINCIAL_REVIEWER)
WATCHERS = (R.CITY_HEAD, R.PROVINCIAL_HEAD, R.PROVINCIAL_INSPECTOR, R.AUDITOR)
DECIDERS = (R.PROVINCIAL_ACCEPTANCE_CLERK, R.PROVINCIAL_DECISION_MAKER)

ACTIONS = [
    ("exams.application.file", "考试申报", FILERS),
    ("exams.application.view", "查看考试申报", (*FILERS, *REVIEWERS, *OFFICERS, *WATCHERS, *DECIDERS)),
    (
        "exams.session.view",
        "查看考试场次",
        (*FILERS, *REVIEWERS, *OFFICERS, *CLERKS, *CHECKERS, *WATCHERS, *DECIDERS),
    ),
    ("exams.session.announce", "公布考试场次", OFFICERS),
    ("exams.session.change", "变更考试时间、取消场次", OFFICERS),
    ("exams.session.arrange", "考务安排", OFFICERS),
    ("exams.ticket.print", "打印准考证", (*OFFICERS, *FILERS)),
    ("exams.site.view", "查看考试点", (*OFFICERS, *WATCHERS)),
    ("exams.site.manage", "管理考试点和考场", OFFICERS),
    ("exams.pool.view", "查看待安排考试", (*OFFICERS, *WATCHERS)),
    ("exams.pool.assign", "安排考试", OFFICERS),
    ("exams.hours.confirm", "确认学时证明", OFFICERS),
    ("exams.plan.view", "查看考试计划", (*OFFICERS, *WATCHERS)),
    ("exams.plan.file", "报送考试计划", OFFICERS),
    ("exams.plan.answer", "签收考试计划", (R.PROVINCIAL_EXAM_OFFICER,)),
    ("exams.duty.view", "查看本人考务", ON_DUTY),
    ("exams.results.view", "查看成绩", (*CLERKS, *CHECKERS, *OFFICERS, *WATCHERS, *DECIDERS)),
    ("exams.results.enter", "成绩录入", CLERKS),
    ("exams.results.check", "成绩复核和公布", CHECKERS),
]

URLS = {
    "exams:class_list": "exams.application.file",
    "exams:class_applications": "exams.application.file",
    "exams:application_build": "exams.application.file",
    "exams:session_choose": "exams.application.file",
    "exams:application_submit": "exams.application.file",
    "exams:application_withdraw": "exams.application.file",
    "exams:application_answer": "exams.application.file",
    "exams:material_upload": "exams.application.file",
    "exams:application_hours": "exams.application.file",
    "exams:class_hours": "exams.application.file",
    "exams:materials_upload": "exams.application.file",
    "exams:application_list": "exams.application.view",
    "exams:application_detail": "exams.application.view",
    "exams:session_list": "exams.session.view",
    "exams:session_detail": "exams.session.view",
    "exams:session_announce": "exams.session.announce",
    "exams:session_move": "exams.session.change",
    "exams:session_cancel": "exams.session.change",
    "exams:session_rooms": "exams.session.arrange",
    "exams:session_seat": "exams.session.arrange",
    "exams:session_staff": "exams.session.arrange",
    "exams:staff_end": "exams.session.arrange",
    "exams:session_hold": "exams.session.arrange",
    "exams:session_tickets": "exams.ticket.print",
    "exams:candidate_ticket": "exams.ticket.print",
    "exams:sign_in_list": "exams.session.arrange",
    "exams:candidates_move": "exams.pool.assign",
    "exams:site_list": "exams.site.view",
    "exams:site_create": "exams.site.manage",
    "exams:site_edit": "exams.site.manage",
    "exams:room_create": "exams.site.manage",
    "exams:room_edit": "exams.site.manage",
    "exams:pool": "exams.pool.view",
    "exams:pool_assign": "exams.pool.assign",
    "exams:hours": "exams.hours.confirm",
    "exams:hours_confirm": "exams.hours.confirm",
    "exams:plan_list": "exams.plan.view",
    "exams:plan_detail": "exams.plan.view",
    "exams:plan_create": "exams.plan.file",
    "exams:plan_edit": "exams.plan.file",
    "exams:plan_file": "exams.plan.file",
    "exams:plan_answer": "exams.plan.answer",
    "exams:duty_list": "exams.duty.view",
    "exams:duty_detail": "exams.duty.view",
    "exams:results_list": "exams.results.view",
    "exams:results": "exams.results.view",
    "exams:results_enter": "exams.results.enter",
    "exams:results_check": "exams.results.check",
    "exams:results_send_back": "exams.results.check",
    "exams:results_release": "exams.results.check",
}
