"""待安排考试: who waits for a session, and giving them one; proofs of hours to confirm."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from certification import clock
from certification.organisations.access import may
from certification.paging import keyset_page
from certification.refusals import Refusal
from certification.selection import ticked
from exams.applications import obligations
from exams.forms.pool import AssignForm, PoolFilter
from exams.materials import hours
from exams.models import Candidate, ExamApplication, ExamSession, Material
from exams.sessions import assigning
from exams.sessions.listing import latest_candidates, room_left
from exams.states import EXAMINED, IN_SESSION, SessionState
from exams.states import ApplicationState as A
from exams.views.outcomes import NOTHING_CHOSEN, Outcomes


@require_GET
def pool(request):
    """Applications that wait for a session, by job type."""
    return _pool_page(request)


@require_POST
def pool_assign(request):
    """Give the ticked ones a place; a result per row."""
    form = AssignForm(request.POST, sessions=_sessions(request.user))
    ids, everyone = ticked(request.POST, "application"), "everyone" in request.POST
    if not ids and not everyone:
        return _pool_page(request, refusal=NOTHING_CHOSEN)
    if not form.is_valid():
        return _pool_page(request, refusal=Refusal("请选择场次。", code="no_session"))
    session = form.cleaned_data["session"]
    own = list(_chosen(request, session, ids, everyone).order_by("pk").values_list("pk", flat=True))
    try:
        results = assigning.assign_to_session(actor=request.user, application_ids=own, session_id=session.pk)
    except ExamApplication.DoesNotExist:
        return _pool_page(request, refusal=Refusal("所选人员已被安排或不再待安排，请刷新后查看。", code="wrong_state"))
    except Refusal as refusal:
        return _pool_page(request, refusal=refusal)
    outcomes = Outcomes.of(f"安排到{session.number}", results)
    if outcomes.refused:
        return _pool_page(request, outcomes=outcomes)
    messages.success(request, f"已安排 {outcomes.made} 人，场次{session.number}剩余 {room_left(session)} 个名额。")
    for name, warning in outcomes.warnings:
        messages.warning(request, f"{name}：{warning}")
    return redirect("exams:pool")


def _chosen(request, session: ExamSession, ids: list[int], everyone: bool):
    """The ticked ones; or all that the filter in the address shows and the session is for."""
    waiting = _waiting(request.user)
    if not everyone:
        return waiting.filter(pk__in=ids)
    waiting = PoolFilter(request.GET, waiting=waiting).apply(waiting)
    # By the codes: somebody may wait since an earlier edition of the catalogue.
    variant = session.variant.code if session.variant else None
    return waiting.filter(job_type_code=session.job_type.code, variant__code=variant)


@require_GET
def hours_page(request):
    """Renewals whose proof of hours still has to be confirmed, the earliest exam first."""
    return _hours_page(request)


@require_POST
def hours_confirm(request):
    """Confirm the ticked proofs, or send them back with a reason; a result per row."""
    reject = request.POST.get("act") == "reject"
    ids = ticked(request.POST, "application")
    own = _unconfirmed(request.user).filter(pk__in=ids).values_list("pk", flat=True)
    own = list(own)
    if not own:
        return _hours_page(request, refusal=NOTHING_CHOSEN)
    reason = request.POST.get("reason", "")
    try:
        if reject:
            results = hours.reject_hours(actor=request.user, application_ids=own, reason=reason)
        else:
            results = hours.confirm_hours(actor=request.user, application_ids=own)
    except Refusal as refusal:
        return _hours_page(request, refusal=refusal, ids=own, reason=reason)
    outcomes = Outcomes.of("退回学时证明" if reject else "确认学时证明", results)
    if outcomes.refused:
        return _hours_page(request, outcomes=outcomes, reason=reason)
    messages.success(request, f"已{'退回' if reject else '确认'} {outcomes.made} 人的学时证明。")
    return redirect("exams:hours")


def _waiting(user):
    return assigning.pool_seen_by(user, today=clock.today())


def _sessions(user):
    rows = ExamSession.objects.visible_to(user).filter(
        organiser=user.organisation_id,
        state__in=[SessionState.ANNOUNCED, SessionState.PLANNED],
        starts_on__gt=clock.today(),
    )
    return rows.select_related("job_type", "variant").order_by("starts_on", "pk")


def _pool_page(request, *, refusal=None, outcomes: Outcomes | None = None):
    waiting = _waiting(request.user)
    chosen = PoolFilter(request.GET, waiting=waiting)
    page = keyset_page(request, chosen.apply(waiting), ("id",))
    previous = latest_candidates(page.rows)
    may_assign = may(request.user, "exams.pool.assign")
    context = {
        "page": page,
        "rows": [(row, previous.get(row.pk)) for row in page.rows],
        "may_assign": may_assign,
        "filter": chosen,
        "query": request.GET.urlencode(),
        "form": AssignForm(sessions=_sessions(request.user)) if may_assign else None,
        "refusal": refusal,
        "outcomes": outcomes,
    }
    status = 422 if refusal else outcomes.status if outcomes else 200
    return render(request, "exams/pool.html", context, status=status)


def _unconfirmed(user):
    rows = ExamApplication.objects.visible_to(user).filter(organiser=user.organisation_id)
    return rows.filter(conditional=True, state=A.CLEARED, hours_confirmed_at__isnull=True).exclude(
        candidates__state__in=EXAMINED
    )


def _hours_page(request, *, refusal=None, outcomes: Outcomes | None = None, ids=(), reason: str = ""):
    page = keyset_page(request, _unconfirmed(request.user).with_case(), ("id",))
    shown = [row.pk for row in page.rows]
    proofs = Material.objects.filter(application__in=shown, kind__in=obligations.PROOFS, replaced_at__isnull=True)
    file_of = {row.application_id: row.file for row in proofs.select_related("file")}
    places = Candidate.objects.filter(application__in=shown, state__in=IN_SESSION).select_related("session")
    session_of = {row.application_id: row.session for row in places}
    slots = hours.late_hours(page.rows)
    context = {
        "page": page,
        "rows": [(row, file_of.get(row.pk), session_of.get(row.pk), slots[row.pk]) for row in page.rows],
        "ticked": set(ids),
        "reason": reason,
        "any_proof": bool(file_of),
        "refusal": refusal,
        "outcomes": outcomes,
    }
    status = 422 if refusal else outcomes.status if outcomes else 200
    return render(request, "exams/hours.html", context, status=status)
