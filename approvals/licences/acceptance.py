"""Acceptance of licence applications and the check of scores and names that the decision waits for [三(四)]."""

from collections.abc import Iterable, Sequence
from functools import cache, partial

from django.urls import reverse

from approvals.corrections import correcting, once
from approvals.corrections.once import Item, Once, too_long
from approvals.licences import acceptance_notices, platform_file, platform_return
from approvals.licences.licensing import ACCEPTANCE, DECISION, locked_applicants, open_statutory
from approvals.models import LicenceApplicant
from approvals.states import LICENCE, LicenceState
from certification import clock
from certification.deadlines import ledger
from certification.notices.sending import notify_role
from certification.organisations import access, offices, separation
from certification.organisations.separation import Capacity
from certification.refusals import Incomplete, Problem, Refusal, raise_if
from certification.rulebook import lookup
from certification.workdays.wording import plain_day
from certification.workflow import Result, activity, apply
from exams import standards
from exams.models import Candidate
from exams.states import CandidateState

ACTION = "approvals.accept_licences"


@activity
def accept(*, actor, now, applicant_ids: Iterable[int]) -> list[Result]:
    """Accept the persons' applications; the statutory limit of the decision runs from today, or from the day of receipt
    where nobody answered in time (行政许可法第三十二条). Whoever is accepted at once from one application has one
    notice of acceptance, with its number. A result per person."""
    access.require(actor, ACTION)
    applicants = locked_applicants(actor, applicant_ids)
    breaches = separation.breaches(actor, Capacity.ACCEPTS, applicants)
    # Only where somebody is accepted a number is taken.
    notice_of = cache(partial(acceptance_notices.issue, actor=actor, now=now))

    def change(row: LicenceApplicant) -> None:
        row.accepted_by, row.accepted_on_behalf_of, row.accepted_at = actor, actor.acting_for, now
        row.acceptance = notice_of(row.batch)

    results = apply(
        LICENCE,
        "accept",
        applicants,
        actor=actor,
        now=now,
        check=lambda row: raise_if(breaches.get(row.pk)),
        change=change,
        fields=("accepted_by", "accepted_on_behalf_of", "accepted_at", "acceptance"),
    )
    made = _made(results)
    for notice in dict.fromkeys(row.acceptance for row in made):
        names = [row for row in made if row.acceptance == notice]
        tell_organisers(names, "已受理", f"受理通知书：{notice.number}", now=now)
    met = ledger.meet(ACCEPTANCE, made, now=now, actor=actor)
    open_statutory(made, unanswered={row.subject_id for row in met if row.met_late}, now=now)
    return results


@activity
def ask_correction(*, actor, now, applicant_ids: Iterable[int], items: Iterable) -> list[Result]:
    """Tell the organiser, once, everything that is to be corrected; the clocks stop until the answer.

    ``items`` as in ``reviewing.review``. A result per person: Refusal ``once_only`` where something was left out of an
    earlier notice and no reason covers it, ``deemed_accepted`` where the days of acceptance are over (silence counts
    as acceptance). 行政许可法第三十二条; rules 2.4, 2.8.
    """
    access.require(actor, ACTION)
    asked = tuple(item for item in map(Item.of, items) if item.text)
    _require_complete(asked)
    applicants = locked_applicants(actor, applicant_ids)
    asking = Once(once.earlier(applicants, actor.organisation_id), now.date())
    late = unanswered_in_time(applicants, now)
    breaches = separation.breaches(actor, Capacity.ACCEPTS, applicants)

    def check(applicant: LicenceApplicant) -> None:
        raise_if(breaches.get(applicant.pk))
        if applicant.pk in late:
            raise deemed_accepted(applicant)
        asking.require(applicant.pk, asked)

    text = "\n".join(f"{item.label}：{item.text}" for item in asked)
    results = apply(LICENCE, "ask_correction", applicants, actor=actor, now=now, reason=text, check=check)
    made = _made(results)
    ledger.meet(ACCEPTANCE, made, now=now, actor=actor)
    for rule in (ACCEPTANCE, DECISION):
        ledger.close(rule, made, now=now, reason="一次性告知补正，补正后重新起算")
    correcting.issue_for(made, asking, actor=actor, now=now)
    tell_organisers(made, "发证许可申请需要补正", text, now=now)
    return results


def unanswered_in_time(applicants: Sequence[LicenceApplicant], now) -> set[int]:
    """Who was neither accepted nor told what to correct within the days: counts as accepted from the day of receipt
    (第三十二条). Shown, and counted so once the clerk accepts; nobody is ever accepted by it. One query."""
    waiting = [row for row in applicants if row.state == LicenceState.SUBMITTED]
    found = ledger.find_all(ACCEPTANCE, waiting)
    return {pk for pk, deadline in found.items() if deadline.met_at is None and deadline.is_late_at(now)}


@activity
def reconcile(*, actor, now, applicant_ids: Iterable[int]) -> list[Result]:
    """Compare what was sent with the released results, the register and what the platform returned, person by person.

    Where everything agrees the person goes on to the decision; where not, the differences are kept with the
    person, the organiser is told, and nobody with differences reaches the decision. Each result's ``detail``
    holds its ``differences``.
    """
    access.require(actor, ACTION)
    applicants = locked_applicants(actor, applicant_ids)
    found = _differences(applicants, now)
    breaches = separation.breaches(actor, Capacity.RECONCILES, applicants)

    def check(applicant: LicenceApplicant) -> None:
        raise_if(breaches.get(applicant.pk))

    def change(applicant: LicenceApplicant) -> None:
        applicant.differences = found[applicant.pk]
        applicant.reconciled_by, applicant.reconciled_on_behalf_of = actor, actor.acting_for
        applicant.reconciled_at = now

    fields = ("differences", "reconciled_by", "reconciled_on_behalf_of", "reconciled_at")
    agreeing = [row for row in applicants if not found[row.pk]]
    differing = [row for row in applicants if found[row.pk]]
    results = [
        result
        for name, rows in (("reconcile", agreeing), ("compare", differing))
        for result in apply(LICENCE, name, rows, actor=actor, now=now, check=check, change=change, fields=fields)
    ]
    for result in results:
        result.detail["differences"] = found[result.row.pk] if result.ok else []
    tell_organisers(
        [row for row in _made(results) if row.differences], "成绩和名单核对存在差异", "请核实后重新报送。", now=now
    )
    return sorted(results, key=lambda result: result.row.pk)


def _require_complete(items: tuple[Item, ...]) -> None:
    problems = list(too_long(items))
    if not items:
        problems.append(Problem("请一次性逐项写明需要补正的全部内容。", code="required", field="items"))
    if problems:
        raise Incomplete(problems)


def deemed_accepted(applicant: LicenceApplicant) -> Refusal:
    """Why who had no answer within the days can neither be asked to correct anything nor be turned away."""
    return Refusal(
        f"“{applicant}”的申请收到后{plain_day(clock.day_of(applicant.received_at))}起的受理期限已过，"
        "逾期未告知补正的，自收到之日起即为受理，不能再告知补正或者不予受理。",
        code="deemed_accepted",
        clause=once.CLAUSE,
        advice="请受理；不符合条件的，在决定时作出不予许可的决定。",
    )


def _differences(applicants: Sequence[LicenceApplicant], now) -> dict[int, list[dict]]:
    candidates = list(
        Candidate.objects.filter(pk__in=[row.candidate_id for row in applicants])
        .select_related(*platform_file.RELATED)
        .prefetch_related("results")
    )
    edition = lookup.edition_on(now.date())
    held = platform_file.facts_of(candidates, edition)
    by_id = {candidate.pk: candidate for candidate in candidates}
    returned = platform_return.latest_receipts(applicants)
    return {
        row.pk: platform_file.differences(row.sent, held[row.candidate_id])
        + (platform_return.differences(returned[row.pk], row) if row.pk in returned else _not_returned(edition))
        + _faults(row, by_id[row.candidate_id])
        for row in applicants
    }


def _not_returned(edition) -> list[dict]:
    """Nothing came back from the platform yet: a difference only where the edition asks for the returned file."""
    if not platform_return.file_required(edition):
        return []
    return [{"field": "平台返回文件", "sent": "已报送", "held": "未核对平台返回文件"}]


def _faults(applicant: LicenceApplicant, candidate: Candidate) -> list[dict]:
    """What stands against the person beside the comparison: not passed, or a part without a released pass."""
    faults = []
    if candidate.state != CandidateState.PASSED:
        faults.append({"field": "考试结果", "sent": "考试合格", "held": candidate.get_state_display()})
    application = applicant.candidate.application
    passed = {row.part for row in candidate.results.all() if row.state == "RELEASED" and row.passed}
    for part in standards.parts_for(application.kind, application.rule_edition):
        if part not in passed:
            faults.append({"field": f"{part.label}成绩", "sent": "合格", "held": "未公布合格成绩"})
    return faults


def _made(results: Iterable[Result]) -> list[LicenceApplicant]:
    return [result.row for result in results if result.ok]


def tell_organisers(applicants: Sequence[LicenceApplicant], title: str, body: str, *, now) -> None:
    """Tell the exam officers of each application what was done, with how many of its people."""
    batches = {row.batch_id: row.batch for row in applicants}
    for batch in batches.values():
        own = [row for row in applicants if row.batch_id == batch.pk]
        notify_role(
            offices.exam_officer(batch.organiser),
            batch.organiser,
            title=f"{title}：{batch.number}，{len(own)}人",
            body=body,
            url=reverse("approvals:licence", args=[batch.pk]),
            about=[batch, *own],
            now=now,
        )
