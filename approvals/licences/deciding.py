"""The decision on each person's licence (rules 9): granted in bulk with a result per row, or refused with reasons."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from django.conf import settings
from django.db import transaction
from simple_history.utils import bulk_create_with_history

from approvals import papers
from approvals.clocks import extending, pausing
from approvals.licences import approving
from approvals.licences.approving import Approval
from approvals.licences.licensing import DECISION, DECISION_STATUTORY, locked_applicants, open_service
from approvals.models import Decision, DecisionOutcome, DecisionProposal, LicenceApplicant, Outcome, Stage
from approvals.reviews.reviewing import provincial_opinions
from approvals.reviews.stages import awaiting_record
from approvals.states import LICENCE, LicenceState
from certification import clock
from certification.catalogue.models import ApplicationKind
from certification.deadlines import ledger
from certification.organisations import access, separation
from certification.organisations.separation import Capacity
from certification.people import bars
from certification.people.certificates import Grant, NotIssued, certificate_values, issue_all, record_review
from certification.people.declarations import NOTHING, Declared, declared
from certification.people.models import Certificate, CertificateState
from certification.people.retiring import Retirements
from certification.records.models.numbers import next_numbers
from certification.refusals import Incomplete, Problem, Refusal, WrongState, raise_if
from certification.rulebook import lookup
from certification.rulebook.models import RuleEdition
from certification.workflow import Result, activity, apply, apply_one
from exams.incidents import effects
from exams.models import ExamApplication

ACTION = "approvals.decide_licences"
SERIES = {DecisionOutcome.GRANTED: "licence_granted", DecisionOutcome.REFUSED: "licence_refused"}


@activity
def grant(*, actor, now, applicant_ids: Iterable[int]) -> list[Result]:
    """Grant the licence to each person who may have it; a result per person, in order of their ids.

    Writes decisions with consecutive numbers, registers certificates (first issue, renewal, or the review noted),
    meets the decision clocks and opens that of service. The letters are made after the commit. Where a second official
    or the head is asked for (``approving.needed``) a draft is put forward instead: such a result's ``detail`` names
    under ``proposed`` whom it waits for. Raises NotPermitted or DoesNotExist; what stands against one person alone is
    that person's result: separation, a missing provincial record, a clock that stands still, a bar, a certificate that
    cannot be issued.
    """
    access.require(actor, ACTION)
    applicants = locked_applicants(actor, applicant_ids)
    obstacles = obstacles_for(applicants, actor, now)
    needs = approving.needed(applicants, DecisionOutcome.GRANTED, now.date())
    drafted = [
        row
        for row in applicants
        if row.pk in needs and row.pk not in obstacles and row.state == LicenceState.RECONCILED
    ]
    approving.put_forward(drafted, needs, DecisionOutcome.GRANTED, actor=actor, now=now)
    results = {row.pk: Result(row, from_state=row.state, detail={"proposed": needs[row.pk].label}) for row in drafted}
    others = [row for row in applicants if row.pk not in results]
    results |= {result.row.pk: result for result in grant_locked(others, obstacles, {}, actor=actor, now=now)}
    return [results[row.pk] for row in applicants]


def grant_locked(
    applicants: Sequence[LicenceApplicant],
    obstacles: Mapping[int, Refusal],
    approvals: Mapping[int, Approval],
    *,
    actor,
    now,
) -> list[Result]:
    """``grant`` for locked applicants, with what stands against each and who drafted it. Part of an activity."""
    found = dict(obstacles)
    free = [row for row in applicants if row.state == LicenceState.RECONCILED and row.pk not in found]
    certificates, not_issued = _certify(free, actor=actor, now=now)
    found.update(not_issued)

    def check(applicant: LicenceApplicant) -> None:
        raise_if(found.get(applicant.pk))

    results = apply(LICENCE, "grant", applicants, actor=actor, now=now, check=check)
    made = [result.row for result in results if result.ok]
    decisions = [
        _decision(
            row,
            DecisionOutcome.GRANTED,
            approvals.get(row.pk),
            actor=actor,
            now=now,
            certificate=certificates[row.pk],
        )
        for row in made
    ]
    _write(decisions, made, actor=actor, now=now)
    return results


@activity
def refuse(*, actor, now, applicant_id: int, facts: str, basis: str, reasons: str) -> Decision | DecisionProposal:
    """Refuse the licence to one person, with facts, basis and reasons; the letter adds the remedies. Where a second
    official or the head is asked for, only a draft is made.

    Raises Incomplete where one of the three is missing, SeparationBreach, WrongState (also while the clock stands
    still, or before scores and names were checked). 行政许可法第三十四条、第三十八条.
    """
    access.require(actor, ACTION)
    texts = {"facts": facts.strip(), "basis": basis.strip(), "reasons": reasons.strip()}
    labels = {"facts": "事实", "basis": "依据", "reasons": "理由"}
    missing = [
        Problem(f"请填写不予许可的{labels[name]}。", code="required", field=name)
        for name, text in texts.items()
        if not text
    ]
    if missing:
        raise Incomplete(missing, clause="行政许可法第三十八条")
    applicants = locked_applicants(actor, [applicant_id])
    (applicant,) = applicants
    raise_if(refusal_obstacles(applicants, actor, now).get(applicant.pk))
    needs = approving.needed(applicants, DecisionOutcome.REFUSED, now.date())
    if applicant.pk not in needs:
        (decision,) = refuse_locked(applicant, texts, None, actor=actor, now=now)
        return decision
    if not LICENCE.allows("refuse", applicant.state):
        apply_one(LICENCE, "refuse", applicant, actor=actor, now=now)
    (draft,) = approving.put_forward(applicants, needs, DecisionOutcome.REFUSED, actor=actor, now=now, **texts)
    return draft


def refuse_locked(
    applicant: LicenceApplicant, texts: Mapping[str, str], approval: Approval | None, *, actor, now
) -> list[Decision]:
    """``refuse`` for a locked applicant against whom nothing stands. Part of an activity."""
    apply_one(LICENCE, "refuse", applicant, actor=actor, now=now, reason=texts["reasons"])
    decisions = [_decision(applicant, DecisionOutcome.REFUSED, approval, actor=actor, now=now, **texts)]
    _write(decisions, [applicant], actor=actor, now=now)
    return decisions


def refusal_obstacles(applicants: Sequence[LicenceApplicant], actor, now, *, drafts: bool = True) -> dict[int, Refusal]:
    """What stands against refusing, per person: separation, a draft that waits (unless
    ``drafts`` is false), a clock that stands still, a check that was not made."""
    found = dict(separation.breaches(actor, Capacity.DECIDES, applicants))
    found |= pausing.standing_still(applicants)
    if drafts:
        found |= approving.waiting(applicants)
    for row in applicants:
        if row.state == LicenceState.ACCEPTED and not row.differences:
            found.setdefault(row.pk, _unchecked(row))
    return found


def _unchecked(applicant: LicenceApplicant) -> WrongState:
    return WrongState(
        f"“{applicant}”的考试成绩和合格人员名单尚未核对，不能作出决定。",
        code="not_reconciled",
        clause="方案三（四）",
        advice="请受理人员先核对；有差异的，可以据此不予许可。",
    )


def obstacles_for(applicants: Sequence[LicenceApplicant], actor, now) -> dict[int, Refusal]:
    """What stands against granting, per person; pages show it before anything is done."""
    return approving.waiting(applicants) | grant_obstacles(applicants, actor, now)


def grant_obstacles(applicants: Sequence[LicenceApplicant], actor, now) -> dict[int, Refusal]:
    """What stands against granting, a draft that waits for approval aside."""
    applications = {row.pk: row.candidate.application for row in applicants}
    breaches = separation.breaches(actor, Capacity.DECIDES, applicants)
    barred = bars.in_force((application.person_id for application in applications.values()), now.date())
    opinions = provincial_opinions(application.pk for application in applications.values())
    awaited = awaiting_record(applications.values())
    found: dict[int, Refusal] = pausing.standing_still(applicants) | dict(breaches)
    void = effects.against_licence(row.candidate for row in applicants)
    for row in applicants:
        if row.candidate_id in void:
            found.setdefault(row.pk, void[row.candidate_id])
    for pk, application in applications.items():
        opinion = opinions.get(application.pk)
        if application.pk in awaited and (opinion is None or opinion.outcome != Outcome.PASS):
            found.setdefault(pk, _no_record(opinion))
        if application.person_id in barred:
            found.setdefault(pk, bars.refusal(barred[application.person_id], application.person, "不能准予许可"))
        if gone := _held_no_more(application):
            found.setdefault(pk, gone)
    return found


def _held_no_more(application: ExamApplication) -> Refusal | None:
    """The certificate that the application began with was renewed or ended meanwhile, by another case or otherwise."""
    held = application.trainee.certificate
    if application.kind == ApplicationKind.INITIAL or held is None or held.state == CertificateState.VALID:
        return None
    return Refusal(
        f"{application.person}申报时所持的{application.job_type}操作证{held.get_state_display()}，"
        f"不能据此办理{application.get_kind_display()}。",
        code="certificate_gone",
        advice="如不予许可，请写明事实、依据和理由。",
    )


def _no_record(opinion) -> Refusal:
    if opinion is not None and opinion.stage == Stage.PROVINCIAL_RECORD:
        return Refusal(
            f"省级审核意见为不通过：{opinion.reason}",
            code="provincial_record_negative",
            clause="方案一、二",
            advice="如不予许可，请写明事实、依据和理由。",
        )
    return Refusal(
        "尚无省级审核记录。",
        code="provincial_record_missing",
        clause="方案一、二（省厅统一审核）",
        advice="请省级审核员先作出审核记录。",
    )


def _certify(
    applicants: Sequence[LicenceApplicant], *, actor, now
) -> tuple[dict[int, Certificate], dict[int, Refusal]]:
    """Register a certificate for each person, in as many statements for one as for a thousand (per rule edition)."""
    certificates, refusals = {}, _doubles(applicants)
    rows = [row for row in applicants if row.pk not in refusals]
    reviewed = [row for row in rows if row.candidate.application.kind == ApplicationKind.PERIODIC_REVIEW]
    issued = [row for row in rows if row.candidate.application.kind != ApplicationKind.PERIODIC_REVIEW]
    for one in (_note_reviews(reviewed, actor=actor, now=now), _issue(issued, actor=actor, now=now)):
        certificates.update(one[0])
        refusals.update(one[1])
    return certificates, refusals


def _doubles(applicants: Sequence[LicenceApplicant]) -> dict[int, Refusal]:
    """One person cannot get two certificates for one job type in one go: the later application waits."""
    seen: Counter = Counter()
    found = {}
    for row in applicants:
        key = (row.candidate.application.person_id, row.candidate.application.job_type.code)
        if seen[key]:
            found[row.pk] = Refusal("同一人同一操作项目在本次已有另一份申请。", code="double")
        seen[key] += 1
    return found


def _note_reviews(applicants: Sequence[LicenceApplicant], *, actor, now):
    if not applicants:
        return {}, {}
    held = {row.pk: row.candidate.application.trainee.certificate for row in applicants}
    noted = record_review(
        certificates=[certificate for certificate in held.values() if certificate],
        reviewed_on=now.date(),
        actor=actor,
        now=now,
    )
    by_id = {certificate.pk: certificate for certificate in noted}
    certificates = {pk: by_id[c.pk] for pk, c in held.items() if c and c.pk in by_id}
    refusals = {
        pk: NotIssued(
            "没有可复审的有效操作证。", code="nothing_to_review", advice="如不予许可，请写明事实、依据和理由。"
        )
        for pk in held
        if pk not in certificates
    }
    return certificates, refusals


def _issue(applicants: Sequence[LicenceApplicant], *, actor, now):
    certificates, refusals = {}, {}
    said = declared(row.candidate.application.person_id for row in applicants)
    for edition, rows in _by_edition(applicants).items():
        retirements = Retirements(edition)
        issued = issue_all(
            [_grant_of(row, retirements, said, now.date()) for row in rows],
            values=certificate_values(edition),
            authority=settings.LICENSING_AUTHORITY,
            actor=actor,
            now=now,
        )
        for row, one in zip(rows, issued, strict=True):
            if one.certificate:
                certificates[row.pk] = one.certificate
            else:
                refusals[row.pk] = one.refusal
    return certificates, refusals


def _by_edition(applicants: Iterable[LicenceApplicant]) -> dict[RuleEdition, list[LicenceApplicant]]:
    grouped: dict[RuleEdition, list[LicenceApplicant]] = {}
    for row in applicants:
        grouped.setdefault(row.candidate.application.rule_edition, []).append(row)
    return grouped


def _grant_of(applicant: LicenceApplicant, retirements: Retirements, said: Mapping[int, Declared], day: date) -> Grant:
    application = applicant.candidate.application
    person = application.person
    known = said.get(person.pk, NOTHING)
    female_class = application.trainee.female_class or known.female_class
    return Grant(
        person,
        application.job_type,
        _first_day(application, day),
        renewal=application.kind == ApplicationKind.RENEWAL,
        retirement_on=retirements.day(person.birth_date, person.sex, female_class, known.delay_months),
    )


def _first_day(application, day: date) -> date:
    """The day of the decision; where the old certificate ended while a renewal filed in time was being decided, its
    last day, so that the holder is never without (行政许可法第五十条)."""
    held = application.trainee.certificate
    if application.kind != ApplicationKind.RENEWAL or held is None or held.state != CertificateState.VALID:
        return day
    in_time = application.first_submitted_at and clock.day_of(application.first_submitted_at) <= held.valid_until
    return held.valid_until if in_time and held.valid_until < day else day


def _decision(
    applicant: LicenceApplicant, outcome: str, approval: Approval | None, *, actor, now, **fields
) -> Decision:
    """Decided by whoever drafted it, and then approved by the actor; else by the actor alone."""
    decision = Decision(
        applicant=applicant,
        outcome=outcome,
        decided_by=actor,
        decided_on_behalf_of=actor.acting_for,
        decided_at=now,
        **fields,
    )
    if approval:
        decision.decided_by, decision.decided_on_behalf_of = approval.proposed_by, approval.proposed_on_behalf_of
        decision.approved_by, decision.approved_on_behalf_of, decision.approved_at = actor, actor.acting_for, now
    return decision


def _write(decisions: Sequence[Decision], applicants: Sequence[LicenceApplicant], *, actor, now) -> None:
    if not decisions:
        return
    _number(decisions, now)
    bulk_create_with_history(decisions, Decision, default_user=actor, default_date=now)
    for rule in (DECISION, DECISION_STATUTORY):
        ledger.meet(rule, applicants, now=now, actor=actor)
    extending.lapse(applicants, actor=actor, now=now)
    open_service(applicants, now=now)
    ids = [decision.pk for decision in decisions]
    transaction.on_commit(lambda: papers.wake(len(ids), decision_ids=ids), robust=True)


def _number(decisions: Sequence[Decision], now) -> None:
    outcome = decisions[0].outcome
    form = lookup.values("certificate", "decision_numbers", lookup.edition_on(now.date()))[outcome]
    numbers = next_numbers(SERIES[DecisionOutcome(outcome)], now.year, len(decisions))
    for decision, number in zip(decisions, numbers, strict=True):
        decision.number = form.format(year=now.year, number=number)
