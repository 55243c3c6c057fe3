"""The papers of clock notices (期限告知书) as PDF in the form of GB/T 9704, in the name of the licensing authority.

How and when they are made: ``papers``.
"""

from collections.abc import Collection

from django.conf import settings

from approvals import papers
from approvals.models import ClockNotice
from approvals.remedies import remedies
from certification import clock
from certification.documents.rendering import render_pdf
from certification.records.models import StoredFile

TEMPLATE = "approvals/letters/clocks.html"
RELATED = (
    "applicant__batch__organiser",
    "applicant__candidate__application__person",
    "applicant__candidate__application__job_type__group",
    "pause",
    "extension",
    "withdrawal__correction",
)


def write_paper(*, actor, now=None, notice_id: int) -> StoredFile:
    """The paper of one notice, made and stored if it is not there yet; raises what ``papers.write`` raises."""
    return papers.write(actor=actor, now=now, kind=KIND, pk=notice_id)


def write_missing(notice_ids: Collection[int] | None = None) -> int:
    """Make the missing papers; returns how many (``papers.write_missing``)."""
    return papers.write_missing(KIND, notice_ids)


def render(notice: ClockNotice) -> bytes:
    """The paper's PDF; the same notice gives the same bytes."""
    application = notice.applicant.candidate.application
    context = {
        "title": notice.get_kind_display(),
        "number": notice.number,
        "authority": settings.LICENSING_AUTHORITY,
        "signed_on": clock.day_of(notice.told_at),
        "notice": notice,
        "person": application.person,
        "application": application,
        "organiser": notice.applicant.batch.organiser,
        "batch_number": notice.applicant.batch.number,
        "accepted_at": notice.applicant.accepted_at,
        **remedies(clock.day_of(notice.told_at)),
    }
    return render_pdf(TEMPLATE, context)


KIND = papers.Kind(
    rows=lambda: ClockNotice.objects.select_related(*RELATED),
    name=lambda notice: f"{notice.get_kind_display()}（{notice.number}）.pdf",
    render=render,
)
