"""考勤学时: what everybody in a class has learnt, online hours, proofs of hours, reopening."""

from dataclasses import dataclass

from django.contrib import messages
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from certification import clock
from certification.documents.responses import pdf_response
from certification.organisations.access import may
from certification.portal.confirm import confirm_page
from certification.records import accesses
from certification.refusals import Incomplete, Refusal
from certification.selection import ticked
from certification.spreadsheets.columns import parse, wanted_names
from certification.spreadsheets.reading import read_table
from training.forms.lessons import OnlineUploadForm
from training.forms.reasons import ReasonForm
from training.hours import online_hours, proofs
from training.hours.online_columns import online_columns, online_template
from training.hours.reckoning import Hours, hours_of
from training.lessons import attendance_window
from training.lessons.signing_in import RECORD
from training.models import HoursProof, LessonMode, OnlineImport, SignInSheet, Trainee, TrainingPlan
from training.notifying import plan_url
from training.states import TraineeState
from training.views.classes import MEDIA_TYPES, content_of, filed_class, own_class, sheet_response


@dataclass(frozen=True)
class Row:
    """A trainee with hours and proof; ``stale``: the proof states other hours than now stand."""

    trainee: Trainee
    hours: Hours
    proof: HoursProof | None

    @property
    def stale(self) -> bool:
        """Whether the hours have changed since the proof was made."""
        return self.proof is not None and any(
            getattr(self.proof, name) != getattr(self.hours, name) for name in proofs.STATED
        )


@require_safe
def attendance(request, pk: int):
    """Everybody's hours in a class."""
    return _show(request, filed_class(request, pk))


@require_safe
def online_template_file(request, pk: int):
    """The workbook for online hours."""
    plan = own_class(request, pk)
    name = f"线上学时模板-{plan.job_type}-{plan.class_start:%Y%m%d}.xlsx"
    return sheet_response(online_template(plan, clock.today()), name)


@require_http_methods(["GET", "POST"])
def online_upload(request, pk: int):
    """Take over a platform's report: all rows, or none with everything that is wrong."""
    plan = own_class(request, pk)
    form = OnlineUploadForm(request.POST or None, request.FILES or None)
    refusal, problems = None, []
    if request.method == "POST" and form.is_valid():
        try:
            taken = _import(request, plan, form.cleaned_data)
            messages.success(request, f"已导入“{taken.platform}” {taken.headcount} 人的线上学时。")
            return redirect("training:attendance", plan.pk)
        except Incomplete as incomplete:
            problems = [problem for problem in incomplete.problems if problem.row]
            form.show(problem for problem in incomplete.problems if not problem.row)
        except Refusal as refused:
            refusal = refused
    context = {"plan": plan, "form": form, "refusal": refusal, "problems": problems}
    status = 422 if refusal or problems or (form.is_bound and form.errors) else 200
    return render(request, "training/online_upload.html", context, status=status)


@require_http_methods(["GET", "POST"])
def attendance_reopen(request, pk: int):
    """Let attendance that was closed be corrected again."""
    plan = filed_class(request, pk)
    form = ReasonForm(request.POST or None)
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            opened = attendance_window.reopen(actor=request.user, plan_id=plan.pk, reason=form.cleaned_data["reason"])
            messages.success(request, f"考勤已重开至 {opened.until} 24:00。")
            return redirect("training:attendance", plan.pk)
        except Refusal as refused:
            refusal = refused
    return confirm_page(
        request,
        title="重开考勤",
        sentence=f"将重开{plan.institution}“{plan}”的考勤和线上学时登记。",
        consequences=["培训机构可以在几日内登记和更正；每次更正都留下版本和原因。", "原因将通知培训机构并留存记录。"],
        action_label="重开",
        cancel_url=plan_url(plan),
        subject=plan,
        form=form,
        refusal=refusal,
    )


@require_POST
def proofs_issue(request, pk: int):
    """Make proofs for the chosen trainees, or for all whose hours are complete."""
    plan = own_class(request, pk)
    chosen = ticked(request.POST, "trainee")
    trainees = Trainee.objects.filter(plan=plan, state=TraineeState.ENROLLED)
    ids = list((trainees.filter(pk__in=chosen) if chosen else trainees).order_by("pk").values_list("pk", flat=True))
    if not ids:
        messages.warning(request, "本班还没有学员。")
        return redirect("training:attendance", plan.pk)
    try:
        results = proofs.issue_proofs(actor=request.user, trainee_ids=ids)
    except Refusal as refusal:
        return _show(request, plan, refusal=refusal)
    return _show(request, plan, results=results)


@require_safe
def proofs_pdf(request, pk: int):
    """All proofs of a class that stand, in one PDF."""
    plan = filed_class(request, pk)
    rows = list(proofs.printable().filter(trainee__plan=plan).order_by("number"))
    if not rows:
        return _show(request, plan, refusal=Refusal("还没有学时证明。", advice="学时修满后开具。"))
    accesses.take_out(plan, actor=request.user, now=clock.now(), what="学时证明", persons=len(rows))
    return pdf_response(proofs.together(rows), f"hours-{plan.number}.pdf")


def _import(request, plan: TrainingPlan, said: dict) -> OnlineImport:
    upload = said["file"]
    content = content_of(upload)
    columns = online_columns(clock.today())
    table = read_table(content, upload.name, wanted_names(columns))
    parsed = parse(table, columns)
    return online_hours.import_online_hours(
        actor=request.user,
        plan_id=plan.pk,
        platform=said["platform"],
        records=parsed.records,
        content=content,
        name=upload.name,
        media_type=MEDIA_TYPES[table.kind],
        reason=said["reason"],
    )


def _show(request, plan: TrainingPlan, *, results=(), refusal: Refusal | None = None):
    rows = _rows(plan)
    own = plan.institution_id == request.user.organisation_id
    until = attendance_window.open_until(plan)
    is_open = plan.is_standing and clock.today() <= until
    lessons = plan.lessons.to_sign()
    signed = SignInSheet.objects.filter(lesson__plan=plan, lesson__mode=LessonMode.ONSITE, version=1).count()
    context = {
        "plan": plan,
        "rows": rows,
        "complete": sum(row.hours.complete for row in rows),
        "proven": sum(row.proof is not None for row in rows),
        "imports": plan.online_imports.select_related("imported_by__person", "file").order_by("-pk"),
        "reopenings": plan.reopenings.select_related("reopened_by__person").order_by("-pk"),
        "lesson_count": lessons.filter(day__lte=clock.today()).count(),
        "signed_count": signed,
        "until": until,
        "is_open": is_open,
        "may_record": own and is_open and may(request.user, RECORD),
        "may_issue": own and may(request.user, proofs.ISSUE),
        "may_reopen": may(request.user, attendance_window.REOPEN) and plan.is_standing and not is_open,
        "refused": [result for result in results if not result.ok],
        "made": sum(result.ok for result in results),
        "results": results,
        "refusal": refusal,
    }
    return render(request, "training/attendance.html", context, status=422 if refusal else 200)


def _rows(plan: TrainingPlan) -> list[Row]:
    trainees = Trainee.objects.filter(plan=plan, state=TraineeState.ENROLLED).select_related("person")
    trainees = list(trainees.order_by("pk"))
    ids = [row.pk for row in trainees]
    hours, held = hours_of(ids), proofs.current_proofs(ids)
    return [Row(row, hours[row.pk], held.get(row.pk)) for row in trainees]
