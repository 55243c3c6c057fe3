"""The explanation of one due date, on screen and on paper, and of any date that somebody asks for."""

from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from certification import clock
from certification.deadlines import due
from certification.deadlines.explaining.evidence import explanation_pdf as pdf_of
from certification.deadlines.explaining.explanation import explain, explain_deadline
from certification.deadlines.explaining.line import line_of_due
from certification.deadlines.explaining.versions import versions
from certification.deadlines.forms import CalculateForm
from certification.deadlines.models import Deadline, LateAdmission
from certification.documents.responses import pdf_response
from certification.refusals import Refusal
from certification.rulebook import lookup
from certification.workdays import calendars
from certification.workdays.counting import OutOfRange


@require_safe
def explanation(request, pk: int):
    """How the due date of one deadline was counted, day by day; printable."""
    return _page(request, _visible(request, pk))


@require_safe
def explanation_pdf(request, pk: int):
    """The same on paper."""
    deadline = _visible(request, pk)
    try:
        content = pdf_of(deadline, now=clock.now())
    except Refusal as refusal:
        return _page(request, deadline, refusal)
    return pdf_response(content, f"deadline-{deadline.pk}.pdf")


@require_safe
def calculate(request):
    """计算一个日期: any rule on any day, explained; the address holds both."""
    today = clock.today()
    edition = lookup.edition_on(today)
    form = CalculateForm(request.GET or None, rules=lookup.rules(edition, due.AREA))
    context = {"form": form, "edition": edition, "explanation": None}
    if form.is_bound and form.is_valid():
        try:
            context |= _calculated(form, today)
        except OutOfRange as error:
            form.add_error("event", str(error))
    return render(request, "deadlines/calculate.html", context)


def _calculated(form: CalculateForm, today) -> dict:
    rule, event_on, calendar = form.chosen, form.cleaned_data["event"], calendars.current()
    explained = explain(rule, event_on, calendar)
    found = due.due_by(rule, event_on, calendar)
    before = rule.values["direction"] == "before"
    return {
        "explanation": explained,
        "line": line_of_due(found, calendar, today),
        "earliest": due.earliest_event(rule.code, today, edition=rule.edition, calendar=calendar) if before else None,
    }


def _visible(request, pk: int) -> Deadline:
    return get_object_or_404(Deadline.objects.visible_to(request.user).for_display(), pk=pk)


def _page(request, deadline: Deadline, refusal: Refusal | None = None):
    context = {
        "deadline": deadline,
        "explanation": explain_deadline(deadline),
        "state": deadline.state_at(clock.now()),
        "versions": versions(deadline),
        "admissions": _admissions(request.user, deadline),
        "refusal": refusal,
    }
    return render(request, "deadlines/explanation.html", context, status=422 if refusal else 200)


def _admissions(user, deadline: Deadline) -> list[LateAdmission]:
    """The late admissions of this obligation that the person may see, those taken back left out."""
    rows = LateAdmission.objects.visible_to(user).about(deadline.rule.code, [deadline.subject])
    return list(rows.for_display().exclude(state=LateAdmission.State.WITHDRAWN).order_by("pk"))
