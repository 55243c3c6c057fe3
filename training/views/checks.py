"""培训检查: the list, finding a class (today's on top), recording a check on a phone, one check."""

from uuid import uuid4

from django.contrib import messages
from django.db.models import Exists, OuterRef, Q
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from certification import clock
from certification.deadlines import ledger
from certification.deadlines.models import Deadline
from certification.forms import placed
from certification.inspections.states import TO_REMEDY
from certification.notices import told
from certification.organisations import separation
from certification.organisations.access import may
from certification.organisations.separation import Capacity
from certification.paging import keyset_page
from certification.portal import timeline
from certification.records import evidence
from certification.refusals import Refusal
from certification.rulebook import lookup
from training.forms.checks import CheckFilter, CheckForm, ClassFilter
from training.forms.filters import visible_plans
from training.models import Lesson, SignInSheet, SpotAnswer, SpotCheck, Trainee, TrainingPlan
from training.spot_checks import recording
from training.spot_checks.spot_check_notices import check_url
from training.states import SPOT_CHECK, TraineeState

SHOWN = 30


@require_safe
def check_list(request):
    """The checks that the person may see, the newest first."""
    form = CheckFilter(request.GET)
    page = keyset_page(request, form.apply(SpotCheck.objects.visible_to(request.user).for_display()), ("-pk",))
    deadlines = {row.subject_id: row for row in Deadline.objects.open().for_display().of(None, page.rows)}
    context = {
        "form": form,
        "page": page,
        "rows": [(check, deadlines.get(check.pk)) for check in page],
        "inspects": may(request.user, recording.INSPECT),
    }
    return render(request, "training/check_list.html", context)


@require_safe
def check_classes(request):
    """Classes to check: those with a lesson today on top, then those that run."""
    form = ClassFilter(request.GET)
    form.is_valid()
    today = clock.today()
    day = form.cleaned_data.get("day") or today
    text = form.cleaned_data.get("institution", "").strip()
    plans = visible_plans(request.user).standing().filter(class_start__lte=day, class_end__gte=day)
    if text:
        plans = plans.filter(Q(institution__name__icontains=text) | Q(number=text.upper()))
    on_day = Lesson.objects.to_sign().filter(plan=OuterRef("pk"), day=day)
    teaching = Exists(on_day)
    here = list(plans.filter(teaching).order_by("institution__name", "pk")[:SHOWN])
    others = list(plans.filter(~teaching).order_by("class_end", "pk")[:SHOWN])
    lessons: dict[int, list[Lesson]] = {}
    for lesson in Lesson.objects.to_sign().filter(plan__in=here, day=day).for_display():
        lessons.setdefault(lesson.plan_id, []).append(lesson)
    context = {
        "form": form,
        "day": day,
        "teaching": [(plan, lessons[plan.pk]) for plan in here],
        "others": others,
    }
    return render(request, "training/check_classes.html", context)


@require_http_methods(["GET", "POST"])
def check_record(request, plan_id: int):
    """Record a check of a class: heads, checklist, findings, photographs, time to remedy."""
    plans = visible_plans(request.user).standing().select_related("job_type__group")
    plan = get_object_or_404(plans, pk=plan_id)
    today = clock.today()
    edition = lookup.edition_on(today)
    lesson = request.GET.get("lesson", "")
    first = {"entry_key": uuid4(), "lesson": lesson if lesson.isdecimal() else None}
    form = CheckForm(
        request.POST or None, request.FILES or None, plan=plan, edition=edition, today=today, initial=first
    )
    refusal = _barred(request, plan)
    if request.method == "POST" and form.is_valid():
        try:
            check = _record(request, plan, form)
            messages.success(request, f"检查已记录，编号 {check.number}。")
            return redirect(check_url(check))
        except Refusal as refused:
            refusal = placed(form, refused)
    context = {"plan": plan, "form": form, "refusal": refusal, **_heads(plan, today)}
    status = 422 if request.method == "POST" else 200
    return render(request, "training/check_record.html", context, status=status)


@require_safe
def check(request, pk: int):
    """One check with its findings, photographs, answers and deadline."""
    found = get_object_or_404(visible_checks(request.user), pk=pk)
    answers = list(found.answers.select_related("answered_by__person", "judged_by__person").order_by("round"))
    files = evidence.kept(SpotAnswer, [row.pk for row in answers])
    own = found.plan.institution_id == request.user.organisation_id
    judges = may(request.user, recording.INSPECT) and found.organisation_id == request.user.organisation_id
    context = {
        "check": found,
        "plan": found.plan,
        "findings": found.findings.order_by("pk"),
        "photos": evidence.kept(SpotCheck, [found.pk]).get(found.pk, []),
        "answers": [(row, files.get(row.pk, [])) for row in answers],
        "deadline": ledger.find(found.remedy_rule, found) if found.remedy_rule else None,
        "may_answer": own and may(request.user, recording.ANSWER_CHECK) and found.state in TO_REMEDY,
        "may_judge": judges and SPOT_CHECK.allows("confirm", found.state),
        "entries": timeline.entries(found),
        "told": told.of(request.user, found),
    }
    return render(request, "training/check.html", context)


def visible_checks(user):
    """The checks that ``user`` may see, with what their page shows."""
    related = ("plan__institution", "plan__job_type", "plan__organiser", "lesson")
    return SpotCheck.objects.visible_to(user).for_display().select_related(*related)


def _barred(request, plan: TrainingPlan) -> Refusal | None:
    """Why the person may not check this class at all: told before anything is typed."""
    return separation.breaches(request.user, Capacity.INSPECTS, [plan]).get(plan.pk)


def _record(request, plan: TrainingPlan, form: CheckForm) -> SpotCheck:
    said = form.cleaned_data
    return recording.record_check(
        actor=request.user,
        plan_id=plan.pk,
        counted=said["counted"],
        findings=form.findings,
        lesson_id=said["lesson"],
        remarks=said["remarks"],
        remedy=said["remedy"],
        photos=said["photos"],
        entry_key=said["entry_key"],
    )


def _heads(plan: TrainingPlan, today) -> dict:
    """The roster's number of people, and today's sign-ins."""
    sheets = SignInSheet.objects.filter(lesson__plan=plan, lesson__day=today).select_related("lesson")
    latest = {sheet.lesson_id: sheet for sheet in sheets.order_by("lesson__starts_at", "version")}
    expected = Trainee.objects.filter(plan=plan, state=TraineeState.ENROLLED).count()
    return {"expected": expected, "sheets": list(latest.values())}
