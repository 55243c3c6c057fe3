"""Extension of a certificate that ended early because its holder was to retire (rule ``retirement_cap``): the statutory
retirement day moved, by the reform or by a voluntary delay that was declared since (facts 5).

It never goes beyond the full period, and never revives what has ended. Whoever put the declaration on record does not
extend on it.
"""

from dataclasses import dataclass, replace
from datetime import date

from approvals.certificates.registers import certificates_visible_to
from approvals.models import EndingCase
from approvals.states import ENDING
from certification import clock
from certification.organisations import access, separation
from certification.organisations.separation import Capacity
from certification.people import certificates
from certification.people.certificates import NotExtended, Validity, certificate_values
from certification.people.declarations import NOTHING, declared
from certification.people.eligibility import add_months
from certification.people.models import Certificate
from certification.people.retiring import Retirements
from certification.people.validity_checks import retirement_days
from certification.refusals import Incomplete, Problem, WrongState
from certification.rulebook import lookup
from certification.workflow import activity, lock

EXTEND = "approvals.extend_certificates"


@dataclass(frozen=True)
class Extension:
    """What an extension makes of a certificate: its period, the day of retirement that now counts, the months of
    voluntary delay in it."""

    period: Validity
    retires: date
    delay_months: int


def foreseen(certificate: Certificate, day: date) -> Extension:
    """What an extension on ``day`` makes of ``certificate``; raises NotExtended, WrongState where there is none."""
    person, edition = certificate.person, lookup.edition_on(day)
    said = declared([person.pk]).get(person.pk, NOTHING)
    retires = Retirements(edition).day(person.birth_date, person.sex, said.female_class, said.delay_months)
    if certificate.valid_until not in _retirement_days(certificate, edition):
        raise NotExtended("该操作证的有效期不是因法定退休日期提前截止的，不能延长。", code="not_capped")
    if EndingCase.objects.filter(certificate=certificate, state__in=ENDING["drop"].sources).exists():
        raise WrongState("该操作证有撤销、注销事项正在办理，不能延长有效期。")
    values = certificate_values(lookup.edition_on_or_first(certificate.valid_from))
    period = certificates.extended(certificate, values, retires, day=day)
    return Extension(period, retires, said.delay_months)


def extendable(certificate: Certificate, day: date) -> bool:
    """Whether ``foreseen`` has something to extend."""
    try:
        foreseen(certificate, day)
    except (NotExtended, WrongState):
        return False
    return True


@activity
def extend(*, actor, now, certificate_id: int, reason: str) -> Certificate:
    """Extend the certificate to the retirement day that now counts, or to its full period.

    Raises NotPermitted, DoesNotExist, Incomplete without a reason, SeparationBreach (one's own certificate, or one's
    own entry of the declaration), NotExtended, WrongState.
    """
    access.require(actor, EXTEND)
    if not reason.strip():
        raise Incomplete([Problem("请写明延长的依据（承诺书、用人单位协议等）。", code="required", field="reason")])
    found = certificates_visible_to(actor).get(pk=certificate_id)
    (certificate,) = lock(Certificate.objects.filter(pk=found.pk).select_related("person", "job_type"))
    separation.require(actor, Capacity.EXTENDS_VALIDITY, certificate)
    extension = foreseen(certificate, clock.day_of(now))
    period = extension.period
    if hasattr(certificate, "long_service"):
        period = replace(period, review_due_on=None)
    detail = {"retires": f"{extension.retires:%Y-%m-%d}", "delay_months": extension.delay_months}
    return certificates.extend(
        certificate=certificate, period=period, reason=reason.strip(), detail=detail, actor=actor, now=now
    )


def _retirement_days(certificate: Certificate, edition) -> set[date]:
    """Every day at which the certificate may have been cut for retirement: by each class, before and after the reform,
    and with any voluntary delay."""
    months = lookup.values("eligibility", "retirement", edition)["flexible_delay_months"]
    days = retirement_days(certificate.person, edition)
    return {add_months(day, delay) for day in days for delay in range(months + 1)}
