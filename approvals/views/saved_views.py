"""Keeping a list as it is filtered, by name."""

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from approvals.lists import saved_views
from approvals.models import Place
from certification.refusals import Incomplete, Refusal

LISTS = {
    Place.REVIEWS: "approvals:reviews",
    Place.REPORTS: "approvals:reports",
    Place.REVIEWED: "approvals:reviewed",
}


@require_POST
def view_keep(request):
    """Keep the filter that the page shows."""
    place, query = request.POST.get("place", ""), request.POST.get("query", "")
    if place not in LISTS:
        raise Http404
    name = request.POST.get("name", "")
    done = f"已保存为“{name.strip()}”。"
    return _do(
        request, place, query, done, lambda: saved_views.keep(actor=request.user, place=place, name=name, query=query)
    )


@require_POST
def view_change(request, pk: int):
    """Rename it, make it the default or no longer, or delete it."""
    common = {"actor": request.user, "view_id": pk}
    acts = {
        "rename": ("已改名。", lambda: saved_views.rename(name=request.POST.get("name", ""), **common)),
        "default": ("已设为默认。", lambda: saved_views.make_default(**common)),
        "not_default": ("不再默认打开。", lambda: saved_views.make_default(default=False, **common)),
        "delete": ("已删除。", lambda: saved_views.delete(**common)),
    }
    act, place = request.POST.get("act", ""), request.POST.get("place", "")
    if act not in acts or place not in LISTS:
        raise Http404
    return _do(request, place, request.POST.get("query", ""), *acts[act])


def _do(request, place: str, query: str, done: str, act):
    try:
        act()
    except ObjectDoesNotExist:
        raise Http404 from None
    except Incomplete as incomplete:
        messages.warning(request, " ".join(problem.message for problem in incomplete.problems))
    except Refusal as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, done)
    return redirect(f"{reverse(LISTS[Place(place)])}?{query}")
