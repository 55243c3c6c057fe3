"""Bulk actions on what was ticked, and the page with a result per row."""

from collections.abc import Iterable

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404
from django.shortcuts import redirect, render

from certification.refusals import Refusal
from certification.selection import ticked
from certification.workflow import Result


def run_bulk(request, act, *, title: str, back: str, done: str):
    """Run ``act(ids)`` on what was ticked and show a result per row.

    Nothing ticked goes ``back`` with a message; another's row answers 404; a refusal of the whole shows on the page.
    """
    ids = ticked(request.POST, "ids")
    if not ids:
        messages.warning(request, "请先勾选要办理的人员。")
        return redirect(back)
    try:
        results = act(ids)
    except ObjectDoesNotExist:
        raise Http404 from None
    except Refusal as refusal:
        return render(request, "approvals/results.html", _context(title, back, done, [], refusal), status=422)
    return render(request, "approvals/results.html", _context(title, back, done, results))


def _context(title: str, back: str, done: str, results: Iterable[Result], refusal=None) -> dict:
    results = list(results)
    made = sum(result.ok for result in results)
    return {
        "title": title,
        "back": back,
        "done": done,
        "results": results,
        "made": made,
        "refused": len(results) - made,
        "refusal": refusal,
    }
