"""成绩复核申请: the institution asks, one looks into it, another answers."""

from functools import partial

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from certification import clock
from certification.deadlines import ledger
from certification.notices import told
from certification.organisations.access import may
from certification.paging import keyset_page
from certification.portal import timeline
from certification.portal.confirm import confirm_and_act, confirm_page
from certification.refusals import Refusal
from exams import standards
from exams.forms.applications import Reason
from exams.forms.rechecks import RecheckAnswer, RecheckFilter, RecheckFinding, RecheckRequest
from exams.models import Candidate, Result, ScoreRecheck
from exams.scores import rechecks
from exams.states import OPEN_RECHECKS, RecheckState

_RELATED = (
    "result__candidate__application__person",
    "result__candidate__application__institution",
    "result__candidate__application__rule_edition",
    "result__candidate__session__organiser",
    "result__candidate__session__job_type",
    "requested_by__person",
    "found_by__person",
    "found_on_behalf_of__person",
    "answered_by__person",
    "answered_on_behalf_of__person",
)


@require_GET
def recheck_list(request):
    """The requests that the user may see, the latest first."""
    rows = ScoreRecheck.objects.visible_to(request.user).select_related(*_RELATED)
    form = RecheckFilter(request.GET)
    if form.is_valid() and form.cleaned_data["state"]:
        rows = rows.filter(state=form.cleaned_data["state"])
    page = keyset_page(request, rows, ("-pk",))
    deadlines = ledger.find_all(rechecks.DEADLINE, page.rows) if page.rows else {}
    context = {"page": page, "form": form, "rows": [(row, deadlines.get(row.pk)) for row in page.rows]}
    return render(request, "exams/rechecks.html", context)


@require_http_methods(["GET", "POST"])
def recheck_request(request, pk: int):
    """Ask for one released score."""
    visible = Result.objects.filter(candidate__in=Candidate.objects.visible_to(request.user))
    visible = visible.filter(
        candidate__application__institution=request.user.organisation_id, released_at__isnull=False
    )
    result = get_object_or_404(
        visible.select_related("candidate__application__person", "candidate__session__organiser"), pk=pk
    )
    form, refusal = RecheckRequest(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        try:
            made = rechecks.request(actor=request.user, result_id=result.pk, reason=form.cleaned_data["reason"])
        except Refusal as found:
            refusal = found
        else:
            messages.success(request, f"成绩复核申请{made.number}已提交{made.result.candidate.session.organiser}。")
            return redirect("exams:recheck", pk=made.pk)
    elif request.method == "GET":
        refusal = rechecks.not_open(result, clock.today())
    candidate = result.candidate
    return confirm_page(
        request,
        title="申请复核成绩",
        sentence=f"{candidate}，场次{candidate.session.number}{result.get_part_display()}，公布成绩"
        f"{rechecks.words(rechecks.kept(result))}。由{candidate.session.organiser}核查原始记录，另一人审定后答复；"
        "每科成绩申请一次。",
        action_label="提交申请",
        cancel_url=reverse("exams:application_detail", args=[candidate.application_id]),
        subject=candidate,
        form=form,
        refusal=refusal,
        danger=False,
    )


@require_GET
def recheck(request, pk: int):
    """One request: what was asked, found and answered, and the next step."""
    return _page(request, _recheck(request, pk))


@require_http_methods(["GET", "POST"])
def recheck_find(request, pk: int):
    """Say what the original records show."""
    found = _recheck(request, pk)
    if request.method == "GET":
        return redirect("exams:recheck", pk=pk)
    form = _finding_form(found, request.POST)
    refusal = None
    if form.is_valid():
        try:
            rechecks.find(actor=request.user, recheck_id=pk, finding=form.cleaned_data["finding"], row=form.row())
        except Refusal as problem:
            refusal = problem
        else:
            messages.success(request, "已记录核查情况，由另一人审定。")
            return redirect("exams:recheck", pk=pk)
    return _page(request, found, form=form, refusal=refusal)


@require_http_methods(["GET", "POST"])
def recheck_answer(request, pk: int):
    """Confirm what was found, in a sentence that says what follows."""
    found = _recheck(request, pk)
    after = rechecks.words(found.corrected)
    sentence = f"{found.result.candidate}{found.result.get_part_display()}成绩{rechecks.words(found.before)}"
    sentence += f"，更正为{after}，考试结果随之更正。" if after else "，经核查无误，维持原成绩。"
    return _confirm(request, found, "审定并答复", sentence, RecheckAnswer, rechecks.answer)


@require_http_methods(["GET", "POST"])
def recheck_send_back(request, pk: int):
    """Have it looked into again."""
    sentence = "核查情况退回核查人重新核查，答复期限不变。"
    return _confirm(request, _recheck(request, pk), "退回重新核查", sentence, Reason, rechecks.send_back)


@require_http_methods(["GET", "POST"])
def recheck_decline(request, pk: int):
    """Turn the request down, with the reason."""
    sentence = "不予受理该复核申请，原成绩有效，原因告知培训机构和考生。"
    return _confirm(request, _recheck(request, pk), "不予受理", sentence, Reason, rechecks.decline)


@require_http_methods(["GET", "POST"])
def recheck_withdraw(request, pk: int):
    """Take the request back."""
    sentence = "撤回该复核申请，原成绩有效；申请期限内可以再次申请。"
    return _confirm(request, _recheck(request, pk), "撤回申请", sentence, Reason, rechecks.withdraw)


def _recheck(request, pk: int) -> ScoreRecheck:
    return get_object_or_404(ScoreRecheck.objects.visible_to(request.user).select_related(*_RELATED), pk=pk)


def _finding_form(found: ScoreRecheck, data=None) -> RecheckFinding:
    candidate, part = found.result.candidate, found.result.part
    standard = standards.part_standard(part, candidate.application.rule_edition, candidate.session.job_type.code)
    return RecheckFinding(data, part=part, standard=standard)


def _confirm(request, found: ScoreRecheck, label: str, sentence: str, form_class, act):
    return confirm_and_act(
        request,
        partial(act, actor=request.user, recheck_id=found.pk),
        done=lambda made: f"成绩复核申请{made.number}：{made.get_state_display()}。",
        title=label,
        sentence=sentence,
        action_label=label,
        cancel_url=reverse("exams:recheck", args=[found.pk]),
        subject=found.number,
        form=form_class(request.POST or None),
        danger=False,
    )


def _page(request, found: ScoreRecheck, *, form=None, refusal=None):
    user = request.user
    own = found.result.candidate.session.organiser_id == user.organisation_id
    may_find = own and may(user, "exams.results.enter") and found.state == RecheckState.REQUESTED
    filer = found.result.candidate.application.institution_id == user.organisation_id and may(user, rechecks.REQUEST)
    checks = own and may(user, "exams.results.check")
    context = {
        "recheck": found,
        "candidate": found.result.candidate,
        "before": rechecks.words(found.before),
        "after": rechecks.words(found.corrected),
        "deadline": ledger.find(rechecks.DEADLINE, found),
        "entries": timeline.entries(found, inside=not filer),
        "told": told.of(user, found),
        "form": form or (_finding_form(found) if may_find else None),
        "may_decline": checks and found.state == RecheckState.REQUESTED,
        "may_answer": checks and found.state == RecheckState.FOUND,
        "may_withdraw": filer and found.state in OPEN_RECHECKS,
        # What was found is between the two who look into it, until it is confirmed.
        "shows_finding": found.finding and (not filer or found.state not in OPEN_RECHECKS),
        "refusal": refusal,
    }
    failed = refusal is not None or (form is not None and bool(form.errors))
    return render(request, "exams/recheck.html", context, status=422 if failed else 200)
