"""The papers of clock notices (期限告知书) as PDF in the form of GB/T 9704, in the name of the licensing authority.

Made once, from the notice as it stands, and never changed, as decision letters are (``letters``).
"""

from django.conf import settings

from approvals.models import ClockNotice
from certification import clock
from certification.documents.rendering import render_pdf
from certification.organisations.models import User
from certification.records.models import StoredFile
from certification.workflow import activity

TEMPLATE = "approvals/letters/clocks.html"
RELATED = (
    "applicant__batch__organiser",
    "applicant__candidate__application__person",
    "applicant__candidate__application__job_type__group",
    "pause",
    "extension",
)


@activity
def write_paper(*, actor, now, notice_id: int) -> StoredFile:
    """The paper of one notice, made and stored if it is not there yet. Doing it twice gives the same file."""
    notice = ClockNotice.objects.select_for_update(of=("self",)).select_related(*RELATED).get(pk=notice_id)
    if notice.letter_id is None:
        notice.letter = StoredFile.store(
            render(notice),
            name=f"{notice.get_kind_display()}（{notice.number}）.pdf",
            media_type="application/pdf",
            owner=notice,
            actor=actor,
            now=now,
        )
        notice.save(update_fields=["letter"])
    return notice.letter


def write_missing(notice_ids: list[int] | None = None) -> int:
    """Make the missing papers one by one, each in its own transaction; returns how many."""
    missing = ClockNotice.objects.filter(letter__isnull=True)
    if notice_ids is not None:
        missing = missing.filter(pk__in=notice_ids)
    ids = list(missing.order_by("pk").values_list("pk", flat=True))
    system = User.objects.system() if ids else None
    for notice_id in ids:
        write_paper(actor=system, notice_id=notice_id)
    return len(ids)


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
    }
    return render_pdf(TEMPLATE, context)
