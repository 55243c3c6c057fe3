"""考试录像: every session's recording is kept for the years of rule ``results.recording``; where it lies is noted, and
before the time is over its organiser is told. Nothing is deleted by the system.
"""

from datetime import date, timedelta

from django.db import transaction
from django.urls import reverse

from certification import clock
from certification.notices.sending import notify_role
from certification.organisations import access, offices
from certification.people.eligibility import add_months
from certification.refusals import Incomplete, Problem
from certification.rulebook import lookup
from certification.workdays.wording import plain_day
from certification.workflow import activity, lock, log
from exams.models import ExamSession, SessionPart, SessionRecording
from exams.rooms.seating import locked_session


def keep_until(last_day: date) -> date:
    """The last day on which the recording of an exam that ended on ``last_day`` is kept."""
    years = lookup.values("results", "recording", lookup.edition_on(last_day))["years"]
    return add_months(last_day, 12 * years)


def begin(session: ExamSession, *, actor, now) -> SessionRecording:
    """The exam begins: from now on a recording is due. Called inside the activity that holds the session."""
    last_day = max(SessionPart.objects.filter(session=session).values_list("day", flat=True))
    row, made = SessionRecording.objects.get_or_create(session=session, defaults={"keep_until": keep_until(last_day)})
    if made:
        log([row], "begin_recording", actor=actor, now=now)
    return row


@activity
def note_place(*, actor, now, session_id: int, place: str) -> SessionRecording:
    """Note where the recording lies. Raises Incomplete, NotPermitted, DoesNotExist."""
    access.require(actor, "exams.session.arrange")
    session = locked_session(actor, session_id)
    if not place.strip():
        raise Incomplete([Problem("请填写录像的存放位置和保管人。", code="required", field="place")])
    found = lock(SessionRecording.objects.filter(session=session))
    if not found:
        raise SessionRecording.DoesNotExist
    (row,) = found
    if row.place == place.strip():
        return row
    row.place, row.noted_by, row.noted_at = place.strip(), actor, now
    row._history_user, row._history_date = actor, now
    row.save(update_fields=["place", "noted_by", "noted_at"])
    log([session], "note_recording", actor=actor, now=now, detail={"place": row.place})
    return row


def remind(now=None) -> dict[str, int]:
    """Tell organisers of recordings whose time is nearly over; once each. May run twice, at once, or be killed."""
    now = now or clock.now()
    today = clock.day_of(now)
    ahead = timedelta(days=lookup.values("results", "recording", lookup.edition_on(today))["notice_days"])
    due = SessionRecording.objects.filter(warned_at__isnull=True, keep_until__lte=today + ahead)
    told = 0
    for pk in list(due.order_by("pk").values_list("pk", flat=True)):
        with transaction.atomic():
            rows = due.filter(pk=pk).select_related("session__organiser", "session__job_type")
            row = rows.select_for_update(of=("self",), skip_locked=True).first()
            if row is None:
                continue
            row.warned_at = now
            row.save(update_fields=["warned_at"])
            _tell(row, now)
            told += 1
    return {"told": told}


def _tell(row: SessionRecording, now) -> None:
    notify_role(
        offices.exam_officer(row.session.organiser),
        row.session.organiser,
        title=f"场次{row.session.number}考试录像保存期将满",
        body=f"保存至{plain_day(row.keep_until)}。尚有复议、诉讼、违纪复核或者档案保留要求的，请继续保存。"
        f"存放位置：{row.place or '未登记'}。",
        url=reverse("exams:session_detail", args=[row.session_id]),
        about=row.session,
        now=now,
    )
