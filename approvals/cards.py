"""Cards (实体证书): asked for and handed over at a window, in person, against the identity card [三(五)]."""

from django.db.models import Q, QuerySet

from approvals.cases import take_one
from approvals.models import CardRequest, Decision, DecisionOutcome
from approvals.states import CARD, CardState
from certification.catalogue.models import Category
from certification.organisations import access
from certification.organisations.models import Organisation, OrganisationKind
from certification.people.models import Certificate, CertificateState
from certification.refusals import Incomplete, NotPermitted, Problem, Refusal, WrongState
from certification.rulebook import lookup
from certification.workflow import activity, apply_one

ACTION = "approvals.handle_cards"


def certificates_at(window: Organisation, day) -> QuerySet[Certificate]:
    """Valid certificates whose cards ``window`` may hand over (rules 9, reading; rule ``card_windows``).

    Category 1: the provincial hall or any local window. Category 2: local windows of the city whose bureau
    organised the exam; a certificate that was not granted here has no organising city and no window.
    """
    allowed = lookup.values("certificate", "card_windows", day)
    reach = Q(pk__in=[])
    if ("provincial_hall" if window.provincial_hall else "any_local") in allowed[Category.ONE]:
        reach |= Q(job_type__group__category=Category.ONE)
    if not window.provincial_hall and "organising_city" in allowed[Category.TWO]:
        granted = Decision.objects.filter(
            outcome=DecisionOutcome.GRANTED, applicant__batch__organiser__territory=window.territory_id
        )
        reach |= Q(job_type__group__category=Category.TWO, pk__in=granted.values("certificate"))
    return Certificate.objects.filter(reach, state=CertificateState.VALID)


def find_certificates(window: Organisation, document_number: str, day) -> QuerySet[Certificate]:
    """What the holder of an identity card may ask for at ``window``; the whole number is needed, no prefix."""
    number = _number(document_number)
    found = certificates_at(window, day) if number else Certificate.objects.none()
    return found.filter(person__document_number=number).select_related("person", "job_type__group")


@activity
def request_card(*, actor, now, certificate_id: int) -> CardRequest:
    """Take a request at the actor's own window. Raises NotPermitted, DoesNotExist where this window may not hand
    it over, WrongState where a request is open or a card of this certificate was handed over."""
    access.require(actor, ACTION)
    window = _window(actor)
    certificate = certificates_at(window, now.date()).select_for_update(of=("self",)).filter(pk=certificate_id).first()
    if certificate is None:
        raise Refusal(
            "该操作证的实体证书不在本窗口办理。",
            code="other_window",
            clause="方案三（五）",
            advice="第一类可到省政务大厅或任一当地窗口；第二类请到组织考试的设区市（含所辖县）的窗口。",
        )
    _require_none_open(certificate)
    request = CardRequest(
        certificate=certificate,
        applicant_id=_last_applicant(certificate),
        window=window,
        requested_by=actor,
        requested_at=now,
    )
    request.save(force_insert=True)
    return request


@activity
def print_card(*, actor, now, request_id: int, card_number: str) -> CardRequest:
    """Record that the card was made, on which blank (its serial number)."""
    access.require(actor, ACTION)
    card_number = _number(card_number)
    if not card_number:
        raise Incomplete([Problem("请填写卡片流水号。", code="required", field="card_number")])
    request = _own(actor, request_id)
    if CardRequest.objects.filter(card_number=card_number).exclude(pk=request.pk).exists():
        raise Incomplete(
            [
                Problem(
                    f"卡片流水号{card_number}已经使用。",
                    code="card_number_used",
                    field="card_number",
                    value=card_number,
                    advice="请核对卡片上的流水号。",
                )
            ]
        )

    def change(row: CardRequest) -> None:
        row.card_number, row.printed_at = card_number, now

    return apply_one(CARD, "print", request, actor=actor, now=now, change=change, fields=("card_number", "printed_at"))


@activity
def hand_over(*, actor, now, request_id: int, document_number: str) -> CardRequest:
    """Hand the card to its holder, in person: the number read from the identity card must be the holder's.

    Raises Incomplete where it is another's. Clause 三(五).
    """
    access.require(actor, ACTION)
    request = _own(actor, request_id)
    if _number(document_number) != request.certificate.person.document_number:
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

    return apply_one(
        CARD,
        "hand_over",
        request,
        actor=actor,
        now=now,
        change=change,
        fields=("identity_checked", "handed_over_by", "handed_over_at"),
    )


@activity
def cancel_card(*, actor, now, request_id: int, reason: str) -> CardRequest:
    """End a request that is not wanted any more, or whose card was spoilt; the blank's number stays on record."""
    access.require(actor, ACTION)
    if not reason.strip():
        raise Incomplete([Problem("请写明取消的理由。", code="required", field="reason")])
    return apply_one(CARD, "cancel", _own(actor, request_id), actor=actor, now=now, reason=reason.strip())


def _window(actor) -> Organisation:
    window = actor.organisation
    if window is None or window.kind != OrganisationKind.WINDOW:
        raise NotPermitted("实体证书由窗口办理。", clause="方案三（五）")
    return window


def _own(actor, request_id: int) -> CardRequest:
    request = take_one(CardRequest.objects.select_related("certificate__person"), actor, request_id)
    access.require_own(actor, request.window_id)
    return request


def _require_none_open(certificate: Certificate) -> None:
    held = CardRequest.objects.filter(certificate=certificate).exclude(state=CardState.CANCELLED)
    before = held.select_related("window").first()
    if before is not None:
        raise WrongState(
            f"该操作证已在{before.window}申请实体证书（{before.get_state_display()}）。",
            advice="同一操作证不重复制发；遗失、损毁的按补发办理。",
        )


def _require_valid(certificate: Certificate) -> None:
    if certificate.state != CertificateState.VALID:
        raise WrongState(f"该操作证{certificate.get_state_display()}，不能发放实体证书。", advice="请取消本次申请。")


def _last_applicant(certificate: Certificate) -> int | None:
    rows = Decision.objects.filter(certificate=certificate).order_by("-decided_at", "-pk")
    return rows.values_list("applicant", flat=True).first()


def _number(text: str) -> str:
    return "".join(text.split()).upper()
