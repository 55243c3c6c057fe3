"""Decision letters (决定书) as PDF in the form of GB/T 9704, in the name of the licensing authority (rules 9).

How and when letters are made: ``papers``.
"""

from collections.abc import Collection

from django.conf import settings

from approvals import papers
from approvals.models import Decision, DecisionOutcome
from approvals.remedies import remedies
from certification import clock
from certification.catalogue.models import ApplicationKind, Category
from certification.documents.rendering import render_pdf
from certification.records.models import StoredFile
from certification.rulebook import lookup
from certification.rulebook.models import RuleEdition
from exams.models import ExamApplication

TEMPLATES = {
    DecisionOutcome.GRANTED: "approvals/letters/granted.html",
    DecisionOutcome.REFUSED: "approvals/letters/refused.html",
    DecisionOutcome.NOT_ACCEPTED: "approvals/letters/not_accepted.html",
}
TITLES = {
    DecisionOutcome.GRANTED: "准予行政许可决定书",
    DecisionOutcome.REFUSED: "不予行政许可决定书",
    DecisionOutcome.NOT_ACCEPTED: "不予受理决定书",
}
RELATED = (
    "applicant__batch__organiser",
    "applicant__candidate__application__person",
    "applicant__candidate__application__job_type__group",
    "certificate",
)


def write_letter(*, actor, now=None, decision_id: int) -> StoredFile:
    """The letter of one decision, made and stored if it is not there yet; raises what ``papers.write`` raises."""
    return papers.write(actor=actor, now=now, kind=KIND, pk=decision_id)


def write_missing(decision_ids: Collection[int] | None = None) -> int:
    """Make the missing letters; returns how many (``papers.write_missing``)."""
    return papers.write_missing(KIND, decision_ids)


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
        **_refused(decision),
    }


def _granted(decision: Decision, application: ExamApplication, edition: RuleEdition) -> dict:
    return {
        "certificate": decision.certificate,
        "is_review": application.kind == ApplicationKind.PERIODIC_REVIEW,
        "is_renewal": application.kind == ApplicationKind.RENEWAL,
        "category_one": application.category == Category.ONE,
        "electronic": lookup.values("certificate", "electronic", edition),
    }


def _refused(decision: Decision) -> dict:
    return {
        "facts": decision.facts.splitlines(),
        "basis": decision.basis.splitlines(),
        "reasons": decision.reasons.splitlines(),
        "apply_to": decision.apply_to,
        **remedies(clock.day_of(decision.decided_at)),
    }


KIND = papers.Kind(
    rows=lambda: Decision.objects.select_related(*RELATED),
    name=lambda decision: f"{TITLES[DecisionOutcome(decision.outcome)]}（{decision.number}）.pdf",
    render=render,
)
