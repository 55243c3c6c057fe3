"""提级审核 on screen: what cities have not reviewed by their day, taking it over, and what was taken over."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from approvals.forms.takeovers import TakeOverForm
from approvals.models import TakeOver
from approvals.takeovers import taking_over
from approvals.takeovers.taken_over import may_be_taken, missed
from approvals.views.selection import show_results
from certification import clock
from certification.deadlines.models import Deadline
from certification.paging import keyset_page
from certification.refusals import Refusal
from certification.selection import ticked
from certification.workdays import calendars
from certification.workdays.counting import Calendar
from exams.models import ExamApplication

RELATED = ("person", "job_type", "institution", "organiser")


@dataclass(frozen=True)
class Late:
    """An application whose city missed ``deadline``; without one it cannot be taken over."""

    application: ExamApplication
    deadline: Deadline | None
    words: str


@require_safe
def overdue(request):
    """Reviews that a city has not finished by its day, the longest overdue first; ticked ones are taken over."""
    page = keyset_page(request, may_be_taken(request.user, clock.now()).select_related(*RELATED), ("missed_on", "pk"))
    return render(request, "approvals/takeovers/overdue.html", {"page": page, "rows": _late(page.rows)})


@require_http_methods(["GET", "POST"])
def take_over(request):
    """What would be taken over, with names and numbers; POST with a reason takes it over. A result per person."""
    rows = _chosen(request)
    back = reverse("approvals:takeovers")
    if not rows:
        messages.info(request, "请先勾选要提级审核的申报。")
        return redirect(back)
    form = TakeOverForm(request.POST if "confirmed" in request.POST else None)
    refusal = None
    if form.is_bound and form.is_valid():
        ids, reason = [row.pk for row in rows], form.cleaned_data["reason"]
        try:
            results = taking_over.take_over(actor=request.user, application_ids=ids, reason=reason)
        except ObjectDoesNotExist:
            raise Http404 from None
        except Refusal as found:
            refusal = found
        else:
            if len(results) > 1 or not results[0].ok:
                return show_results(request, results, title="提级审核", back=back, done="已提级审核")
            told = "设区市和培训机构已收到通知"
            messages.success(request, f"已对{rows[0].person.name}（{rows[0].number}）提级审核，{told}。")
            return redirect("approvals:case", rows[0].pk)
    late = _late(rows)
    takeable = [row for row in late if row.deadline]
    context = {
        "form": form,
        "rows": takeable,
        "obstacles": [row for row in late if not row.deadline],
        "cities": dict(Counter(row.application.organiser.short_name for row in takeable)),
        "refusal": refusal,
        "back": back,
    }
    return render(request, "approvals/takeovers/confirm.html", context, status=422 if form.is_bound else 200)


@require_safe
def taken_over(request):
    """What the province took over, the newest first: the city sees here why, and what became of it."""
    rows = TakeOver.objects.visible_to(request.user).select_related(
        *(f"application__{name}" for name in RELATED), "deadline", "taken_by__person", "on_behalf_of__person"
    )
    page = keyset_page(request, rows, ("-at", "-pk"))
    calendar = calendars.current()
    lines = [(row, _words(calendar, row.deadline.due_on, clock.day_of(row.at))) for row in page]
    return render(request, "approvals/takeovers/register.html", {"page": page, "lines": lines})


def _chosen(request) -> list[ExamApplication]:
    """Those whom the request names under ``ids``; another's answers 404."""
    ids = set(ticked(request.POST, "ids") or ticked(request.GET, "ids"))
    rows = ExamApplication.objects.visible_to(request.user).filter(pk__in=ids).select_related(*RELATED)
    found = list(rows.order_by("pk"))
    if len(found) != len(ids):
        raise Http404
    return found


def _late(applications: Iterable[ExamApplication]) -> list[Late]:
    rows, now = list(applications), clock.now()
    by_id = missed(rows, now)
    today, calendar = clock.day_of(now), calendars.current()
    return [
        Late(row, by_id.get(row.pk), _words(calendar, by_id[row.pk].due_on, today) if row.pk in by_id else "")
        for row in rows
    ]


def _words(calendar: Calendar, due_on: date, day: date) -> str:
    return f"逾期 {calendar.between(due_on, day)} 个工作日"
