"""Who may look at deadlines: everybody who works on cases; which ones is a matter of scope. And who keeps what they
are counted by."""

from certification.deadlines.calendars import entry
from certification.deadlines.late_admissions.admissions import ASK, DECIDE, VIEW
from certification.organisations.access import ANY_ACCOUNT, PUBLIC
from certification.organisations.roles import REVIEW_ROLES, Role

ASKERS = frozenset({Role.INSTITUTION_FILER, Role.CITY_EXAM_OFFICER, Role.PROVINCIAL_EXAM_OFFICER})
ADMISSION_VIEWERS = ASKERS | REVIEW_ROLES | {Role.CITY_HEAD, Role.PROVINCIAL_HEAD, Role.AUDITOR}

_ON_THE_DAY = {Role.INVIGILATOR, Role.EXAMINER, Role.SITE_STAFF, Role.WINDOW_CLERK}
PLANNERS = frozenset(Role) - _ON_THE_DAY - {Role.ADMINISTRATOR}

ACTIONS = [
    ("deadlines.view", "查看时限说明", frozenset(Role) - {Role.ADMINISTRATOR}),
    ("deadlines.plan", "倒排计划", PLANNERS),
    ("deadlines.board", "查看逾期看板和时限统计", PLANNERS),
    (VIEW, "查看逾期特批", ADMISSION_VIEWERS),
    (ASK, "申请逾期特批", ASKERS),
    (DECIDE, "决定逾期特批", [Role.PROVINCIAL_HEAD]),
    (entry.KEEP, "维护工作日历", [Role.ADMINISTRATOR]),
]

URLS = {
    "deadlines:explanation": "deadlines.view",
    "deadlines:usage": "deadlines.view",
    "deadlines:board": "deadlines.board",
    "deadlines:board_export": "deadlines.board",
    "deadlines:figures": "deadlines.board",
    "deadlines:figures_export": "deadlines.board",
    # One's own reminders and one's own link.
    "deadlines:reminded": ANY_ACCOUNT,
    "deadlines:feed": ANY_ACCOUNT,
    "deadlines:feed-create": ANY_ACCOUNT,
    "deadlines:feed-revoke": ANY_ACCOUNT,
    # The secret in the address is the key: calendar programs cannot log in.
    "feeds:calendar": PUBLIC,
    "deadlines:explanation_pdf": "deadlines.view",
    "deadlines:calculate": ANY_ACCOUNT,
    "deadlines:planner": "deadlines.plan",
    "deadlines:admission_list": VIEW,
    "deadlines:admission": VIEW,
    "deadlines:admission_ask": ASK,
    "deadlines:admission_withdraw": ASK,
    "deadlines:admission_decide": DECIDE,
    "deadlines:admission_direct": DECIDE,
}
