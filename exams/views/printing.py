"""Admission tickets and sign-in lists."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from certification import clock
from certification.records import accesses
from certification.refusals import Refusal
from exams import printing
from exams.models import Candidate, SessionPart
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


@require_GET
def session_tickets(request, pk: int):
    """All tickets of a session that the user may see (an institution: those of its own people) in one file."""
    session = session_of(request, pk)
    candidates = printing.with_ticket().filter(
        session=session, pk__in=Candidate.objects.visible_to(request.user).filter(session=session)
    )
    try:
        rows = list(candidates.order_by("ticket_number", "pk"))
        content = printing.tickets(rows)
    except Refusal as refusal:
        return session_page(request, session, refusal=refusal)
    _taken_out(request, session, "准考证", len(printing.admitted(rows)))
    return pdf_response(content, f"tickets-{session.number}.pdf")


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


def pdf_response(content: bytes, name: str) -> HttpResponse:
    """A PDF to look at in place."""
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}"'
    return response
