"""Review every six years instead of every three (令30 art. 21): whoever worked in the trade for ten years without a
breach, by the statement of the employer, is not reviewed before the certificate that is held now ends.

The province agrees, certificate by certificate; the next one has its review again. Rule values:
``certificate.long_service`` {applies, years}; an edition in which it does not apply has nothing of it.
"""

from collections.abc import Sequence
from datetime import date

from approvals.certificates.extending import EXTEND
from approvals.certificates.registers import certificates_visible_to
from approvals.models import EndingCase, LongService
from approvals.states import ENDING
from certification import clock
from certification.organisations import access, separation
from certification.organisations.separation import Capacity
from certification.people import bars, certificates
from certification.people.eligibility import add_years
from certification.people.models import Certificate, CertificateState
from certification.records import evidence
from certification.records.evidence import Upload
from certification.refusals import Incomplete, Problem, Refusal, WrongState, raise_if
from certification.rulebook import lookup
from certification.workdays.wording import plain_day
from certification.workflow import activity, lock

CLAUSE = "总局令第30号第二十一条"
RULE = ("certificate", "long_service")


def years_needed(day: date) -> int | None:
    """For how many years the holder must have worked in the trade; None where the edition does not apply it."""
    values = lookup.values(*RULE, lookup.edition_on(day))
    return values["years"] if values["applies"] else None


def why_not(certificate: Certificate, day: date) -> Refusal | None:
    """What stands against it on ``day``, whatever the employer states."""
    if years_needed(day) is None:
        return WrongState("现行规则没有启用复审周期的延长。", code="not_applied", clause=CLAUSE)
    if certificate.state != CertificateState.VALID or certificate.valid_until < day:
        return WrongState("该操作证已经失效。", code="not_valid")
    if certificate.review_due_on is None or certificate.reviewed_on is not None:
        return WrongState("该操作证在有效期内没有待办的复审。", code="nothing_due")
    if certificate.review_due_on < day:
        return WrongState(f"该操作证应于{plain_day(certificate.review_due_on)}前复审，已经逾期。", code="overdue")
    if EndingCase.objects.filter(certificate=certificate, state__in=ENDING["drop"].sources).exists():
        return WrongState("该操作证有撤销、注销事项正在办理。")
    bar = bars.in_force([certificate.person_id], day).get(certificate.person_id)
    return bars.refusal(bar, certificate.person, "不能延长复审周期") if bar else None


@activity
def agree(*, actor, now, certificate_id: int, since: date, employer: str, files: Sequence[Upload] = ()) -> LongService:
    """The certificate is not reviewed before it ends.

    Raises NotPermitted, DoesNotExist, Incomplete with every problem (too few years by the day of the review, no
    employer, no statement), SeparationBreach (one's own certificate, or somebody to stay away from), and what
    ``why_not`` says: twice is refused as ``nothing_due``.
    """
    access.require(actor, EXTEND)
    found = certificates_visible_to(actor).get(pk=certificate_id)
    (certificate,) = lock(Certificate.objects.filter(pk=found.pk).select_related("person", "job_type"))
    separation.require(actor, Capacity.EXTENDS_VALIDITY, certificate)
    day = clock.day_of(now)
    raise_if(why_not(certificate, day))
    problems = _problems(certificate, since, employer, files, years_needed(day))
    types = evidence.media_types(files, "files", evidence.PAPERS, problems)
    if problems:
        raise Incomplete(problems, clause=CLAUSE)
    row = LongService(
        certificate=certificate,
        since=since,
        employer=employer.strip(),
        review_was_due_on=certificate.review_due_on,
        agreed_by=actor,
        agreed_on_behalf_of=actor.acting_for,
        agreed_at=now,
    )
    row._history_user, row._history_date = actor, now
    row.save(force_insert=True)
    evidence.keep(files, types, "从业证明", row, actor=actor, now=now)
    # Who stated it is for the province alone (``LongService``); the log of the certificate is not.
    reason = f"自{plain_day(since)}起连续从事本工种"
    certificates.put_off_review(certificate=certificate, reason=reason, actor=actor, now=now)
    return row


def _problems(certificate: Certificate, since: date, employer: str, files, years: int) -> list[Problem]:
    problems = []
    if add_years(since, years) > certificate.review_due_on:
        said = f"至应复审日期（{plain_day(certificate.review_due_on)}）连续从事本工种不满 {years} 年。"
        problems.append(Problem(said, code="too_short", field="since"))
    if not employer.strip():
        problems.append(Problem("请填写出具证明的用人单位。", code="required", field="employer"))
    if not files:
        problems.append(Problem("请上传用人单位的从业证明。", code="required", field="files"))
    return problems
