"""What the search box finds in examinations: applications by name, number, identity number or the
number of their submission, and sessions."""

from collections.abc import Iterator

from django.db.models import Q
from django.urls import reverse

from certification.organisations.access import may
from certification.organisations.models import User
from certification.people import documents
from certification.portal.search import Found, Query
from certification.workdays.wording import plain_day
from exams.models import ExamApplication, ExamSession


def find(user: User, query: Query, limit: int) -> Iterator[Found]:
    """Hits that ``user`` may see, the newest first; at most ``limit`` of each kind."""
    if may(user, "exams.application.view"):
        yield from _applications(user, query, limit)
    if may(user, "exams.session.view") and query.text.startswith("KS"):
        for session in _sessions(user, query)[:limit]:
            url = reverse("exams:session_detail", args=[session.pk])
            yield Found("考试场次", str(session), url, f"{plain_day(session.starts_on)}开考，{session.site}")


def _applications(user: User, query: Query, limit: int) -> Iterator[Found]:
    condition = Q(pk__in=[])
    if query.text.startswith("SQ"):
        condition = Q(number__startswith=query.text)
    elif query.text.startswith("SB"):
        condition = Q(batch__number__startswith=query.text)
    if query.name:
        condition |= Q(person__name__startswith=query.name)
    if query.identity_prefix:
        condition |= documents.numbered(query.identity_prefix, "person")
    rows: list[ExamApplication] = list(
        ExamApplication.objects.visible_to(user).with_case().filter(condition).order_by("-pk")[:limit]
    )
    for row in rows:
        detail = f"{row.person.masked_number}，{row.institution.short_name}，{row.get_state_display()}"
        yield Found("考试申报", str(row), reverse("exams:application_detail", args=[row.pk]), detail)


def _sessions(user: User, query: Query):
    rows = ExamSession.objects.visible_to(user).filter(number__startswith=query.text)
    return rows.select_related("job_type", "site").order_by("-starts_on", "-pk")
