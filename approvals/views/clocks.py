"""The clocks of a decision on screen: side by side for one person, standing still, going on again, the papers."""

from datetime import date

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_http_methods, require_safe

from approvals.clocks import clock_papers, extending, pausing, standing
from approvals.forms.clocks import ExtensionFilter, PauseForm, ResumeForm
from approvals.models import ClockNotice, ExtensionProposal, LicenceApplicant
from approvals.reviews.telling import is_office
from approvals.states import IN_DECISION, ExtensionState
from approvals.views import papers
from approvals.views.selection import chosen_people, show_results
from certification import clock
from certification.deadlines import pauses
from certification.deadlines.models import Pause
from certification.organisations.access import may
from certification.paging import keyset_page
from certification.portal import timeline
from certification.refusals import Refusal
from certification.workflow import Result

TABS = {"paused": "中止计算中", "extensions": "延长期限"}


@require_safe
def of_applicant(request, pk: int):
    """The clocks of one person with everything that moved them; the institution's page of it too."""
    row = get_object_or_404(
        LicenceApplicant.objects.visible_to(request.user).select_related(
            "batch__organiser",
            "acceptance",
            "candidate__application__person",
            "candidate__application__job_type",
            "candidate__application__institution",
        ),
        pk=pk,
    )
    application, inside = row.candidate.application, is_office(request.user)
    context = {
        "applicant": row,
        "application": application,
        "person": application.person,
        "may_see_case": may(request.user, "approvals.view_licences"),
        "entries": timeline.entries(row, inside=inside),
        **shown(request.user, row),
    }
    return render(request, "approvals/clocks/applicant.html", context)


def shown(user, applicant: LicenceApplicant) -> dict:
    """What ``clocks/faces.html`` and ``clocks/events.html`` read, with what ``user`` may do about it."""
    now, found = clock.now(), standing.events(applicant, inside=is_office(user))
    in_decision = applicant.state in IN_DECISION
    proposes = in_decision and may(user, extending.PROPOSE)
    return {
        "faces": standing.faces(applicant, now),
        "events": found,
        "overdrawn": found.running is not None and found.running.is_overdrawn_on(clock.day_of(now)),
        "may_pause": in_decision and found.running is None and may(user, pausing.ACTION),
        "may_resume": found.running is not None and may(user, pausing.ACTION),
        "may_propose": proposes
        and not any(row.state == ExtensionState.REQUESTED for row in found.extensions)
        and applicant.pk not in extending.obstacles_for([applicant], now),
        "may_withdraw": may(user, extending.PROPOSE),
        "may_approve": may(user, extending.APPROVE),
    }


@require_http_methods(["GET", "POST"])
def pause(request):
    """Ask why and until when, then let the clocks of those chosen stand still, with a result per person."""
    rows = chosen_people(request)
    if not rows:
        return redirect(_back())
    form = PauseForm(request.POST if "confirmed" in request.POST else None, initial={"kind": Pause.Kind.HEARING})
    refusal = None
    if form.is_bound and form.is_valid():
        try:
            results = pausing.pause(actor=request.user, applicant_ids=[row.pk for row in rows], **form.cleaned_data)
        except ObjectDoesNotExist:
            raise Http404 from None
        except Refusal as found:
            refusal = place(form, found)
        else:
            if answer := answered(request, results, title="中止计算期限", done="已中止计算", back=_back()):
                return answer
            refusal = results[0].refusal
    context = {"form": form, "rows": rows, "refusal": refusal, "back": _place_of(rows)}
    return render(request, "approvals/clocks/pause.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
def resume(request):
    """Show which day each clock ends on by the last day given, then let them go on, with a result per person.

    Nothing is done by a day whose consequences were not shown: another day is shown first.
    """
    rows = chosen_people(request)
    if not rows:
        return redirect(_back())
    now = clock.now()
    running = pauses.running(rows)
    bound = "confirmed" in request.POST
    default = pausing.last_day_default(running.values(), now)
    form = ResumeForm(request.POST if bound else None, initial={"last_day": default})
    valid = bound and form.is_valid()
    day, refusal = (form.cleaned_data.get("last_day") if bound else default), None
    seen = parse_date_or_none(request.POST.get("previewed", "")) == day
    if valid and seen:
        try:
            results = pausing.resume(actor=request.user, applicant_ids=[row.pk for row in rows], **form.cleaned_data)
        except ObjectDoesNotExist:
            raise Http404 from None
        except Refusal as found:
            refusal = place(form, found)
        else:
            if answer := answered(request, results, title="恢复计算期限", done="已恢复计算", back=_back()):
                return answer
            refusal = place(form, results[0].refusal)
    context = {
        "form": form,
        "rows": [(row, running.get(row.pk)) for row in rows],
        "moves": _moves(rows, running, day, clock.day_of(now)),
        "day": day,
        "changed": valid and not seen,
        "refusal": refusal,
        "back": _place_of(rows),
    }
    failed = bound and (refusal is not None or bool(form.errors))
    return render(request, "approvals/clocks/resume.html", context, status=422 if failed else 200)


@require_safe
def desk(request):
    """Everything that stands still, the longest first; and what the head was asked, is asked, and said."""
    tab = request.GET.get("tab", "")
    tab = tab if tab in TABS else "paused"
    context = {"tab": tab, "tabs": list(TABS.items()), "today": clock.today()}
    context |= _paused(request) if tab == "paused" else _extensions(request)
    return render(request, "approvals/clocks/desk.html", context)


@require_safe
def notices(request):
    """The register of papers about clocks, the newest first."""
    rows = ClockNotice.objects.visible_to(request.user).select_related(
        "applicant__candidate__application__person", "applicant__candidate__application__institution"
    )
    return render(request, "approvals/clocks/notices.html", {"page": keyset_page(request, rows, ("-pk",))})


@require_safe
def paper(request, pk: int):
    """The paper of a notice; made now if the job has not made it yet."""
    notice = get_object_or_404(ClockNotice.objects.visible_to(request.user), pk=pk)
    return papers.sent(request, clock_papers.KIND, notice, back=reverse("approvals:clock_notices"))


def answered(request, results: list[Result], *, title: str, done: str, back: str):
    """Where an act leads: one person's to their clocks with a word, many people's to a result each; None where it was
    one person's and refused, which belongs on the form."""
    if len(results) > 1:
        return show_results(request, results, title=title, done=done, back=back)
    if results[0].refusal:
        return None
    row = results[0].row
    messages.success(request, f"{done}：{row}。")
    return redirect("approvals:clocks", getattr(row, "applicant_id", row.pk))


def place(form, refusal: Refusal) -> Refusal | None:
    """Each problem at its field; what belongs to no field is left to be shown above the form."""
    rest = [one for one in getattr(refusal, "problems", []) if one.field not in form.fields]
    for one in getattr(refusal, "problems", []):
        if one.field in form.fields:
            form.add_error(one.field, one.message)
    return refusal if rest or not hasattr(refusal, "problems") else None


def parse_date_or_none(text: str) -> date | None:
    """The day that ``text`` writes, None where it writes none."""
    try:
        return parse_date(text)
    except ValueError:
        return None


def _paused(request) -> dict:
    people = LicenceApplicant.objects.visible_to(request.user).values("pk")
    running = Pause.objects.about_model(LicenceApplicant).running().filter(subject_id__in=people)
    page = keyset_page(request, running.select_related("started_by__person"), ("starts_on", "pk"))
    rows = standing.paused_people(request.user, page.rows)
    return {"page": page, "rows": rows, "may_act": may(request.user, pausing.ACTION)}


def _extensions(request) -> dict:
    form = ExtensionFilter(request.GET)
    rows = ExtensionProposal.objects.visible_to(request.user).select_related(*extending.RELATED)
    chosen = form.cleaned_data["state"] if form.is_valid() else ""
    if chosen:
        rows = rows.filter(state=chosen)
    page = keyset_page(request, rows, ("-pk",))
    approves = may(request.user, extending.APPROVE)
    return {
        "form": form,
        "is_set": bool(chosen),
        "page": page,
        "any_to_decide": approves and any(row.state == ExtensionState.REQUESTED for row in page),
        "may_withdraw": may(request.user, extending.PROPOSE),
    }


def _moves(rows, running, day: date | None, today: date) -> list[tuple]:
    """Applicant, deadline, day before, day after, whether that is over already; nothing where the day is no day."""
    stopped = [row for row in rows if row.pk in running and day and running[row.pk].starts_on <= day <= today]
    names = {row.pk: row for row in stopped}
    return [
        (names[row.subject_id], row, found.due_on, found.due_on < today and not found.provisional)
        for row, found in pauses.after_resume(stopped, day)
    ]


def _back() -> str:
    return reverse("approvals:clock_desk")


def _place_of(rows) -> str:
    """Where somebody who changes their mind goes: the person's clocks, or the desk of many."""
    if len(rows) == 1:
        return reverse("approvals:clocks", args=[rows[0].pk])
    return _back()
