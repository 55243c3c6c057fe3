"""The checks of what somebody has learnt: hours against the syllabus, the share of them online [四(一)].

They are judged where somebody stands in a class, in the application and in its review: before the class there is
nothing to judge. Hours that were not recorded here cannot be told by the machine; it says so, and a person reads the
proof.
"""

from certification.catalogue.models import ApplicationKind
from certification.people.checks import catalogue, known
from certification.people.checks.catalogue import Check, Judge, Scope, Topic
from certification.people.checks.running import Judging
from certification.people.checks.subject import Entry
from training.hours.hour_words import plain
from training.hours.reckoning import Hours, hours_of

WHEN = "申报和审核时（初训有学时记录的即核，其余自结班次日起）"


def _due(judging: Judging, hours: Hours | None) -> bool:
    """Whether the hours must be there: after class, and for INITIAL, whose proof comes with the application, as soon
    as any were recorded."""
    subject = judging.subject
    if hours is None:
        return False
    if subject.end is not None and subject.today > subject.end:
        return True
    return subject.kind == ApplicationKind.INITIAL and bool(hours.total)


def _hours(judging: Judging) -> Judge | None:
    found = judging.known.learnt
    if not found:
        return None

    def judge(entry: Entry):
        hours = found.get(entry.enrolment)
        if not _due(judging, hours) or hours.complete:
            return None
        how = hours.says if hours.total else "系统中没有考勤和线上学时记录"
        return {"应修": plain(hours.required), "实修": plain(hours.total), "缺少": how}

    return judge


def _hours_hold(judging: Judging, entry: Entry) -> str:
    hours = judging.known.learnt.get(entry.enrolment)
    if hours is None:
        return "申报免培训，不核学时"
    said = f"实修 {plain(hours.total)} 学时，应修 {plain(hours.required)} 学时"
    return said if hours.complete else f"{said}，班级尚未结束"


def _online(judging: Judging) -> Judge | None:
    found = judging.known.learnt
    if not found:
        return None
    maximum = judging.values("online_share", "training")["maximum"][judging.subject.kind]

    def judge(entry: Entry):
        hours = found.get(entry.enrolment)
        if not _due(judging, hours) or hours.online_share <= maximum:
            return None
        return {"占比": hours.online_share, "上限": maximum, "线上": plain(hours.online), "实修": plain(hours.total)}

    return judge


def _online_holds(judging: Judging, entry: Entry) -> str:
    hours = judging.known.learnt.get(entry.enrolment)
    return f"线上学时占 {hours.online_share}%" if hours and hours.total else "没有线上学时"


CHECKS = (
    Check(
        "hours",
        Topic.HOURS,
        Scope.PERSON,
        "实修 {实修} 学时，少于应修的 {应修} 学时：{缺少}。",
        "请补登签到、导入线上学时；确未修满的，应补课（{条款}）。学时证明须与实际一致。",
        _hours,
        parameters=("training.hours", "training.hours_completed", "training.attendance"),
        holds=_hours_hold,
        when=WHEN,
    ),
    Check(
        "online_share",
        Topic.HOURS,
        Scope.PERSON,
        "线上学时 {线上}，占实修 {实修} 学时的 {占比}%，超过上限 {上限}%。",
        "请核对线下签到是否登记齐全；确实超过的，应补足线下学时（{条款}）。",
        _online,
        parameters=("training.online_share", "training.hours_completed"),
        holds=_online_holds,
        when=WHEN,
    ),
)


def register() -> None:
    """Join the catalogue of checks; once from ``AppConfig.ready``."""
    catalogue.register(CHECKS)
    known.register_learnt(hours_of)
