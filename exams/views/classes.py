"""考试申报: the institution's classes, each with its applications, papers and the one next step."""

from datetime import timedelta

from django.contrib import messages
from django.contrib.contenttypes.models import ContentType
from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from certification import clock
from certification.catalogue.models import ApplicationKind
from certification.deadlines import ledger
from certification.deadlines.due import earliest_event
from certification.deadlines.models import Deadline
from certification.jobs import errands
from certification.paging import keyset_page
from certification.portal.confirm import confirm_page
from certification.portal.errands import progress_of
from certification.refusals import Refusal
from certification.selection import ticked
from exams.applications import applying, obligations, reviewing
from exams.forms.applications import Reason, SessionChoice
from exams.forms.materials import ClassMaterialUpload
from exams.materials import generated_hours, matrix, paper_standards
from exams.materials.hours import late_hours
from exams.models import Candidate, ExamApplication, ExamSession, UploadedFile
from exams.models.uploads import TO_DECIDE
from exams.states import EXAMINED, IN_SESSION, OPEN, UNDER_REVIEW, SessionState
from exams.states import ApplicationState as A
from exams.views.outcomes import NOTHING_CHOSEN, Outcomes
from training.hours.reckoning import hours_of
from training.models import Trainee, TrainingPlan
from training.states import TraineeState

# So long the page says what came of what was asked of the background.
SHOWN = timedelta(days=1)


@require_GET
def class_list(request):
    """The institution's standing classes with the numbers of their applications."""
    plans = TrainingPlan.objects.visible_to(request.user).standing().select_related("job_type", "variant")
    page = keyset_page(request, plans, ("-class_start", "-pk"))
    return render(request, "exams/class_list.html", {"page": page, "lines": _lines(page.rows)})


@require_GET
def class_applications(request, plan_id: int):
    """One class: who is in it, whose application stands where, which papers are missing."""
    plan = own_plan(request, plan_id)
    if request.htmx:
        return progress_of(request, generated_hours.last_for(request.user, plan), request.path)
    return class_page(request, plan)


@require_GET
def class_matrix(request, plan_id: int):
    """The papers of a class at a glance, for whoever may see its applications; who files them works on the class's own
    page."""
    applications = list(
        ExamApplication.objects.visible_to(request.user).with_case().filter(plan=plan_id).order_by("pk")
    )
    if not applications:
        raise Http404
    plan = TrainingPlan.objects.select_related("job_type__group", "institution", "organiser", "rule_edition")
    sheet = matrix.of(plan.get(pk=plan_id), applications)
    show = request.GET.get("show", "")
    context = {"plan": sheet.plan, "matrix": sheet, "lines": matrix.shown(sheet.rows, show), "show": show}
    return render(request, "exams/class_matrix.html", context)


@require_POST
def application_build(request, plan_id: int):
    """Make a draft for everybody on the roster who has none."""
    plan = own_plan(request, plan_id)
    form = SessionChoice(request.POST, sessions=_sessions(plan), required=False)
    session = form.cleaned_data["session"] if form.is_valid() else None
    try:
        results = applying.build_applications(
            actor=request.user, plan_id=plan.pk, session_id=session.pk if session else None
        )
    except Refusal as refusal:
        return class_page(request, plan, refusal=refusal)
    return class_page(request, plan, outcomes=Outcomes.of("生成申报", results))


@require_POST
def session_choose(request, plan_id: int):
    """Name the session that ticked drafts apply for."""
    plan = own_plan(request, plan_id)
    form = SessionChoice(request.POST, sessions=_sessions(plan, late=True))
    if not form.is_valid():
        return class_page(request, plan, refusal=Refusal("请选择场次。", code="no_session"))
    session = form.cleaned_data["session"]
    return _bulk(
        request,
        plan,
        "选择场次",
        lambda ids: applying.choose_session(actor=request.user, application_ids=ids, session_id=session.pk),
    )


@require_POST
def application_submit(request, plan_id: int):
    """Submit ticked drafts; a result per row."""
    plan = own_plan(request, plan_id)
    return _bulk(
        request,
        plan,
        "提交申报",
        lambda ids: applying.submit_applications(actor=request.user, application_ids=ids),
    )


@require_http_methods(["GET", "POST"])
def application_withdraw(request, plan_id: int):
    """Say who would be withdrawn, then withdraw; asked first with the ticked ids, then with a reason."""
    plan = own_plan(request, plan_id)
    ids = ticked(request.POST or request.GET, "application")
    rows = _applications(request, plan).filter(pk__in=ids)
    names = [f"{row.person}（{row.get_state_display()}）" for row in rows]
    if not names:
        return class_page(request, plan, refusal=NOTHING_CHOSEN)
    confirmed = "reason" in request.POST
    form = Reason(request.POST if confirmed else None)
    if not confirmed or not form.is_valid():
        return confirm_page(
            request,
            title="撤回考试申报",
            sentence=f"将撤回以下 {len(names)} 人的考试申报。已安排的座位同时释放，撤回后可以重新申报。",
            consequences=names,
            action_label="撤回",
            cancel_url=request.path.removesuffix("withdraw/"),
            subject=plan,
            form=form,
        )
    return _bulk(
        request,
        plan,
        "撤回申报",
        lambda ids: applying.withdraw_applications(
            actor=request.user, application_ids=ids, reason=form.cleaned_data["reason"]
        ),
        ids,
    )


def own_plan(request, plan_id: int) -> TrainingPlan:
    """The class, where it is the user's own institution's; 404 otherwise."""
    plans = TrainingPlan.objects.visible_to(request.user).filter(institution=request.user.organisation_id)
    return get_object_or_404(
        plans.select_related("job_type__group", "variant", "institution", "organiser", "rule_edition"), pk=plan_id
    )


def _applications(request, plan: TrainingPlan):
    return ExamApplication.objects.visible_to(request.user).with_case().filter(plan=plan).order_by("pk")


def _sessions(plan: TrainingPlan, *, late: bool = False):
    """Announced sessions that an application from this class may name and can still reach in time; with ``late``
    also those that it reaches by a late admission only."""
    today = clock.today()
    if late:
        earliest = today + timedelta(days=1)
    else:
        earliest = earliest_event(obligations.MATERIALS_INITIAL, today, edition=plan.rule_edition)
    rows = ExamSession.objects.filter(
        organiser=plan.organiser_id,
        job_type__code=plan.job_type.code,
        variant__code=plan.variant.code if plan.variant else None,
        state__in=[SessionState.ANNOUNCED, SessionState.PLANNED],
        starts_on__gte=max(earliest, plan.class_start),
    )
    return rows.select_related("site").order_by("starts_on", "pk")


def _bulk(request, plan: TrainingPlan, label: str, act, ids: list[int] | None = None):
    ids = ticked(request.POST, "application") if ids is None else ids
    own = set(_applications(request, plan).filter(pk__in=ids).values_list("pk", flat=True))
    if not own:
        return class_page(request, plan, refusal=NOTHING_CHOSEN)
    try:
        results = act(sorted(own))
    except Refusal as refusal:
        return class_page(request, plan, refusal=refusal)
    outcomes = Outcomes.of(label, results)
    if not outcomes.refused:
        messages.success(request, f"{label}：{outcomes.made} 人办理成功。")
        return redirect("exams:class_applications", plan_id=plan.pk)
    return class_page(request, plan, outcomes=outcomes)


def class_page(
    request, plan: TrainingPlan, *, refusal=None, outcomes: Outcomes | None = None, class_form=None
) -> HttpResponse:
    """The page of one class, with what an action on it came to."""
    applications = list(_applications(request, plan))
    initial = plan.kind == ApplicationKind.INITIAL
    rule = obligations.materials_rule(plan.kind)
    in_time = list(_sessions(plan)) if initial else []
    sheet = matrix.of(plan, applications)
    kinds = paper_standards.class_materials(plan.kind, plan.rule_edition).offered
    shown = matrix.shown(sheet.rows, request.GET.get("show", ""))
    context = {
        "plan": plan,
        "initial": initial,
        "matrix": sheet,
        "rows": _rows(shown, rule),
        "show": request.GET.get("show", ""),
        "without": _without(plan),
        "session_form": SessionChoice(sessions=_sessions(plan, late=True), in_time=in_time) if initial else None,
        "in_time": in_time,
        "deadline": _earliest(applications, rule),
        "refusal": refusal,
        "outcomes": outcomes,
        "has_drafts": any(row.state == A.DRAFT for row in applications),
        "may_withdraw": _any_to_withdraw(applications),
        **_made_hours(request.user, plan),
        "undecided": UploadedFile.objects.filter(upload__plan=plan, state__in=TO_DECIDE).count(),
        "class_form": class_form or (ClassMaterialUpload(kinds=kinds) if applications and kinds else None),
    }
    failed = refusal is not None or (class_form is not None and bool(class_form.errors))
    status = 422 if failed else outcomes.status if outcomes and outcomes.total else 200
    return render(request, "exams/class_applications.html", context, status=status)


def _made_hours(user, plan: TrainingPlan) -> dict:
    """The proofs of hours that are being made, or what came of them in the last day."""
    errand = generated_hours.last_for(user, plan)
    if errand is None or (errand.ended_at and errand.ended_at < clock.now() - SHOWN):
        return {"errand": None, "hours_made": None}
    return {
        "errand": errand if errand.at_work else None,
        "errand_label": errands.label_of(errand),
        "errand_url": reverse("exams:class_applications", args=[plan.pk]),
        "hours_made": None if errand.at_work else errand,
        "hours_refusal": errands.refusal_of(errand),
    }


def _rows(lines: list[matrix.Line], rule: str) -> list[dict]:
    applications = [line.application for line in lines]
    slots = late_hours(applications)
    learnt = hours_of([row.trainee_id for row in applications]) if applications else {}
    deadlines = ledger.find_all(rule, applications) if applications else {}
    places = _last_places(applications)
    return [
        {
            "application": line.application,
            "line": line,
            "hours": None if line.exemption else learnt.get(line.application.trainee_id),
            "session": _session_of(line.application, places.get(line.application.pk)),
            "sat": _sat(places.get(line.application.pk)),
            "deadline": deadlines.get(line.application.pk) if line.application.state == A.DRAFT else None,
            "late_hours": slots.get(line.application.pk),
            "may_choose": line.application.state in OPEN,
        }
        for line in lines
    ]


def _last_places(applications) -> dict[int, Candidate]:
    """Where each application sits or, once the results are out, last sat: application id → candidate."""
    rows = Candidate.objects.filter(
        application__in=[row.pk for row in applications], state__in=[*IN_SESSION, *EXAMINED]
    )
    return {row.application_id: row for row in rows.select_related("session").order_by("listed_at", "pk")}


def _session_of(application: ExamApplication, place: Candidate | None) -> ExamSession | None:
    if place:
        return place.session
    return application.wished_session if application.state == A.DRAFT else None


def _sat(place: Candidate | None) -> Candidate | None:
    return place if place and place.state in EXAMINED else None


def _any_to_withdraw(applications) -> bool:
    """Whether anybody may still leave: nobody does once their exam has begun."""
    standing = [row for row in applications if row.state in OPEN]
    return len(reviewing.obstacles_to("withdraw", standing, now=clock.now())) < len(standing)


def _earliest(applications, rule: str):
    drafts = [row for row in applications if row.state == A.DRAFT]
    found = ledger.find_all(rule, drafts) if drafts else {}
    return min(found.values(), key=lambda deadline: deadline.due_on, default=None)


def _without(plan: TrainingPlan) -> int:
    """How many people on the roster have no application from this class."""
    applied = ExamApplication.objects.filter(plan=plan).exclude(state=A.WITHDRAWN).values("trainee")
    return Trainee.objects.filter(plan=plan, state=TraineeState.ENROLLED).exclude(pk__in=applied).count()


def _lines(plans: list[TrainingPlan]) -> list[dict]:
    ids = [plan.pk for plan in plans]
    enrolled = dict(
        TrainingPlan.objects.filter(pk__in=ids)
        .annotate(number_enrolled=Count("trainees", filter=Q(trainees__state=TraineeState.ENROLLED)))
        .values_list("pk", "number_enrolled")
    )
    counted = {
        row["plan"]: row
        for row in ExamApplication.objects.filter(plan__in=ids)
        .order_by()
        .values("plan")
        .annotate(
            drafts=Count("pk", filter=Q(state=A.DRAFT)),
            returned=Count("pk", filter=Q(state=A.RETURNED)),
            reviewing=Count("pk", filter=Q(state__in=UNDER_REVIEW)),
            cleared=Count("pk", filter=Q(state=A.CLEARED)),
            ended=Count("pk", filter=Q(state__in=[A.REFUSED, A.WITHDRAWN])),
        )
    }
    due = _first_due(ids)
    nothing = {"drafts": 0, "returned": 0, "reviewing": 0, "cleared": 0, "ended": 0}
    return [
        {
            **counted.get(plan.pk, nothing),
            "plan": plan,
            "enrolled": enrolled[plan.pk],
            "deadline": due.get(plan.pk),
            # Renewals are filed by class start: that day binds before there is a draft with a deadline of its own.
            "due_on": plan.class_start if plan.pk not in counted and plan.kind != ApplicationKind.INITIAL else None,
        }
        for plan in plans
    ]


def _first_due(plan_ids: list[int]) -> dict[int, Deadline]:
    """The nearest open materials deadline among the drafts of each class: plan id → deadline. Two queries."""
    drafts = dict(ExamApplication.objects.filter(plan__in=plan_ids, state=A.DRAFT).values_list("pk", "plan"))
    rules = [obligations.MATERIALS_INITIAL, obligations.MATERIALS_RENEWAL]
    if not drafts:
        return {}
    deadlines = Deadline.objects.unmet().for_display()
    deadlines = deadlines.filter(
        rule__code__in=rules,
        subject_type=ContentType.objects.get_for_model(ExamApplication),
        subject_id__in=list(drafts),
    )
    first: dict[int, Deadline] = {}
    for deadline in deadlines.order_by("due_on", "pk"):
        first.setdefault(drafts[deadline.subject_id], deadline)
    return first
