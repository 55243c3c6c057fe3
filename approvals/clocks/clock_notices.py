"""Telling in writing: that a clock stands still and why, that it goes on, that the limit was extended and why, that
the clocks ended because the application was withdrawn.

One numbered paper for each person and event (``ClockNotice``), written in the transaction of the event and printed
after the commit; the institution, which hands it on to the applicant, and the organiser have a notice of it at once.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date
from urllib.parse import urlencode

from django.db import transaction
from django.urls import reverse
from simple_history.utils import bulk_create_with_history

from approvals import papers
from approvals.licences.licensing import DECISION, DECISION_STATUTORY
from approvals.models import ClockNotice, ExtensionProposal, LicenceApplicant, Withdrawal
from certification import clock
from certification.deadlines.models import Deadline, Pause
from certification.notices.sending import notify_role
from certification.organisations import offices
from certification.organisations.models import Organisation
from certification.organisations.roles import Role
from certification.records.models.numbers import next_numbers
from certification.rulebook import lookup
from certification.workdays.wording import full_day

SERIES = "licence_clock_notice"
Kind = ClockNotice.Kind


def tell_paused(applicants: Sequence[LicenceApplicant], started: Sequence[Pause], *, actor, now) -> None:
    """Tell each applicant that the clock stands still, why, and by when that should be over."""
    notices = [
        ClockNotice(
            applicant=applicant,
            kind=Kind.PAUSED,
            pause=pause,
            reason=pause.reason,
            from_on=pause.starts_on,
            until_on=pause.expected_on,
        )
        for applicant, pause in zip(applicants, started, strict=True)
    ]
    first = started[0]
    until = f"，预计至{full_day(first.expected_on)}" if first.expected_on else ""
    body = f"事由：{first.get_kind_display()}。{first.reason}\n自{full_day(first.starts_on)}起不计入决定期限{until}。"
    _write(notices, "决定期限中止计算", lambda rows: body, actor=actor, now=now)


def tell_resumed(
    applicants: Sequence[LicenceApplicant],
    ended: Sequence[Pause],
    rows: Sequence[Deadline],
    last_day: date,
    outcome: str,
    *,
    actor,
    now,
) -> None:
    """Tell each applicant that the clock goes on, and the days by which the decision falls due now."""
    due = _due_days(applicants)
    notices = [
        ClockNotice(
            applicant=applicant,
            kind=Kind.RESUMED,
            pause=pause,
            reason=outcome,
            from_on=pause.starts_on,
            until_on=last_day,
            promise_due=due[DECISION].get(applicant.pk),
            statutory_due=due[DECISION_STATUTORY].get(applicant.pk),
        )
        for applicant, pause in zip(applicants, ended, strict=True)
    ]
    _write(notices, "决定期限恢复计算", _resumed_body, actor=actor, now=now)


def tell_extended(
    applicants: Sequence[LicenceApplicant], proposals: Sequence[ExtensionProposal], *, actor, now
) -> None:
    """Tell each applicant that the limit was extended, with the reason (行政许可法第四十二条)."""
    due = _due_days(applicants)
    notices = [
        ClockNotice(
            applicant=applicant,
            kind=Kind.EXTENDED,
            extension=proposal,
            reason=proposal.reason,
            from_on=proposal.due_before,
            until_on=proposal.due_after,
            promise_due=due[DECISION].get(applicant.pk),
            statutory_due=proposal.due_after,
        )
        for applicant, proposal in zip(applicants, proposals, strict=True)
    ]
    _write(notices, "决定期限延长", _extended_body, actor=actor, now=now)


def tell_ended(applicants: Sequence[LicenceApplicant], withdrawals: Sequence[Withdrawal], *, actor, now) -> None:
    """Tell each applicant that the application is over because it was withdrawn, or counts as withdrawn."""
    notices = [
        ClockNotice(
            applicant=applicant,
            kind=Kind.ENDED,
            withdrawal=withdrawal,
            reason=withdrawal.reason,
            from_on=withdrawal.asked_on or clock.day_of(withdrawal.correction.made_at),
            until_on=withdrawal.due_on,
        )
        for applicant, withdrawal in zip(applicants, withdrawals, strict=True)
    ]
    _write(notices, "发证许可申请终止办理", _ended_body, actor=actor, now=now)


def clocks_url(applicant: LicenceApplicant) -> str:
    """The clocks of one person."""
    return reverse("approvals:clocks", args=[applicant.pk])


def desk_url(tab: str) -> str:
    """The list of all that stands still, or of all extensions."""
    return f"{reverse('approvals:clock_desk')}?{urlencode({'tab': tab})}"


def _resumed_body(notices: Sequence[ClockNotice]) -> str:
    days = {(row.from_on, row.until_on, row.statutory_due) for row in notices}
    if len(days) > 1:
        return f"{notices[0].reason}\n每人的截止日期见告知书。"
    ((first, last, due),) = days
    limit = f"法定时限：{full_day(due)} 24:00。" if due else ""
    return f"{notices[0].reason}\n{full_day(first)}至{full_day(last)}不计入决定期限。{limit}"


def _extended_body(notices: Sequence[ClockNotice]) -> str:
    days = {(row.from_on, row.until_on) for row in notices}
    if len(days) > 1:
        return f"理由：{notices[0].reason}\n经负责人批准，法定时限延长；每人的截止日期见告知书。"
    ((before, after),) = days
    return f"理由：{notices[0].reason}\n经负责人批准，法定时限由{full_day(before)}延长至{full_day(after)}。"


def _ended_body(notices: Sequence[ClockNotice]) -> str:
    why = notices[0].withdrawal.get_kind_display()
    said = f"{why}。{notices[0].reason}" if len(notices) == 1 else f"{why}，每人的情况见告知书。"
    return f"{said}\n考试成绩仍然有效，可以再次列入发证许可申请。"


def _due_days(applicants: Sequence[LicenceApplicant]) -> dict[str, dict[int, date]]:
    """Rule → applicant id → the last day as it stands, where the obligation is still to be met."""
    found = Deadline.objects.unmet().filter(paused_on__isnull=True).select_related("rule").of(None, list(applicants))
    due: dict[str, dict[int, date]] = defaultdict(dict)
    for row in found:
        due[row.rule.code][row.subject_id] = row.due_on
    return due


def _write(notices: list[ClockNotice], words: str, body: Callable[[Sequence[ClockNotice]], str], *, actor, now) -> None:
    if not notices:
        return
    form = lookup.values("decision", "clock_notice_numbers", lookup.edition_on(clock.day_of(now)))["number"]
    for notice, number in zip(notices, next_numbers(SERIES, now.year, len(notices)), strict=True):
        notice.number = form.format(year=now.year, number=number)
        notice.told_by, notice.told_at = actor, now
    bulk_create_with_history(notices, ClockNotice, default_user=actor, default_date=now)
    for (role, organisation), rows in _concerned(notices).items():
        _tell(role, organisation, rows, words, body(rows), now=now)
    ids = [notice.pk for notice in notices]
    transaction.on_commit(lambda: papers.wake(1, notice_ids=ids), robust=True)


def _concerned(notices: Sequence[ClockNotice]) -> dict[tuple[Role, Organisation], list[ClockNotice]]:
    """Who hears of what: the institution's filers and the organiser's exam officers."""
    found: dict[tuple[Role, Organisation], list[ClockNotice]] = defaultdict(list)
    for notice in notices:
        application, organiser = notice.applicant.candidate.application, notice.applicant.batch.organiser
        found[Role.INSTITUTION_FILER, application.institution].append(notice)
        found[offices.exam_officer(organiser), organiser].append(notice)
    return found


def _tell(role: Role, organisation: Organisation, notices: list[ClockNotice], words: str, body: str, *, now) -> None:
    first, many = notices[0], len(notices) > 1
    named = f"{first.applicant}等 {len(notices)} 人" if many else str(first.applicant)
    hand_on = "\n请将告知书转交申请人。" if role == Role.INSTITUTION_FILER else ""
    url = reverse("approvals:clock_notices") if many else clocks_url(first.applicant)
    told = {"title": f"{words}：{named}", "body": f"{body}{hand_on}", "url": url, "now": now}
    notify_role(role, organisation, about=[notice.applicant for notice in notices], **told)
