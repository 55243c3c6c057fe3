"""Exam sites that a tour suspended (rules 8, [三(三)]): until the site is restored nobody opens it again, no session
begins there and nobody is seated there."""

from certification import clock
from certification.refusals import Refusal, raise_if
from certification.workdays.wording import plain_day
from exams.models import ExamSession, InspectionTour

CLAUSE = "方案三（三）、规则 8"
ADVICE = "请变更考试点；或者变更考试时间，待整改确认合格、恢复使用考试点后再考，或者取消场次，考生转入待安排考试。"


class SiteSuspended(Refusal):
    """A tour suspended the site and nobody has restored it."""

    code = "site_suspended"


def in_force(site_id: int) -> InspectionTour | None:
    """The tour that suspends the site, the first where there are several. One query."""
    rows = InspectionTour.objects.suspending().filter(session__site=site_id)
    rows = rows.select_related("session__site", "suspended_by__organisation", "suspended_by__person")
    return rows.order_by("suspended_at", "pk").first()


def suspended_sites():
    """The ids of the sites that are suspended now, for a condition."""
    return InspectionTour.objects.suspending().values("session__site")


def said(tour: InspectionTour) -> str:
    """Who suspended the site, when and by which tour, in a sentence."""
    return (
        f"考试点“{tour.session.site}”因巡考（{tour.number}）自{plain_day(clock.day_of(tour.suspended_at))}起暂停使用，"
        f"由{tour.suspended_by.organisation.short_name}{tour.suspended_by}决定，尚未恢复。"
    )


def refusal(session: ExamSession) -> SiteSuspended | None:
    """Why the session can neither be seated nor begin, where its site is suspended. No query for a site in use, which
    no tour suspends; else one."""
    tour = None if session.site.active else in_force(session.site_id)
    return SiteSuspended(said(tour), clause=CLAUSE, advice=ADVICE) if tour else None


def require_none(session: ExamSession) -> None:
    """Raise ``site_suspended`` where the session is at a site that is suspended."""
    raise_if(refusal(session))
