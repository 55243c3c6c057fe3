"""The letters of correction notices (补正通知书) as PDF in the form of GB/T 9704.

Reviews are told in the name of the tier that reviewed, acceptance in the name of the licensing authority. How and when
they are made: ``papers``.
"""

from collections.abc import Collection

from django.conf import settings

from approvals import papers
from approvals.models import ACCEPTANCE_STAGE, CorrectionNotice
from certification import clock
from certification.documents.rendering import render_pdf
from certification.records.models import StoredFile

TEMPLATE = "approvals/letters/correction.html"
TITLE = "补正通知书"


def write_letter(*, actor, now=None, notice_id: int) -> StoredFile:
    """The letter of one notice, made and stored if it is not there yet; raises what ``papers.write`` raises."""
    return papers.write(actor=actor, now=now, kind=KIND, pk=notice_id)


def write_missing(notice_ids: Collection[int] | None = None) -> int:
    """Make the missing letters; returns how many (``papers.write_missing``)."""
    return papers.write_missing(KIND, notice_ids)


def render(notice: CorrectionNotice) -> bytes:
    """The letter's PDF; the same notice gives the same bytes."""
    application = notice.application or notice.applicant.candidate.application
    licence = notice.stage == ACCEPTANCE_STAGE
    context = {
        "title": TITLE,
        "number": notice.number,
        "authority": settings.LICENSING_AUTHORITY if licence else notice.organisation.name,
        "signed_on": clock.day_of(notice.made_at),
        "notice": notice,
        "items": notice.items.order_by("position"),
        "application": application,
        "licence": licence,
    }
    return render_pdf(TEMPLATE, context)


KIND = papers.Kind(
    rows=CorrectionNotice.objects.with_case,
    name=lambda notice: f"{TITLE}（{notice.number}）.pdf",
    render=render,
)
