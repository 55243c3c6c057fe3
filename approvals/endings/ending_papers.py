"""The papers of an ending, in the form of GB/T 9704: the notice to the holder (drawn when asked for, since it says only
what the case holds) and the decision (made once and kept; how and when: ``papers``)."""

from collections.abc import Collection

from django.conf import settings

from approvals import papers
from approvals.endings.ending import hearing_days
from approvals.models import EndingCase
from approvals.remedies import remedies
from approvals.states import EndingState
from certification import clock
from certification.documents.rendering import render_pdf

RELATED = ("certificate__person", "certificate__job_type__group", "letter")


def write_missing(case_ids: Collection[int] | None = None) -> int:
    """Make the missing letters of cases that were decided; returns how many (``papers.write_missing``)."""
    decided = EndingCase.objects.filter(state=EndingState.DECIDED, letter__isnull=True)
    wanted = decided if case_ids is None else decided.filter(pk__in=case_ids)
    return papers.write_missing(KIND, list(wanted.values_list("pk", flat=True)))


def notice(case: EndingCase) -> bytes:
    """The notice of a case that was told; the same case gives the same bytes."""
    return render_pdf(
        "approvals/letters/ending_notice.html", _context(case, "告知书", case.notice_number, case.told_at)
    )


def render(case: EndingCase) -> bytes:
    """The decision's PDF; the same case gives the same bytes."""
    return render_pdf("approvals/letters/ending.html", _context(case, "决定书", case.number, case.decided_at))


def _context(case: EndingCase, paper: str, number: str, at) -> dict:
    day = clock.day_of(at)
    return {
        "title": f"{case.get_kind_display()}特种作业操作证{paper}",
        "number": number,
        "authority": settings.LICENSING_AUTHORITY,
        "signed_on": day,
        "case": case,
        "certificate": case.certificate,
        "person": case.certificate.person,
        "hearing_days": hearing_days(day),
        **remedies(day),
    }


KIND = papers.Kind(
    rows=lambda: EndingCase.objects.select_related(*RELATED),
    name=lambda case: f"{case.get_kind_display()}特种作业操作证决定书（{case.number}）.pdf",
    render=render,
)
