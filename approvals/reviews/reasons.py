"""常用理由: the list that reviewers choose reasons from, and its keeping by the provincial head."""

import tomllib
from datetime import datetime
from pathlib import Path

from django.db.models import QuerySet
from simple_history.utils import bulk_create_with_history

from approvals.models import ReasonText
from approvals.reviews.stages import Step
from certification.organisations import access
from certification.organisations.models import User
from certification.refusals import Incomplete, Problem
from certification.workflow import activity, log

KEEP = "approvals.keep_reasons"
LABEL = "常用理由"
SHIPPED = Path(__file__).parent / "reasons.toml"
FIELDS = ("stage", "outcome", "material", "text", "clause", "active")


def load(*, now: datetime) -> int:
    """Fill an empty list with the shipped reasons; a list that somebody keeps stays as it is. How many were added."""
    if ReasonText.objects.exists():
        return 0
    with SHIPPED.open("rb") as file:
        shipped = tomllib.load(file)["reason"]
    system = User.objects.system()
    rows = [ReasonText(**content, kept_by=system, kept_at=now) for content in shipped]
    return len(bulk_create_with_history(rows, ReasonText, default_user=system, default_date=now))


def of_step(step: Step) -> QuerySet[ReasonText]:
    """What may be chosen in ``step``."""
    rows = ReasonText.objects.filter(active=True, stage__in=("", step.stage), outcome__in=list(step.outcomes))
    return rows.order_by("outcome", "material", "pk")


@activity
def keep(*, actor, now, reason_id: int | None = None, **content) -> ReasonText:
    """Add a reason, or change or withdraw (``active`` False) the one with ``reason_id``. What was filed with it keeps
    its words. Raises NotPermitted, Incomplete, ReasonText.DoesNotExist."""
    access.require(actor, KEEP)
    row = ReasonText.objects.select_for_update().get(pk=reason_id) if reason_id else ReasonText()
    for name in FIELDS:
        setattr(row, name, content[name].strip() if isinstance(content[name], str) else content[name])
    problems = list(_problems(row))
    if problems:
        raise Incomplete(problems)
    row.kept_by, row.kept_at = actor, now
    row.save()
    log([row], "keep_reason", actor=actor, now=now, reason=row.text)
    return row


def _problems(row: ReasonText):
    if row.material and row.outcome != "RETURN":
        yield Problem("只有退回补正的理由才指明材料。", code="material", field="material")
    same = ReasonText.objects.filter(stage=row.stage, outcome=row.outcome, material=row.material, text=row.text)
    if same.exclude(pk=row.pk).exists():
        yield Problem("已有相同的理由。", code="same", field="text")
