"""Handing over what was prepared: the page that says what will happen, taking back, and the hand-overs (移交单)."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from approvals.forms.handovers import HandoverFilter
from approvals.lists import queue
from approvals.models import Handover, Outcome, PreparedOpinion, Stage
from approvals.reviews import preparing
from approvals.reviews.opinions import Item
from approvals.reviews.stages import PREPARED
from certification.paging import keyset_page
from certification.refusals import Refusal
from certification.selection import ticked

RELATED = ("application__person", "application__job_type", "application__institution", "application__organiser")


@dataclass(frozen=True)
class Line:
    """One prepared opinion as the page of the hand-over shows it."""

    opinion: PreparedOpinion
    deadline: object
    items: list[Item]


@require_http_methods(["GET", "POST"])
def hand_over(request):
    """What this person has prepared, and what will happen with it; POST hands over what is ticked."""
    if request.method != "POST":
        return _ask(request)
    ids = ticked(request.POST, "ids")
    if not ids:
        messages.warning(request, "请先勾选要移交的人员。")
        return redirect("approvals:hand_over")
    try:
        handed = preparing.hand_over(actor=request.user, application_ids=ids)
    except ObjectDoesNotExist:
        raise Http404 from None
    except Refusal as refusal:
        return _ask(request, refusal=refusal)
    made = sum(result.ok for result in handed.results)
    context = {
        "results": handed.results,
        "handovers": handed.handovers,
        "made": made,
        "refused": len(handed.results) - made,
    }
    return render(request, "approvals/handovers/handed.html", context)


def _ask(request, refusal: Refusal | None = None):
    opinions = list(preparing.mine_to_hand_over(request.user).select_related(*RELATED))
    context = {
        "groups": [(Stage(stage), lines) for stage, lines in _by_stage(opinions).items()],
        "summary": preparing.summary_of((Outcome(name).label, n) for name, n in preparing.counts_of(opinions).items()),
        "people": len(opinions),
        "refusal": refusal,
    }
    return render(request, "approvals/handovers/confirm.html", context, status=422 if refusal else 200)


def _by_stage(opinions: Iterable[PreparedOpinion]) -> dict[str, list[Line]]:
    by_stage: dict[str, list[PreparedOpinion]] = {}
    for opinion in opinions:
        by_stage.setdefault(opinion.stage, []).append(opinion)
    found: dict[str, list[Line]] = {}
    for stage, rows in by_stage.items():
        deadlines = queue.deadlines_of(PREPARED[Stage(stage)], [row.application for row in rows])
        lines = [Line(row, deadlines.get(row.application_id), _items(row)) for row in rows]
        found[stage] = lines
    return found


def _items(opinion: PreparedOpinion) -> list[Item]:
    return [Item.of(item) for item in opinion.items]


@require_POST
def take_back(request):
    """Take prepared opinions back; goes on to where the request says."""
    ids = ticked(request.POST, "ids")
    try:
        results = preparing.take_back(actor=request.user, application_ids=ids)
    except ObjectDoesNotExist:
        raise Http404 from None
    for result in results:
        if result.ok:
            messages.success(request, f"{result.row.person}（{result.row.number}）：拟定的意见已撤回。")
        else:
            messages.warning(request, str(result.refusal))
    return redirect(_next(request, ids))


def _next(request, ids: list[int]) -> str:
    """The address that the form names, on this site; else the case, else the page of the hand-over."""
    wanted = request.POST.get("next", "")
    if wanted and url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}):
        return wanted
    return reverse("approvals:case", args=ids) if len(ids) == 1 else reverse("approvals:hand_over")


@require_safe
def handovers(request):
    """Hand-overs that this organisation made or received, the newest first."""
    form = HandoverFilter(request.GET or None)
    rows = form.apply(Handover.objects.visible_to(request.user), request.user)
    page = keyset_page(request, rows.select_related("sender", "receiver", "handed_by__person"), ("-at", "-pk"))
    return render(request, "approvals/handovers/list.html", {"form": form, "page": page})


@require_safe
def handover(request, pk: int):
    """One hand-over: who, to whom, the receipt, and everybody in it; to be printed and kept."""
    rows = Handover.objects.visible_to(request.user).select_related("sender", "receiver", "handed_by__person")
    found = get_object_or_404(rows, pk=pk)
    opinions = found.opinions.select_related(*RELATED, "review").order_by("pk")
    lines = [Line(row, None, _items(row)) for row in opinions]
    return render(request, "approvals/handovers/detail.html", {"handover": found, "lines": lines})
