"""The certificate held for the job type: none for INITIAL, one in time for PERIODIC_REVIEW and RENEWAL."""

from datetime import date, timedelta

from certification.catalogue.models import ApplicationKind
from certification.people.checks.catalogue import Check, Judge, Scope, Topic, nothing
from certification.people.checks.running import Judging
from certification.people.checks.subject import Entry
from certification.people.models import Certificate
from certification.workdays.wording import plain_day

INITIAL = (ApplicationKind.INITIAL.value,)
LATER = (ApplicationKind.PERIODIC_REVIEW.value, ApplicationKind.RENEWAL.value)
WINDOW = ("eligibility.certificate_window",)


def ends_on(certificate: Certificate, kind: str) -> date:
    """The last day for an application of ``kind``: the review's where one is due, else the certificate's."""
    if kind == ApplicationKind.PERIODIC_REVIEW and certificate.review_due_on and certificate.reviewed_on is None:
        return certificate.review_due_on
    return certificate.valid_until


def _holds(judging: Judging) -> Judge:
    subject, held = judging.subject, judging.known.certificates
    if not held:
        return nothing

    def judge(entry: Entry):
        certificate = held.get(entry.person_id)
        if certificate is None or certificate.valid_until < subject.start:
            return None
        return {"操作项目": subject.job_type, "有效期": plain_day(certificate.valid_until)}

    return judge


def _holds_none(judging: Judging) -> Judge:
    job_type, held = judging.subject.job_type, judging.known.certificates

    def judge(entry: Entry):
        return None if entry.person_id in held else {"操作项目": job_type}

    return judge


def _lapsed(judging: Judging) -> Judge:
    subject, held = judging.subject, judging.known.certificates
    kind = ApplicationKind(subject.kind)

    def judge(entry: Entry):
        certificate = held.get(entry.person_id)
        if certificate is None or (ends := ends_on(certificate, kind)) >= subject.start:
            return None
        return {"日期": plain_day(ends), "申请类型": kind.label}

    return judge


def _early(judging: Judging) -> Judge:
    subject, held = judging.subject, judging.known.certificates
    days = judging.values("certificate_window")["days_before"]
    # The latest day on which the application may still be on its way.
    latest = subject.exam or subject.end or subject.start

    def judge(entry: Entry):
        certificate = held.get(entry.person_id)
        if certificate is None:
            return None
        ends = ends_on(certificate, subject.kind)
        if ends < subject.start or ends - timedelta(days=days) <= latest:
            return None
        return {"日期": plain_day(ends), "天数": days}

    return judge


def _certificate_holds(judging: Judging, entry: Entry) -> str:
    certificate = judging.known.certificates.get(entry.person_id)
    if certificate is None:
        return "未持有同项目操作证"
    ends = ends_on(certificate, judging.subject.kind)
    return (
        f"有效期 {plain_day(certificate.valid_from)}至 {plain_day(certificate.valid_until)}"
        f"，本次应于 {plain_day(ends)} 前办理"
    )


CHECKS = (
    Check(
        "holds",
        Topic.CERTIFICATE,
        Scope.PERSON,
        "已持有{操作项目}有效操作证，有效期至 {有效期}。",
        "不需要初训；到期前请报复审或者换证（{条款}）。",
        _holds,
        field="identity",
        kinds=INITIAL,
        parameters=("eligibility.one_open_filing",),
        holds=_certificate_holds,
    ),
    Check(
        "holds_none",
        Topic.CERTIFICATE,
        Scope.PERSON,
        "没有查到{操作项目}有效操作证。",
        "请核对身份证号码；未持证的请报初训（{条款}）。",
        _holds_none,
        field="identity",
        kinds=LATER,
        holds=_certificate_holds,
    ),
    Check(
        "lapsed",
        Topic.CERTIFICATE,
        Scope.PERSON,
        "操作证应于 {日期}前{申请类型}，已过期。",
        "请报初训（{条款}）。",
        _lapsed,
        field="identity",
        kinds=LATER,
        parameters=WINDOW,
        holds=_certificate_holds,
    ),
    Check(
        "early",
        Topic.CERTIFICATE,
        Scope.PERSON,
        "操作证 {日期}到期，还不到可以申请的届满前 {天数} 日。",
        "请在届满前 {天数} 日内申请（{条款}）。",
        _early,
        field="identity",
        kinds=LATER,
        parameters=WINDOW,
        holds=_certificate_holds,
    ),
)
