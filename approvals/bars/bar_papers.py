"""The letters of bars (禁考决定书) as PDF in the form of GB/T 9704, in the name of the licensing authority.

How and when they are made: ``papers``.
"""

from collections.abc import Collection

from django.conf import settings

from approvals import papers
from approvals.bars import deciding
from approvals.models import BarCase
from approvals.models.bars import IMPOSED_STATES
from approvals.remedies import remedies
from certification import clock
from certification.documents.rendering import render_pdf
from certification.people import bars

TEMPLATE = "approvals/letters/bar.html"
TITLE = "不予安排考试决定书"


def write_missing(case_ids: Collection[int] | None = None) -> int:
    """Make the missing letters of bars that were imposed; returns how many (``papers.write_missing``)."""
    imposed = BarCase.objects.filter(state__in=IMPOSED_STATES, letter__isnull=True)
    wanted = imposed if case_ids is None else imposed.filter(pk__in=case_ids)
    return papers.write_missing(KIND, list(wanted.values_list("pk", flat=True)))


def render(case: BarCase) -> bytes:
    """The letter's PDF; the same case gives the same bytes."""
    decided_on = clock.day_of(case.decided_at)
    context = {
        "title": TITLE,
        "number": case.number,
        "authority": settings.LICENSING_AUTHORITY,
        "signed_on": decided_on,
        "case": case,
        "bar": case.bar,
        "person": case.person,
        "clause": bars.CLAUSES[case.ground],
        "ends_applications": deciding.ends_applications(decided_on),
        "leaves_classes": deciding.leaves_classes(decided_on),
        **remedies(decided_on),
    }
    return render_pdf(TEMPLATE, context)


KIND = papers.Kind(
    rows=BarCase.objects.with_case,
    name=lambda case: f"{TITLE}（{case.number}）.pdf",
    render=render,
)
