"""巡考: the list, choosing a session (today's on top), recording a tour on a phone, one tour and what follows."""

from functools import partial
from uuid import uuid4

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from certification import clock
from certification.deadlines import ledger
from certification.deadlines.models import Deadline
from certification.forms import placed
from certification.inspections.forms import AnswerForm, ConfirmForm, ReturnForm
from certification.inspections.states import TO_REMEDY, CheckState
from certification.notices import told
from certification.organisations import separation
from certification.organisations.access import may
from certification.organisations.models import Organisation, OrganisationKind
from certification.organisations.separation import Capacity
from certification.paging import keyset_page
from certification.portal import timeline
from certification.portal.confirm import confirm_and_act
from certification.records import evidence
from certification.refusals import Refusal
from certification.rulebook import lookup
from exams.day_states import TOUR
from exams.forms.applications import Reason
from exams.forms.tours import TourForm
from exams.models import Candidate, ExamSession, InspectionTour, TourAnswer
from exams.states import OPEN_SESSIONS, SessionState
from exams.tours import touring
from exams.tours.tour_notices import tour_url

SHOWN = 30


@require_safe
def tour_list(request):
    """The tours that the person may see, the newest first."""
    rows = InspectionTour.objects.visible_to(request.user).for_display()
    state = request.GET.get("state", "")
    if state == "open":
        rows = rows.to_remedy()
    elif state in CheckState.values:
        rows = rows.filter(state=state)
    page = keyset_page(request, rows, ("-pk",))
    deadlines = {row.subject_id: row for row in Deadline.objects.open().for_display().of(None, page.rows)}
    context = {
        "page": page,
        "rows": [(row, deadlines.get(row.pk)) for row in page],
        "state": state,
        "states": [("open", "整改中"), *CheckState.choices],
        "inspects": may(request.user, touring.INSPECT),
    }
    return render(request, "exams/tour_list.html", context)


@require_safe
def tour_sessions(request):
    """Sessions to tour: today's on top, then those held of late."""
    today = clock.today()
    rows = ExamSession.objects.visible_to(request.user).select_related("job_type", "site", "organiser")
    rows = rows.exclude(state=SessionState.CANCELLED)
    here = list(rows.filter(parts__day=today).distinct().order_by("site__name", "pk")[:SHOWN])
    late = rows.filter(state=SessionState.HELD).exclude(pk__in=[row.pk for row in here])
    return render(
        request, "exams/tour_sessions.html", {"here": here, "late": list(late.order_by("-starts_on", "-pk")[:SHOWN])}
    )


@require_http_methods(["GET", "POST"])
def tour_record(request, pk: int):
    """Record a tour of a session."""
    rows = ExamSession.objects.visible_to(request.user).select_related("job_type__group", "site", "organiser")
    session = get_object_or_404(rows, pk=pk)
    edition = lookup.edition_on(clock.today())
    institutions = Organisation.objects.filter(
        pk__in=Candidate.objects.filter(session=session).values("application__institution")
    ).order_by("name")
    form = TourForm(
        request.POST or None,
        request.FILES or None,
        edition=edition,
        institutions=institutions,
        initial={"entry_key": uuid4()},
    )
    refusal = separation.breaches(request.user, Capacity.STAFFS, [session]).get(session.pk)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            made = touring.record(
                actor=request.user,
                session_id=session.pk,
                findings=form.findings,
                remarks=said["remarks"],
                remedy=said["remedy"],
                effect=said["effect"] or "NONE",
                about_id=said["about"].pk if said["about"] else None,
                photos=said["photos"],
                entry_key=said["entry_key"],
            )
            messages.success(request, f"巡考已记录，编号 {made.number}。")
            return redirect(tour_url(made))
        except Refusal as refused:
            refusal = placed(form, refused)
    context = {"session": session, "form": form, "refusal": refusal}
    return render(request, "exams/tour_record.html", context, status=422 if request.method == "POST" else 200)


@require_safe
def tour(request, pk: int):
    """One tour with its findings, photographs, answers, deadline and effect."""
    found = _visible(request, pk)
    answers = list(found.answers.select_related("answered_by__person", "judged_by__person").order_by("round"))
    files = evidence.kept(TourAnswer, [row.pk for row in answers])
    own = found.session.organiser_id == request.user.organisation_id
    judges = may(request.user, touring.INSPECT) and found.organisation_id == request.user.organisation_id
    heads = may(request.user, touring.SUSPEND) and (
        found.organisation_id == request.user.organisation_id
        or request.user.organisation.kind == OrganisationKind.PROVINCIAL_CENTRE
    )
    context = {
        "tour": found,
        "session": found.session,
        "findings": found.findings.order_by("pk"),
        "photos": evidence.kept(InspectionTour, [found.pk]).get(found.pk, []),
        "answers": [(row, files.get(row.pk, [])) for row in answers],
        "deadline": ledger.find(found.remedy_rule, found) if found.remedy_rule else None,
        "may_answer": own and may(request.user, touring.ANSWER) and found.state in TO_REMEDY,
        "may_judge": judges and TOUR.allows("confirm", found.state),
        "may_suspend": heads and found.effect == "SUSPENSION" and found.suspended_at is None,
        "may_restore": heads and found.suspended_at and not found.restored_at and found.state == "CONFIRMED",
        "may_open_session": may(request.user, "exams.session.view"),
        "entries": timeline.entries(found),
        "told": told.of(request.user, found),
    }
    return render(request, "exams/tour.html", context)


@require_http_methods(["GET", "POST"])
def tour_answer(request, pk: int):
    """Say what was done about the findings, with evidence."""
    found = _visible(request, pk)
    if found.session.organiser_id != request.user.organisation_id:
        raise Http404
    form = AnswerForm(request.POST or None, request.FILES or None)
    return _step(request, found, form, touring.answer, "报送整改情况")


@require_http_methods(["GET", "POST"])
def tour_confirm(request, pk: int):
    """Find the remedy good."""
    return _step(request, _made(request, pk), ConfirmForm(request.POST or None), touring.confirm, "确认整改合格")


@require_http_methods(["GET", "POST"])
def tour_return(request, pk: int):
    """Send the answer back."""
    found = _made(request, pk)
    edition = lookup.edition_on(clock.today())
    form = ReturnForm(
        request.POST or None, checklist=touring.CHECKLIST, edition=edition, initial={"remedy": found.remedy_rule}
    )
    return _step(request, found, form, touring.return_answer, "退回整改")


@require_http_methods(["GET", "POST"])
def tour_suspend(request, pk: int):
    """Suspend the site, with the sessions that are announced there named."""
    found = _visible(request, pk)
    rows = ExamSession.objects.filter(site=found.session.site_id, state__in=OPEN_SESSIONS)
    coming = rows.select_related("job_type").order_by("starts_on", "pk")
    consequences = [f"{row} 已公布，须由考试组织单位变更或者取消" for row in coming[:SHOWN]]
    form = Reason(request.POST or None)
    return _step(request, found, form, touring.suspend, "暂停使用考试点", consequences=consequences, danger=True)


@require_http_methods(["GET", "POST"])
def tour_restore(request, pk: int):
    """The site may be used again."""
    return _step(request, _visible(request, pk), Reason(request.POST or None), touring.restore, "恢复使用考试点")


def _step(request, found: InspectionTour, form, act, title: str, *, consequences=(), danger: bool = False):
    return confirm_and_act(
        request,
        partial(act, actor=request.user, tour_id=found.pk),
        done=f"{title}：已保存。",
        title=title,
        sentence=f"{found}，场次{found.session}。",
        consequences=consequences,
        action_label=title,
        cancel_url=tour_url(found),
        subject=found.number,
        form=form,
        danger=danger,
    )


def _visible(request, pk: int) -> InspectionTour:
    return get_object_or_404(InspectionTour.objects.visible_to(request.user).for_display(), pk=pk)


def _made(request, pk: int) -> InspectionTour:
    found = _visible(request, pk)
    if found.organisation_id != request.user.organisation_id:
        raise Http404
    return found
