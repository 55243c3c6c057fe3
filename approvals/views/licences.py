"""Licence applications of the organiser: prepared, sent through the platform, corrected."""

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Count, Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from approvals.bars import proposing
from approvals.corrections import correcting
from approvals.forms.licences import AgainForm, ReceiptForm, SendAgainForm
from approvals.licences import letters, licensing, not_accepting, withdrawals
from approvals.licences.acceptance import ACTION as ACCEPT
from approvals.licences.acceptance import unanswered_in_time
from approvals.models import DecisionOutcome, DecisionProposal, LicenceApplicant, LicenceApplication, Review, Withdrawal
from approvals.states import DECIDED, ENDED, IN_DECISION, LICENCE, BatchState, LicenceState, ProposalState
from approvals.views.clocks import shown
from certification import clock
from certification.deadlines import ledger
from certification.notices import told
from certification.organisations.access import may
from certification.paging import keyset_page
from certification.portal import timeline
from certification.portal.confirm import confirm_page
from certification.refusals import Refusal
from certification.selection import ticked
from certification.workdays.wording import plain_day
from exams.models import Candidate, ExamSession, Result

PREPARE = "approvals.prepare_licences"


@require_safe
def licences(request):
    """Licence applications, the newest first; before them the sessions whose passed people wait for one."""
    states = LicenceState
    rows = LicenceApplication.objects.visible_to(request.user).select_related("session__job_type", "organiser")
    page = keyset_page(request, rows, ("-pk",))
    counts = {
        row["batch"]: row
        for row in LicenceApplicant.objects.filter(batch__in=[batch.pk for batch in page])
        .order_by()
        .values("batch")
        .annotate(
            total=Count("pk"),
            decided=Count("pk", filter=Q(state__in=DECIDED)),
            ended=Count("pk", filter=Q(state__in=ENDED)),
            correction=Count("pk", filter=Q(state=states.CORRECTION)),
        )
    }
    nobody = dict.fromkeys(("total", "decided", "ended", "correction"), 0)
    context = {
        "page": page,
        "rows": [(batch, counts.get(batch.pk, nobody)) for batch in page],
        "sessions": licensing.sessions_to_apply(request.user) if may(request.user, PREPARE) else [],
    }
    return render(request, "approvals/licences/list.html", context)


@require_http_methods(["GET", "POST"])
def licence_prepare(request, session_id: int):
    """Ask, then make the application and its platform file; who applies anew (``?again=``) has to be ticked."""
    session = get_object_or_404(ExamSession.objects.visible_to(request.user).select_related("job_type"), pk=session_id)
    returning = list(licensing.may_apply_again(session).select_related("application__person").order_by("pk"))
    form, refusal = None, None
    if returning:
        given = request.POST if request.method == "POST" else None
        form = AgainForm(given, people=returning, initial={"again": request.GET.getlist("again")})
    if request.method == "POST" and (form is None or form.is_valid()):
        again = form.cleaned_data["again"] if form else []
        try:
            batch = licensing.prepare(actor=request.user, session_id=session.pk, again=again)
            messages.success(request, f"已生成{batch.number}。请下载文件，在平台提交后填写回执号。")
            return redirect("approvals:licence", batch.pk)
        except Refusal as caught:
            refusal = caught
    waiting = list(licensing.unapplied(session).select_related("application__person").order_by("pk"))
    barred = licensing.barred_among(waiting, clock.today())
    names = [candidate.application.person.name for candidate in waiting if candidate.pk not in barred]
    left_out = [
        f"{candidate.application.person.name}在禁考期内（至{plain_day(barred[candidate.pk].barred_until)}），不列入。"
        for candidate in waiting
        if candidate.pk in barred
    ]
    return confirm_page(
        request,
        title="生成发证许可申请",
        sentence=f"为{session}的{_who(names, returning)}生成一份发证许可申请和平台报送文件。",
        consequences=[*(["、".join(names)] if names else []), *left_out],
        action_label="生成",
        cancel_url=reverse("approvals:licences"),
        form=form,
        refusal=refusal,
        danger=False,
    )


def _who(names: list[str], returning: list[Candidate]) -> str:
    """Whom the application is for, in words: who is in none yet, and who may be in one again."""
    parts = [f"{len(names)}名考试合格人员"] if names or not returning else []
    return "和".join([*parts, *(["所选再次申请的人员"] if returning else [])])


@require_safe
def licence(request, pk: int):
    """One licence application: people, platform file, receipts."""
    return _show(request, _batch(request, pk))


@require_POST
def licence_submit(request, pk: int):
    """Record the platform's receipt and hand the application in."""
    batch = _batch(request, pk)
    form = ReceiptForm(request.POST)
    if not form.is_valid():
        return _show(request, batch, form=form, status=422)
    try:
        licensing.submit(actor=request.user, batch_id=batch.pk, receipt_number=form.cleaned_data["receipt_number"])
    except Refusal as refusal:
        return _show(request, batch, form=form, refusal=refusal, status=409)
    messages.success(request, f"{batch.number}已提交省厅考试中心。")
    return redirect("approvals:licence", batch.pk)


@require_POST
def licence_prepare_again(request, pk: int):
    """Make the platform file anew, before it is sent."""
    batch = _batch(request, pk)
    try:
        licensing.prepare_again(actor=request.user, batch_id=batch.pk)
    except Refusal as refusal:
        return _show(request, batch, refusal=refusal, status=409)
    messages.success(request, f"已重新生成{batch.number}的报送文件，请重新下载。")
    return redirect("approvals:licence", batch.pk)


@require_POST
def licence_send_again(request, pk: int):
    """Send the corrected people again."""
    batch = _batch(request, pk)
    form = SendAgainForm(request.POST)
    ids = ticked(request.POST, "ids")
    if not ids:
        form.add_error(None, "请勾选要重新报送的人员。")
    if not form.is_valid():
        return _show(request, batch, again=form, ticked=ids, status=422)
    try:
        results = licensing.send_again(actor=request.user, applicant_ids=ids, **form.cleaned_data)
    except ObjectDoesNotExist:
        raise Http404 from None
    except Refusal as refusal:
        return _show(request, batch, again=form, ticked=ids, refusal=refusal, status=409)
    refused = [result for result in results if not result.ok]
    for result in refused:
        messages.warning(request, f"{result.row}：{result.refusal}")
    messages.success(request, f"已重新报送{len(results) - len(refused)}人。")
    return redirect("approvals:licence", batch.pk)


@require_safe
def applicant(request, pk: int):
    """One person in a licence application, with everything that the decision rests on."""
    row = get_object_or_404(
        LicenceApplicant.objects.visible_to(request.user).select_related(
            "batch__organiser",
            "candidate__session",
            "candidate__application__person",
            "candidate__application__job_type__group",
            "candidate__application__institution",
            "acceptance",
            "accepted_by__person",
            "accepted_on_behalf_of__person",
            "reconciled_by__person",
            "reconciled_on_behalf_of__person",
        ),
        pk=pk,
    )
    application = row.candidate.application
    reviews = Review.objects.filter(application=application).select_related(
        "reviewer__person", "on_behalf_of__person", "organisation"
    )
    clocks = shown(request.user, row)
    running = (face.deadline for face in clocks["faces"] if face.rule.code != licensing.DECISION_STATUTORY)
    decision = getattr(row, "decision", None)
    context = {
        "applicant": row,
        "application": application,
        "person": application.person,
        "results": Result.objects.filter(candidate=row.candidate).order_by("-part"),
        "reviews": reviews.order_by("at", "pk"),
        "decision": decision,
        "decision_title": letters.TITLES[DecisionOutcome(decision.outcome)].removesuffix("书") if decision else "",
        "ground": not_accepting.ground_of(decision) if decision and decision.ground else None,
        "withdrawal": _withdrawal(row),
        "proposals": _proposals(request.user, row),
        "deadline": next((deadline for deadline in running if deadline and deadline.met_at is None), None),
        "may_refuse": may(request.user, "approvals.decide_licences")
        and row.state in IN_DECISION
        and clocks["events"].running is None,
        "may_not_accept": may(request.user, ACCEPT) and LICENCE.allows("not_accept", row.state),
        "may_withdraw_licence": withdrawals.may_withdraw(request.user, row),
        "may_apply_again": _may_apply_again(request.user, row),
        "may_propose_bar": may(request.user, proposing.PROPOSE),
        "entries": timeline.entries(row),
        "told": told.of(request.user, row),
        "notices": row.notices.order_by("pk"),
        "deemed": row.pk in unanswered_in_time([row], clock.now()),
        **clocks,
    }
    return render(request, "approvals/licences/applicant.html", context)


def _withdrawal(row: LicenceApplicant) -> Withdrawal | None:
    if row.state != LicenceState.WITHDRAWN:
        return None
    signed = ("recorded_by__person", "recorded_on_behalf_of__person")
    return Withdrawal.objects.filter(applicant=row).select_related("file", *signed).first()


def _may_apply_again(user, row: LicenceApplicant) -> bool:
    """Whether the organiser may put a person whose application ended into a new one."""
    if row.state not in ENDED or not may(user, PREPARE) or row.batch.organiser_id != user.organisation_id:
        return False
    return licensing.may_apply_again(row.candidate.session).filter(pk=row.candidate_id).exists()


def _proposals(user, row: LicenceApplicant) -> list[tuple[DecisionProposal, bool]]:
    """The drafts of a decision about ``row``, each with whether the user may take it back."""
    rows = row.proposals.select_related(
        "proposed_by__person", "proposed_on_behalf_of__person", "answered_by__person", "answered_on_behalf_of__person"
    )
    return [
        (draft, draft.state == ProposalState.PROPOSED and draft.proposed_by_id == user.pk)
        for draft in rows.order_by("pk")
    ]


def _batch(request, pk: int) -> LicenceApplication:
    rows = LicenceApplication.objects.visible_to(request.user).select_related(
        "session__job_type", "session__site", "organiser", "platform_file", "prepared_by__person"
    )
    return get_object_or_404(rows, pk=pk)


def _show(request, batch, *, form=None, again=None, ticked=(), refusal=None, status: int = 200):
    applicants = list(
        batch.applicants.select_related(
            "candidate__application__person", "candidate__application__institution"
        ).order_by("pk")
    )
    deadlines = ledger.find_all(licensing.DECISION, applicants)
    notices = correcting.open_with_counts(applicants)
    submission = ledger.find_all(licensing.SUBMISSION, applicants) if batch.state == BatchState.PREPARED else {}
    owns = may(request.user, PREPARE) and batch.organiser_id == request.user.organisation_id
    submits = owns and batch.state == BatchState.PREPARED
    to_correct = [row for row in applicants if row.state == LicenceState.CORRECTION or row.differences]
    context = {
        "batch": batch,
        "rows": [(row, deadlines.get(row.pk), notices.get(row.pk)) for row in applicants],
        "deadline": next(iter(submission.values()), None),
        "acceptances": batch.acceptances.annotate(headcount=Count("applicants")).order_by("pk"),
        "sendings": batch.sendings.select_related("file", "sent_by__person"),
        "form": (form or ReceiptForm()) if submits else None,
        "outdated": licensing.outdated(applicants, clock.today()) if submits else [],
        "again": (again or SendAgainForm()) if owns and to_correct else None,
        "correctable": {row.pk for row in to_correct} if owns else set(),
        "may_return": owns and batch.state == BatchState.SUBMITTED,
        "ticked": set(ticked),
        "refusal": refusal,
        "entries": timeline.entries(batch),
        "told": told.of(request.user, batch),
    }
    return render(request, "approvals/licences/detail.html", context, status=status)
