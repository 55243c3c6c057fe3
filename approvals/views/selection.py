"""Bulk actions on what was ticked, and the page with a result per row."""

from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from approvals.licences.licensing import APPLICANT_RELATED
from approvals.models import LicenceApplicant
from certification.deadlines import cases
from certification.portal import navigation
from certification.refusals import Incomplete, Refusal
from certification.selection import ticked
from certification.workflow import Result


def run_bulk(
    request,
    act,
    *,
    title: str,
    back: str,
    done: str,
    following: tuple[str, str] = ("", ""),
    then: str = "",
    again: Callable[[Incomplete], HttpResponse] | None = None,
):
    """Run ``act(ids)`` on what was ticked and show a result per row.

    ``following`` is the next step after it, label and address; ``then`` says in a sentence who acts next. Nothing
    ticked goes ``back`` with a message; another's row answers 404; a refusal of the whole shows on the page, what was
    typed wrong at its form, by ``again``.
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
        if again and isinstance(refusal, Incomplete):
            return again(refusal)
        return render(request, "approvals/results.html", _context(request, title, back, done, [], refusal), status=422)
    return show_results(request, results, title=title, back=back, done=done, following=following, then=then)


def show_results(
    request,
    results: Iterable[Result],
    *,
    title: str,
    back: str,
    done: str,
    following: tuple[str, str] = ("", ""),
    then: str = "",
):
    """The page with a result per row."""
    context = _context(request, title, back, done, results)
    context["next_label"], context["next_url"] = following if context["made"] else ("", "")
    context["then"] = then if context["made"] else ""
    return render(request, "approvals/results.html", context)


def chosen_people(request) -> list[LicenceApplicant]:
    """Those whom the request names under ``ids``, posted or in the address; with a message where it names nobody.

    Somebody whom the user may not see answers 404.
    """
    ids = set(ticked(request.POST, "ids") or ticked(request.GET, "ids"))
    if not ids:
        messages.warning(request, "请先勾选要办理的人员。")
        return []
    rows = LicenceApplicant.objects.visible_to(request.user).filter(pk__in=ids).select_related(*APPLICANT_RELATED)
    found = list(rows.order_by("pk"))
    if len(found) != len(ids):
        raise Http404
    return found


def _context(request, title: str, back: str, done: str, results: Iterable[Result], refusal=None) -> dict:
    results = list(results)
    made = sum(result.ok for result in results)
    path = urlsplit(back).path
    place = navigation.place_of(path)
    return {
        "title": title,
        "back": back,
        "place": place,
        # The list as it was asked for, where it is the place itself and not something below it.
        "place_url": back if place and place.url == path else getattr(place, "url", ""),
        "done": done,
        "results": [(result, _page_of(result.row, request.user)) for result in results],
        "made": made,
        "refused": len(results) - made,
        "refusal": refusal,
    }


def _page_of(row, user) -> str:
    """Where the case of ``row`` is shown; "" where it has no page, or none that this user opens."""
    kind = cases.kind_of(type(row))
    return kind.url_for(row, user) if kind else ""
