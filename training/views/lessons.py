"""One lesson: adding, changing, cancelling."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from certification.forms import placed
from certification.portal.confirm import confirm_page
from certification.refusals import Refusal
from training.forms.lessons import LessonForm
from training.forms.reasons import ReasonForm
from training.hours.hour_words import plain
from training.lessons import scheduling
from training.models import Lesson, TrainingPlan
from training.views.classes import own_class


@require_http_methods(["GET", "POST"])
def lesson_add(request, pk: int):
    """Add one lesson; the form begins where the last one ended."""
    plan = own_class(request, pk)
    form = LessonForm(request.POST or None, plan=plan, initial=_like_the_last(plan))

    def act(entry):
        scheduling.plan_lessons(actor=request.user, plan_id=plan.pk, entries=[entry])
        return f"已排课：{entry}。"

    return _page(request, plan, form, act, "排课", "保存")


@require_http_methods(["GET", "POST"])
def lesson_edit(request, pk: int):
    """Put a lesson to another time, teacher or venue."""
    lesson = _own_lesson(request, pk)
    form = LessonForm(request.POST or None, plan=lesson.plan, initial=LessonForm.initial_of(lesson))

    def act(entry):
        scheduling.change_lesson(actor=request.user, lesson_id=lesson.pk, entry=entry)
        return f"已调课：{entry}。"

    return _page(request, lesson.plan, form, act, "调课", "保存")


@require_http_methods(["GET", "POST"])
def lesson_cancel(request, pk: int):
    """Take a lesson out of the schedule."""
    lesson = _own_lesson(request, pk)
    form = ReasonForm(request.POST or None)
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            reason = form.cleaned_data["reason"]
            scheduling.cancel_lesson(actor=request.user, lesson_id=lesson.pk, reason=reason)
            messages.success(request, f"已取消：{lesson}。")
            return redirect("training:schedule", lesson.plan_id)
        except Refusal as refused:
            refusal = refused
    return confirm_page(
        request,
        title="取消课程",
        sentence=f"将取消“{lesson.plan}”的课程“{lesson}”（{plain(lesson.hours)} 学时）。",
        consequences=["取消的课程不计入课程表的学时，记录保留。"],
        action_label="取消这次课",
        cancel_url=reverse("training:schedule", args=[lesson.plan_id]),
        subject=lesson.plan,
        form=form,
        refusal=refusal,
    )


def _own_lesson(request, pk: int) -> Lesson:
    lessons = Lesson.objects.visible_to(request.user).standing()
    related = ("plan__institution", "plan__job_type__group", "plan__rule_edition")
    lesson = get_object_or_404(lessons.select_related(*related), pk=pk)
    if lesson.plan.institution_id != request.user.organisation_id:
        raise Http404
    return lesson


def _like_the_last(plan: TrainingPlan) -> dict:
    last = plan.lessons.standing().order_by("-day", "-starts_at", "-pk").first()
    if last is None:
        return {"day": plan.class_start, "starts_at": "08:30", "ends_at": "11:30", "hours": 4}
    return {**LessonForm.initial_of(last), "starts_at": None, "ends_at": None, "subject": ""}


def _page(request, plan: TrainingPlan, form: LessonForm, act, title: str, label: str):
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            messages.success(request, act(form.entry))
            return redirect("training:schedule", plan.pk)
        except Refusal as refused:
            refusal = placed(form, refused)
    context = {
        "plan": plan,
        "form": form,
        "refusal": refusal,
        "title": title,
        "back": reverse("training:schedule", args=[plan.pk]),
        "label": label,
    }
    status = 422 if refusal or (form.is_bound and form.errors) else 200
    return render(request, "training/lesson_form.html", context, status=status)
