"""What a missed roster means (rules 2.5): the roster is closed, and a class without one cannot apply for an exam."""

from datetime import datetime

from certification.deadlines.models import Deadline
from certification.notices.sending import notify_role
from certification.organisations.roles import Role
from training.models import TrainingPlan
from training.notifying import plan_url, reviewer_role


def roster_missed(deadline: Deadline, now: datetime) -> None:
    """Tell institution and recipients; the class that no longer stands is left alone."""
    plan = (
        TrainingPlan.objects.standing()
        .filter(pk=deadline.subject_id)
        .select_related("institution", "organiser", "job_type")
        .first()
    )
    if plan is None:
        return
    title = f"学员名单逾期未报，名单已关闭：{plan}"
    url = plan_url(plan)
    notify_role(
        Role.INSTITUTION_FILER,
        plan.institution,
        title=title,
        body="该班不能申报考试（方案三（二）1）。确需补报的，请联系省厅考试中心。",
        url=url,
        now=now,
    )
    for receipt in plan.receipts.select_related("recipient").order_by("pk"):
        notify_role(reviewer_role(plan, receipt.recipient), receipt.recipient, title=title, url=url, now=now)
