"""Who used which working days of one case."""

from dataclasses import dataclass

from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from certification import clock
from certification.deadlines import cases
from certification.deadlines.holders import Tier
from certification.deadlines.models import Deadline
from certification.deadlines.overview import usage
from certification.workdays import calendars

WIDTH = 1000


@dataclass(frozen=True)
class _Bar:
    """One stretch of the bar, in thousandths of its length."""

    left: int
    width: int
    tier: str
    title: str


@require_safe
def case_usage(request, slug: str, pk: int):
    """The spells of a case with their working days, as bar and table."""
    kind = cases.by_slug(slug)
    if kind is None:
        raise Http404
    case = get_object_or_404(kind.visible_to(request.user), pk=pk)
    found = usage.spells(case, now=clock.now(), calendar=calendars.current())
    context = {
        "title": kind.title(case),
        "case_url": kind.url_for(case, request.user),
        "spells": found,
        "shares": usage.shares(found),
        "total": sum(spell.days + spell.paused_days for spell in found),
        "bars": _bars(found),
        "width": WIDTH,
        "deadlines": _deadlines(case, request.user),
    }
    return render(request, "deadlines/usage.html", context)


def _deadlines(case, user):
    rows = Deadline.objects.visible_to(user).for_display().of(None, cases.chain_of(case)[:1])
    for other in cases.chain_of(case)[1:]:
        rows = rows | Deadline.objects.visible_to(user).for_display().of(None, [other])
    return rows.order_by("due_on", "pk")


def _bars(found: list[usage.Spell]) -> list[_Bar]:
    """Stretches in proportion to their working days; those without any are not drawn."""
    total = sum(spell.days + spell.paused_days for spell in found)
    bars, used = [], 0
    for spell in found:
        for days, tier in ((spell.days, spell.tier), (spell.paused_days, Tier.NOBODY)):
            if days:
                left, right = WIDTH * used // total, WIDTH * (used + days) // total
                words = tier.label if tier != Tier.NOBODY else "不计入"
                bars.append(_Bar(left, right - left, tier.lower(), f"{words}：{spell.label}，{days} 个工作日"))
                used += days
    return bars
