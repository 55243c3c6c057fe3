"""What the exam day puts on the home page: duties and who is missing, room records, recordings, incidents, tours."""

from collections.abc import Iterator
from datetime import datetime
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef
from django.urls import reverse

from certification.deadlines.models import Deadline
from certification.inspections.states import CheckState
from certification.organisations.models import User
from certification.portal.todo import Kind, Todo, by_right
from exams.day_states import IncidentState, RecordState, StaffState
from exams.exam_day.standing import SIGNERS
from exams.incidents import deciding
from exams.models import Incident, InspectionTour, RecordSignature, StaffAssignment
from exams.rooms import staffing, suspensions
from exams.states import OPEN_SESSIONS, SessionState
from exams.todo import SHOWN, own_sessions
from exams.tours import touring


def _duties(user: User, now: datetime) -> Iterator[Todo]:
    rows = StaffAssignment.objects.visible_to(user).filter(
        person=user.person_id, ended_at__isnull=True, use__part__day__gte=now.date()
    )
    rows = rows.select_related("use__part__session__job_type", "use__room__site")
    for row in rows.order_by("use__part__day", "use__part__first_slot", "pk")[:SHOWN]:
        part = row.use.part
        subject = f"{part.starts_at} {row.use.room} {part.session.job_type}{part.get_part_display()}"
        title = (
            f"答复考务安排（{row.get_duty_display()}）" if row.state == StaffState.INVITED else row.get_duty_display()
        )
        yield Todo(title, reverse("exams:duty_detail", args=[row.pk]), subject, due_on=part.day)


def _records_to_sign(user: User, now: datetime) -> Iterator[Todo]:
    """Rooms whose record is not signed by the person, once sign-in is closed."""
    rows = StaffAssignment.objects.visible_to(user).filter(
        person=user.person_id, ended_at__isnull=True, duty__in=SIGNERS, use__record__state=RecordState.WRITING
    )
    signed = RecordSignature.objects.filter(
        record=OuterRef("use__record"), person=user.person_id, withdrawn_at__isnull=True
    )
    rows = rows.exclude(Exists(signed)).select_related("use__part__session__job_type", "use__room__site")
    for row in rows.order_by("use__part__day", "pk")[:SHOWN]:
        part = row.use.part
        subject = f"{row.use.room} {part.session.job_type}{part.get_part_display()}"
        yield Todo("填写、签署考场记录", reverse("exams:duty_detail", args=[row.pk]), subject, due_on=part.day)


def _short_staffed(user: User, now: datetime) -> Iterator[Todo]:
    """Sessions with rooms that are short of staff, or whose staff have not answered."""
    rows = own_sessions(user).filter(state__in=OPEN_SESSIONS, starts_on__gte=now.date())
    rows = {row.pk: row for row in rows.filter(parts__rooms__isnull=False).distinct()}
    for pk, short in list(staffing.shortages(rows).items())[:SHOWN]:
        url = reverse("exams:session_staff", args=[pk])
        yield Todo("考务人员不足或者未答复", url, str(rows[pk]), due_on=rows[pk].starts_on, count=len(short))


def _at_suspended_sites(user: User, now: datetime) -> Iterator[Todo]:
    """Coming sessions at a site that a tour suspends: they can neither be seated nor begin."""
    rows = own_sessions(user).filter(state__in=OPEN_SESSIONS, site__in=suspensions.suspended_sites())
    for session in rows[:SHOWN]:
        url = reverse("exams:session_detail", args=[session.pk])
        yield Todo("考试点已暂停使用，变更或者取消场次", url, str(session), due_on=session.starts_on)


def _recordings(user: User, now: datetime) -> Iterator[Todo]:
    """Recordings of the own sessions of which nobody noted where they lie."""
    sessions = own_sessions(user).filter(state__in=[SessionState.HELD, SessionState.RELEASED], recording__place="")
    for session in sessions.order_by("starts_on", "pk")[:SHOWN]:
        yield Todo("登记考试录像存放位置", reverse("exams:recording_note", args=[session.pk]), str(session))


def _incidents(state: str, title: str, *, own: bool = True):
    def lines(user: User, now: datetime) -> Iterator[Todo]:
        rows = Incident.objects.visible_to(user).filter(state=state)
        if own:
            rows = rows.filter(session__organiser=user.organisation_id)
        if count := rows.count():
            yield Todo(title, f"{reverse('exams:incident_list')}?{urlencode({'state': state})}", count=count)

    return lines


def _to_tell(user: User, now: datetime) -> Iterator[Todo]:
    """Decisions that their candidates have not been told of: nobody's days for a review begin before."""
    rows = Incident.objects.visible_to(user).filter(state=IncidentState.DECIDED, decided_by__isnull=False)
    for row in rows.filter(told_on__isnull=True, session__organiser=user.organisation_id).order_by("pk")[:SHOWN]:
        yield Todo("告知考生违纪处理决定", reverse("exams:incident", args=[row.pk]), row.number)


def _to_remedy(user: User, now: datetime) -> Iterator[Todo]:
    tours = InspectionTour.objects.visible_to(user).to_remedy().filter(session__organiser=user.organisation_id)
    tours = list(tours.for_display().order_by("pk")[:SHOWN])
    deadlines = {row.subject_id: row for row in Deadline.objects.open().for_display().of(None, tours)}
    for tour in tours:
        url = reverse("exams:tour", args=[tour.pk])
        yield Todo("整改巡考发现的问题", url, str(tour), deadline=deadlines.get(tour.pk))


def _to_judge(user: User, now: datetime) -> Iterator[Todo]:
    own = InspectionTour.objects.visible_to(user).filter(organisation=user.organisation_id)
    if count := own.filter(state=CheckState.ANSWERED).count():
        yield Todo("复核巡考的整改情况", _tours(CheckState.ANSWERED), count=count)
    if count := own.to_remedy().count():
        yield Todo("考试组织单位正在整改的巡考", _tours("open"), kind=Kind.WAITING, count=count)


def _to_suspend(user: User, now: datetime) -> Iterator[Todo]:
    rows = InspectionTour.objects.visible_to(user).filter(
        organisation=user.organisation_id, effect="SUSPENSION", suspended_at__isnull=True
    )
    for tour in rows.exclude(state=CheckState.CONFIRMED).for_display().order_by("pk")[:SHOWN]:
        yield Todo("巡考建议暂停使用考试点", reverse("exams:tour", args=[tour.pk]), str(tour))


def _tours(state: str) -> str:
    return f"{reverse('exams:tour_list')}?{urlencode({'state': state})}"


lines = by_right(
    {
        "exams.plan.file": (_at_suspended_sites, _short_staffed, _recordings),
        "exams.duty.view": (_duties, _records_to_sign),
        deciding.PROPOSE: (_incidents(IncidentState.REPORTED, "处理考试异常情况"), _to_tell),
        deciding.DECIDE: (_incidents(IncidentState.PROPOSED, "决定考试违纪处理"),),
        deciding.REVIEW: (_incidents(IncidentState.REVIEWING, "复核考试违纪处理", own=False),),
        touring.ANSWER: (_to_remedy,),
        touring.INSPECT: (_to_judge,),
        touring.SUSPEND: (_to_suspend,),
    }
)
