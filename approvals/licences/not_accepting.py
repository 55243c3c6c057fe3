"""Not accepting one person's application (不予受理, 行政许可法第三十二条、第七十八条): on a named ground, in writing,
with facts, basis, reasons and remedies, numbered and served as decisions are.

The grounds are those of rule ``decision.non_acceptance``. It bars nobody: where the ground is a reason to bar, somebody
may propose that (``bars.proposing``). The person may be applied for anew.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from approvals import papers
from approvals.licences.acceptance import ACTION, deemed_accepted, tell_organisers, unanswered_in_time
from approvals.licences.licensing import ACCEPTANCE, DECISION, locked_applicants, open_service
from approvals.models import Decision, DecisionOutcome, LicenceApplicant
from approvals.states import LICENCE
from certification import clock
from certification.deadlines import ledger
from certification.organisations import access, separation
from certification.organisations.separation import Capacity
from certification.records.models.numbers import next_number
from certification.refusals import Incomplete, Problem, raise_if
from certification.rulebook import lookup
from certification.workflow import activity, apply_one

SERIES = "licence_not_accepted"
CLAUSE = "行政许可法第三十二条"


@dataclass(frozen=True)
class Ground:
    """One ground of the maintained list. ``elsewhere``: it is for another authority, which is to be named; ``bar``: the
    ground of a bar that may be proposed beside it ("" for none)."""

    code: str
    title: str
    clause: str
    elsewhere: bool = False
    bar: str = ""


def grounds(day: date) -> dict[str, Ground]:
    """The grounds of the edition in force on ``day``, by code."""
    rows = lookup.values("decision", "non_acceptance", lookup.edition_on(day))["grounds"]
    return {row["code"]: Ground(**row) for row in rows}


def ground_of(decision: Decision) -> Ground | None:
    """The ground on which it was not accepted, as the edition of that day names it."""
    return grounds(clock.day_of(decision.decided_at)).get(decision.ground)


@activity
def not_accept(
    *, actor, now, applicant_id: int, ground: str, facts: str, reasons: str, basis: str = "", apply_to: str = ""
) -> Decision:
    """Do not accept one person's application; the letter is made after the commit. ``basis`` is by default the clause
    of the ground.

    Raises NotPermitted, DoesNotExist, Incomplete (also where it is for another authority that is not named),
    SeparationBreach, WrongState, and Refusal ``deemed_accepted`` where the days of acceptance are over.
    """
    access.require(actor, ACTION)
    known = grounds(clock.day_of(now))
    texts = _complete(known, ground, facts, basis, reasons, apply_to)
    applicants = locked_applicants(actor, [applicant_id])
    (applicant,) = applicants
    late = unanswered_in_time(applicants, now)

    def check(row: LicenceApplicant) -> None:
        raise_if(separation.breaches(actor, Capacity.ACCEPTS, applicants).get(row.pk))
        if row.pk in late:
            raise deemed_accepted(row)

    reason = f"{known[ground].title}：{texts['reasons']}"
    apply_one(LICENCE, "not_accept", applicant, actor=actor, now=now, reason=reason, check=check)
    decision = _write(applicant, ground, texts, actor=actor, now=now)
    ledger.meet(ACCEPTANCE, applicants, now=now, actor=actor)
    ledger.close(DECISION, applicants, now=now, reason="不予受理")
    open_service(applicants, now=now)
    tell_organisers(applicants, "不予受理", f"{decision.number}。{reason}", now=now)
    transaction.on_commit(lambda: papers.wake(1, decision_ids=[decision.pk]), robust=True)
    return decision


def _complete(
    known: Mapping[str, Ground], ground: str, facts: str, basis: str, reasons: str, apply_to: str
) -> dict[str, str]:
    texts = {"facts": facts.strip(), "basis": basis.strip(), "reasons": reasons.strip(), "apply_to": apply_to.strip()}
    problems = []
    if ground not in known:
        problems.append(_missing("ground", "请选择不予受理的事由。"))
    elif known[ground].elsewhere and not texts["apply_to"]:
        problems.append(_missing("apply_to", "不属于本机关职权范围的，请写明应当向何机关申请。"))
    if not texts["facts"]:
        problems.append(_missing("facts", "请填写不予受理的事实。"))
    if not texts["reasons"]:
        problems.append(_missing("reasons", "请填写不予受理的理由。"))
    if problems:
        raise Incomplete(problems, clause=CLAUSE)
    if not known[ground].elsewhere:
        texts["apply_to"] = ""
    return texts | {"basis": texts["basis"] or known[ground].clause}


def _missing(field: str, message: str) -> Problem:
    return Problem(message, code="required", field=field)


def _write(applicant: LicenceApplicant, ground: str, texts: Mapping[str, str], *, actor, now) -> Decision:
    today = clock.day_of(now)
    form = lookup.values("decision", "non_acceptance", lookup.edition_on(today))["number"]
    decision = Decision(
        applicant=applicant,
        outcome=DecisionOutcome.NOT_ACCEPTED,
        number=form.format(year=today.year, number=next_number(SERIES, today.year)),
        ground=ground,
        decided_by=actor,
        decided_on_behalf_of=actor.acting_for,
        decided_at=now,
        **texts,
    )
    decision._history_date = now
    decision.save(force_insert=True)
    return decision
