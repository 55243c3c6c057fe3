"""Revocation and cancellation of a certificate, step by step: proposed with proof, the holder told and heard where
the law asks it, decided by somebody else (行政许可法第六十九条、第七十条; rule ``endings``).

A revocation is the provincial head's; a cancellation another decision maker's. Where the ground brings a bar, the bar
is proposed together with it and decided on its own (``approvals.bars``).
"""

from dataclasses import dataclass
from datetime import date

from django.db import IntegrityError, transaction
from django.urls import reverse

from approvals import papers
from approvals.bars import proposing as bar_proposing
from approvals.cases import take_one
from approvals.certificates.registers import certificates_visible_to
from approvals.models import EndingCase
from approvals.states import ENDING
from certification import clock
from certification.notices.sending import notify_role
from certification.organisations import access, separation
from certification.organisations.access import may
from certification.organisations.models import Organisation
from certification.organisations.roles import Role
from certification.organisations.separation import Capacity
from certification.people import certificates
from certification.people.models import Certificate, CertificateState
from certification.records.models.numbers import next_number
from certification.refusals import Incomplete, NotPermitted, Problem, Refusal, WrongState, raise_if
from certification.rulebook import lookup
from certification.workdays import calendars
from certification.workdays.wording import plain_day
from certification.workflow import activity, apply_one, lock, log

PROPOSE = "approvals.propose_endings"
DECIDE = "approvals.decide_endings"
REVOKE = "approvals.revoke_certificates"
Kind = EndingCase.Kind
_SERIES = {Kind.REVOKE: "certificate_revoked", Kind.CANCEL: "certificate_cancelled"}
_NOTICE_SERIES = "ending_notice"


@dataclass(frozen=True)
class Ground:
    """Why a certificate may be ended, by the edition."""

    code: str
    kind: str
    title: str
    clause: str
    hearing: bool
    bar: str


def grounds(day: date) -> dict[str, Ground]:
    """The grounds of the edition in force, by their code."""
    return {row["code"]: Ground(**row) for row in _values(day)["grounds"]}


def hearing_days(day: date) -> int:
    """Within how many working days whoever is told on ``day`` may ask for a hearing."""
    return _values(day)["hearing_days"]


@activity
def propose(*, actor, now, certificate_id: int, ground: str, facts: str, evidence: str) -> EndingCase:
    """Put the end of a certificate forward, with what happened and what proves it; where its ground brings a bar, that
    is proposed with it if the actor may.

    Raises NotPermitted, SeparationBreach, DoesNotExist, Incomplete, WrongState where the certificate is not valid or a
    case is open.
    """
    access.require(actor, PROPOSE)
    found = grounds(clock.day_of(now))
    facts, evidence = facts.strip(), evidence.strip()
    problems = [
        Problem(message, code="required", field=field)
        for field, message, given in (
            ("ground", "请选择事由。", ground in found),
            ("facts", "请写明事实和理由。", facts),
            ("evidence", "请写明证据的名称和来源。", evidence),
        )
        if not given
    ]
    if problems:
        raise Incomplete(problems, clause="行政许可法第六十九条、第七十条")
    rows = certificates_visible_to(actor).filter(pk=certificate_id)
    (certificate,) = lock(Certificate.objects.filter(pk=rows.get().pk).select_related("person", "job_type"))
    if certificate.state != CertificateState.VALID:
        raise WrongState(f"该操作证{certificate.get_state_display()}，不能再提请。")
    one = found[ground]
    case = EndingCase(
        certificate=certificate,
        kind=one.kind,
        ground=one.code,
        ground_title=one.title,
        clause=one.clause,
        needs_hearing=one.hearing,
        facts=facts,
        evidence=evidence,
        proposed_by=actor,
        proposed_on_behalf_of=actor.acting_for,
        proposed_at=now,
        bar_case=_bar(one, certificate, facts, evidence, actor=actor, now=now),
    )
    case._history_user, case._history_date = actor, now
    try:
        with transaction.atomic():
            case.save(force_insert=True)
    except IntegrityError as error:
        raise WrongState("该操作证已有撤销、注销事项正在办理。") from error
    separation.require(actor, Capacity.PROPOSES_ENDING, case)
    log([case], "propose", actor=actor, now=now, reason=facts, detail={"clause": one.clause})
    _tell_who_decides(case, now=now)
    return case


@activity
def tell(*, actor, now, case_id: int) -> EndingCase:
    """Tell the holder of facts, basis, and the right to be heard and to ask for a hearing within the days of the
    rule; the notice has a number of its own."""
    access.require(actor, PROPOSE)
    case = _locked(actor, case_id)
    if not case.needs_hearing:
        raise WrongState("该事由不需要告知和听证，可以直接作出决定。")
    day = clock.day_of(now)

    def change(row: EndingCase) -> None:
        row.told_at = now
        row.hearing_until = calendars.current().shift(day, hearing_days(day)).date
        form = _values(day)["notice_number"]
        row.notice_number = form.format(year=now.year, number=next_number(_NOTICE_SERIES, now.year))

    fields = ("told_at", "hearing_until", "notice_number")
    return apply_one(ENDING, "tell", case, actor=actor, now=now, change=change, fields=fields)


@activity
def hear(
    *, actor, now, case_id: int, hearing_asked: bool, hearing_held_on: date | None = None, statement: str = ""
) -> EndingCase:
    """Put on record what the holder said, and the hearing where one was asked for.

    Who neither spoke nor asked for one is waited for until the last day. Raises Incomplete, Refusal ``too_early``.
    """
    access.require(actor, PROPOSE)
    case, day, statement = _locked(actor, case_id), clock.day_of(now), statement.strip()
    problems = []
    if hearing_asked and hearing_held_on is None:
        problems.append(Problem("请填写听证日期。", code="required", field="hearing_held_on"))
    if hearing_held_on and (hearing_held_on > day or (case.told_at and hearing_held_on < clock.day_of(case.told_at))):
        problems.append(Problem("听证日期应在告知之日与今天之间。", code="day", field="hearing_held_on"))
    if hearing_asked and not statement:
        problems.append(Problem("请写明听证记录的要点。", code="required", field="statement"))
    if problems:
        raise Incomplete(problems, clause="行政许可法第四十八条")

    def check(row: EndingCase) -> None:
        if not statement and day <= row.hearing_until:
            raise Refusal(
                f"被告知人可以在{plain_day(row.hearing_until)}以前陈述申辩、要求听证，期限未到。",
                code="too_early",
                clause="行政许可法第四十七条",
                advice="已经陈述申辩或者书面放弃的，请写明后登记。",
            )

    def change(row: EndingCase) -> None:
        row.hearing_asked, row.hearing_held_on, row.statement = hearing_asked, hearing_held_on, statement

    fields = ("hearing_asked", "hearing_held_on", "statement")
    return apply_one(
        ENDING, "hear", case, actor=actor, now=now, reason=statement, check=check, change=change, fields=fields
    )


@activity
def decide(*, actor, now, case_id: int, opinion: str) -> EndingCase:
    """End the certificate, by name; the letter is made after the commit.

    Raises NotPermitted (a revocation is the head's), SeparationBreach (never one's own proposal), Incomplete,
    WrongState (the holder was not heard, or the certificate is no longer valid), DoesNotExist.
    """
    case = _to_answer(actor, case_id, opinion)
    if case.needs_hearing and ENDING.allows("tell", case.state):
        raise WrongState("尚未告知当事人事实、依据和听证的权利，不能作出决定。", clause="行政许可法第七条、第四十七条")
    day = clock.day_of(now)

    def change(row: EndingCase) -> None:
        _sign(row, opinion, actor=actor, now=now)
        form = _values(day)[row.kind]
        row.number = form.format(year=now.year, number=next_number(_SERIES[Kind(row.kind)], now.year))

    apply_one(ENDING, "decide", case, actor=actor, now=now, reason=opinion, change=change, fields=(*_SIGNED, "number"))
    end = certificates.revoke if case.kind == Kind.REVOKE else certificates.cancel
    reason = f"{case.ground_title}（{case.number}）"
    end(certificate=case.certificate, reason=reason, clause=case.clause, actor=actor, now=now)
    transaction.on_commit(lambda: papers.wake(1, ending_ids=[case.pk]), robust=True)
    return case


@activity
def drop(*, actor, now, case_id: int, opinion: str) -> EndingCase:
    """Leave the certificate as it is, with the reason. Rights as in ``decide``."""
    case = _to_answer(actor, case_id, opinion)

    def change(row: EndingCase) -> None:
        _sign(row, opinion, actor=actor, now=now)

    return apply_one(ENDING, "drop", case, actor=actor, now=now, reason=opinion, change=change, fields=_SIGNED)


def against(case: EndingCase, user) -> Refusal | None:
    """Why ``user`` may not decide about ``case``."""
    if case.kind == Kind.REVOKE and not may(user, REVOKE):
        return NotPermitted("撤销由省级负责人决定。", clause="行政许可法第六十九条")
    return separation.breaches(user, Capacity.DECIDES_ENDING, [case]).get(case.pk)


_SIGNED = ("decided_by", "decided_on_behalf_of", "decided_at", "opinion")


def _to_answer(actor, case_id: int, opinion: str) -> EndingCase:
    access.require(actor, DECIDE)
    if not opinion.strip():
        raise Incomplete([Problem("请填写决定意见。", code="required", field="opinion")])
    case = _locked(actor, case_id)
    raise_if(against(case, actor))
    return case


def _sign(case: EndingCase, opinion: str, *, actor, now) -> None:
    case.decided_by, case.decided_on_behalf_of = actor, actor.acting_for
    case.decided_at, case.opinion = now, opinion.strip()


def _locked(actor, case_id: int) -> EndingCase:
    related = ("certificate__person", "certificate__job_type__group", "proposed_by", "proposed_on_behalf_of")
    return take_one(EndingCase.objects.select_related(*related), actor, case_id)


def _values(day: date) -> dict:
    return lookup.values("certificate", "endings", lookup.edition_on(day))


def _bar(ground: Ground, certificate: Certificate, facts: str, evidence: str, *, actor, now):
    if not ground.bar or not may(actor, bar_proposing.PROPOSE):
        return None
    return bar_proposing.propose_unless_waiting(
        actor=actor,
        now=now,
        person_id=certificate.person_id,
        ground=ground.bar,
        reason=facts,
        evidence=evidence,
    )


def _tell_who_decides(case: EndingCase, *, now) -> None:
    role = Role.PROVINCIAL_HEAD if case.kind == Kind.REVOKE else Role.PROVINCIAL_DECISION_MAKER
    notify_role(
        role,
        Organisation.objects.provincial_centre(),
        title=f"提请{case.get_kind_display()}操作证：{case.certificate.person.name}",
        body=f"{case.certificate.job_type}，事由：{case.ground_title}（{case.clause}）。",
        url=reverse("approvals:ending", args=[case.pk]),
        about=case,
        now=now,
    )
