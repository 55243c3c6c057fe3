"""The portal's own places in the navigation: home, what the work rests on, administration; and beside the plan."""

from certification.deadlines.calendars.entry import KEEP
from certification.deadlines.late_admissions.admissions import VIEW
from certification.organisations.access import ANY_ACCOUNT
from certification.organisations.conflicts import VIEW as VIEW_DECLARATIONS
from certification.portal.access_log import VIEW as VIEW_ACCESSES
from certification.portal.audit import VIEW as VIEW_AUDIT
from certification.portal.navigation import Group, register
from certification.portal.plan import screens
from certification.portal.running_jobs import VIEW as VIEW_JOBS
from certification.portal.separation_report import VIEW as VIEW_SEPARATION


def register_places() -> None:
    """Fill the registry; the apps add the places of the work between home (0) and the basis (900)."""
    register("待办", "portal:home", ANY_ACCOUNT, 0, "home")
    register("逾期特批", "deadlines:admission_list", VIEW, 400, "decision")
    register("逾期看板", "deadlines:board", "deadlines.board", 410, "clock")
    register("时限统计", "deadlines:figures", "deadlines.board", 420, "rules")
    register("倒排计划", "deadlines:planner", "deadlines.plan", 120, "calendar")
    register("方案对照", "portal:plan", ANY_ACCOUNT, 900, "book", group=Group.BASIS)
    register("规则", "portal:rules", ANY_ACCOUNT, 910, "rules", group=Group.BASIS)
    register("核验规则", "portal:checks", ANY_ACCOUNT, 915, "done", group=Group.BASIS)
    register("工作日历", "portal:calendar", ANY_ACCOUNT, 920, "calendar", group=Group.BASIS)
    register("计算一个日期", "deadlines:calculate", ANY_ACCOUNT, 925, "clock", group=Group.BASIS)
    register("工种目录", "portal:catalogue", ANY_ACCOUNT, 930, "catalogue", group=Group.BASIS)
    register("考试组织指定", "portal:designations", ANY_ACCOUNT, 940, "site", group=Group.BASIS)
    register("工作日历维护", "portal:calendar-editions", KEEP, 970, "calendar", group=Group.ADMINISTRATION)
    register("提醒文字", "notices:texts", "notices.manage", 970, "inbox", group=Group.ADMINISTRATION)
    register("单位通道", "notices:groups", "notices.manage", 972, "inbox", group=Group.ADMINISTRATION)
    register("回避和代办", "portal:declarations", VIEW_DECLARATIONS, 960, "people", group=Group.ADMINISTRATION)
    register("分离检查", "portal:separation", VIEW_SEPARATION, 974, "people", group=Group.ADMINISTRATION)
    register("办理记录检索", "portal:audit", VIEW_AUDIT, 972, "search", group=Group.ADMINISTRATION)
    register("查阅记录", "portal:accesses", VIEW_ACCESSES, 973, "file", group=Group.ADMINISTRATION)
    register("后台任务", "portal:jobs", VIEW_JOBS, 975, "clock", group=Group.ADMINISTRATION)
    register("系统管理", "admin:index", "portal.administer", 980, "settings", group=Group.ADMINISTRATION)
    register("界面组件", "portal:gallery", "portal.components", 990, "apply", group=Group.ADMINISTRATION)


def register_screens() -> None:
    """The portal's own screens beside the clauses of the plan."""
    for clause, label, url_name in (
        ("一", "分离检查（培训与考试、考试与审核）", "portal:separation"),
        ("一", "回避申报、请假代办", "portal:declarations"),
        ("一", "时限统计和逾期看板", "deadlines:board"),
        ("二", "工种目录", "portal:catalogue"),
        ("二", "考试组织指定", "portal:designations"),
        ("三(二)1", "回避申报、请假代办", "portal:declarations"),
        ("四(末)", "规则版本", "portal:rules"),
    ):
        screens.register(clause, label, url_name)
