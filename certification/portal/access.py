"""Who may open the portal's pages. Their content is scoped by the apps that fill them."""

from certification.deadlines.calendars.entry import KEEP
from certification.deadlines.rules import editions
from certification.organisations import acting, conflicts
from certification.organisations.access import ANY_ACCOUNT, PUBLIC
from certification.organisations.roles import DECISION_ROLES, EXAM_ROLES, REVIEW_ROLES, Role
from certification.portal import access_log, audit
from certification.portal.running_jobs import RUN, VIEW
from certification.portal.separation_report import TOLD_ROLES
from certification.portal.separation_report import VIEW as VIEW_SEPARATION
from certification.portal.todo import OVERSEE

# Whoever judges others may have to keep away from some of them.
_JUDGE = REVIEW_ROLES | EXAM_ROLES | DECISION_ROLES | {Role.CITY_SUPERVISOR, Role.WINDOW_CLERK}

ACTIONS = [
    ("portal.administer", "系统管理", [Role.ADMINISTRATOR]),
    (
        OVERSEE,
        "首页显示工作数字",
        [Role.CITY_SUPERVISOR, Role.CITY_HEAD, Role.PROVINCIAL_INSPECTOR, Role.PROVINCIAL_HEAD, Role.AUDITOR],
    ),
    ("portal.components", "查看界面组件", [Role.ADMINISTRATOR]),
    (VIEW, "查看后台任务", [Role.ADMINISTRATOR]),
    (RUN, "立即运行后台任务", [Role.ADMINISTRATOR]),
    (VIEW_SEPARATION, "查看分离检查", TOLD_ROLES),
    (access_log.VIEW, "查看查阅记录", access_log.WATCHERS),
    (audit.VIEW, "检索和校验办理记录", [Role.AUDITOR]),
    (conflicts.VIEW, "查看回避和代办", _JUDGE | {Role.AUDITOR}),
    (conflicts.DECLARE, "申报回避", _JUDGE),
    (acting.APPOINT, "指定代办", [Role.CITY_HEAD, Role.PROVINCIAL_HEAD]),
    (editions.VIEW, "查看规则版本草案", [Role.ADMINISTRATOR, Role.PROVINCIAL_HEAD, Role.AUDITOR]),
    (editions.PREPARE, "起草规则版本", [Role.ADMINISTRATOR]),
    (editions.ACTIVATE, "启用规则版本", [Role.PROVINCIAL_HEAD]),
]

URLS = {
    "portal:login": PUBLIC,
    "portal:logout": ANY_ACCOUNT,
    "portal:password": ANY_ACCOUNT,
    "portal:home": ANY_ACCOUNT,
    "portal:search": ANY_ACCOUNT,
    "portal:clock-step": ANY_ACCOUNT,
    "portal:health": PUBLIC,
    "portal:plan": ANY_ACCOUNT,
    "portal:rules": ANY_ACCOUNT,
    "portal:rules-compare": ANY_ACCOUNT,
    "portal:checks": ANY_ACCOUNT,
    "portal:rule-edition": editions.VIEW,
    "portal:rule-edition-create": editions.PREPARE,
    "portal:rule-edition-complete": editions.PREPARE,
    "portal:rule-edit": editions.PREPARE,
    "portal:rule-edition-activate": editions.ACTIVATE,
    "portal:calendar": ANY_ACCOUNT,
    "portal:calendar-year": ANY_ACCOUNT,
    "portal:calendar-editions": KEEP,
    "portal:calendar-edition": KEEP,
    "portal:calendar-edition-create": KEEP,
    "portal:calendar-edition-edit": KEEP,
    "portal:calendar-edition-correct": KEEP,
    "portal:calendar-edition-publish": KEEP,
    "portal:calendar-edition-discard": KEEP,
    "portal:catalogue": ANY_ACCOUNT,
    "portal:designations": ANY_ACCOUNT,
    "portal:gallery": "portal.components",
    "portal:jobs": VIEW,
    "portal:job": VIEW,
    "portal:job-run": RUN,
    "portal:separation": VIEW_SEPARATION,
    "portal:audit": audit.VIEW,
    "portal:audit-case": audit.VIEW,
    "portal:accesses": access_log.VIEW,
    "portal:accesses-export": access_log.VIEW,
    "portal:declarations": conflicts.VIEW,
    "portal:conflict-declare": conflicts.DECLARE,
    "portal:conflict-end": conflicts.DECLARE,
    "portal:deputy-appoint": acting.APPOINT,
    "portal:deputy-end": ANY_ACCOUNT,
    "portal:act-for": ANY_ACCOUNT,
    "portal:act-stop": ANY_ACCOUNT,
    # What is in the file decides: the view asks whether its case is visible.
    "records:file": ANY_ACCOUNT,
    # Every page of /admin/ (the middleware asks this one entry for all names of that site).
    "admin": "portal.administer",
}
