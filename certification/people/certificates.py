"""Certificates: issuing, renewing, extending, noting a periodic review, revoking and cancelling.

Not activities: approvals calls them inside the transaction of the decision, which has checked the right.
Rule values are read together by ``certificate_values`` from the rules of area ``certificate``: ``validity`` {years},
``review`` {years}, ``retirement_cap`` {applies}.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from simple_history.utils import bulk_create_with_history

from certification.catalogue.models import JobType
from certification.people.eligibility import add_years
from certification.people.models import Certificate, CertificateState, Person
from certification.people.states import CERTIFICATE_MACHINE
from certification.records import bulk
from certification.refusals import Refusal
from certification.rulebook import lookup
from certification.rulebook.models import RuleEdition
from certification.workdays.wording import plain_day
from certification.workflow import apply, apply_one, lock, log

_DAY = timedelta(days=1)
# The name of an extension in the log.
EXTENSION = "extend"
# The name of a review that is put off to the end of the certificate.
PUT_OFF = "put_off_review"


class NotIssued(Refusal):
    """A certificate cannot be issued. ``code``: still_valid, nothing_to_renew, expired, retired."""

    code = "not_issued"


class NotExtended(Refusal):
    """A certificate that ends at retirement cannot be extended. ``code``: not_capped, nothing_more, expired,
    not_valid."""

    code = "not_extended"


@dataclass(frozen=True)
class Grant:
    """One certificate to issue. ``valid_from`` is the first day, ``retirement_on`` the statutory retirement day where
    it is known; with ``renewal`` the certificate held for the job type is replaced."""

    person: Person
    job_type: JobType
    valid_from: date
    renewal: bool = False
    retirement_on: date | None = None

    @property
    def key(self) -> tuple[int, str]:
        """Person and job type, by its code: at most one certificate is valid for each, whatever edition of the
        catalogue it was issued under."""
        return self.person.pk, self.job_type.code


@dataclass(frozen=True)
class Validity:
    """First and last day (both included) and the last day for the periodic review (None: none falls within)."""

    valid_from: date
    valid_until: date
    review_due_on: date | None


@dataclass(frozen=True)
class Issued:
    """What came of a grant: a certificate or a refusal."""

    grant: Grant
    certificate: Certificate | None = None
    refusal: Refusal | None = None


def number_for(person: Person) -> str:
    """The certificate number: "T" and the document number, the same for all job types of a person (facts 2)."""
    return f"T{person.document_number}"


def certificate_values(edition: RuleEdition) -> dict[str, Any]:
    """The values that ``issue_all`` takes, as the edition has them. An edition without a ``review`` rule has no
    periodic review, one without ``retirement_cap`` no cap."""
    rules = {rule.code: rule.values for rule in lookup.rules(edition, "certificate")}
    return {
        "years": rules["validity"]["years"],
        "review_years": rules.get("review", {}).get("years"),
        "cap_at_retirement": rules.get("retirement_cap", {}).get("applies", False),
    }


def validity(valid_from: date, values: Mapping[str, Any], retirement_on: date | None = None) -> Validity:
    """The period that begins on ``valid_from`` by ``certificate_values``.

    It ends on the day before the anniversary ``years`` later, or on the retirement day where the rule caps it and
    that comes first. The review is due on the day before the anniversary ``review_years`` later, if the certificate
    outlives that day. Raises NotIssued ``retired`` where nothing is left.
    """
    until = add_years(valid_from, values["years"]) - _DAY
    if values.get("cap_at_retirement") and retirement_on is not None:
        until = min(until, retirement_on)
    if until < valid_from:
        raise NotIssued(f"持证人已于 {plain_day(retirement_on)} 达到法定退休年龄，不能核发。", code="retired")
    review = add_years(valid_from, values["review_years"]) - _DAY if values.get("review_years") else None
    return Validity(valid_from, until, review if review and review < until else None)


def issue(
    *,
    person: Person,
    job_type: JobType,
    valid_from: date,
    values: Mapping[str, Any],
    authority: str,
    actor,
    now,
    **details,
) -> Certificate:
    """Issue a first certificate; raises NotIssued ``still_valid`` where one is held that has not ended.

    One that has ended is cancelled for lapse on the way. ``details``: ``retirement_on``.
    """
    grant = Grant(person, job_type, valid_from, **details)
    return _one(issue_all([grant], values=values, authority=authority, actor=actor, now=now))


def renew(
    *,
    person: Person,
    job_type: JobType,
    valid_from: date,
    values: Mapping[str, Any],
    authority: str,
    actor,
    now,
    **details,
) -> Certificate:
    """Replace the certificate held for the job type by a new one with a new period and the same first-issue day.

    Raises NotIssued ``nothing_to_renew`` where none is held, ``expired`` where it ended before ``valid_from``.
    """
    grant = Grant(person, job_type, valid_from, renewal=True, **details)
    return _one(issue_all([grant], values=values, authority=authority, actor=actor, now=now))


def issue_all(grants: Sequence[Grant], *, values: Mapping[str, Any], authority: str, actor, now) -> list[Issued]:
    """Issue or renew for every grant, each with its own result, in a fixed number of queries."""
    held = _held(grants)
    judged = [_judge(grant, held.get(grant.key), values) for grant in _once(grants)]
    accepted = [(grant, period, old) for grant, period, old, refusal in judged if refusal is None]
    _end_old(accepted, actor=actor, now=now)
    certificates = [_certificate(grant, period, old, authority) for grant, period, old in accepted]
    if certificates:
        bulk_create_with_history(certificates, Certificate, default_user=actor, default_date=now)
        log(certificates, "issue", actor=actor, now=now)
    made = {grant.key: certificate for (grant, _, _), certificate in zip(accepted, certificates, strict=True)}
    refused = {grant.key: refusal for grant, _, _, refusal in judged if refusal is not None}
    return [Issued(grant, made.get(grant.key), refused.get(grant.key)) for grant in grants]


def record_review(*, certificates: Iterable[Certificate], reviewed_on: date, actor, now) -> list[Certificate]:
    """Note a passed periodic review on certificates still valid; the period itself does not change."""
    locked = lock(Certificate.objects.filter(pk__in=[each.pk for each in certificates], state=CertificateState.VALID))
    for certificate in locked:
        certificate.reviewed_on = reviewed_on
    if locked:
        bulk.change(locked, ["reviewed_on"], actor=actor, at=now)
        log(locked, "record_review", actor=actor, now=now, detail={"reviewed_on": f"{reviewed_on:%Y-%m-%d}"})
    return locked


def extended(certificate: Certificate, values: Mapping[str, Any], retirement_on: date, *, day: date) -> Validity:
    """The period of a certificate that was cut at retirement, with the day of retirement that counts on ``day``: at
    most the full one. Raises NotExtended where it is not valid, has ended, or would not end later."""
    if certificate.state != CertificateState.VALID:
        raise NotExtended(f"该操作证{certificate.get_state_display()}，不能延长有效期。", code="not_valid")
    if certificate.valid_until < day:
        raise NotExtended(
            f"该操作证已于 {plain_day(certificate.valid_until)} 到期，不能延长有效期。",
            code="expired",
            advice="请按初训重新申请。",
        )
    period = validity(certificate.valid_from, values, max(retirement_on, certificate.valid_from))
    if period.valid_until <= certificate.valid_until:
        raise NotExtended(
            f"法定退休日期为 {plain_day(retirement_on)}，有效期没有可以延长的。",
            code="nothing_more",
            advice="自愿延迟退休的，请先登记退休申报。",
        )
    return period


def extend(
    *, certificate: Certificate, period: Validity, reason: str, detail: Mapping[str, Any], actor, now
) -> Certificate:
    """Give a locked certificate the ``period`` of ``extended``; a review that was passed stands."""
    before = certificate.valid_until
    certificate.valid_until = period.valid_until
    if certificate.reviewed_on is None:
        certificate.review_due_on = period.review_due_on
    bulk.change([certificate], ["valid_until", "review_due_on"], actor=actor, at=now, reason="延长有效期")
    said = {"before": f"{before:%Y-%m-%d}", "until": f"{period.valid_until:%Y-%m-%d}", **detail}
    log([certificate], EXTENSION, actor=actor, now=now, reason=reason, detail=said)
    return certificate


def put_off_review(*, certificate: Certificate, reason: str, actor, now) -> Certificate:
    """A locked certificate has no review before it ends."""
    before, certificate.review_due_on = certificate.review_due_on, None
    bulk.change([certificate], ["review_due_on"], actor=actor, at=now, reason="有效期内不再复审")
    log([certificate], PUT_OFF, actor=actor, now=now, reason=reason, detail={"before": f"{before:%Y-%m-%d}"})
    return certificate


def revoke(*, certificate: Certificate, reason: str, clause: str, actor, now) -> Certificate:
    """Revoke (撤销) a valid certificate on the grounds of ``clause``; raises WrongState where it no longer is."""
    return _end(certificate, "revoke", reason, clause, actor, now)


def cancel(*, certificate: Certificate, reason: str, clause: str, actor, now) -> Certificate:
    """Cancel (注销) a valid certificate on the grounds of ``clause``; raises WrongState where it no longer is."""
    return _end(certificate, "cancel", reason, clause, actor, now)


def _end(certificate: Certificate, name: str, reason: str, clause: str, actor, now) -> Certificate:
    (row,) = lock(Certificate.objects.filter(pk=certificate.pk))
    return apply_one(CERTIFICATE_MACHINE, name, row, actor=actor, now=now, reason=reason, detail={"clause": clause})


def _one(results: list[Issued]) -> Certificate:
    (result,) = results
    if result.refusal:
        raise result.refusal
    return result.certificate


def _once(grants: Sequence[Grant]) -> list[Grant]:
    return list({grant.key: grant for grant in reversed(grants)}.values())[::-1]


def _held(grants: Sequence[Grant]) -> dict[tuple[int, str], Certificate]:
    """The certificates in state VALID of these persons and job types, locked."""
    rows = lock(
        Certificate.objects.filter(
            person__in={grant.person.pk for grant in grants},
            job_type_code__in={grant.job_type.code for grant in grants},
            state=CertificateState.VALID,
        ).select_related("job_type")
    )
    return {(row.person_id, row.job_type_code): row for row in rows}


def _judge(grant: Grant, old: Certificate | None, values: Mapping[str, Any]):
    """(grant, period, old certificate, refusal)."""
    try:
        _require_place(grant, old)
        return grant, validity(grant.valid_from, values, grant.retirement_on), old, None
    except NotIssued as refusal:
        return grant, None, old, refusal


def _require_place(grant: Grant, old: Certificate | None) -> None:
    over = old is not None and old.valid_until < grant.valid_from
    if grant.renewal and old is None:
        raise NotIssued(f"{grant.person}没有可换发的{grant.job_type}操作证。", code="nothing_to_renew")
    if grant.renewal and over:
        raise NotIssued(
            f"{grant.person}的{grant.job_type}操作证已于 {plain_day(old.valid_until)} 到期，不能换证。",
            code="expired",
            advice="请按初训重新申请。",
        )
    if not grant.renewal and old is not None and not over:
        raise NotIssued(
            f"{grant.person}已持有{grant.job_type}操作证，有效期至 {plain_day(old.valid_until)}。", code="still_valid"
        )


def _end_old(accepted, *, actor, now) -> None:
    """Out of the way of the constraint: what is renewed becomes REPLACED, what had lapsed CANCELLED."""
    replaced = [old for grant, _, old in accepted if old is not None and grant.renewal]
    lapsed = [old for grant, _, old in accepted if old is not None and not grant.renewal]
    apply(CERTIFICATE_MACHINE, "replace", replaced, actor=actor, now=now)
    apply(
        CERTIFICATE_MACHINE,
        "cancel",
        lapsed,
        actor=actor,
        now=now,
        reason="有效期届满未延续",
        detail={"clause": "行政许可法第七十条"},
    )


def _certificate(grant: Grant, period: Validity, old: Certificate | None, authority: str) -> Certificate:
    replaces = old if grant.renewal else None
    return Certificate(
        person=grant.person,
        job_type=grant.job_type,
        number=number_for(grant.person),
        first_issued_on=replaces.first_issued_on if replaces else grant.valid_from,
        valid_from=period.valid_from,
        valid_until=period.valid_until,
        review_due_on=period.review_due_on,
        authority=authority,
        source=Certificate.Source.ISSUED,
        replaces=replaces,
    )
