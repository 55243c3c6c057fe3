"""课程表: the lessons of a class with their sums and what is wrong with them; upload and copying."""

from dataclasses import dataclass
from itertools import groupby

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from certification import clock
from certification.organisations.access import may
from certification.portal import timeline
from certification.refusals import Incomplete, Problem, Refusal
from certification.spreadsheets.columns import parse, wanted_names
from certification.spreadsheets.reading import read_table
from training.forms.lessons import CopyForm, UploadForm
from training.lessons import scheduling
from training.lessons.schedule_checks import check_lessons, surroundings
from training.lessons.schedule_columns import entry_of, schedule_columns, schedule_template
from training.lessons.schedule_sums import required_of, sums
from training.models import Lesson, SignInSheet, TrainingPlan
from training.views.classes import content_of, filed_class, own_class, sheet_response


@dataclass(frozen=True)
class Row:
    """A lesson as the schedule shows it."""

    lesson: Lesson
    problems: list[Problem]
    sheet: SignInSheet | None


@require_safe
def schedule(request, pk: int):
    """The schedule of a class."""
    plan = filed_class(request, pk)
    lessons = list(plan.lessons.standing().for_display())
    rows = _rows(plan, lessons)
    plans_here = may(request.user, scheduling.SCHEDULE) and plan.institution_id == request.user.organisation_id
    context = {
        "plan": plan,
        "days": [(day, list(own)) for day, own in groupby(rows, key=lambda row: row.lesson.day)],
        "count": len(rows),
        "wrong": sum(bool(row.problems) for row in rows),
        "sums": sums(plan, lessons),
        "required": required_of(plan),
        "plans_here": plans_here and plan.is_standing,
        "entries": timeline.entries(plan),
    }
    return render(request, "training/schedule.html", context)


@require_safe
def schedule_template_file(request, pk: int):
    """The workbook to fill in."""
    plan = own_class(request, pk)
    return sheet_response(schedule_template(plan), f"课程表模板-{plan.job_type}-{plan.class_start:%Y%m%d}.xlsx")


@require_http_methods(["GET", "POST"])
def schedule_upload(request, pk: int):
    """Add the lessons of a spreadsheet: all of them, or none with everything that is wrong."""
    plan = own_class(request, pk)
    form = UploadForm(request.POST or None, request.FILES or None)
    refusal, problems = None, []
    if request.method == "POST" and form.is_valid():
        try:
            added = _upload(request, plan, form.cleaned_data["file"])
            messages.success(request, f"已排课 {len(added)} 次。")
            return redirect("training:schedule", plan.pk)
        except Incomplete as incomplete:
            problems = incomplete.problems
        except Refusal as refused:
            refusal = refused
    context = {"plan": plan, "form": form, "refusal": refusal, "problems": problems}
    status = 422 if refusal or problems or (form.is_bound and form.errors) else 200
    return render(request, "training/schedule_upload.html", context, status=status)


@require_http_methods(["GET", "POST"])
def schedule_copy(request, pk: int):
    """Copy a day or a week."""
    plan = own_class(request, pk)
    form = CopyForm(request.POST or None, initial=_last_day(plan))
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            added = scheduling.copy_lessons(actor=request.user, plan_id=plan.pk, **form.cleaned_data)
            messages.success(request, f"已复制 {len(added)} 次课。")
            return redirect("training:schedule", plan.pk)
        except Refusal as refused:
            refusal = refused
    context = {
        "plan": plan,
        "form": form,
        "refusal": refusal,
        "title": "复制课程",
        "back": reverse("training:schedule", args=[plan.pk]),
        "label": "复制",
    }
    status = 422 if refusal or (form.is_bound and form.errors) else 200
    return render(request, "training/lesson_form.html", context, status=status)


def _rows(plan: TrainingPlan, lessons: list[Lesson]) -> list[Row]:
    problems = check_lessons(lessons, surroundings(plan, {lesson.day for lesson in lessons}))
    sheets = SignInSheet.objects.filter(lesson__in=lessons).order_by("version")
    latest = {sheet.lesson_id: sheet for sheet in sheets}
    return [Row(lesson, own, latest.get(lesson.pk)) for lesson, own in zip(lessons, problems, strict=True)]


def _upload(request, plan: TrainingPlan, upload) -> list[Lesson]:
    columns = schedule_columns(plan)
    parsed = parse(read_table(content_of(upload), upload.name, wanted_names(columns)), columns)
    if parsed.problems:
        raise Incomplete(parsed.problems)
    entries = [entry_of(record) for record in parsed.records]
    return scheduling.plan_lessons(actor=request.user, plan_id=plan.pk, entries=entries)


def _last_day(plan: TrainingPlan) -> dict:
    last = plan.lessons.standing().order_by("-day").values_list("day", flat=True).first()
    return {"first": last or clock.today(), "last": last or clock.today()}
