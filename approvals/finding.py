"""What the search box finds in approvals: cases under review, their hand-overs with receipts, notices, bars, licences,
their acceptances, decisions, certificates, dossiers."""

from collections.abc import Iterator

from django.db.models import Q
from django.urls import reverse

from approvals.certificates.registers import certificates_visible_to
from approvals.models import (
    AcceptanceNotice,
    BarCase,
    CorrectionNotice,
    Decision,
    Dossier,
    Handover,
    LicenceApplication,
)
from approvals.persons.persons import VIEW, persons_visible_to
from certification.organisations.access import may
from certification.organisations.models import User
from certification.people import documents
from certification.portal.search import Found, Query
from exams.models import ExamApplication
from exams.states import UNDER_REVIEW


def find(user: User, query: Query, limit: int) -> Iterator[Found]:
    """Hits among what ``user`` may see; at most ``limit`` of each kind, a fixed number of queries."""
    text = query.text
    if text.startswith("FZ-"):
        yield from _licences(user, text, limit)
    elif text.startswith("DA-"):
        yield from _dossiers(user, text, limit)
    elif text.startswith(("YJ-", "JS-")):
        yield from _handovers(user, text, limit)
    elif "〔" in text:
        yield from _acceptances(user, text, limit)
        yield from _decisions(user, text, limit)
        yield from _corrections(user, text, limit)
        yield from _bars(user, text, limit)
    elif query.name or query.identity_prefix:
        yield from _cases(user, query, limit)
        yield from _certificates(user, query, limit)
        yield from _persons(user, query, limit)


def _who(query: Query, path: str) -> Q:
    if query.identity_prefix:
        return documents.numbered(query.identity_prefix, path)
    return Q(**{f"{path}__name__startswith": query.name})


def _cases(user: User, query: Query, limit: int) -> Iterator[Found]:
    if not may(user, "approvals.view_reviews"):
        return
    rows = ExamApplication.objects.visible_to(user).filter(_who(query, "person"), state__in=UNDER_REVIEW)
    for row in rows.select_related("person", "job_type", "institution").order_by("-pk")[:limit]:
        detail = f"{row.person.masked_number}，{row.job_type}，{row.get_state_display()}"
        yield Found("资格审核", row.person.name, reverse("approvals:case", args=[row.pk]), detail)


def _certificates(user: User, query: Query, limit: int) -> Iterator[Found]:
    if not may(user, "approvals.view_certificates"):
        return
    rows = certificates_visible_to(user).filter(_who(query, "person"))
    for row in rows.select_related("person", "job_type").order_by("-pk")[:limit]:
        detail = f"{row.person.masked_number}，{row.job_type}，{row.get_state_display()}"
        yield Found("证书", row.person.name, reverse("approvals:certificate", args=[row.pk]), detail)


def _persons(user: User, query: Query, limit: int) -> Iterator[Found]:
    if not may(user, VIEW):
        return
    number, name = query.identity_prefix, query.name
    who = documents.numbered(number) if number else Q(name__startswith=name)
    for row in persons_visible_to(user).filter(who).order_by("-pk")[:limit]:
        detail = f"{row.masked_number}，{row.get_document_type_display()}"
        yield Found("人员", row.name, reverse("approvals:person", args=[row.pk]), detail)


def _licences(user: User, text: str, limit: int) -> Iterator[Found]:
    if not may(user, "approvals.view_licences"):
        return
    rows = LicenceApplication.objects.visible_to(user).filter(number__startswith=text)
    for row in rows.select_related("organiser").order_by("-pk")[:limit]:
        detail = f"{row.organiser.short_name}，{row.get_state_display()}"
        yield Found("发证许可申请", row.number, reverse("approvals:licence", args=[row.pk]), detail)


def _acceptances(user: User, text: str, limit: int) -> Iterator[Found]:
    if not may(user, "approvals.view_licences"):
        return
    rows = AcceptanceNotice.objects.visible_to(user).filter(number__startswith=text).select_related("batch")
    for row in rows.order_by("-pk")[:limit]:
        yield Found("受理通知书", row.number, reverse("approvals:licence", args=[row.batch_id]), row.batch.number)


def _decisions(user: User, text: str, limit: int) -> Iterator[Found]:
    if not may(user, "approvals.view_decisions"):
        return
    rows = Decision.objects.visible_to(user).filter(number__startswith=text)
    for row in rows.select_related("applicant__candidate__application__person").order_by("-pk")[:limit]:
        person = row.applicant.candidate.application.person
        yield Found("许可决定", row.number, f"{reverse('approvals:decisions')}?q={row.number}", person.name)


def _handovers(user: User, text: str, limit: int) -> Iterator[Found]:
    """By the number of the hand-over or of the receipt for it."""
    if not may(user, "approvals.view_reviews"):
        return
    which = Q(number__startswith=text) | Q(receipt_number__startswith=text)
    rows = Handover.objects.visible_to(user).filter(which).select_related("sender", "receiver")
    for row in rows.order_by("-pk")[:limit]:
        detail = f"{row.sender.short_name} → {row.receiver.short_name}，{row.summary}"
        yield Found("移交单", row.number, reverse("approvals:handover", args=[row.pk]), detail)


def _corrections(user: User, text: str, limit: int) -> Iterator[Found]:
    if not may(user, "approvals.view_corrections"):
        return
    rows = CorrectionNotice.objects.visible_to(user).filter(number__startswith=text).select_related("person")
    for row in rows.order_by("-pk")[:limit]:
        detail = f"{row.person.name}，{row.get_state_display()}"
        yield Found("补正通知", row.number, reverse("approvals:correction", args=[row.pk]), detail)


def _bars(user: User, text: str, limit: int) -> Iterator[Found]:
    if not may(user, "approvals.view_bars"):
        return
    rows = BarCase.objects.visible_to(user).filter(number__startswith=text).select_related("person")
    for row in rows.order_by("-pk")[:limit]:
        detail = f"{row.person.name}，{row.get_state_display()}"
        yield Found("禁考决定", row.number, reverse("approvals:bar", args=[row.pk]), detail)


def _dossiers(user: User, text: str, limit: int) -> Iterator[Found]:
    if not may(user, "approvals.view_dossiers"):
        return
    rows = Dossier.objects.visible_to(user).filter(number__startswith=text).select_related("session__job_type")
    for row in rows.order_by("-pk")[:limit]:
        detail = f"{row.session}，{row.get_state_display()}"
        yield Found("档案", row.number, reverse("approvals:dossier", args=[row.pk]), detail)
