"""How long a sealed dossier is kept, and what stops the end of that: retention by rule, holds by the head.

Nothing is ever removed by the system: when the period is over the dossier waits for an appraisal (鉴定), and one under
a hold must stay whatever its period says.
"""

from dataclasses import dataclass
from datetime import date

from approvals.cases import take_one
from approvals.models import Dossier, DossierHold
from certification import clock
from certification.organisations import access
from certification.refusals import Incomplete, Problem, WrongState
from certification.rulebook import lookup
from certification.workflow import activity, log

HOLD = "approvals.hold_dossiers"


@dataclass(frozen=True)
class Retention:
    """``until`` is the last day (None: for ever), counted from the year after the sealing, as archives do."""

    years: int | None
    until: date | None
    clause: str
    certainty: str

    def over(self, today: date) -> bool:
        return self.until is not None and today > self.until


def retention_of(dossier: Dossier) -> Retention | None:
    """By the rules in force on the day of sealing; None before it."""
    if dossier.sealed_at is None:
        return None
    sealed_on = clock.day_of(dossier.sealed_at)
    rule = lookup.rule("dossier", "retention", lookup.edition_on(sealed_on))
    years = rule.values["years"] or None
    until = date(sealed_on.year + years, 12, 31) if years else None
    return Retention(years, until, rule.clause, rule.get_certainty_display())


def hold_on(dossier: Dossier) -> DossierHold | None:
    """The hold in force, or None."""
    return dossier.holds.filter(lifted_at__isnull=True).select_related("placed_by__person").first()


@activity
def hold(*, actor, now, dossier_id: int, reason: str) -> DossierHold:
    """Keep a dossier whatever its retention says. Raises Incomplete without a reason, WrongState under a hold."""
    dossier = _taken(actor, dossier_id)
    text = _required(reason, "请填写冻结的理由，例如案号、调查事项。")
    if hold_on(dossier):
        raise WrongState(f"{dossier.number}已经冻结。", advice="请刷新后查看。")
    placed = DossierHold(dossier=dossier, reason=text, placed_by=actor, placed_at=now)
    placed.save(force_insert=True)
    log([dossier], "hold", actor=actor, now=now, reason=text)
    return placed


@activity
def lift(*, actor, now, dossier_id: int, reason: str) -> DossierHold:
    """End the hold. Raises Incomplete without a reason, WrongState where there is none."""
    dossier = _taken(actor, dossier_id)
    text = _required(reason, "请填写解除冻结的理由。")
    placed = hold_on(dossier)
    if placed is None:
        raise WrongState(f"{dossier.number}没有冻结。", advice="请刷新后查看。")
    placed.lifted_by, placed.lifted_at, placed.lifted_reason = actor, now, text
    placed.save()
    log([dossier], "lift_hold", actor=actor, now=now, reason=text)
    return placed


def _taken(actor, dossier_id: int) -> Dossier:
    access.require(actor, HOLD)
    return take_one(Dossier.objects.select_related("session"), actor, dossier_id)


def _required(reason: str, message: str) -> str:
    text = reason.strip()
    if not text:
        raise Incomplete([Problem(message, code="required", field="reason")])
    return text
