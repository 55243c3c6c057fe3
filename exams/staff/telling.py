"""What staff and their officers are told about duties."""

from django.urls import reverse

from certification.notices.sending import notify, notify_role
from certification.organisations import offices
from certification.organisations.models import User
from certification.workdays.wording import plain_day
from exams.models import ExamRoom, StaffAssignment

_READS = ("use__part__session__job_type", "use__part__session__organiser", "use__room__site", "person")


def with_place(assignment: StaffAssignment) -> StaffAssignment:
    """The duty with all that is said of it."""
    return StaffAssignment.objects.select_related(*_READS).get(pk=assignment.pk)


def tell_invited(assignment: StaffAssignment, *, now) -> None:
    """Ask the person for an answer."""
    row = with_place(assignment)
    _tell_person(row, f"请答复考务安排：{_what(row)}", "请在“我的考务”中接受或者谢绝；谢绝须写明原因。", now=now)


def tell_released(assignment: StaffAssignment, reason: str, *, now) -> None:
    """Tell the person that the duty is over."""
    row = with_place(assignment)
    _tell_person(row, f"考务安排已解除：{_what(row)}", f"原因：{reason}", now=now)


def tell_other_room(assignment: StaffAssignment, before: ExamRoom, reason: str, *, now) -> None:
    """Tell the person that the duty is in another room; the answer that was given stands."""
    row = with_place(assignment)
    body = f"原考场：{before}。原因：{reason}。职责和时间不变，已答复的不必重新答复。"
    _tell_person(row, f"考场变更：{_what(row)}", body, now=now)


def remind_person(row: StaffAssignment, *, answer: bool, now) -> None:
    """Remind of an answer that is due, or of the exam that is near."""
    title = f"请尽快答复考务安排：{_what(row)}" if answer else f"考务提醒：{_what(row)}"
    body = "请接受或者谢绝。" if answer else f"地址：{row.use.room.site.address}。请携带证件，提前到岗。"
    _tell_person(row, title, body, now=now)


def tell_officers(row: StaffAssignment, title: str, body: str, *, now) -> None:
    """Tell the organiser's exam officers."""
    session = row.use.part.session
    notify_role(
        offices.exam_officer(session.organiser),
        session.organiser,
        title=title,
        body=body,
        url=reverse("exams:session_staff", args=[session.pk]),
        about=session,
        now=now,
    )


def _what(row: StaffAssignment) -> str:
    part = row.use.part
    return f"{plain_day(part.day)} {part.starts_at} {row.use.room} {part.get_part_display()}{row.get_duty_display()}"


def _tell_person(row: StaffAssignment, title: str, body: str, *, now) -> None:
    accounts = User.objects.filter(person=row.person_id, is_active=True)
    url = reverse("exams:duty_detail", args=[row.pk])
    notify(accounts, title=title, body=body, url=url, about=row.use.part.session, now=now)
