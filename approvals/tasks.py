"""Background jobs of approvals: thin. What is missing stands in the database; the broker only wakes the worker."""

from celery import shared_task

from approvals.bars import bar_papers
from approvals.clocks import clock_papers
from approvals.corrections import correction_papers
from approvals.dossiers.sealing import later
from approvals.endings import ending_papers
from approvals.licences import acceptance_notices, letters
from certification.jobs.running import job


@shared_task(name="approvals.write_letters")
@job("approvals.write_letters")
def write_letters(
    decision_ids: list[int] | None = None,
    notice_ids: list[int] | None = None,
    correction_ids: list[int] | None = None,
    bar_ids: list[int] | None = None,
    ending_ids: list[int] | None = None,
    acceptance_ids: list[int] | None = None,
) -> dict:
    """Make the papers that are missing, of these decisions, clock notices, correction notices, bars, endings and
    acceptances, or of all where none is named; may run twice."""
    every = decision_ids is notice_ids is correction_ids is bar_ids is ending_ids is acceptance_ids is None
    return {
        "written": letters.write_missing(None if every else decision_ids or []),
        "notices": clock_papers.write_missing(None if every else notice_ids or []),
        "corrections": correction_papers.write_missing(None if every else correction_ids or []),
        "bars": bar_papers.write_missing(None if every else bar_ids or []),
        "endings": ending_papers.write_missing(None if every else ending_ids or []),
        "acceptances": acceptance_notices.write_missing(None if every else acceptance_ids or []),
    }


@shared_task(name="approvals.append_to_dossiers")
@job("approvals.append_to_dossiers")
def append_to_dossiers() -> dict:
    """Append to sealed dossiers what happened since; may run twice."""
    return later.append_all()
