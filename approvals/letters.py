"""Decision letters (决定书) as PDF in the form of GB/T 9704, in the name of the licensing authority (rules 9).

A letter is made once, from the decision as it stands, and never changed. Making it is slow beside the decision,
so that it happens after the commit: ``Decision.letter`` empty is the work still to do.
"""

from django.conf import settings

from approvals.models import Decision, DecisionOutcome
from certification import clock
from certification.catalogue.models import ApplicationKind, Category
from certification.documents.rendering import render_pdf
from certification.organisations.models import User
from certification.records.models import StoredFile
from certification.rulebook import lookup
from certification.rulebook.models import RuleEdition
from certification.workflow import activity
from exams.models import ExamApplication

TEMPLATES = {
    DecisionOutcome.GRANTED: "approvals/letters/granted.html",
    DecisionOutcome.REFUSED: "approvals/letters/refused.html",
}
TITLES = {
    DecisionOutcome.GRANTED: "准予行政许可决定书",
    DecisionOutcome.REFUSED: "不予行政许可决定书",
}
RELATED = (
    "applicant__batch__organiser",
    "applicant__candidate__application__person",
    "applicant__candidate__application__job_type__group",
    "certificate",
)


@activity
def write_letter(*, actor, now, decision_id: int) -> StoredFile:
    """The letter of one decision, made and stored if it is not there yet. Doing it twice gives the same file."""
    decision = Decision.objects.select_for_update(of=("self",)).select_related(*RELATED).get(pk=decision_id)
    if decision.letter_id is None:
        decision.letter = StoredFile.store(
            render(decision),
            name=f"{TITLES[DecisionOutcome(decision.outcome)]}（{decision.number}）.pdf",
            media_type="application/pdf",
            owner=decision,
            actor=actor,
            now=now,
        )
        decision.save(update_fields=["letter"])
    return decision.letter


def write_missing(decision_ids: list[int] | None = None) -> int:
    """Make the missing letters one by one, each in its own transaction; returns how many."""
    missing = Decision.objects.filter(letter__isnull=True)
    if decision_ids is not None:
        missing = missing.filter(pk__in=decision_ids)
    ids = list(missing.order_by("pk").values_list("pk", flat=True))
    system = User.objects.system() if ids else None
    for decision_id in ids:
        write_letter(actor=system, decision_id=decision_id)
    return len(ids)


def render(decision: Decision) -> bytes:
    """The letter's PDF; the same decision gives the same bytes."""
    return render_pdf(TEMPLATES[DecisionOutcome(decision.outcome)], context_of(decision))


def context_of(decision: Decision) -> dict:
    """What the letter's template reads."""
    application = decision.applicant.candidate.application
    decided_on = clock.day_of(decision.decided_at)
    edition = lookup.edition_on(decided_on)
    return {
        "title": TITLES[DecisionOutcome(decision.outcome)],
        "number": decision.number,
        "authority": settings.LICENSING_AUTHORITY,
        "signed_on": decided_on,
        "person": application.person,
        "application": application,
        "organiser": decision.applicant.batch.organiser,
        "batch_number": decision.applicant.batch.number,
        "received_at": decision.applicant.received_at,
        "accepted_at": decision.applicant.accepted_at,
        **_granted(decision, application, edition),
        **_refused(decision, edition),
    }


def _granted(decision: Decision, application: ExamApplication, edition: RuleEdition) -> dict:
    return {
        "certificate": decision.certificate,
        "is_review": application.kind == ApplicationKind.PERIODIC_REVIEW,
        "is_renewal": application.kind == ApplicationKind.RENEWAL,
        "category_one": application.category == Category.ONE,
        "electronic": lookup.values("certificate", "electronic", edition),
    }


def _refused(decision: Decision, edition: RuleEdition) -> dict:
    return {
        "facts": decision.facts.splitlines(),
        "basis": decision.basis.splitlines(),
        "reasons": decision.reasons.splitlines(),
        "remedies": lookup.values("certificate", "remedies", edition),
        "reconsideration_authority": settings.RECONSIDERATION_AUTHORITY,
        "reconsideration_channel": settings.RECONSIDERATION_CHANNEL,
        "court": settings.COURT,
    }
