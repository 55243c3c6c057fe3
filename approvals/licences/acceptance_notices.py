"""Notices of acceptance (受理通知书, 行政许可法第三十二条): in writing, dated, numbered, with the place of the seal.

Organisers apply for many at once, so that one act of acceptance makes one paper for each licence application, with the
names as its annex; one person's own paper says the same of that person and names nobody else. How and when they are
made: ``papers``.
"""

from collections.abc import Collection, Sequence
from datetime import date

from django.conf import settings
from django.db import transaction

from approvals import papers
from approvals.licences.licensing import DECISION_STATUTORY
from approvals.models import AcceptanceNotice, LicenceApplicant, LicenceApplication
from certification import clock
from certification.deadlines.models import Deadline
from certification.documents.rendering import render_pdf
from certification.records.models.numbers import next_number
from certification.rulebook import lookup

TEMPLATE = "approvals/letters/acceptance.html"
TITLE = "受理通知书"
SERIES = "acceptance_notice"
_APPLICANT = ("candidate__application__person", "candidate__application__job_type__group")


def issue(batch: LicenceApplication, *, actor, now) -> AcceptanceNotice:
    """The notice of one act of acceptance; its paper is made after the commit. Part of an activity."""
    today = clock.day_of(now)
    form = lookup.values("decision", "acceptance_numbers", lookup.edition_on(today))["number"]
    number = form.format(year=today.year, number=next_number(SERIES, today.year))
    notice = AcceptanceNotice(batch=batch, number=number, made_by=actor, made_at=now)
    notice._history_date = now
    notice.save(force_insert=True)
    transaction.on_commit(lambda: papers.wake(1, acceptance_ids=[notice.pk]), robust=True)
    return notice


def write_missing(notice_ids: Collection[int] | None = None) -> int:
    """Make the missing papers; returns how many (``papers.write_missing``)."""
    return papers.write_missing(KIND, notice_ids)


def render(notice: AcceptanceNotice) -> bytes:
    """The paper's PDF with everybody whom it accepted; the same notice gives the same bytes."""
    applicants = list(notice.applicants.select_related(*_APPLICANT).order_by("pk"))
    return _render(notice, applicants, f"{notice.batch.organiser}并所附名单中的申请人")


def render_own(applicant: LicenceApplicant) -> bytes:
    """The paper of one person alone, who was accepted with a notice: it names nobody else."""
    person = applicant.candidate.application.person
    recipient = f"{person.name}（{person.get_document_type_display()}：{person.document_number}）"
    return _render(applicant.acceptance, [applicant], recipient, own=applicant)


def _render(
    notice: AcceptanceNotice,
    applicants: Sequence[LicenceApplicant],
    recipient: str,
    *,
    own: LicenceApplicant | None = None,
) -> bytes:
    """``own``: the one person to whom it is addressed alone, without a list."""
    made_on, since = clock.day_of(notice.made_at), _accepted_since(applicants)
    rows = [(row, since.get(row.pk, made_on)) for row in applicants]
    context = {
        "title": TITLE,
        "number": notice.number,
        "authority": settings.LICENSING_AUTHORITY,
        "signed_on": made_on,
        "recipient": recipient,
        "batch": notice.batch,
        "own": own,
        "rows": rows,
        "unanswered": any(day != made_on for _row, day in rows),
        "days": lookup.values("deadline", DECISION_STATUTORY, lookup.edition_on(made_on))["days"],
    }
    return render_pdf(TEMPLATE, context)


def _accepted_since(applicants: Sequence[LicenceApplicant]) -> dict[int, date]:
    """Since when each counts as accepted: who had no answer in time since the day of receipt (第三十二条)."""
    rows = Deadline.objects.of(DECISION_STATUTORY, list(applicants)).order_by("pk")
    return dict(rows.values_list("subject_id", "anchor_on"))


KIND = papers.Kind(
    rows=lambda: AcceptanceNotice.objects.select_related("batch__organiser"),
    name=lambda notice: f"{TITLE}（{notice.number}）.pdf",
    render=render,
)
