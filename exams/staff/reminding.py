"""Reminders of staff: of an answer that is due, and on the eve of the exam. Each once; may run twice or be killed."""

from django.db import transaction

from certification import clock
from certification.rulebook import lookup
from certification.workdays import calendars
from exams.day_states import StaffState
from exams.models import StaffAssignment
from exams.staff.telling import remind_person, tell_officers
from exams.states import OPEN_SESSIONS


def remind(now=None) -> dict[str, int]:
    """Remind whoever has not answered for the working days of the setting (their officers too), and everybody whose
    exam is on the next working day. Returns how many of each."""
    now = now or clock.now()
    today = clock.day_of(now)
    calendar = calendars.current()
    days = lookup.values("examination", "staff_pool", lookup.edition_on(today))["answer_working_days"]
    asked_before = clock.end_of(calendar.shift(today, -days).date)
    eve = calendar.shift(today, 1).date
    coming = StaffAssignment.objects.filter(
        ended_at__isnull=True, use__part__day__gt=today, use__part__session__state__in=OPEN_SESSIONS
    )
    waiting = coming.filter(state=StaffState.INVITED, assigned_at__lt=asked_before, reminded_at__isnull=True)
    near = coming.filter(use__part__day__lte=eve).exclude(reminded_at__gte=clock.start_of(today))
    return {"unanswered": _each(waiting, True, now), "eve": _each(near, False, now)}


def _each(rows, answer: bool, now) -> int:
    told = 0
    for pk in list(rows.order_by("pk").values_list("pk", flat=True)):
        with transaction.atomic():
            found = rows.filter(pk=pk).select_related(
                "use__part__session__organiser", "use__part__session__job_type", "use__room__site", "person"
            )
            row = found.select_for_update(of=("self",), skip_locked=True).first()
            if row is None:
                continue
            row.reminded_at = now
            row.save(update_fields=["reminded_at"])
            remind_person(row, answer=answer, now=now)
            if answer:
                title = f"{row.person}没有答复考务安排：场次{row.use.part.session.number}"
                tell_officers(row, title, "请联系本人，或者改派其他人员。", now=now)
            told += 1
    return told
