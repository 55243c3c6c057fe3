"""What an exam plan becomes when one of its sessions moves or is cancelled (rules 3.5): of a filed plan a new version,
which the province takes note of again; of a draft the day by which it is to be filed."""

from datetime import date

from django.urls import reverse

from certification.notices.sending import notify_role
from certification.organisations.models import Organisation
from certification.organisations.roles import Role
from certification.refusals import WrongState
from certification.workflow import apply_one, lock, log
from exams.models import ExamPlan, ExamPlanItem, ExamSession
from exams.rooms.seating import locked_session
from exams.states import EXAM_PLAN, FILED_PLANS, SessionState


def lock_with_plan(actor, session_id: int) -> tuple[ExamSession, ExamPlanItem | None]:
    """The actor's session, locked, and its place in an exam plan, the plan locked before it as filing does.

    Raises DoesNotExist, NotPermitted, WrongState where the session was put into a plan or taken out of one just now.
    """
    wanted = ExamPlanItem.objects.filter(session=session_id).values_list("plan_id", flat=True).first()
    if wanted is not None:
        lock(ExamPlan.objects.filter(pk=wanted))
    session = locked_session(actor, session_id)
    item = item_of(session)
    if (item.plan_id if item else None) != wanted:
        raise WrongState(f"场次{session.number}的考试计划刚刚有变化，请刷新后重新预览。")
    return session, item


def item_of(session: ExamSession) -> ExamPlanItem | None:
    """The session's place in an exam plan."""
    return ExamPlanItem.objects.filter(session=session).select_related("plan__organiser").first()


def first_day(plan: ExamPlan, *, besides: ExamSession, also: date | None = None) -> date | None:
    """The day from which the plan's filing counts, ``besides`` left out or on the day ``also`` instead; None where no
    session is left."""
    rows = ExamSession.objects.filter(plan_item__plan=plan).exclude(state=SessionState.CANCELLED)
    days = list(rows.exclude(pk=besides.pk).values_list("starts_on", flat=True))
    return min([*days, *([also] if also else [])], default=None)


def amend(plan: ExamPlan, said: str, *, actor, now, detail: dict) -> ExamPlan:
    """Note on the locked ``plan`` what became of a session; a filed one goes to the province in a new version."""
    if plan.state not in FILED_PLANS:
        log([plan], "session_changed", actor=actor, now=now, reason=said, detail=detail)
        return plan

    def change(row: ExamPlan) -> None:
        row.version += 1
        row.answer = ""

    detail = {**detail, "version": plan.version + 1}
    fields = ("version", "answer")
    apply_one(EXAM_PLAN, "amend", plan, actor=actor, now=now, reason=said, change=change, fields=fields, detail=detail)
    notify_role(
        Role.PROVINCIAL_EXAM_OFFICER,
        Organisation.objects.provincial_centre(),
        title=f"{plan.organiser.short_name}变更考试计划“{plan.title}”（第 {plan.version} 版）",
        body=said,
        url=reverse("exams:plan_detail", args=[plan.pk]),
        about=plan,
        now=now,
    )
    return plan
