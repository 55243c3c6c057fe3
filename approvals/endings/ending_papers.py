"""The papers of an ending, in the form of GB/T 9704: the notice to the holder (drawn when asked for, since it says only
what the case holds, and kept once a dossier is sealed) and the decision (made once and kept: ``papers``)."""

from collections.abc import Collection

from django.conf import settings
from django.db.models import QuerySet

from approvals import papers
from approvals.endings.ending import hearing_days
from approvals.models import EndingCase
from approvals.remedies import remedies
from approvals.states import EndingState
from certification import clock
from certification.documents.rendering import render_pdf
from certification.organisations.models import User
from certification.records.content import PDF
from certification.records.models import StoredFile
from certification.workflow import activity, lock

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


def archive_notices(cases: QuerySet[EndingCase]) -> int:
    """Keep the notices of those of ``cases`` that were told, each once; returns how many files are new. May run twice,
    at once, or be killed anywhere. Raises what ``render_pdf`` and ``StoredFile.store`` raise."""
    system = User.objects.system()
    told = list(cases.filter(told_at__isnull=False).order_by("pk").values_list("pk", flat=True))
    return sum(_archive_notice(actor=system, case_id=pk) for pk in told)


@activity
def _archive_notice(*, actor, now, case_id: int) -> bool:
    lock(EndingCase.objects.filter(pk=case_id))
    case = EndingCase.objects.select_related(*RELATED).get(pk=case_id)
    name = f"{case.get_kind_display()}特种作业操作证告知书（{case.notice_number}）.pdf"
    if StoredFile.objects.of(EndingCase, [case.pk]).filter(name=name).exists():
        return False
    StoredFile.store(notice(case), name=name, media_type=PDF, owner=case, actor=actor, now=now)
    return True


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
