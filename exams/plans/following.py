"""The follow-up of the review in an exam plan (rules 3.4): filed with provisional numbers, because the materials fall
due on the same day, it is followed by the final ones once every candidate of a session is decided: who dropped out
and why, who came in after the filing.

What stands in it is counted from the candidates each time; stored is only that it was told, and when. The job may run
twice, at once, or be killed anywhere.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.contenttypes.models import ContentType
from django.urls import reverse

from certification import clock
from certification.deadlines.due import deadline_rule, due_by
from certification.deadlines.models import LateAdmission
from certification.notices.sending import notify_role
from certification.organisations import offices
from certification.organisations.models import Organisation, User
from certification.organisations.roles import Role
from certification.records import bulk
from certification.records.models import TransitionLog
from certification.workdays import calendars
from certification.workflow import activity, lock, log
from exams.applications import obligations
from exams.models import Candidate, ExamApplication, ExamPlan, ExamPlanItem
from exams.sessions.changed_notices import named
from exams.states import APPLICATION, CANDIDATE, FILED_PLANS, LEFT, CandidateState, SessionState
from exams.states import ApplicationState as A

STEP = "follow_up"
# How a candidate leaves a session.
_LEAVES = [name for name, step in CANDIDATE.transitions.items() if step.target in LEFT]


@dataclass(frozen=True)
class Change:
    """One candidate who dropped out after the plan was filed, or came in after it: when, and why or how."""

    candidate: Candidate
    at: datetime
    why: str

    def __str__(self) -> str:
        return f"{self.candidate}（{self.why}）"


@dataclass(frozen=True)
class FollowUp:
    """One session of a filed plan: ``number`` of candidates as they stand now, of whom ``undecided`` are not decided
    yet; ``final`` once none is, and the day for materials is over."""

    item: ExamPlanItem
    number: int
    undecided: int
    final: bool
    left: Sequence[Change]
    joined: Sequence[Change]

    @property
    def is_news(self) -> bool:
        """Whether the final numbers were not told yet, or changed since."""
        told = self.item.followed_at
        if not self.final:
            return False
        later = told is not None and any(change.at > told for change in (*self.left, *self.joined))
        return told is None or self.number != self.item.final or later

    def __str__(self) -> str:
        parts = [f"场次{self.item.session.number}：报送时预计 {self.item.expected} 人，核定 {self.number} 人"]
        if self.left:
            parts.append(f"退出 {len(self.left)} 人：{named([str(one) for one in self.left])}")
        if self.joined:
            parts.append(f"报送后增加 {len(self.joined)} 人：{named([str(one) for one in self.joined])}")
        return "；".join(parts) + "。"


def follow_ups(items: Iterable[ExamPlanItem], *, now, user: User | None = None) -> list[FollowUp]:
    """What the review made of the sessions of filed ``items``, in their order; the people that ``user`` may see (None:
    all). As many queries for twenty sessions as for one."""
    filed = [item for item in items if item.filed_at is not None and item.session.state != SessionState.CANCELLED]
    rows = Candidate.objects.all() if user is None else Candidate.objects.visible_to(user)
    rows = rows.filter(session__in=[item.session_id for item in filed])
    rows = rows.select_related("application__person", "application__institution")
    by_session: dict[int, list[Candidate]] = defaultdict(list)
    for row in rows.order_by("listed_at", "pk"):
        by_session[row.session_id].append(row)
    everybody = [row for found in by_session.values() for row in found]
    gone, refused, late = _leavings(everybody), _refusals(everybody), _late_admissions(everybody)
    rule, calendar = deadline_rule(obligations.MATERIALS_INITIAL), calendars.current()
    ends = {item.pk: due_by(rule, item.session.starts_on, calendar).ends_at for item in filed}
    said = (gone, refused, late)
    return [_follow_up(item, by_session[item.session_id], *said, closed=now >= ends[item.pk]) for item in filed]


def follow_up_all(now=None) -> dict[str, int]:
    """Tell organiser and province of every filed plan whose sessions have final numbers that were not told yet."""
    now = now or clock.now()
    waiting = ExamPlan.objects.filter(state__in=FILED_PLANS, items__session__state=SessionState.PLANNED)
    told = 0
    for pk in waiting.order_by("pk").values_list("pk", flat=True).distinct():
        told += follow_up(actor=User.objects.system(), now=now, plan_id=pk)
    return {"told": told}


@activity
def follow_up(*, actor, now, plan_id: int) -> int:
    """Note on the plan the final numbers that were not told yet, and tell organiser and province; how many sessions."""
    found = lock(ExamPlan.objects.filter(pk=plan_id, state__in=FILED_PLANS).select_related("organiser"))
    if not found:
        return 0
    (plan,) = found
    items = lock(plan.items.filter(session__state=SessionState.PLANNED).select_related("session__job_type__group"))
    news = [one for one in follow_ups(items, now=now) if one.is_news]
    for one in news:
        one.item.final, one.item.followed_at = one.number, now
        detail = {"session": one.item.session.number, "final": one.number}
        detail |= {"left": len(one.left), "joined": len(one.joined)}
        log([plan], STEP, actor=actor, now=now, reason=str(one), detail=detail)
    if news:
        bulk.change([one.item for one in news], ["final", "followed_at"], actor=actor, at=now, reason="审核后核定")
        _tell(plan, news, now)
    return len(news)


def _follow_up(item: ExamPlanItem, rows: list[Candidate], gone, refused, late, *, closed: bool) -> FollowUp:
    staying = [row for row in rows if row.state not in LEFT]
    undecided = sum(row.state == CandidateState.LISTED and row.application.state != A.CLEARED for row in staying)
    left = [
        Change(row, at, refused.get(row.application_id, why))
        for row in rows
        if row.state in LEFT
        for at, why in [gone.get(row.pk, (row.listed_at, row.get_state_display()))]
        if at > item.filed_at
    ]
    joined = [Change(row, row.listed_at, _how(row, late)) for row in staying if row.listed_at > item.filed_at]
    final = closed and undecided == 0
    return FollowUp(item, len(staying), undecided, final, sorted(left, key=lambda one: one.at), joined)


def _how(candidate: Candidate, late: dict[int, str]) -> str:
    if candidate.application_id in late:
        return f"逾期特批：{late[candidate.application_id]}"
    if candidate.retake:
        return "补考"
    return "转入本场次" if candidate.previous_id else "新增申报"


def _leavings(candidates: list[Candidate]) -> dict[int, tuple[datetime, str]]:
    """When and why each of those who left did: candidate id → both. One query."""
    lines = TransitionLog.objects.filter(
        subject_type=ContentType.objects.get_for_model(Candidate),
        subject_id__in=[row.pk for row in candidates if row.state in LEFT],
        name__in=_LEAVES,
    )
    steps = lines.order_by("at", "pk").values_list("subject_id", "at", "name", "reason")
    return {pk: (at, reason or CANDIDATE[name].label) for pk, at, name, reason in steps}


def _refusals(candidates: list[Candidate]) -> dict[int, str]:
    """Why those whose review they did not pass left: application id → reason. One query."""
    ids = [row.application_id for row in candidates if row.state in LEFT and row.application.state == A.REFUSED]
    lines = TransitionLog.objects.filter(
        subject_type=ContentType.objects.get_for_model(ExamApplication), subject_id__in=ids, name="refuse"
    )
    label = APPLICATION["refuse"].label
    steps = lines.order_by("at", "pk").values_list("subject_id", "reason")
    return {pk: f"{label}：{reason}" if reason else label for pk, reason in steps}


def _late_admissions(candidates: list[Candidate]) -> dict[int, str]:
    """Who came in after the day for materials by a late admission: application id → its reason. One query."""
    applications = [row.application for row in candidates]
    admitted = LateAdmission.objects.about(obligations.MATERIALS_INITIAL, applications).filter(used_at__isnull=False)
    return dict(admitted.order_by("pk").values_list("subject_id", "decision_reason"))


def _tell(plan: ExamPlan, news: list[FollowUp], now) -> None:
    url = reverse("exams:plan_detail", args=[plan.pk])
    told = {
        "title": f"考试计划“{plan.title}”审核后核定人数",
        "body": "\n".join(map(str, news)),
        "url": url,
        "now": now,
    }
    notify_role(offices.exam_officer(plan.organiser), plan.organiser, about=plan, **told)
    centre = Organisation.objects.provincial_centre()
    if plan.organiser_id != centre.pk:
        notify_role(Role.PROVINCIAL_EXAM_OFFICER, centre, about=plan, **told)
