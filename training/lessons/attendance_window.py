"""Until when attendance and online hours of a class may be entered and corrected.

Rule values (training/rules.toml): ``training.attendance``.
"""

from datetime import date, timedelta

from certification import clock
from certification.organisations import access
from certification.refusals import Incomplete, Problem, TooLate, WrongState
from certification.rulebook import lookup
from certification.workdays.wording import plain_day
from certification.workflow import activity, log
from training.cases import locked_plan
from training.models import AttendanceReopening, TrainingPlan
from training.notifying import plan_url, tell_institution
from training.plans.plan_checks import AREA

REOPEN = "training.reopen_attendance"


def closes_on(plan: TrainingPlan) -> date:
    """The last day on which attendance may be entered without being reopened."""
    days = lookup.values(AREA, "attendance", plan.rule_edition)["closes_after_days"]
    return plan.class_end + timedelta(days=days)


def open_until(plan: TrainingPlan) -> date:
    """The last day on which attendance may be entered: as the rule says, or later where it was reopened."""
    last = plan.reopenings.order_by("-until").values_list("until", flat=True).first()
    return max(filter(None, (closes_on(plan), last)))


def require_open(plan: TrainingPlan, *, today: date) -> None:
    """Raise WrongState where the class does not stand, TooLate where its attendance is closed."""
    if not plan.is_standing:
        raise WrongState(f"“{plan}”{plan.get_state_display()}，不能登记考勤。")
    until = open_until(plan)
    if today > until:
        raise TooLate(
            f"“{plan}”的考勤已于{plain_day(until)} 24:00 关闭。",
            code="attendance_closed",
            due_on=until,
            clause="方案四（一）",
            advice="确需登记或更正的，请联系监管人员写明原因后重开。",
        )


@activity
def reopen(*, actor, now, plan_id: int, reason: str) -> AttendanceReopening:
    """Open the attendance of a class again for some days, by whoever supervises it.

    Raises Incomplete without a reason, WrongState where it is open anyway, NotPermitted, NotFound.
    """
    access.require(actor, REOPEN)
    if not reason.strip():
        raise Incomplete([Problem("请填写重开原因。", code="required", field="reason")])
    plan = locked_plan(actor, plan_id)
    today = clock.day_of(now)
    if not plan.is_standing or today <= open_until(plan):
        raise WrongState(f"“{plan}”的考勤没有关闭，不需要重开。")
    days = lookup.values(AREA, "attendance", plan.rule_edition)["reopened_days"]
    opened = AttendanceReopening(
        plan=plan, until=today + timedelta(days=days), reason=reason.strip(), reopened_by=actor, reopened_at=now
    )
    opened._history_date = now
    opened.save(force_insert=True)
    log([plan], "reopen_attendance", actor=actor, now=now, reason=opened.reason)
    title = f"考勤已重开：{plan}"
    body = f"可以登记和更正至{plain_day(opened.until)} 24:00。原因：{opened.reason}"
    tell_institution(plan, title, body, plan_url(plan), now=now)
    return opened
