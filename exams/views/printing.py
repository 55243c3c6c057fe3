"""Admission tickets and sign-in lists."""

from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from certification import clock
from certification.documents.responses import pdf_response
from certification.jobs import errands
from certification.portal.errands import progress_of
from certification.records import accesses
from certification.refusals import Refusal
from exams.models import Candidate, SessionPart
from exams.tickets import printing, ticket_files
from exams.views.sessions import own_session, session_of, session_page


@require_GET
def candidate_ticket(request, pk: int):
    """One candidate's ticket."""
    visible = printing.with_ticket().filter(pk__in=Candidate.objects.visible_to(request.user))
    candidate = get_object_or_404(visible, pk=pk)
    try:
        content = printing.tickets([candidate])
    except Refusal as refusal:
        return session_page(request, session_of(request, candidate.session_id), refusal=refusal)
    _taken_out(request, candidate.application, "准考证", 1)
    return pdf_response(content, f"ticket-{candidate.ticket_number}.pdf")


@require_http_methods(["GET", "POST"])
def session_tickets(request, pk: int):
    """All tickets of a session that the user may see (an institution: those of its own people) in one file; many are
    made by the background."""
    session = session_of(request, pk)
    rows = list(ticket_files.of(request.user, session))
    if len(printing.admitted(rows)) > ticket_files.AT_ONCE:
        return _by_errand(request, session, len(printing.admitted(rows)))
    try:
        content = printing.tickets(rows)
    except Refusal as refusal:
        return session_page(request, session, refusal=refusal)
    _taken_out(request, session, "准考证", len(printing.admitted(rows)))
    return pdf_response(content, f"tickets-{session.number}.pdf")


def _by_errand(request, session, persons: int):
    """Ask for the file, how far it is, then the file itself."""
    here = reverse("exams:session_tickets", args=[session.pk])
    if request.method == "POST":
        ticket_files.ask(actor=request.user, session=session)
        _taken_out(request, session, "准考证", persons)
        return redirect(here)
    errand = ticket_files.last_for(request.user, session)
    at_work = errand is not None and errand.at_work
    if request.htmx:
        return progress_of(request, errand, here)
    context = {
        "session": session,
        "persons": persons,
        "errand": errand if at_work else None,
        "errand_label": errands.label_of(errand) if errand else "",
        "errand_url": here,
        "refusal": errands.refusal_of(errand),
        "made": ticket_files.made_by(errand) if errand and not at_work else None,
        "made_at": errand.asked_at if errand else None,
    }
    return render(request, "exams/tickets.html", context)


@require_GET
def sign_in_list(request, pk: int, part: str):
    """The sign-in list of one part."""
    session = own_session(request, pk)
    place = get_object_or_404(SessionPart, session=session, part=part.upper())
    try:
        content = printing.sign_in_list(session, place)
    except Refusal as refusal:
        return session_page(request, session, refusal=refusal)
    _taken_out(request, session, f"考生签到表（{place.get_part_display()}）", place.seats.count())
    return pdf_response(content, f"sign-in-{session.number}-{part}.pdf")


def _taken_out(request, subject, what: str, persons: int) -> None:
    """Tickets and sign-in lists bear whole identity numbers: who took them out is on record (rules 5)."""
    accesses.take_out(subject, actor=request.user, now=clock.now(), what=what, persons=persons)
