"""巡考: the province's inspector or the city's supervisor tours a session on the day; the organiser remedies what was
found within working days; a grave finding may suspend the site, which the head decides [三(三)].

The mechanism is that of training's spot checks (``certification.inspections``). Rule values: ``exam_day.tour``; the
deadlines ``tour_urgent``, ``tour_serious`` and ``tour_ordinary``.
"""

from collections.abc import Sequence
from uuid import UUID, uuid4

from certification import clock
from certification.deadlines import ledger
from certification.inspections import judging
from certification.inspections.checklists import Checklist, Finding
from certification.inspections.states import CheckState
from certification.organisations import access, separation
from certification.organisations.models import Organisation, OrganisationKind
from certification.organisations.separation import Capacity
from certification.records.evidence import PICTURES, Upload, keep, media_types
from certification.records.models.numbers import next_number
from certification.refusals import Incomplete, Problem, WrongState
from certification.rulebook import lookup
from certification.workflow import activity, lock, log
from exams.day_states import TOUR
from exams.exam_day.standing import AREA
from exams.models import Candidate, ExamSession, ExamSite, InspectionTour, TourAnswer, TourEffect, TourFinding
from exams.rooms import suspensions
from exams.states import SessionState
from exams.tours.tour_notices import tell_about, tell_answered, tell_judged, tell_suspension, tell_toured

INSPECT = "exams.tour.inspect"
ANSWER = "exams.tour.answer"
SUSPEND = "exams.tour.suspend"
SERIES, PREFIX = "inspection_tour", "XK"
CHECKLIST = Checklist(AREA, "tour")


class NotFound(WrongState):
    """There is no such tour or session that the actor may see."""

    code = "not_found"


@activity
def record(
    *,
    actor,
    now,
    session_id: int,
    findings: Sequence[Finding] = (),
    remarks: str = "",
    remedy: str = "",
    effect: str = TourEffect.NONE,
    about_id: int | None = None,
    photos: Sequence[Upload] = (),
    entry_key: UUID | None = None,
) -> InspectionTour:
    """Record a tour of a session on or after its first day. ``entry_key`` tells a form sent twice from a second tour.

    Raises Incomplete with every problem, SeparationBreach (trains, reviews or decides on its candidates), WrongState
    before the day, NotPermitted, NotFound.
    """
    access.require(actor, INSPECT)
    found_sessions = lock(
        ExamSession.objects.visible_to(actor).filter(pk=session_id).select_related("organiser", "site", "job_type")
    )
    if not found_sessions:
        raise NotFound("没有找到该场次。")
    (session,) = found_sessions
    # Asked behind the lock: a form sent twice at once meets here.
    entry_key = entry_key or uuid4()
    if again := InspectionTour.objects.filter(entry_key=entry_key, inspector=actor).first():
        return again
    today = clock.day_of(now)
    separation.require(actor, Capacity.STAFFS, session)
    if session.state == SessionState.CANCELLED or session.starts_on > today:
        raise WrongState(f"场次{session.number}还没有开考，不能巡考。", code="too_early")
    edition = lookup.edition_on(today)
    found = [finding for finding in findings if finding.grade]
    problems = list(CHECKLIST.problems(findings, remedy, edition))
    if effect not in TourEffect.values or (effect != TourEffect.NONE and not found):
        problems.append(Problem("没有发现问题的，不对考试点作处理。", field="effect"))
    about = _about(session, about_id, problems)
    types = media_types(photos, "photos", PICTURES, problems)
    if problems:
        raise Incomplete(problems)
    tour = InspectionTour(
        session=session,
        number=f"{PREFIX}-{now.year}-{next_number(SERIES, now.year):04d}",
        entry_key=entry_key,
        organisation=actor.organisation,
        inspector=actor,
        on_behalf_of=actor.acting_for,
        toured_at=now,
        remarks=remarks.strip(),
        about=about,
        remedy_rule=remedy if found else "",
        state=CheckState.REMEDY if found else CheckState.CLEAN,
        effect=effect,
    )
    tour._history_user, tour._history_date = actor, now
    tour.save(force_insert=True)
    CHECKLIST.write(TourFinding, tour, findings, edition, actor=actor, now=now)
    keep(photos, types, "现场照片", tour, actor=actor, now=now)
    if found:
        _open_deadline(tour, now=now)
    log([tour, session], "tour", actor=actor, now=now, detail={"number": tour.number, "findings": len(found)})
    tell_toured(tour, len(found), now=now)
    if about:
        tell_about(tour, now=now)
    return tour


@activity
def answer(*, actor, now, tour_id: int, text: str, files: Sequence[Upload] = ()) -> TourAnswer:
    """The organiser says what it did about the findings, also late. Raises Incomplete, WrongState, NotPermitted,
    NotFound."""
    access.require(actor, ANSWER)
    tour = _locked(actor, tour_id)
    access.require_own(actor, tour.session.organiser_id)
    answered = judging.answer(TOUR, TourAnswer, tour, actor=actor, now=now, text=text, files=files)
    tell_answered(tour, now=now)
    return answered


@activity
def confirm(*, actor, now, tour_id: int, opinion: str = "") -> InspectionTour:
    """Whoever toured finds the remedy good. Raises WrongState, NotPermitted, NotFound, SeparationBreach."""
    tour = _to_judge(actor, tour_id)
    judging.confirm(TOUR, tour, actor=actor, now=now, opinion=opinion)
    tell_judged(tour, "整改合格", opinion.strip(), now=now)
    return tour


@activity
def return_answer(*, actor, now, tour_id: int, opinion: str, remedy: str = "") -> InspectionTour:
    """Whoever toured sends the answer back; the time to remedy runs anew. Raises Incomplete and as ``confirm``."""
    tour = _to_judge(actor, tour_id)
    remedies = CHECKLIST.remedies(lookup.edition_on(clock.day_of(now)))
    judging.send_back(TOUR, tour, remedies, actor=actor, now=now, opinion=opinion, remedy=remedy)
    _open_deadline(tour, now=now)
    tell_judged(tour, "退回整改", opinion.strip(), now=now)
    return tour


@activity
def suspend(*, actor, now, tour_id: int, reason: str) -> InspectionTour:
    """The head of whoever toured, or the province's, suspends the site as the tour proposed: nothing new is announced
    there until it is restored; sessions that are announced already are the organiser's to move. Twice is once.

    Raises Incomplete, WrongState (not proposed), NotPermitted (the inspector, another's tour), NotFound.
    """
    tour = _to_suspend(actor, tour_id, reason)
    if tour.effect != TourEffect.SUSPENSION:
        raise WrongState("巡考没有建议暂停使用考试点。")
    if tour.suspended_at is None:
        (site,) = lock(ExamSite.objects.filter(pk=tour.session.site_id))
        earlier = suspensions.in_force(site.pk)
        tour.was_active = earlier.was_active if earlier else site.active
        tour.suspended_by, tour.suspended_at = actor, now
        _set_active(tour, site, False, "suspend", actor=actor, now=now, reason=reason)
    return tour


@activity
def restore(*, actor, now, tour_id: int, reason: str) -> InspectionTour:
    """The suspension ends, once what was found is remedied: the site is what it was before, in use or closed by its own
    organiser, unless another tour suspends it. Raises as ``suspend``."""
    tour = _to_suspend(actor, tour_id, reason)
    if tour.suspended_at is None:
        raise WrongState("考试点没有因本次巡考暂停使用。")
    if tour.state != CheckState.CONFIRMED:
        raise WrongState("整改尚未确认合格，不能恢复使用。", code="not_remedied")
    if tour.restored_at is None:
        tour.restored_by, tour.restored_at = actor, now
        (site,) = lock(ExamSite.objects.filter(pk=tour.session.site_id))
        others = InspectionTour.objects.suspending().filter(session__site=site).exclude(pk=tour.pk).exists()
        _set_active(tour, site, tour.was_active and not others, "restore", actor=actor, now=now, reason=reason)
    return tour


def _set_active(tour: InspectionTour, site: ExamSite, active: bool, name: str, *, actor, now, reason: str) -> None:
    tour._history_user, tour._history_date = actor, now
    tour.save(update_fields=["suspended_by", "suspended_at", "was_active", "restored_by", "restored_at"])
    site.active = active
    site._history_user, site._history_date = actor, now
    site.save(update_fields=["active"])
    log([tour, site], name, actor=actor, now=now, reason=reason.strip(), detail={"number": tour.number})
    tell_suspension(tour, name == "restore", reason.strip(), now=now)


def _about(session: ExamSession, about_id: int | None, problems: list[Problem]) -> Organisation | None:
    if about_id is None:
        return None
    here = Candidate.objects.filter(session=session).values("application__institution")
    found = Organisation.objects.filter(pk=about_id, pk__in=here).first()
    if found is None:
        problems.append(Problem("请选择本场次考生所在的培训机构。", field="about"))
    return found


def _open_deadline(tour: InspectionTour, *, now) -> None:
    organiser = tour.session.organiser
    ledger.open_deadline(
        tour.remedy_rule, tour, event_on=clock.day_of(now), responsible=organiser, organiser=organiser, now=now
    )


def _locked(actor, tour_id: int) -> InspectionTour:
    rows = InspectionTour.objects.visible_to(actor).filter(pk=tour_id)
    found = lock(
        rows.select_related("session__organiser", "session__site", "session__job_type", "organisation", "inspector")
    )
    if not found:
        raise NotFound("没有找到该巡考。")
    return found[0]


def _to_judge(actor, tour_id: int) -> InspectionTour:
    access.require(actor, INSPECT)
    tour = _locked(actor, tour_id)
    access.require_own(actor, tour.organisation_id)
    separation.require(actor, Capacity.STAFFS, tour.session)
    return tour


def _to_suspend(actor, tour_id: int, reason: str) -> InspectionTour:
    access.require(actor, SUSPEND)
    tour = _locked(actor, tour_id)
    if actor.organisation.kind != OrganisationKind.PROVINCIAL_CENTRE:
        access.require_own(actor, tour.organisation_id)
    if not reason.strip():
        raise Incomplete([Problem("请填写理由。", code="required", field="reason")])
    return tour
