"""Service (送达) of decisions, and of those that end a certificate: how, when, by whom, with what evidence
(行政许可法第四十四条).

The authority hands the letter over, posts it, leaves it or serves it by public notice, and notes the proof; the
training institution hands it over against the applicant's signature; or the applicant signs for it on the public pages
(方案四（四）). What proves it is kept as ``ServiceEvent``: that the letter was seen, opened, signed for, by which side,
when. A letter is served on the day on which it arrived, whenever that is noted: from that day on remedies count.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from approvals import papers as letter_papers
from approvals.cases import take, take_one
from approvals.endings import ending_papers
from approvals.licences import letters
from approvals.licences.licensing import SERVICE, locked_applicants
from approvals.models import Decision, EndingCase, LicenceApplicant, ServiceEvent
from approvals.states import LICENCE, EndingState, LicenceState
from certification import clock
from certification.deadlines import ledger
from certification.organisations import access
from certification.organisations.models import OrganisationKind
from certification.records import bulk
from certification.records.models.numbers import next_numbers
from certification.refusals import Incomplete, Problem, Refusal, WrongState
from certification.rulebook import lookup
from certification.workdays.wording import plain_day
from certification.workflow import Result, activity, apply, apply_one, log
from exams.materials import papers

ACTION = "approvals.serve_decisions"
SIGN = "approvals.sign_for_decisions"
SERIES = "service_receipt"
Kind, Side, Method = ServiceEvent.Kind, ServiceEvent.Side, Decision.ServiceMethod
BY_OFFICE = (Method.HANDED_OVER, Method.THROUGH_INSTITUTION, Method.POSTED, Method.LEFT, Method.PUBLIC_NOTICE)
_SIDES = dict.fromkeys(BY_OFFICE, Side.AUTHORITY) | {way: side for side, way in ServiceEvent.WAYS.items()}
ONLINE_EVIDENCE = "本人经身份核验后同意网上送达并签收"
Letter = Decision | EndingCase
File = tuple[str, bytes]


@activity
def serve(
    *, actor, now, decision_ids: Iterable[int], method: str, evidence: str, served_on: date | None = None
) -> list[Result]:
    """Record that the decisions were served on ``served_on`` (by default today), with the evidence (who received it,
    receipt number). A result per person, refused where it was decided later than that.

    What has no letter yet gets it first: nothing is served that is not on paper.
    """
    access.require(actor, ACTION)
    evidence, today = evidence.strip(), clock.day_of(now)
    served_on = served_on or today
    problems = []
    if served_on > today:
        problems.append(Problem("送达日期不能晚于今天。", code="out_of_range", field="served_on"))
    if method not in BY_OFFICE:
        problems.append(Problem("请选择送达方式。", code="required", field="method"))
    if not evidence:
        problems.append(Problem("请填写送达凭证（签收人、回证编号等）。", code="required", field="evidence"))
    if problems:
        raise Incomplete(problems)
    wanted = Decision.objects.visible_to(actor).filter(pk__in=list(decision_ids)).order_by("pk")
    applicants = locked_applicants(actor, wanted.values_list("applicant", flat=True))
    decisions = {row.applicant_id: row for row in take(Decision.objects.all(), actor, decision_ids)}

    def check(applicant) -> None:
        _require_decided(decisions[applicant.pk], served_on)
        _require_unserved(decisions[applicant.pk])

    results = [
        result
        for name, rows in _by_step(applicants).items()
        for result in apply(LICENCE, name, rows, actor=actor, now=now, reason=evidence, check=check)
    ]
    served = [decisions[result.row.pk] for result in results if result.ok]
    at = _moment(served_on, now)
    _served(served, Method(method), evidence, at, actor=actor, now=now)
    ledger.meet(SERVICE, [result.row for result in results if result.ok], now=at, actor=actor)
    return sorted(results, key=lambda result: result.row.pk)


@activity
def sign_for(
    *,
    actor,
    now,
    decision_id: int,
    signatory: str,
    signed_on: date | None,
    note: str = "",
    file: File | None = None,
) -> Decision:
    """The letter was handed over against signature, by the institution or by the authority: who signed, when, and the
    signed receipt as a file where there is one.

    Raises NotPermitted, DoesNotExist, Incomplete, WrongState where it was served already; for the file what
    ``papers.sound`` raises.
    """
    access.require(actor, SIGN)
    by_institution = actor.organisation.kind == OrganisationKind.TRAINING_INSTITUTION
    method = Method.THROUGH_INSTITUTION if by_institution else Method.HANDED_OVER
    found = Decision.objects.visible_to(actor).get(pk=decision_id)
    said = _said(found, signatory, signed_on, note, now)
    decision, event = _sign(found, method, said, _moment(signed_on, now), actor=actor, now=now)
    _keep_receipt(event, file, actor=actor, now=now)
    return decision


@activity
def sign_online(*, actor, now, decision_id: int) -> Decision:
    """The applicant agreed on the public page to be served there, and signed. Doing it twice gives the same receipt.

    ``actor`` is the jobs' account: the applicant has none.
    """
    decision = Decision.objects.visible_to(actor).get(pk=decision_id)
    if decision.served_at is not None:
        return decision
    decision, _event = _sign(decision, Method.ONLINE, ONLINE_EVIDENCE, now, actor=actor, now=now)
    return decision


@activity
def sign_for_ending(
    *,
    actor,
    now,
    case_id: int,
    signatory: str,
    signed_on: date | None,
    note: str = "",
    file: File | None = None,
) -> EndingCase:
    """The decision that ended a certificate was handed over by the authority against signature. Raises as ``sign_for``
    does."""
    access.require(actor, ACTION)
    case = take_one(EndingCase.objects.filter(state=EndingState.DECIDED), actor, case_id)
    said = _said(case, signatory, signed_on, note, now)
    event = _serve_ending(case, Side.AUTHORITY, said, _moment(signed_on, now), actor=actor, now=now)
    _keep_receipt(event, file, actor=actor, now=now)
    return case


@activity
def sign_ending_online(*, actor, now, case_id: int) -> EndingCase:
    """``sign_online`` for a decision that ended the holder's certificate."""
    case = take_one(EndingCase.objects.filter(state=EndingState.DECIDED), actor, case_id)
    if case.served_at is None:
        _serve_ending(case, Side.APPLICANT, ONLINE_EVIDENCE, now, actor=actor, now=now)
    return case


def note(letter: Letter, kind: Kind, side: Side, *, now, by=None) -> None:
    """Keep that a side saw or opened the letter, the first time that it did."""
    ServiceEvent.objects.get_or_create(**_of(letter), kind=kind, side=side, defaults={"at": now, "by": by})


def note_by(user, decision: Decision, kind: Kind, *, now) -> None:
    """``note`` for an account: what the institution does counts, what an office looks at proves nothing."""
    if user.organisation_id and user.organisation.kind == OrganisationKind.TRAINING_INSTITUTION:
        note(decision, kind, Side.INSTITUTION, now=now, by=user)


def _of(letter: Letter) -> dict[str, Letter]:
    return {"ending" if isinstance(letter, EndingCase) else "decision": letter}


def _said(letter: Letter, signatory: str, signed_on: date | None, note: str, now) -> str:
    """The signature in words, once it is complete."""
    _require_signature(signatory, signed_on, clock.day_of(letter.decided_at), clock.day_of(now))
    return f"{signatory.strip()}于{plain_day(signed_on)}签收" + (f"；{note.strip()}" if note.strip() else "")


def _keep_receipt(event: ServiceEvent, file: File | None, *, actor, now) -> None:
    if not file:
        return
    name, content = file
    event.file = papers.keep(content, name, event, actor=actor, now=now)
    event.save(update_fields=["file"])


def _moment(day: date, now: datetime) -> datetime:
    """When a letter was served that arrived on ``day``: for a day that has passed its last minute, as the hour is not
    told."""
    return now if day == clock.day_of(now) else clock.end_of(day) - timedelta(minutes=1)


def _by_step(applicants: Iterable[LicenceApplicant]) -> dict[str, list[LicenceApplicant]]:
    """Whose service ends the case, and whose case was over already because it was not accepted."""
    found: dict[str, list[LicenceApplicant]] = {}
    for row in applicants:
        found.setdefault(_step_of(row), []).append(row)
    return found


def _step_of(applicant: LicenceApplicant) -> str:
    return "serve_not_accepted" if applicant.state == LicenceState.NOT_ACCEPTED else "serve"


def _require_unserved(decision: Decision) -> None:
    if decision.served_at is not None:
        raise WrongState(f"{decision.number}已送达，不能重复登记。", advice="请刷新后查看。")


def _require_decided(decision: Decision, served_on: date) -> None:
    if served_on < clock.day_of(decision.decided_at):
        raise Refusal(
            f"{decision.number}于{plain_day(clock.day_of(decision.decided_at))}作出，送达日期不能早于该日。",
            code="out_of_range",
            clause="行政许可法第四十四条",
        )


def _serve_ending(case: EndingCase, side: Side, evidence: str, at: datetime, *, actor, now) -> ServiceEvent:
    """For a locked case that was decided."""
    if case.served_at is not None:
        raise WrongState(f"{case.number}已送达，不能重复登记。")
    if case.letter_id is None:
        case.letter = letter_papers.write(actor=actor, now=now, kind=ending_papers.KIND, pk=case.pk)
    case.served_at = at
    bulk.change([case], ["served_at"], actor=actor, at=now, reason="送达")
    log([case], "serve", actor=actor, now=now, reason=evidence)
    (event,) = _signed([case], side, evidence, at, actor=actor, now=now)
    return event


def _sign(
    decision: Decision, method: Method, evidence: str, at: datetime, *, actor, now
) -> tuple[Decision, ServiceEvent]:
    (applicant,) = locked_applicants(actor, [decision.applicant_id])
    (decision,) = take(Decision.objects.all(), actor, [decision.pk])
    _require_unserved(decision)
    apply_one(LICENCE, _step_of(applicant), applicant, actor=actor, now=now, reason=evidence)
    (event,) = _served([decision], method, evidence, at, actor=actor, now=now)
    ledger.meet(SERVICE, [applicant], now=at, actor=actor)
    return decision, event


def _served(
    decisions: Sequence[Decision], method: Method, evidence: str, at: datetime, *, actor, now
) -> list[ServiceEvent]:
    """Write service, its evidence and its receipt numbers, for locked decisions."""
    if not decisions:
        return []
    for decision in decisions:
        if decision.letter_id is None:
            decision.letter = letters.write_letter(actor=actor, now=now, decision_id=decision.pk)
        decision.served_at, decision.served_by = at, actor
        decision.service_method, decision.service_evidence = method, evidence
    bulk.change(
        decisions, ["served_at", "served_by", "service_method", "service_evidence"], actor=actor, at=now, reason="送达"
    )
    return _signed(decisions, _SIDES[method], evidence, at, actor=actor, now=now)


def _signed(found: Sequence[Letter], side: Side, evidence: str, at: datetime, *, actor, now) -> list[ServiceEvent]:
    """Each letter was signed for: its receipt, with a number."""
    return ServiceEvent.objects.bulk_create(
        ServiceEvent(
            **_of(letter),
            kind=Kind.SIGNED,
            side=side,
            at=at,
            by=None if actor.is_system else actor,
            receipt_number=number,
            detail=evidence,
        )
        for letter, number in zip(found, _receipt_numbers(len(found), now), strict=True)
    )


def _receipt_numbers(count: int, now) -> list[str]:
    form = lookup.values("decision", "service_receipts", lookup.edition_on(now.date()))["number"]
    return [form.format(year=now.year, number=number) for number in next_numbers(SERIES, now.year, count)]


def _require_signature(signatory: str, signed_on: date | None, decided_on: date, today: date) -> None:
    problems = []
    if not signatory.strip():
        problems.append(Problem("请填写签收人。", code="required", field="signatory"))
    if signed_on is None:
        problems.append(Problem("请填写签收日期。", code="required", field="signed_on"))
    elif not decided_on <= signed_on <= today:
        problems.append(Problem("签收日期应在决定之日至今天之间。", code="out_of_range", field="signed_on"))
    if problems:
        raise Incomplete(problems, clause="行政许可法第四十四条")
