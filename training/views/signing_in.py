"""课程考勤, made for the phone: today's lessons, one lesson's sign-in and its versions."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from certification import clock
from certification.organisations.access import may
from certification.paging import keyset_page
from certification.refusals import Incomplete, Refusal
from training.forms.signing_in import SignInForm
from training.lessons import signing_in
from training.lessons.attendance_window import open_until
from training.models import Attendance, Lesson, LessonMode, Presence, SignInSheet, Trainee
from training.states import STANDING, LessonState
from training.todo_lessons import unsigned

TODAY, UNSIGNED = "today", "unsigned"


@require_safe
def lessons_today(request):
    """Lessons on site: today's, or those at which nobody has signed in yet."""
    today = clock.today()
    which = request.GET.get("which", TODAY)
    signs = may(request.user, signing_in.RECORD)
    lessons = unsigned(request.user, today) if signs and which == UNSIGNED else _of_today(today)
    lessons = lessons.filter(pk__in=Lesson.objects.visible_to(request.user))
    lessons = lessons.select_related("plan__institution", "plan__job_type", "teacher", "venue")
    page = keyset_page(request, lessons, ("day", "starts_at", "pk"))
    latest = {row.lesson_id: row for row in SignInSheet.objects.filter(lesson__in=page.rows).order_by("version")}
    rows = [(row, latest.get(row.pk)) for row in page]
    context = {"page": page, "rows": rows, "which": which, "signs": signs, "today": today, "UNSIGNED": UNSIGNED}
    return render(request, "training/lessons_today.html", context)


@require_safe
def lesson(request, pk: int):
    """One lesson: who was there, and each version of its sheet."""
    found = _lesson(request, pk)
    rows = list(found.attendance.select_related("trainee__person").order_by("trainee"))
    names = {row.trainee_id: row.trainee.person.name for row in rows}
    sheets = found.sheets.select_related("recorded_by__person").order_by("-version")
    context = {
        "lesson": found,
        "plan": found.plan,
        "rows": rows,
        "sheets": [(sheet, _changes(sheet, names)) for sheet in sheets],
        "may_sign": _may_sign(request, found),
        "open_until": open_until(found.plan),
    }
    return render(request, "training/lesson.html", context)


@require_http_methods(["GET", "POST"])
def sign_in(request, pk: int):
    """Record who was there: the whole class, then the exceptions."""
    found = _lesson(request, pk)
    if found.plan.institution_id != request.user.organisation_id:
        raise Http404
    trainees = signing_in.trainees_of(found)
    latest = found.sheets.order_by("-version").first()
    refusal = None
    if request.method == "POST":
        form = _form(found, trainees, latest, request.POST)
        if form.is_valid():
            try:
                return _signed(request, found, form)
            except signing_in.NothingChanged as nothing:
                messages.info(request, str(nothing))
                return redirect("training:lesson", found.pk)
            except Incomplete as incomplete:
                form.show(incomplete.problems)
            except signing_in.ChangedMeanwhile as changed:
                refusal = changed
                form = _form(found, trainees, latest)
            except Refusal as refused:
                refusal = refused
    else:
        form = _form(found, trainees, latest)
    context = {"lesson": found, "plan": found.plan, "form": form, "refusal": refusal, "latest": latest}
    status = 422 if refusal or (form.is_bound and form.errors) else 200
    return render(request, "training/sign_in.html", context, status=status)


def _form(lesson: Lesson, trainees: list[Trainee], latest: SignInSheet | None, data=None) -> SignInForm:
    standing = {row.trainee_id: row for row in Attendance.objects.filter(lesson=lesson)}
    return SignInForm(data, trainees=trainees, standing=standing, version=latest.version if latest else 0)


def _signed(request, lesson: Lesson, form: SignInForm):
    sheet = signing_in.sign_in(
        actor=request.user,
        lesson_id=lesson.pk,
        marks=form.marks,
        seen_version=form.cleaned_data["version"],
        reason=form.cleaned_data["reason"],
    )
    word = "已更正签到" if sheet.version > 1 else "已登记签到"
    messages.success(request, f"{word}：应到 {sheet.expected} 人，实到 {sheet.present} 人。")
    return redirect("training:lesson", lesson.pk)


def _lesson(request, pk: int) -> Lesson:
    lessons = Lesson.objects.visible_to(request.user).select_related(
        "plan__institution", "plan__job_type", "plan__rule_edition", "teacher", "venue"
    )
    return get_object_or_404(lessons, pk=pk)


def _of_today(today):
    return Lesson.objects.to_sign().filter(day=today, plan__state__in=STANDING)


def _may_sign(request, lesson: Lesson) -> bool:
    own = may(request.user, signing_in.RECORD) and lesson.plan.institution_id == request.user.organisation_id
    signable = lesson.state == LessonState.PLANNED and lesson.mode == LessonMode.ONSITE
    today = clock.today()
    return own and signable and lesson.plan.is_standing and lesson.day <= today <= open_until(lesson.plan)


def _changes(sheet: SignInSheet, names: dict[int, str]) -> list[str]:
    return [f"{names.get(pk, '')}：{_word(old)} → {_word(new)}" for pk, old, new in sheet.changes]


def _word(presence: str) -> str:
    return str(Presence(presence).label) if presence else "未登记"
