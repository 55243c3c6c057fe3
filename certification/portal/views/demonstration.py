"""The buttons of the demonstration banner."""

from datetime import date

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from certification import clock
from certification.portal.demonstration_clock import (
    step_one_day,
    step_one_hour,
    step_to_chosen_day,
    step_to_next_deadline,
)
from certification.portal.templatetags.components import cn_date
from certification.refusals import Refusal


@require_POST
def step(request):
    """Move by an hour, by a day, to the next deadline or to a chosen day, and come back to where the button was; 404
    in production."""
    if not settings.CLOCK_MAY_MOVE:
        raise Http404
    shown = _shown_day(request)
    try:
        reached = _step(request, shown)
        ran = "，期间各日的任务已执行" if reached != shown else ""
        messages.success(request, f"演示时钟已前进到{cn_date(reached)} {clock.now():%H:%M}{ran}。")
    except Refusal as refusal:
        clock.forget()
        messages.warning(request, str(refusal))
    return redirect(_back(request))


def _step(request, shown: date) -> date:
    match request.POST.get("step"):
        case "deadline":
            return step_to_next_deadline(actor=request.user, shown=shown)
        case "hour":
            return step_one_hour(shown=shown)
        case "date":
            return step_to_chosen_day(request.POST.get("to_day", ""), shown=shown)
        case _:
            return step_one_day(shown=shown)


def _shown_day(request) -> date:
    try:
        return date.fromisoformat(request.POST.get("from_day", ""))
    except ValueError:
        raise BadRequest("日期无效") from None


def _back(request) -> str:
    address = request.POST.get("next", "")
    return address if url_has_allowed_host_and_scheme(address, allowed_hosts=None) else "/"
