"""The list beside the case: where the case stands among its neighbours, by the filter that the address carries."""

from dataclasses import dataclass

from django.urls import reverse

from approvals.forms.lists import ListFilter
from approvals.lists import queue
from approvals.reviews.stages import BY_STATE, RECORD, Step
from approvals.views.reviews import asked, list_address
from certification.organisations.access import may
from exams.models import ExamApplication

# Rows shown before and behind the case.
BEFORE, BEHIND = 5, 15


@dataclass(frozen=True)
class Pane:
    """``lines`` with the case among them where it still waits; the addresses of list, previous and next case ("" for
    none), and what a case's address carries behind ?."""

    lines: list[queue.Line]
    step: Step
    query: str
    list_url: str
    previous_url: str
    next_url: str


def pane_of(request, application: ExamApplication) -> Pane | None:
    """The list from which ``application`` was opened; None for those who have no list of reviews, and where the case
    was not opened from one and waits for no review that the user sees."""
    form = filter_of(request, application)
    if form is None:
        return None
    rows = queue.for_lines(form.narrow(queue.waiting(request.user, form.step)), form.step)
    before, behind = queue.around(rows, application, BEFORE, BEHIND, queue.order_of(form.step))
    here = [row for row in behind if row.pk == application.pk]
    following = [row for row in behind if row.pk != application.pk]
    return Pane(
        [queue.line_of(row) for row in [*before, *here, *following]],
        form.step,
        form.query,
        list_address(form.step.stage, form.query),
        case_address(before[-1], form.query) if before else "",
        case_address(following[0], form.query) if following else "",
    )


def filter_of(request, application: ExamApplication) -> ListFilter | None:
    """The filter that the address carries, of the review that it names or the case waits for."""
    if not may(request.user, "approvals.view_reviews"):
        return None
    steps = queue.steps_of(request.user)
    if may(request.user, RECORD.action):
        steps = [*steps, RECORD]
    if request.GET.get("stage") in [step.stage for step in steps]:
        return asked(request.GET, request.user, steps)
    step = RECORD if application.awaits_record else BY_STATE.get(application.state)
    return asked({"stage": step.stage}, request.user, steps) if step in steps else None


def next_address(request, application: ExamApplication, step: Step) -> str:
    """Where to go after an opinion on ``application`` (as it stood before): the next case of the list that it was
    opened from, or the page of the hand-over where nothing is left to read in it."""
    form = filter_of(request, application)
    if form is None or form.step != step:
        following = queue.next_after(request.user, application, step)
        query = ""
    else:
        following = queue.next_after(
            request.user, application, step, form.narrow(queue.waiting(request.user, form.step))
        )
        query = form.query
    return case_address(following, query) if following else reverse("approvals:hand_over")


def case_address(application: ExamApplication, query: str) -> str:
    """The case's page, with the list that it belongs to."""
    url = reverse("approvals:case", args=[application.pk])
    return f"{url}?{query}" if query else url
