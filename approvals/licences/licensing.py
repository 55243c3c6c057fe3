"""The licence application (发证许可申请): prepared from released results, sent through the platform [三(三)]."""

from collections.abc import Callable, Container, Iterable, Sequence
from datetime import date

from django.db.models import Count, Exists, F, OuterRef, Q
from simple_history.utils import bulk_create_with_history

from approvals.cases import take, take_one
from approvals.corrections import correcting
from approvals.licences import platform_file
from approvals.models import LicenceApplicant, LicenceApplication, PlatformSending
from approvals.states import BATCH, LICENCE, BatchState, LicenceState
from certification import clock
from certification.deadlines import ledger
from certification.organisations import access
from certification.organisations.models import Organisation
from certification.people import bars
from certification.people.models import Bar
from certification.records import bulk
from certification.records.models import StoredFile
from certification.records.models.numbers import next_number
from certification.refusals import Incomplete, Problem, Refusal, WrongState, raise_if
from certification.rulebook import lookup
from certification.workdays.wording import plain_day
from certification.workflow import Result, activity, apply, apply_one, lock, log
from exams.models import Candidate, ExamSession
from exams.states import CandidateState

SUBMISSION = "licence_submission"
ACCEPTANCE = "acceptance"
DECISION = "decision"
DECISION_STATUTORY = "decision_statutory"
SERVICE = "service"


@activity
def prepare(*, actor, now, session_id: int, again: Iterable[int] = ()) -> LicenceApplication:
    """Gather the passed candidates of a session who are in no licence application yet, and make the platform file.

    ``again`` names candidates whose earlier application was not accepted or was withdrawn and who apply anew: nobody
    of them is gathered without being named. Who is barred is left out until the bar is over (rules 3.3). Raises
    DoesNotExist, NotPermitted, or a Refusal: ``barred`` where only barred people are left, ``nobody`` where no one is,
    ``applied_already`` where somebody of ``again`` did not apply before or stands in an application.
    """
    access.require(actor, "approvals.prepare_licences")
    session = take_one(ExamSession.objects.all(), actor, session_id)
    access.require_own(actor, session.organiser_id)
    returning = _returning(session, again)
    candidates = [*_candidates(unapplied(session)), *returning]
    if not candidates:
        raise Refusal(
            f"{session.number}没有待申请发证的考试合格人员。",
            code="nobody",
            clause="方案三（三）",
            advice="成绩公布后，合格人员会列在这里；已列入其他申请的不再重复申请。",
        )
    candidates = _without_barred(candidates, now.date())
    edition = lookup.edition_on(now.date())
    batch = LicenceApplication(
        session=session,
        organiser=session.organiser,
        number=f"FZ-{now.year}-{next_number('licence_application', now.year)}",
        prepared_by=actor,
        prepared_at=now,
    )
    batch.save(force_insert=True)
    facts = platform_file.facts_of(candidates, edition)
    applicants = _enter(batch, candidates, facts, actor=actor, now=now)
    batch.platform_file = _store(batch, facts.values(), edition, actor=actor, now=now)
    batch.save(update_fields=["platform_file"])
    _open_submission(applicants, session, {row.pk for row in returning}, now=now)
    log([batch], "prepare", actor=actor, now=now)
    return batch


@activity
def prepare_again(*, actor, now, batch_id: int) -> LicenceApplication:
    """Make the platform file anew as things stand now, as long as it has not been sent: a score that was checked again,
    a name that was corrected; who does not pass any more leaves the application. Raises WrongState once it is sent."""
    access.require(actor, "approvals.prepare_licences")
    batch = take_one(LicenceApplication.objects.all(), actor, batch_id)
    access.require_own(actor, batch.organiser_id)
    applicants = _applicants(LicenceApplicant.objects.filter(batch=batch))
    edition = lookup.edition_on(now.date())
    facts = platform_file.facts_of(_candidates_of(applicants), edition)
    staying = [row for row in applicants if row.candidate.state == CandidateState.PASSED]
    leaving = [row for row in applicants if row.candidate.state != CandidateState.PASSED]
    for row in staying:
        row.sent = facts[row.candidate_id]

    def change(row: LicenceApplication) -> None:
        row.platform_file = _store(row, [one.sent for one in staying], edition, actor=actor, now=now)

    reason = "；".join(f"{row}已不合格，退出申请" for row in leaving)
    apply_one(
        BATCH, "prepare_again", batch, actor=actor, now=now, reason=reason, change=change, fields=("platform_file",)
    )
    bulk.change(staying, ["sent"], actor=actor, at=now, reason="重新生成报送文件")
    _leave(leaving, now=now)
    return batch


def outdated(applicants: Sequence[LicenceApplicant], day: date) -> list[str]:
    """What has changed about people in an application that was prepared and not sent: a line for each."""
    facts = platform_file.facts_of(_candidates_of(applicants), lookup.edition_on(day)) if applicants else {}
    lines = []
    for row in applicants:
        found = platform_file.differences(row.sent, facts[row.candidate_id])
        if row.candidate.state != CandidateState.PASSED:
            lines.append(f"{row}：{row.candidate.get_state_display()}")
        elif found:
            lines.append(f"{row}：{'、'.join(one['field'] for one in found)}有变化")
    return lines


def _leave(applicants: Sequence[LicenceApplicant], *, now) -> None:
    """Nothing has been sent about them yet; what they were is in history."""
    ledger.close(None, applicants, now=now, reason="已不合格")
    for row in applicants:
        row.delete()


def barred_among(candidates: Iterable[Candidate], day: date) -> dict[int, Bar]:
    """The bars of people for whom no licence is applied for now: candidate id → bar. One query."""
    rows = list(candidates)
    found = bars.in_force((row.application.person_id for row in rows), day)
    return {row.pk: found[row.application.person_id] for row in rows if row.application.person_id in found}


def _without_barred(candidates: list[Candidate], day: date) -> list[Candidate]:
    barred = barred_among(candidates, day)
    free = [row for row in candidates if row.pk not in barred]
    if free:
        return free
    bar = next(iter(barred.values()))
    names = "、".join(row.application.person.name for row in candidates)
    raise Refusal(
        f"{names}在禁考期内（{bar.get_ground_display()}，至{plain_day(bar.barred_until)}），不能申请发证。",
        code="barred",
        clause=bars.CLAUSES[bar.ground],
        advice="禁考期满或者解除后再生成发证许可申请。",
    )


def unapplied(session: ExamSession | OuterRef):
    """Candidates of a session who passed and are in no licence application."""
    return Candidate.objects.filter(session=session, state=CandidateState.PASSED, licence_applicants__isnull=True)


def may_apply_again(session: ExamSession):
    """Candidates of a session who passed and whose applications all ended without a decision on the licence."""
    applied = LicenceApplicant.objects.filter(candidate=OuterRef("pk"))
    passed = Candidate.objects.filter(session=session, state=CandidateState.PASSED)
    return passed.filter(Exists(applied), ~Exists(applied.standing()))


def sessions_to_apply(user) -> list[ExamSession]:
    """Sessions of the user's own organisation with passed candidates who are in no licence application, with
    ``passed``: how many."""
    left = Exists(unapplied(OuterRef("pk")))
    own = ExamSession.objects.visible_to(user).filter(left, organiser=user.organisation_id)
    return list(
        own.annotate(
            passed=Count(
                "candidates",
                filter=Q(candidates__state=CandidateState.PASSED, candidates__licence_applicants__isnull=True),
            )
        )
        .select_related("job_type")
        .order_by("starts_on", "pk")[:50]
    )


@activity
def submit(*, actor, now, batch_id: int, receipt_number: str) -> LicenceApplication:
    """Record that the platform took the file, under which receipt number, and hand the application in.

    Opens acceptance and decision clocks for each person from today, the day of receipt (not counted). Raises WrongState
    ``outdated`` where the file does not say what is on record any more.
    """
    access.require(actor, "approvals.prepare_licences")
    receipt_number = _receipt_number(receipt_number)
    batch = take_one(LicenceApplication.objects.select_related("platform_file"), actor, batch_id)
    access.require_own(actor, batch.organiser_id)
    applicants = _applicants(LicenceApplicant.objects.filter(batch=batch))
    if batch.state == BatchState.PREPARED:
        _require_up_to_date(batch, applicants, now.date())
    apply_one(
        BATCH,
        "submit",
        batch,
        actor=actor,
        now=now,
        fields=("platform_receipt", "platform_sent_by", "platform_sent_at", "submitted_at"),
        change=lambda row: _sent(row, receipt_number, actor, now),
    )
    _ledger_line(batch, batch.platform_file, receipt_number, len(applicants), actor=actor, now=now)
    apply(LICENCE, "submit", applicants, actor=actor, now=now, fields=("received_at",), change=_received(now))
    ledger.meet(SUBMISSION, applicants, now=now, actor=actor)
    open_clocks(applicants, received_on=lambda _row: now.date(), now=now)
    return batch


@activity
def send_again(*, actor, now, applicant_ids: Iterable[int], receipt_number: str, reason: str = "") -> list[Result]:
    """Answer a correction notice, or put right what the check found different: a new platform file for these persons.

    Who was asked for a correction is received anew, with fresh clocks, once every item of the notice is answered; who
    is accepted keeps them. All persons must be of one application. A result per person.
    """
    access.require(actor, "approvals.prepare_licences")
    receipt_number = _receipt_number(receipt_number)
    applicants = locked_applicants(actor, applicant_ids)
    batch = _one_batch(applicants)
    access.require_own(actor, batch.organiser_id)
    facts = platform_file.facts_of(_candidates_of(applicants), lookup.edition_on(now.date()))

    def change(applicant: LicenceApplicant) -> None:
        applicant.sent, applicant.differences = facts[applicant.candidate_id], []
        if applicant.state == LicenceState.SUBMITTED:
            applicant.received_at = now

    asked = [row for row in applicants if row.state == LicenceState.CORRECTION]
    asked_ids = {row.pk for row in asked}
    others = [row for row in applicants if row.state != LicenceState.CORRECTION]
    unanswered = correcting.not_answered(asked)
    results = apply(
        LICENCE,
        "answer_correction",
        asked,
        actor=actor,
        now=now,
        reason=reason,
        change=change,
        check=lambda row: raise_if(unanswered.get(row.pk)),
        fields=("sent", "differences", "received_at"),
    ) + apply(
        LICENCE,
        "resend",
        others,
        actor=actor,
        now=now,
        reason=reason,
        check=_require_differences,
        change=change,
        fields=("sent", "differences"),
    )
    made = [result.row for result in results if result.ok]
    if made:
        edition = lookup.edition_on(now.date())
        file = _store(batch, [row.sent for row in made], edition, actor=actor, now=now)
        _ledger_line(batch, file, receipt_number, len(made), reason=reason, actor=actor, now=now)
        answered = [row for row in made if row.pk in asked_ids]
        open_clocks(answered, received_on=lambda _row: now.date(), now=now)
        correcting.close_answered(answered, actor=actor, now=now)
    return results


def locked_applicants(actor, applicant_ids: Iterable[int]) -> list[LicenceApplicant]:
    """The applicants, locked, with everything that acceptance and decision read of them."""
    return take(LicenceApplicant.objects.select_related(*APPLICANT_RELATED), actor, applicant_ids)


APPLICANT_RELATED = (
    "batch__organiser",
    "candidate__session",
    "candidate__application__person",
    "candidate__application__institution",
    "candidate__application__job_type__group",
    "candidate__application__trainee__certificate",
    "candidate__application__rule_edition",
)


def _applicants(queryset) -> list[LicenceApplicant]:
    return lock(queryset.select_related(*APPLICANT_RELATED))


def _candidates(queryset) -> list[Candidate]:
    return lock(queryset.select_related(*platform_file.RELATED))


def _returning(session: ExamSession, again: Iterable[int]) -> list[Candidate]:
    wanted = {int(pk) for pk in again}
    found = _candidates(may_apply_again(session).filter(pk__in=wanted)) if wanted else []
    if len(found) != len(wanted):
        raise WrongState(
            "所选人员中有的不能再次申请：没有未受理或者撤回的申请，或者已在其他申请中。",
            code="applied_already",
            clause="方案三（三）",
            advice="请刷新后查看。",
        )
    return found


def _candidates_of(applicants: Sequence[LicenceApplicant]) -> list[Candidate]:
    ids = [applicant.candidate_id for applicant in applicants]
    return list(Candidate.objects.filter(pk__in=ids).select_related(*platform_file.RELATED).order_by("pk"))


def _enter(batch, candidates, facts, *, actor, now) -> list[LicenceApplicant]:
    applicants = [
        LicenceApplicant(batch=batch, candidate=candidate, sent=facts[candidate.pk]) for candidate in candidates
    ]
    return bulk_create_with_history(applicants, LicenceApplicant, default_user=actor, default_date=now)


def _store(batch, facts, edition, *, actor, now) -> StoredFile:
    return StoredFile.store(
        platform_file.render(facts, edition),
        name=f"{batch.number}-{now:%Y%m%d%H%M}.xlsx",
        media_type=platform_file.XLSX,
        owner=batch,
        actor=actor,
        now=now,
    )


def _require_up_to_date(batch: LicenceApplication, applicants: Sequence[LicenceApplicant], day: date) -> None:
    if not applicants:
        raise WrongState(f"{batch.number}中已没有考试合格的人员，不需要提交。", code="nobody", clause="方案三（三）")
    if changed := outdated(applicants, day):
        raise WrongState(
            f"{batch.number}生成以后情况有变化：{'；'.join(changed)}。",
            code="outdated",
            clause="方案三（三）",
            advice="请重新生成报送文件，在平台重新提交后填写新的回执号。",
        )


def _sent(batch: LicenceApplication, receipt_number: str, actor, now) -> None:
    batch.platform_receipt = receipt_number
    batch.platform_sent_by = actor
    batch.platform_sent_at = batch.submitted_at = now


def _received(now):
    def change(applicant: LicenceApplicant) -> None:
        applicant.received_at = now

    return change


def _ledger_line(batch, file, receipt_number: str, headcount: int, *, actor, now, reason: str = "") -> None:
    PlatformSending(
        batch=batch,
        file=file,
        receipt_number=receipt_number,
        headcount=headcount,
        reason=reason.strip(),
        sent_by=actor,
        sent_at=now,
    ).save(force_insert=True)


def _open_submission(
    applicants: Sequence[LicenceApplicant], session: ExamSession, returning: Container[int], *, now
) -> None:
    """Due from the release of the results; from today for candidates who apply anew."""
    released = {
        pk: clock.day_of(at)
        for pk, at in Candidate.objects.filter(pk__in=[row.candidate_id for row in applicants])
        .filter(results__released_at__isnull=False)
        .values_list("pk", F("results__released_at"))
        .order_by("results__released_at")
        if pk not in returning
    }
    _open(SUBMISSION, applicants, lambda row: released.get(row.candidate_id, now.date()), session.organiser, now=now)


def open_clocks(
    applicants: Sequence[LicenceApplicant], *, received_on: Callable[[LicenceApplicant], date], now
) -> None:
    """Acceptance and decision run from receipt of the complete application (rules 2.8)."""
    if not applicants:
        return
    province = Organisation.objects.provincial_centre()
    for rule in (ACCEPTANCE, DECISION):
        _open(rule, applicants, received_on, province, now=now)


def open_statutory(applicants: Sequence[LicenceApplicant], *, unanswered: Container[int] = (), now) -> None:
    """The statutory limit runs from acceptance (行政许可法第四十二条). Who had no answer in time (``unanswered``: their
    ids) counts as accepted on the day of receipt (第三十二条)."""

    def accepted_on(row: LicenceApplicant) -> date:
        return clock.day_of(row.received_at if row.pk in unanswered else now)

    if applicants:
        province = Organisation.objects.provincial_centre()
        _open(DECISION_STATUTORY, applicants, accepted_on, province, now=now)


def open_service(applicants: Sequence[LicenceApplicant], *, now) -> None:
    """Service is due from the day of the decision (行政许可法第四十四条)."""
    if applicants:
        _open(SERVICE, applicants, lambda row: now.date(), Organisation.objects.provincial_centre(), now=now)


def _open(rule: str, applicants, event_on, responsible: Organisation, *, now) -> None:
    ids = {row.candidate.application.institution_id for row in applicants} | {
        row.batch.organiser_id for row in applicants
    }
    organisations = Organisation.objects.in_bulk(ids)
    ledger.open_deadlines(
        rule,
        applicants,
        event_on=event_on,
        responsible=responsible,
        institution=lambda row: organisations[row.candidate.application.institution_id],
        organiser=lambda row: organisations[row.batch.organiser_id],
        now=now,
    )


def _one_batch(applicants: Sequence[LicenceApplicant]) -> LicenceApplication:
    batches = {applicant.batch for applicant in applicants}
    if len(batches) != 1:
        raise WrongState("请选择同一份发证许可申请中的人员。")
    (batch,) = batches
    if batch.state != BatchState.SUBMITTED:
        raise WrongState(f"{batch.number}尚未提交。")
    return batch


def _require_differences(applicant: LicenceApplicant) -> None:
    if not applicant.differences:
        raise WrongState(f"“{applicant}”没有需要更正的差异。")


def _receipt_number(text: str) -> str:
    cleaned = "".join(text.split())
    if not cleaned:
        raise Incomplete(
            [
                Problem(
                    "请填写平台回执号。",
                    code="required",
                    field="receipt_number",
                    advice="在全国安全培训考试信息平台上传文件后取得。",
                )
            ]
        )
    return cleaned
