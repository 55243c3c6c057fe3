"""Acceptance of licence applications and the check of scores and names that the decision waits for [三(四)]."""

from collections.abc import Iterable, Sequence
from datetime import date

from django.contrib.contenttypes.models import ContentType
from django.urls import reverse

from approvals import platform_file
from approvals.licensing import ACCEPTANCE, DECISION, locked_applicants, open_statutory
from approvals.models import LicenceApplicant
from approvals.opinions import ONCE
from approvals.states import LICENCE
from certification import clock
from certification.deadlines import ledger
from certification.notices.sending import notify_role
from certification.organisations import access
from certification.organisations.roles import Role
from certification.records.models import TransitionLog
from certification.refusals import Incomplete, Problem, Refusal
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
    where nobody answered in time (行政许可法第三十二条). A result per person."""
    access.require(actor, ACTION)
    applicants = locked_applicants(actor, applicant_ids)
    results = apply(
        LICENCE,
        "accept",
        applicants,
        actor=actor,
        now=now,
        change=lambda row: _accepted(row, actor, now),
        fields=("accepted_by", "accepted_at"),
    )
    made = _made(results)
    met = ledger.meet(ACCEPTANCE, made, now=now, actor=actor)
    open_statutory(made, unanswered={row.subject_id for row in met if row.met_late}, now=now)
    return results


@activity
def ask_correction(*, actor, now, applicant_ids: Iterable[int], text: str) -> list[Result]:
    """Tell the organiser, once, everything that is to be corrected; the clocks stop until the answer.

    A result per person; Refusal ``once_only`` where the person was asked before. 行政许可法第三十二条; rules 2.4, 2.8.
    """
    access.require(actor, ACTION)
    text = text.strip()
    if not text:
        raise Incomplete([Problem("请一次性写明需要补正的全部内容。", code="required", field="text")])
    applicants = locked_applicants(actor, applicant_ids)
    asked = _asked_before(applicants)

    def once(applicant: LicenceApplicant) -> None:
        if day := asked.get(applicant.pk):
            raise Refusal(
                f"{plain_day(day)}已一次性告知“{applicant}”补正，不得再次要求补正。",
                code="once_only",
                clause=ONCE,
                advice="请就现有材料受理；仍不符合规定的，在决定时作出不予许可的决定。",
            )

    results = apply(
        LICENCE,
        "ask_correction",
        applicants,
        actor=actor,
        now=now,
        reason=text,
        check=once,
        change=lambda row: setattr(row, "correction", text),
        fields=("correction",),
    )
    made = _made(results)
    ledger.meet(ACCEPTANCE, made, now=now, actor=actor)
    for rule in (ACCEPTANCE, DECISION):
        ledger.close(rule, made, now=now, reason="一次性告知补正，补正后重新起算")
    _tell_organisers(made, "发证许可申请需要补正", text, now=now)
    return results


@activity
def reconcile(*, actor, now, applicant_ids: Iterable[int]) -> list[Result]:
    """Compare what was sent with the released results and the register, person by person.

    Where everything agrees the person goes on to the decision; where not, the differences are kept with the
    person, the organiser is told, and nobody with differences reaches the decision. Each result's ``detail``
    holds its ``differences``.
    """
    access.require(actor, ACTION)
    applicants = locked_applicants(actor, applicant_ids)
    found = _differences(applicants, now)

    def change(applicant: LicenceApplicant) -> None:
        applicant.differences = found[applicant.pk]
        applicant.reconciled_by, applicant.reconciled_at = actor, now

    fields = ("differences", "reconciled_by", "reconciled_at")
    agreeing = [row for row in applicants if not found[row.pk]]
    differing = [row for row in applicants if found[row.pk]]
    results = apply(LICENCE, "reconcile", agreeing, actor=actor, now=now, change=change, fields=fields) + apply(
        LICENCE, "compare", differing, actor=actor, now=now, change=change, fields=fields
    )
    for result in results:
        result.detail["differences"] = found[result.row.pk] if result.ok else []
    _tell_organisers(
        [row for row in _made(results) if row.differences], "成绩和名单核对存在差异", "请核实后重新报送。", now=now
    )
    return sorted(results, key=lambda result: result.row.pk)


def _asked_before(applicants: Sequence[LicenceApplicant]) -> dict[int, date]:
    """The day on which each was asked for a correction, for those who were. One query."""
    lines = TransitionLog.objects.filter(
        subject_type=ContentType.objects.get_for_model(LicenceApplicant),
        subject_id__in=[row.pk for row in applicants],
        name="ask_correction",
    )
    return {pk: clock.day_of(at) for pk, at in lines.values_list("subject_id", "at")}


def _differences(applicants: Sequence[LicenceApplicant], now) -> dict[int, list[dict]]:
    candidates = list(
        Candidate.objects.filter(pk__in=[row.candidate_id for row in applicants])
        .select_related(*platform_file.RELATED)
        .prefetch_related("results")
    )
    held = platform_file.facts_of(candidates, lookup.edition_on(now.date()))
    by_id = {candidate.pk: candidate for candidate in candidates}
    return {
        row.pk: platform_file.differences(row.sent, held[row.candidate_id]) + _faults(row, by_id[row.candidate_id])
        for row in applicants
    }


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


def _accepted(applicant: LicenceApplicant, actor, now) -> None:
    applicant.accepted_by, applicant.accepted_at = actor, now


def _made(results: Iterable[Result]) -> list[LicenceApplicant]:
    return [result.row for result in results if result.ok]


def _tell_organisers(applicants: Sequence[LicenceApplicant], title: str, body: str, *, now) -> None:
    batches = {row.batch_id: row.batch for row in applicants}
    for batch in batches.values():
        count = sum(row.batch_id == batch.pk for row in applicants)
        province = batch.organiser.kind == "PROVINCIAL_CENTRE"
        notify_role(
            Role.PROVINCIAL_EXAM_OFFICER if province else Role.CITY_EXAM_OFFICER,
            batch.organiser,
            title=f"{title}：{batch.number}，{count}人",
            body=body,
            url=reverse("approvals:licence", args=[batch.pk]),
            now=now,
        )
