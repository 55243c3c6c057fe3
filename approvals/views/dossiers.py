"""Dossiers: what is there, what is missing and who brings it, sealing; institutions see their own class only."""

from django.contrib import messages
from django.db.models import F, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from approvals.dossiers import completeness, keeping, sealing
from approvals.dossiers.opening import plans_in, unfinished
from approvals.dossiers.sections import contents
from approvals.models import Dossier
from approvals.states import DossierState
from certification import clock
from certification.jobs import errands
from certification.organisations.access import may
from certification.organisations.roles import REACH, Reach
from certification.paging import keyset_page
from certification.portal import timeline
from certification.portal.confirm import confirm_page
from certification.portal.errands import progress_of
from certification.refusals import Refusal
from exams.models import Candidate
from training.models import TrainingPlan


@require_safe
def dossiers(request):
    """Dossiers within this person's reach; an institution sees the parts of its own classes."""
    if _only_parts(request.user):
        return _parts(request)
    rows = Dossier.objects.visible_to(request.user).select_related("session__job_type", "session__organiser")
    state = request.GET.get("state", "")
    if state in DossierState.values:
        rows = rows.filter(state=state)
    page = keyset_page(request, rows, ("-pk",))
    context = {"page": page, "state": state, "states": DossierState.choices}
    return render(request, "approvals/dossiers/list.html", context)


def _parts(request):
    rows = Candidate.objects.filter(
        application__plan__in=TrainingPlan.objects.visible_to(request.user), session__dossier__isnull=False
    )
    pairs = rows.annotate(dossier=F("session__dossier"), plan=F("application__plan"))
    page = keyset_page(request, pairs.values_list("dossier", "plan", named=True).distinct(), ("-dossier", "-plan"))
    found = Dossier.objects.select_related("session__job_type", "session__organiser")
    found = found.in_bulk([pair.dossier for pair in page])
    plans = TrainingPlan.objects.select_related("job_type").in_bulk([pair.plan for pair in page])
    context = {"page": page, "parts": [(found[pair.dossier], plans[pair.plan]) for pair in page]}
    return render(request, "approvals/dossiers/parts.html", context)


@require_safe
def dossier(request, pk: int):
    """One dossier: completeness with owners, what it holds, what was sealed."""
    found = _dossier(request, Dossier.objects.visible_to(request.user), pk)
    errand = errands.last_about(_next_errand(found), found)
    at_work = errand is not None and errand.at_work
    if request.htmx:
        return progress_of(request, errand, request.path)
    plans = list(plans_in(found.session))
    owns = may(request.user, sealing.ACTION) and found.session.organiser_id == request.user.organisation_id
    waiting = unfinished(found.session) if found.state == DossierState.OPEN else []
    context = {
        **_content(found, plans, whole=True),
        "plans": plans,
        "waiting": waiting,
        "errand": errand if at_work else None,
        "errand_label": errands.label_of(errand) if errand else "",
        "errand_url": request.path,
        "refusal": errands.refusal_of(errand) if owns else None,
        "may_seal": owns and found.state == DossierState.OPEN and not waiting and not at_work,
        "may_append": owns and found.state == DossierState.SEALED and not at_work,
        "may_hold": may(request.user, keeping.HOLD),
        "additions": list(found.additions.select_related("pdf", "archive", "sealed_by__person")),
        "retention": keeping.retention_of(found),
        "hold": keeping.hold_on(found),
        "entries": timeline.entries(found),
    }
    return render(request, "approvals/dossiers/detail.html", context)


def _next_errand(found: Dossier) -> str:
    """What may be under way about the dossier as it stands."""
    return sealing.SEAL if found.state == DossierState.OPEN else sealing.APPEND


@require_safe
def dossier_part(request, pk: int, plan_id: int):
    """The part of one class: for its institution, and for whoever sees the dossier."""
    plan = get_object_or_404(TrainingPlan.objects.visible_to(request.user), pk=plan_id)
    found = _dossier(request, Dossier.objects.filter(session__candidates__application__plan=plan).distinct(), pk)
    inside = not _only_parts(request.user)
    context = {**_content(found, [plan], whole=False, inside=inside), "plan": plan}
    return render(request, "approvals/dossiers/part.html", context)


@require_http_methods(["GET", "POST"])
def dossier_seal(request, pk: int):
    """Say what sealing does and what is missing, then seal."""
    found = _dossier(request, Dossier.objects.visible_to(request.user), pk)
    refusal = None
    if request.method == "POST":
        try:
            sealing.ask_to_seal(actor=request.user, dossier_id=found.pk)
            return redirect("approvals:dossier", found.pk)
        except Refusal as caught:
            refusal = caught
    missing = [
        entry
        for entry in completeness.check(found.session, list(plans_in(found.session)), whole=True)
        if not entry.complete
    ]
    return confirm_page(
        request,
        title=f"封存档案 {found.number}",
        sentence=f"将{found.session}的全部资料封存为一份 PDF 和一份压缩包，附校验目录。封存后不再改动。"
        + (f"现有{len(missing)}项缺项，将如实列入封存目录：" if missing else "资料齐全，没有缺项。"),
        consequences=[f"{entry.title}：{entry.missing}（{entry.owner}）" for entry in missing],
        action_label="封存",
        cancel_url=reverse("approvals:dossier", args=[found.pk]),
        subject=found.number,
        refusal=refusal,
    )


@require_POST
def dossier_append(request, pk: int):
    """Have what happened since the last seal appended."""
    found = _dossier(request, Dossier.objects.visible_to(request.user), pk)
    try:
        sealing.ask_to_append(actor=request.user, dossier_id=found.pk)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect("approvals:dossier", found.pk)


def _only_parts(user) -> bool:
    reaches = {REACH[role] for role in user.roles_on(clock.today())}
    return not reaches & {Reach.PROVINCE, Reach.CITY}


def _dossier(request, rows: QuerySet[Dossier], pk: int) -> Dossier:
    related = rows.select_related(
        "session__organiser", "session__job_type", "session__site", "pdf", "archive", "sealed_by__person"
    )
    found = related.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _content(found: Dossier, plans: list[TrainingPlan], *, whole: bool, inside: bool = True) -> dict:
    """The tables as they stand now, by class; papers are linked, each behind its own check."""
    held = contents(found.session, plans, whole=whole, masked=True, inside=inside)
    parts: dict = {}
    for section in held.sections:
        if section.rows:
            parts.setdefault(section.plan, []).append(section)
    return {
        "dossier": found,
        "session": found.session,
        "parts": list(parts.items()),
        "papers": held.papers,
        "entries_list": completeness.check(found.session, plans, whole=whole),
    }
