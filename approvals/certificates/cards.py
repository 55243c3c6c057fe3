"""Cards (实体证书): asked for and handed over at a window, in person, against the identity card [三(五)]."""

from django.db.models import Q, QuerySet

from approvals.cases import take_one
from approvals.certificates import blanks
from approvals.certificates.blanks import ACTION, plain_number, required, window_of
from approvals.models import CardRequest, Decision, DecisionOutcome
from approvals.states import CARD, CardState
from certification.catalogue.models import Category
from certification.organisations import access
from certification.organisations.models import Organisation
from certification.people.models import Certificate, CertificateState
from certification.refusals import Incomplete, Problem, Refusal, WrongState
from certification.rulebook import lookup
from certification.workflow import activity, apply_one


def certificates_at(window: Organisation, day) -> QuerySet[Certificate]:
    """Valid certificates whose cards ``window`` may hand over (rules 9, reading; rule ``card_windows``).

    Category 1: the provincial hall or any local window. Category 2: local windows of the city whose bureau
    organised the exam; where none did, because the certificate was taken over from the register before, as the setting
    says.
    """
    allowed = lookup.values("certificate", "card_windows", day)
    here = "provincial_hall" if window.provincial_hall else "any_local"
    granted = Decision.objects.filter(outcome=DecisionOutcome.GRANTED, certificate__isnull=False)
    two = Q(job_type__group__category=Category.TWO)
    reach = Q(pk__in=[])
    if here in allowed[Category.ONE]:
        reach |= Q(job_type__group__category=Category.ONE)
    if not window.provincial_hall and "organising_city" in allowed[Category.TWO]:
        own = granted.filter(applicant__batch__organiser__territory=window.territory_id)
        reach |= two & Q(pk__in=own.values("certificate"))
    if here in allowed["TWO_TAKEN_OVER"]:
        reach |= two & ~Q(pk__in=granted.values("certificate"))
    return Certificate.objects.filter(reach, state=CertificateState.VALID)


def find_certificates(window: Organisation, document_number: str, day) -> QuerySet[Certificate]:
    """What the holder of an identity card may ask for at ``window``; the whole number is needed, no prefix."""
    number = plain_number(document_number)
    found = certificates_at(window, day) if number else Certificate.objects.none()
    return found.filter(person__document_number=number).select_related("person", "job_type__group")


@activity
def request_card(
    *, actor, now, certificate_id: int, reason: str = CardRequest.Reason.FIRST, note: str = ""
) -> CardRequest:
    """Take a request at the actor's own window: for the first card, or with ``reason`` and what happened (``note``) for
    another in place of one that was handed over (遗失、损毁、信息变更; 总局令第30号第二十条).

    Raises NotPermitted, Refusal ``other_window`` where this window may not hand it over, Incomplete, WrongState where a
    request is open, where a card was handed over and none is lost, or none was and it cannot be lost.
    """
    access.require(actor, ACTION)
    window = window_of(actor)
    certificate = certificates_at(window, now.date()).select_for_update(of=("self",)).filter(pk=certificate_id).first()
    if certificate is None:
        raise Refusal(
            "该操作证的实体证书不在本窗口办理。",
            code="other_window",
            clause="方案三（五）",
            advice="第一类可到省政务大厅或任一当地窗口；第二类请到组织考试的设区市（含所辖县）的窗口。",
        )
    _require_place(certificate, reason, note)
    request = CardRequest(
        certificate=certificate,
        applicant_id=_last_applicant(certificate),
        window=window,
        reason=reason,
        note=note.strip(),
        requested_by=actor,
        requested_at=now,
    )
    request.save(force_insert=True)
    return request


@activity
def print_card(*, actor, now, request_id: int, card_number: str) -> CardRequest:
    """Record that the card was made, on which of the window's own blanks (its serial number).

    Raises Incomplete where the number is no blank in the window's stock, WrongState, DoesNotExist.
    """
    access.require(actor, ACTION)
    card_number = plain_number(card_number)
    if not card_number:
        raise Incomplete([Problem("请填写卡片流水号。", code="required", field="card_number")])
    request = _own(actor, request_id)
    if not CARD.allows("print", request.state):
        return apply_one(CARD, "print", request, actor=actor, now=now)
    blanks.use(blanks.in_stock(request.window_id, card_number), request, actor=actor, now=now)

    def change(row: CardRequest) -> None:
        row.card_number, row.printed_at = card_number, now

    return apply_one(CARD, "print", request, actor=actor, now=now, change=change, fields=("card_number", "printed_at"))


@activity
def reprint(*, actor, now, request_id: int, reason: str) -> CardRequest:
    """The card was made badly: its blank is spoilt, and the request waits for another."""
    access.require(actor, ACTION)
    reason = required(reason, "请写明作废的原因。")
    request = _own(actor, request_id)
    if CARD.allows("reprint", request.state):
        blanks.spoil_of(request, reason, actor=actor, now=now)

    def change(row: CardRequest) -> None:
        row.card_number, row.printed_at = "", None

    return apply_one(
        CARD,
        "reprint",
        request,
        actor=actor,
        now=now,
        reason=reason,
        change=change,
        fields=("card_number", "printed_at"),
    )


@activity
def hand_over(*, actor, now, request_id: int, document_number: str) -> CardRequest:
    """Hand the card to its holder, in person: the number read from the identity card must be the holder's.

    Raises Incomplete where it is another's. Clause 三(五).
    """
    access.require(actor, ACTION)
    request = _own(actor, request_id)
    if plain_number(document_number) != request.certificate.person.document_number:
        raise Incomplete(
            [
                Problem(
                    "身份证号码与持证人不一致，不能发放。",
                    code="not_the_holder",
                    field="document_number",
                    advice="实体证书由本人凭身份证领取，不能代领。",
                )
            ],
            clause="方案三（五）",
        )

    _require_valid(request.certificate)

    def change(row: CardRequest) -> None:
        row.identity_checked, row.handed_over_by, row.handed_over_at = True, actor, now

    handed = apply_one(
        CARD,
        "hand_over",
        request,
        actor=actor,
        now=now,
        change=change,
        fields=("identity_checked", "handed_over_by", "handed_over_at"),
    )
    blanks.hand_over(handed, actor=actor, now=now)
    return handed


@activity
def cancel_card(*, actor, now, request_id: int, reason: str) -> CardRequest:
    """End a request that is not wanted any more; a blank that was used for it is spoilt and stays on record."""
    access.require(actor, ACTION)
    reason = required(reason, "请写明取消的理由。")
    request = _own(actor, request_id)
    printed = request.state == CardState.PRINTED
    ended = apply_one(CARD, "cancel", request, actor=actor, now=now, reason=reason)
    if printed:
        blanks.spoil_of(ended, reason, actor=actor, now=now)
    return ended


def _own(actor, request_id: int) -> CardRequest:
    request = take_one(CardRequest.objects.select_related("certificate__person"), actor, request_id)
    access.require_own(actor, request.window_id)
    return request


def _require_place(certificate: Certificate, reason: str, note: str) -> None:
    held = CardRequest.objects.filter(certificate=certificate).exclude(state=CardState.CANCELLED)
    before = held.select_related("window").order_by("-pk").first()
    if before is not None and before.state != CardState.HANDED_OVER:
        raise WrongState(f"该操作证已在{before.window}申请实体证书（{before.get_state_display()}）。")
    first = reason == CardRequest.Reason.FIRST
    if before is not None and first:
        raise WrongState(
            f"该操作证的实体证书已由{before.window}发放。",
            clause="总局令第30号第二十条",
            advice="同一操作证不重复制发；遗失、损毁或者信息变更的，请选择相应事由，按补发、换发办理。",
        )
    # The card of a certificate that was taken over was handed out before there was this register.
    if before is None and not first and _last_applicant(certificate) is not None:
        raise WrongState("该操作证没有发放过实体证书，请按首次申领办理。")
    if not first and not note.strip():
        raise Incomplete(
            [Problem("请写明遗失、损毁或者变更的情况（旧卡收回的，写明旧卡流水号）。", code="required", field="note")]
        )


def _require_valid(certificate: Certificate) -> None:
    if certificate.state != CertificateState.VALID:
        raise WrongState(f"该操作证{certificate.get_state_display()}，不能发放实体证书。", advice="请取消本次申请。")


def _last_applicant(certificate: Certificate) -> int | None:
    rows = Decision.objects.filter(certificate=certificate).order_by("-decided_at", "-pk")
    return rows.values_list("applicant", flat=True).first()
