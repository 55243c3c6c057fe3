"""The end of one person's application without a decision: the applicant asked for it, or did not answer a correction.

Only somebody ends it, and only before the decision; nothing ends because time ran out (rules 2.5). The clocks end, what
waits for a second official or the head ends with them, institution and organiser are told, and the applicant has a
paper. The exam stands: the person may be applied for anew.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date

from simple_history.utils import bulk_create_with_history

from approvals.clocks import clock_notices, extending
from approvals.corrections import correcting
from approvals.licences import approving
from approvals.licences.acceptance import ACTION as ACCEPT
from approvals.licences.licensing import (
    ACCEPTANCE,
    DECISION,
    DECISION_STATUTORY,
    locked_applicants,
)
from approvals.models import ACCEPTANCE_STAGE, CorrectionNotice, LicenceApplicant, Withdrawal
from approvals.states import LICENCE, NOTICE, LicenceState
from certification import clock
from certification.deadlines import ledger, pauses
from certification.notices.sending import notify_role
from certification.organisations import access, separation
from certification.organisations.access import may
from certification.organisations.models import Organisation
from certification.organisations.roles import Role
from certification.organisations.separation import Capacity
from certification.refusals import Incomplete, Problem, Refusal, raise_if
from certification.rulebook import lookup
from certification.rulebook.models import RuleEdition
from certification.workdays import calendars
from certification.workdays.counting import Calendar, Count
from certification.workdays.wording import full_day
from certification.workflow import Result, activity, apply, apply_one
from exams.materials import papers

ACTION = "approvals.withdraw_licences"
# Name and content of a file as it came.
File = tuple[str, bytes]
Kind = Withdrawal.Kind


@activity
def withdraw(*, actor, now, applicant_id: int, asked_on: date | None, reason: str, file: File | None) -> Withdrawal:
    """Put on record that the applicant withdrew, by the signed paper. The organiser of the application may, and the
    acceptance clerk.

    Raises NotPermitted, DoesNotExist, Incomplete, WrongState once it is decided or over; for the file what
    ``papers.sound`` raises.
    """
    access.require(actor, ACTION)
    (applicant,) = locked_applicants(actor, [applicant_id])
    if not may(actor, ACCEPT):
        access.require_own(actor, applicant.batch.organiser_id)
    reason = _complete(applicant, asked_on, reason, file, clock.day_of(now))
    waiting = _waiting([applicant])
    apply_one(LICENCE, "withdraw", applicant, actor=actor, now=now, reason=reason)
    withdrawal = Withdrawal(
        applicant=applicant,
        kind=Kind.ASKED,
        asked_on=asked_on,
        reason=reason,
        recorded_by=actor,
        recorded_on_behalf_of=actor.acting_for,
        recorded_at=now,
    )
    withdrawal._history_date = now
    withdrawal.save(force_insert=True)
    _keep(withdrawal, file, actor=actor, now=now)
    _end([applicant], [withdrawal], waiting, actor=actor, now=now)
    if not may(actor, ACCEPT):
        _tell_clerks(withdrawal, now=now)
    return withdrawal


@activity
def lapse(*, actor, now, applicant_ids: Iterable[int]) -> list[Result]:
    """Put on record that corrections were not answered in time, so that the applications count as withdrawn. A result
    per person: Refusal ``not_lapsed`` where the days of the edition are not over, or cannot be counted yet.

    Raises NotPermitted, DoesNotExist.
    """
    access.require(actor, ACCEPT)
    applicants = locked_applicants(actor, applicant_ids)
    breaches = separation.breaches(actor, Capacity.ACCEPTS, applicants)
    notices = {notice.applicant_id: notice for notice in correcting.open_of(applicants)}
    last = last_days(notices.values())
    today = clock.day_of(now)

    def check(row: LicenceApplicant) -> None:
        raise_if(breaches.get(row.pk))
        raise_if(not_lapsed(notices[row.pk], last[row.pk], today))

    def why(row: LicenceApplicant) -> str:
        return f"补正通知书{notices[row.pk].number}要求补正的内容，至{full_day(last[row.pk].date)}没有答复。"

    waiting = _waiting(applicants)
    results = apply(LICENCE, "lapse", applicants, actor=actor, now=now, reason=why, check=check)
    made = [result.row for result in results if result.ok]
    rows = [
        Withdrawal(
            applicant=row,
            kind=Kind.LAPSED,
            correction=notices[row.pk],
            due_on=last[row.pk].date,
            reason=why(row),
            recorded_by=actor,
            recorded_on_behalf_of=actor.acting_for,
            recorded_at=now,
        )
        for row in made
    ]
    if rows:
        bulk_create_with_history(rows, Withdrawal, default_user=actor, default_date=now)
        _end(made, rows, waiting, actor=actor, now=now)
    return results


def last_days(notices: Iterable[CorrectionNotice]) -> dict[int, Count]:
    """The last day on which each notice of acceptance can be answered before the application may count as withdrawn
    (rule ``decision.correction_lapse`` of the day on which it was made): applicant id → day."""
    asked_on = {notice.applicant_id: clock.day_of(notice.made_at) for notice in notices}
    editions, calendar = lookup.editions_on(asked_on.values()), calendars.current()
    last = {day: _last_day(day, edition, calendar) for day, edition in editions.items()}
    return {pk: last[day] for pk, day in asked_on.items()}


def not_lapsed(notice: CorrectionNotice, last: Count, today: date) -> Refusal | None:
    """Why the notice cannot count as not answered today; None where it can."""
    if last.provisional:
        return Refusal(
            f"补正通知书{notice.number}的期限跨入尚未公布工作日历的年份，暂不能认定逾期。",
            code="not_lapsed",
            clause="规则 2.2",
        )
    if today <= last.date:
        return Refusal(
            f"补正通知书{notice.number}可以在{full_day(last.date)} 24:00 前答复，尚未逾期。",
            code="not_lapsed",
            clause="许可决定规则“逾期未补正”",
        )
    return None


def lapsed(user, today: date) -> list[CorrectionNotice]:
    """The open notices of acceptance within the user's reach that were not answered in time."""
    notices = list(CorrectionNotice.objects.open().visible_to(user).filter(stage=ACCEPTANCE_STAGE).order_by("pk"))
    last = last_days(notices)
    return [row for row in notices if not_lapsed(row, last[row.applicant_id], today) is None]


def may_withdraw(user, applicant: LicenceApplicant) -> bool:
    """Whether pages offer it: not decided nor over, by the organiser or the acceptance clerk."""
    own = may(user, ACCEPT) or applicant.batch.organiser_id == user.organisation_id
    return own and may(user, ACTION) and LICENCE.allows("withdraw", applicant.state)


def _last_day(asked_on: date, edition: RuleEdition, calendar: Calendar) -> Count:
    return calendar.shift(asked_on, lookup.values("decision", "correction_lapse", edition)["working_days"])


def _complete(applicant: LicenceApplicant, asked_on: date | None, reason: str, file: File | None, today: date) -> str:
    problems = []
    if asked_on is None:
        problems.append(Problem("请填写申请人提出撤回的日期。", code="required", field="asked_on"))
    elif applicant.received_at and not clock.day_of(applicant.batch.submitted_at) <= asked_on <= today:
        problems.append(Problem("撤回日期应在提交申请之日至今天之间。", code="out_of_range", field="asked_on"))
    if not reason.strip():
        problems.append(Problem("请写明撤回的理由。", code="required", field="reason"))
    if not file:
        problems.append(Problem("请上传申请人签字的撤回申请。", code="required", field="file"))
    if problems:
        raise Incomplete(problems)
    return reason.strip()


def _keep(withdrawal: Withdrawal, file: File, *, actor, now) -> None:
    name, content = file
    withdrawal.file = papers.keep(content, name, withdrawal, actor=actor, now=now)
    withdrawal.save(update_fields=["file"])


def _waiting(applicants: Sequence[LicenceApplicant]) -> set[int]:
    """Whose acceptance is still to be answered."""
    return {row.pk for row in applicants if row.state == LicenceState.SUBMITTED}


def _end(
    applicants: Sequence[LicenceApplicant],
    withdrawals: Sequence[Withdrawal],
    waiting: Collection[int],
    *,
    actor,
    now,
) -> None:
    """End what still runs about people whose applications are over, and tell."""
    reason = withdrawals[0].get_kind_display()
    if standing := pauses.running(applicants):
        stopped = [row for row in applicants if row.pk in standing]
        pauses.resume(stopped, last_day=clock.day_of(now), now=now, actor=actor)
    # What was answered in time stays answered.
    ledger.close(ACCEPTANCE, [row for row in applicants if row.pk in waiting], now=now, reason=reason)
    for rule in (DECISION, DECISION_STATUTORY):
        ledger.close(rule, applicants, now=now, reason=reason)
    extending.lapse(applicants, actor=actor, now=now)
    approving.end(applicants, actor=actor, now=now, reason=reason)
    apply(NOTICE, "end", correcting.open_of(applicants), actor=actor, now=now, reason=reason)
    clock_notices.tell_ended(applicants, withdrawals, actor=actor, now=now)


def _tell_clerks(withdrawal: Withdrawal, *, now) -> None:
    notify_role(
        Role.PROVINCIAL_ACCEPTANCE_CLERK,
        Organisation.objects.provincial_centre(),
        title=f"撤回发证许可申请：{withdrawal}",
        body=f"{withdrawal.applicant.batch.organiser}登记。理由：{withdrawal.reason}",
        url=clock_notices.clocks_url(withdrawal.applicant),
        about=[withdrawal.applicant],
        now=now,
    )
