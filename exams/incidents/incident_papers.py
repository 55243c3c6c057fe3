"""The decision on an incident in writing (考试违规处理决定书), in the form of GB/T 9704 and in the organiser's name:
what the candidate is handed when they are told of it (rules 8)."""

from certification import clock
from certification.documents.rendering import render_pdf
from certification.refusals import WrongState
from exams.incidents import acts
from exams.incidents.reporting import evidence_of
from exams.models import Incident
from exams.models.incidents import TOLD

VIEW = "exams.incident.paper"
TEMPLATE = "exams/documents/incident_decision.html"
TITLE = "考试违规处理决定书"


def on_paper(incident: Incident) -> bool:
    """Whether there is a decision about a candidate that can be handed to them."""
    return incident.state in TOLD and incident.candidate_id is not None


def render(incident: Incident) -> bytes:
    """The decision as PDF; the same incident gives the same bytes. Raises WrongState where nothing was decided about a
    candidate, and what ``render_pdf`` raises."""
    if not on_paper(incident):
        raise WrongState(f"“{incident}”没有可以送交考生的处理决定。")
    decided_on = clock.day_of(incident.decided_at)
    context = {
        "title": TITLE,
        "number": incident.number,
        "authority": incident.session.organiser.name,
        "signed_on": decided_on,
        "incident": incident,
        "person": incident.candidate.application.person,
        "session": incident.session,
        "files": evidence_of(incident),
        "review_days": acts.review_days(decided_on),
    }
    return render_pdf(TEMPLATE, context)
