"""成绩: entering, checking by another person, releasing."""

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from certification.deadlines import ledger
from certification.organisations.access import may
from certification.paging import keyset_page
from certification.portal.confirm import confirm_page
from certification.refusals import Refusal
from exams import standards
from exams.applications import obligations
from exams.exam_day.standing import attendance
from exams.forms.applications import Reason
from exams.forms.results import ResultForm
from exams.incidents.effects import incidents_of
from exams.models import Candidate, ExamSession, Part, Result, SessionPart
from exams.models.results import SIGNED_BY
from exams.scores import comparing, results, standing
from exams.states import LEFT, CandidateState, ResultState, SessionState
from exams.views.sessions import own_session

WITH_RESULTS = (SessionState.HELD, SessionState.RELEASED)


@require_GET
def results_list(request):
    """Sessions that were held, those without released results first to see by their deadline."""
    rows = ExamSession.objects.visible_to(request.user).filter(state__in=WITH_RESULTS)
    if request.GET.get("state") in WITH_RESULTS:
        rows = rows.filter(state=request.GET["state"])
    page = keyset_page(request, rows.select_related("job_type", "organiser", "site"), ("-starts_on", "-id"))
    deadlines = ledger.find_all(obligations.RESULTS_RELEASE, page.rows) if page.rows else {}
    numbers = _numbers([row.pk for row in page.rows])
    context = {"page": page, "rows": [(row, numbers[row.pk], deadlines.get(row.pk)) for row in page.rows]}
    return render(request, "exams/results_list.html", context)


@require_GET
def session_results(request, pk: int):
    """All results of one session beside what still stands between them and their release."""
    rows = ExamSession.objects.visible_to(request.user).filter(state__in=WITH_RESULTS)
    session = get_object_or_404(rows.select_related("job_type", "organiser", "site"), pk=pk)
    return _page(request, session)


@require_http_methods(["GET", "POST"])
def results_enter(request, pk: int, part: str):
    """The sheet of one part."""
    session = own_session(request, pk)
    part = _part(session, part)
    sheet = _sheet(session, part, request.POST if request.method == "POST" else None)
    refusal = None
    if request.method == "POST" and all(form.is_valid() for form in sheet):
        rows = [row for form in sheet if not form.locked and (row := form.row())]
        try:
            results.enter_results(actor=request.user, session_id=session.pk, part=part, rows=rows)
        except Refusal as found:
            refusal = found
        else:
            messages.success(request, f"已录入 {len(rows)} 人的{part.label}成绩。")
            return redirect("exams:results", pk=session.pk)
    failed = refusal is not None or any(form.errors for form in sheet)
    context = {
        "session": session,
        "title": f"录入{part.label}成绩",
        "sheet": sheet,
        "may_save": any(not form.locked for form in sheet),
        "subjects": sheet[0].subjects if sheet else (),
        "standard": sheet[0].standard if sheet else None,
        "refusal": refusal,
        "typed_wrong": [form for form in sheet if form.errors],
    }
    return render(request, "exams/results_enter.html", context, status=422 if failed else 200)


@require_POST
def results_check(request, pk: int, part: str):
    """Confirm the entered results of one part."""
    session = own_session(request, pk)
    part = _part(session, part)
    try:
        done = results.check_results(actor=request.user, session_id=session.pk, part=part)
    except Refusal as refusal:
        return _page(request, session, refusal=refusal)
    messages.success(request, f"{part.label}成绩已复核，共 {len(done)} 人。")
    return redirect("exams:results", pk=session.pk)


@require_http_methods(["GET", "POST"])
def results_send_back(request, pk: int, part: str):
    """Send the results of one part back, with a reason."""
    session = own_session(request, pk)
    part = _part(session, part)
    form = Reason(request.POST or None)
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            results.send_back(actor=request.user, session_id=session.pk, part=part, reason=form.cleaned_data["reason"])
        except Refusal as found:
            refusal = found
        else:
            messages.success(request, f"{part.label}成绩已退回录入。")
            return redirect("exams:results", pk=session.pk)
    return confirm_page(
        request,
        title=f"退回{part.label}成绩",
        sentence=f"场次{session}的{part.label}成绩退回录入人更正，更正后须重新复核。",
        action_label="退回录入",
        cancel_url=reverse("exams:results", args=[session.pk]),
        subject=session.number,
        form=form,
        refusal=refusal,
    )


@require_http_methods(["GET", "POST"])
def results_release(request, pk: int):
    """Say what is released, then release."""
    session = own_session(request, pk)
    refusal = None
    if request.method == "POST":
        try:
            results.release_results(actor=request.user, session_id=session.pk)
        except Refusal as found:
            refusal = found
        else:
            messages.success(request, "成绩已公布，并通知培训机构。")
            return redirect("exams:results", pk=session.pk)
    number = len(standing.examinees(session))
    return confirm_page(
        request,
        title="公布成绩",
        sentence=f"公布场次{session}共 {number} 人的成绩。公布后不能更改。",
        consequences=[problem.message for problem in standing.differences(session)] if refusal is None else [],
        action_label="公布成绩",
        cancel_url=reverse("exams:results", args=[session.pk]),
        subject=session.number,
        refusal=refusal,
        danger=False,
    )


def _part(session: ExamSession, part: str) -> Part:
    """The part named in the address, which the session must have."""
    if not SessionPart.objects.filter(session=session, part=part.upper()).exists():
        raise Http404
    return Part(part.upper())


def _sheet(session: ExamSession, part: Part, data) -> list[ResultForm]:
    """One form for each candidate who may have a result in the part: practical only after theory passed."""
    results_so_far = standing.results_of(session)
    sheet = []
    sign_ins = attendance(session.pk, part)
    for candidate in standing.examinees(session):
        own = results_so_far.get(candidate.pk, {})
        if part not in standing.due_parts(candidate, own):
            continue
        standard = standards.part_standard(part, candidate.application.rule_edition, session.job_type.code)
        form = ResultForm(
            data,
            candidate=candidate,
            part=part,
            standard=standard,
            result=own.get(part),
            sign_in=sign_ins.get(candidate.pk),
        )
        sheet.append(form)
    return sheet


def _page(request, session: ExamSession, *, refusal=None):
    visible = Result.objects.visible_to(request.user).filter(candidate__session=session)
    visible = visible.select_related(*SIGNED_BY).order_by("pk")
    by_candidate = standing.by_candidate(visible)
    # A session in one's territory may hold others' candidates: each sees their own (rules 5).
    seen = set(Candidate.objects.visible_to(request.user).filter(session=session).values_list("pk", flat=True))
    candidates = [row for row in standing.examinees(session) if row.pk in seen]
    own = session.organiser_id == request.user.organisation_id
    parts = [Part(part) for part in session.parts.values_list("part", flat=True)]
    held = session.state == SessionState.HELD
    may_enter, may_check = (may(request.user, f"exams.results.{act}") for act in ("enter", "check"))
    context = {
        "session": session,
        "title": _title(entering=own and held and may_enter, checking=own and held and may_check),
        "rows": [(row, _in_order(by_candidate.get(row.pk, {}), parts)) for row in candidates],
        "parts": [(part, _progress(part, by_candidate)) for part in parts],
        "differences": standing.differences(session) if held and own else [],
        "corrections": comparing.corrections(session) if own and (may_check or may_enter) else [],
        "deadline": ledger.find(obligations.RESULTS_RELEASE, session),
        "incidents": incidents_of(request.user, session),
        "may_enter": own and held and may_enter,
        "may_open": may(request.user, "exams.application.view"),
        "may_check": own and held and may_check,
        "refusal": refusal,
    }
    return render(request, "exams/results.html", context, status=422 if refusal else 200)


def _title(*, entering: bool, checking: bool) -> str:
    """What the reader has to do here; whoever has nothing to do, or both, just looks at the results."""
    if entering == checking:
        return "成绩"
    return "录入成绩" if entering else "复核成绩"


def _in_order(own: dict[str, Result], parts: list[Part]) -> list[Result | None]:
    return [own.get(part) for part in parts]


def _progress(part: Part, by_candidate: dict[int, dict[str, Result]]) -> dict[str, int]:
    found = [own[part] for own in by_candidate.values() if part in own]
    return {
        "entered": sum(result.state == ResultState.ENTERED for result in found),
        "checked": sum(result.state == ResultState.CHECKED for result in found),
        "settled": sum(result.state != ResultState.ENTERED for result in found),
        "total": len(found),
    }


def _numbers(session_ids: list[int]) -> dict[int, dict[str, int]]:
    rows = ExamSession.objects.filter(pk__in=session_ids).annotate(
        admitted=Count("candidates", filter=~Q(candidates__state__in=LEFT)),
        passed=Count("candidates", filter=Q(candidates__state=CandidateState.PASSED)),
    )
    return {row["pk"]: row for row in rows.values("pk", "admitted", "passed")}
