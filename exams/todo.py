"""What examinations put on the home page, for each role in its own words."""

from collections.abc import Iterator
from datetime import datetime

from django.contrib.contenttypes.models import ContentType
from django.db.models import Count, Exists, Min, OuterRef, Q
from django.urls import reverse

from certification.catalogue.models import ApplicationKind
from certification.deadlines import ledger
from certification.deadlines.due import deadline_rule, due_by
from certification.deadlines.models import Deadline
from certification.organisations.models import User
from certification.portal.todo import Kind, Todo, by_right
from certification.workdays import calendars
from exams.applications import obligations
from exams.materials import undecided
from exams.models import (
    Candidate,
    ExamApplication,
    ExamPlan,
    ExamSession,
    Material,
    MaterialKind,
    Part,
    Result,
    ScoreRecheck,
)
from exams.scores import rechecks
from exams.sessions.assigning import pool
from exams.states import (
    UNDER_REVIEW,
    CandidateState,
    ExamPlanState,
    RecheckState,
    ResultState,
    SessionState,
)
from exams.states import ApplicationState as A
from training.models import Trainee, TrainingPlan
from training.states import TraineeState

SHOWN = 20


def _classes_without_applications(user: User, now: datetime) -> Iterator[Todo]:
    enrolled = Trainee.objects.filter(plan=OuterRef("pk"), state=TraineeState.ENROLLED)
    applied = ExamApplication.objects.filter(plan=OuterRef("pk"))
    plans = TrainingPlan.objects.visible_to(user).standing().filter(Exists(enrolled), ~Exists(applied))
    for plan in plans.select_related("job_type").order_by("class_start", "pk")[:SHOWN]:
        renewal = plan.kind != ApplicationKind.INITIAL
        url = reverse("exams:class_applications", args=[plan.pk])
        yield Todo("生成考试申报", url, str(plan), due_on=plan.class_start if renewal else None, binding=renewal)


def _materials(user: User, now: datetime) -> Iterator[Todo]:
    """Drafts to submit and proofs of hours to hand in: one line for each class and rule, with the earliest day."""
    words = {
        obligations.MATERIALS_INITIAL: "提交考试申报材料",
        obligations.MATERIALS_RENEWAL: "提交考试申报材料",
        obligations.HOURS_PROOF: "补交学时证明",
    }
    deadlines = Deadline.objects.visible_to(user).unmet().for_display()
    deadlines = deadlines.filter(rule__code__in=words, responsible=user.organisation_id).order_by("due_on", "pk")
    deadlines = list(deadlines)
    applications = ExamApplication.objects.filter(pk__in=[row.subject_id for row in deadlines])
    applications = applications.select_related("plan__job_type").in_bulk()
    first: dict[tuple[str, int], Deadline] = {}
    counts: dict[tuple[str, int], int] = {}
    plans = {}
    for deadline in deadlines:
        if application := applications.get(deadline.subject_id):
            key = (deadline.rule.code, application.plan_id)
            first.setdefault(key, deadline)
            counts[key] = counts.get(key, 0) + 1
            plans[application.plan_id] = application.plan
    for (code, plan_id), deadline in first.items():
        url = reverse("exams:class_applications", args=[plan_id])
        yield Todo(words[code], url, str(plans[plan_id]), deadline=deadline, count=counts[code, plan_id])


def _without_session(user: User, now: datetime) -> Iterator[Todo]:
    """Drafts that name no session, or none any more: theirs was cancelled, or its day for materials passed."""
    drafts = ExamApplication.objects.visible_to(user).filter(
        institution=user.organisation_id, state=A.DRAFT, kind=ApplicationKind.INITIAL, wished_session=None
    )
    counts = dict(drafts.order_by().values_list("plan").annotate(number=Count("pk")))
    plans = TrainingPlan.objects.standing().filter(pk__in=counts).select_related("job_type")
    for plan in plans.order_by("class_start", "pk")[:SHOWN]:
        yield Todo(
            "选择考试场次", reverse("exams:class_applications", args=[plan.pk]), str(plan), count=counts[plan.pk]
        )


def _returned(user: User, now: datetime) -> Iterator[Todo]:
    returned = ExamApplication.objects.visible_to(user).filter(state=A.RETURNED)
    ids = list(returned.order_by("pk").values_list("pk", flat=True))
    if not ids:
        return
    subject = ContentType.objects.get_for_model(ExamApplication)
    deadlines = Deadline.objects.unmet().for_display().filter(subject_type=subject, subject_id__in=ids)
    first = deadlines.exclude(rule__code__in=[obligations.EXAM_HELD, obligations.HOURS_PROOF])
    url = f"{reverse('exams:application_list')}?state={A.RETURNED}"
    yield Todo("补正被退回的考试申报", url, deadline=first.order_by("due_on", "pk").first(), count=len(ids))


def _under_review(user: User, now: datetime) -> Iterator[Todo]:
    count = ExamApplication.objects.visible_to(user).filter(state__in=UNDER_REVIEW).count()
    if count:
        yield Todo("已提交、正在审核的考试申报", reverse("exams:application_list"), kind=Kind.WAITING, count=count)


def own_sessions(user: User):
    """The sessions that the user's organisation holds, the next first."""
    rows = ExamSession.objects.visible_to(user).filter(organiser=user.organisation_id)
    return rows.select_related("job_type__group", "site").order_by("starts_on", "pk")


def _exam_plans(user: User, now: datetime) -> Iterator[Todo]:
    """Drafted plans with their deadline, and announced sessions that no plan lists yet."""
    own = ExamPlan.objects.visible_to(user).filter(organiser=user.organisation_id)
    drafts = own.filter(state__in=[ExamPlanState.DRAFT, ExamPlanState.RETURNED]).in_bulk()
    subject = ContentType.objects.get_for_model(ExamPlan)
    deadlines = Deadline.objects.unmet().for_display().filter(subject_type=subject, subject_id__in=list(drafts))
    by_plan = {row.subject_id: row for row in deadlines.order_by("pk")}
    for plan in drafts.values():
        title = "重新报送被退回的考试计划" if plan.state == ExamPlanState.RETURNED else "报送考试计划"
        yield Todo(title, reverse("exams:plan_detail", args=[plan.pk]), plan.title, deadline=by_plan.get(plan.pk))
    free = own_sessions(user).filter(state=SessionState.ANNOUNCED, plan_item=None, starts_on__gt=now.date())
    rule, calendar = deadline_rule(obligations.EXAM_PLAN), calendars.current()
    for session in free[:SHOWN]:
        due = due_by(rule, session.starts_on, calendar)
        url = f"{reverse('exams:plan_create')}?session={session.pk}"
        yield Todo("编制考试计划", url, str(session), due_on=due.due_on, binding=not due.provisional)


def _sessions_to_arrange(user: User, now: datetime) -> Iterator[Todo]:
    """Sessions with cleared candidates who have no seat, and sessions whose day has come."""
    waiting = Candidate.objects.filter(
        Q(application__conditional=False) | Q(application__hours_confirmed_at__isnull=False),
        session=OuterRef("pk"),
        state=CandidateState.LISTED,
        application__state=A.CLEARED,
    )
    open_ = own_sessions(user).filter(state__in=[SessionState.ANNOUNCED, SessionState.PLANNED])
    for session in open_.filter(Exists(waiting))[:SHOWN]:
        url = reverse("exams:session_detail", args=[session.pk])
        yield Todo("安排考场和座位", url, str(session), due_on=session.starts_on)
    for session in open_.filter(state=SessionState.PLANNED, starts_on__lte=now.date())[:SHOWN]:
        url = reverse("exams:session_hold", args=[session.pk])
        yield Todo("开考登记", url, str(session), due_on=session.starts_on)


def _pool(user: User, now: datetime) -> Iterator[Todo]:
    if user.organisation is None:
        return
    rows = pool(user.organisation, today=now.date()).filter(pk__in=ExamApplication.objects.visible_to(user))
    count = rows.count()
    if count:
        yield Todo("安排待考人员参加考试", reverse("exams:pool"), count=count)


def _hours(user: User, now: datetime) -> Iterator[Todo]:
    proof = Material.objects.filter(application=OuterRef("pk"), kind=MaterialKind.HOURS_PROOF, replaced_at__isnull=True)
    rows = ExamApplication.objects.visible_to(user).filter(organiser=user.organisation_id, conditional=True)
    rows = rows.filter(Exists(proof), state=A.CLEARED, hours_confirmed_at__isnull=True)
    in_session = Q(candidates__state__in=[CandidateState.LISTED, CandidateState.ADMITTED])
    figures = rows.aggregate(
        count=Count("pk", distinct=True), first=Min("candidates__session__starts_on", filter=in_session)
    )
    if figures["count"]:
        yield Todo("确认学时证明", reverse("exams:hours"), due_on=figures["first"], count=figures["count"])


def _plans_to_answer(user: User, now: datetime) -> Iterator[Todo]:
    plans = ExamPlan.objects.visible_to(user).filter(state=ExamPlanState.FILED).select_related("organiser")
    to_come = ~Q(items__session__state=SessionState.CANCELLED)
    for plan in plans.annotate(first=Min("items__session__starts_on", filter=to_come)).order_by("first", "pk")[:SHOWN]:
        subject = f"{plan.organiser.short_name}：{plan.title}"
        yield Todo("签收考试计划", reverse("exams:plan_detail", args=[plan.pk]), subject, due_on=plan.first)


def _results_to_enter(user: User, now: datetime) -> Iterator[Todo]:
    own = Result.objects.filter(candidate=OuterRef("pk"))
    theory = own.filter(part=Part.THEORY, passed=True).exclude(state=ResultState.ENTERED)
    practical = ExamApplication.objects.filter(pk=OuterRef("application"), kind=ApplicationKind.INITIAL)
    owing = Candidate.objects.filter(session=OuterRef("pk"), state=CandidateState.ADMITTED).filter(
        ~Exists(own.filter(part=Part.THEORY))
        | (Exists(theory) & Exists(practical) & ~Exists(own.filter(part=Part.PRACTICAL)))
    )
    yield from _held(user, Exists(owing), "录入成绩")


def _results_to_check(user: User, now: datetime) -> Iterator[Todo]:
    entered = Result.objects.filter(candidate__session=OuterRef("pk"), state=ResultState.ENTERED)
    checked = Result.objects.filter(candidate__session=OuterRef("pk"), state=ResultState.CHECKED)
    yield from _held(user, Exists(entered), "复核成绩")
    yield from _held(user, Exists(checked) & ~Exists(entered), "公布成绩")


def _rechecks(user: User, state: str, title: str) -> Iterator[Todo]:
    """Requests of the own organiser in ``state``, one line each, with its day."""
    rows = ScoreRecheck.objects.visible_to(user).filter(
        state=state, result__candidate__session__organiser=user.organisation_id
    )
    rows = list(rows.select_related("result__candidate__application__person").order_by("pk")[:SHOWN])
    deadlines = ledger.find_all(rechecks.DEADLINE, rows) if rows else {}
    for row in rows:
        subject = f"{row.number} {row.result.candidate}{row.result.get_part_display()}"
        yield Todo(title, reverse("exams:recheck", args=[row.pk]), subject, deadline=deadlines.get(row.pk))


def _rechecks_to_find(user: User, now: datetime) -> Iterator[Todo]:
    yield from _rechecks(user, RecheckState.REQUESTED, "核查成绩复核申请")


def _rechecks_to_answer(user: User, now: datetime) -> Iterator[Todo]:
    yield from _rechecks(user, RecheckState.FOUND, "审定成绩复核申请")


def _held(user: User, condition, title: str) -> Iterator[Todo]:
    sessions = list(own_sessions(user).filter(condition, state=SessionState.HELD)[:SHOWN])
    subject = ContentType.objects.get_for_model(ExamSession)
    deadlines = Deadline.objects.open().for_display()
    deadlines = deadlines.filter(subject_type=subject, subject_id__in=[session.pk for session in sessions])
    by_session = {row.subject_id: row for row in deadlines.order_by("pk")}
    for session in sessions:
        url = reverse("exams:results", args=[session.pk])
        yield Todo(title, url, str(session), deadline=by_session.get(session.pk))


lines = by_right(
    {
        "exams.application.file": (
            _classes_without_applications,
            _materials,
            undecided.lines,
            _without_session,
            _returned,
            _under_review,
        ),
        "exams.plan.file": (_exam_plans, _sessions_to_arrange, _pool, _hours),
        "exams.plan.answer": (_plans_to_answer,),
        "exams.results.enter": (_results_to_enter, _rechecks_to_find),
        "exams.results.check": (_results_to_check, _rechecks_to_answer),
    }
)
