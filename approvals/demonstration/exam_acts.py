"""What happens to a class of the demonstration between application and released results."""

from collections.abc import Iterable
from io import BytesIO
from zipfile import ZipFile

from django.core.files.base import ContentFile

from approvals.corrections import answering
from approvals.corrections.answering import Given
from approvals.demonstration.cases import Case
from approvals.demonstration.papers import paper
from approvals.models import CorrectionNotice
from certification.organisations.models import User
from certification.workdays import calendars
from exams.applications import applying
from exams.materials import attaching, hours, paper_standards, specimens, uploads
from exams.models import (
    Candidate,
    ClassMaterialKind,
    Duty,
    ExamApplication,
    ExamRoom,
    ExamSession,
    FileState,
    MaterialKind,
    Part,
    RoomUse,
    Seat,
    SessionPart,
)
from exams.plans import planning
from exams.rooms import overriding, replacing, seating, staffing
from exams.sessions import announcing, assigning, cancelling, holding, moving
from exams.states import IN_SESSION, ApplicationState

MORNING, AFTERNOON = (18, 21), (27, 32)
DUTIES = {
    Part.THEORY: (("jiankao", Duty.INVIGILATOR), ("jiankao2", Duty.INVIGILATOR)),
    Part.PRACTICAL: (("kaoping", Duty.EXAMINER), ("kaoping2", Duty.EXAMINER)),
}


def announce(case: Case, now) -> None:
    session = announcing.announce_session(
        actor=case.cast.organiser("kaowu"),
        now=now,
        job_type=case.job_type,
        site=case.site,
        capacity=30,
        theory=(case.exam_on, *MORNING),
        practical=(case.exam_on, *AFTERNOON) if case.initial else None,
    )
    case.session_id = session.pk


def draft_exam_plan(case: Case, now) -> None:
    plan = planning.save_exam_plan(
        actor=case.cast.organiser("kaowu"),
        now=now,
        title=f"{case.exam_on.month}月{case.exam_on.day}日{case.job_type}考试计划",
        session_ids=[case.session_id],
        expected={case.session_id: case.story.size},
    )
    case.exam_plan_id = plan.pk


def file_exam_plan(case: Case, now) -> None:
    planning.file_exam_plan(actor=case.cast.organiser("kaowu"), now=now, plan_id=case.exam_plan_id)


def answer_exam_plan(case: Case, now) -> None:
    actor = case.cast.province("kaowu")
    if "exam_plan_returned" in case.story.twists:
        planning.return_exam_plan(actor=actor, now=now, plan_id=case.exam_plan_id, reason="请写明备用考场。")
    else:
        planning.acknowledge_exam_plan(actor=actor, now=now, plan_id=case.exam_plan_id)


def build(case: Case, now) -> None:
    """One application per trainee with all its papers; with ``no_hours`` the last two lack the proof of hours."""
    results = applying.build_applications(
        actor=case.cast.filer, now=now, plan_id=case.plan_id, session_id=case.session_id if case.initial else None
    )
    case.application_ids = [result.row.pk for result in results if result.ok]
    applications = _applications(case)
    standard = paper_standards.materials_for(case.story.kind, applications[0].rule_edition)
    _attach_all(case, applications, standard.required, now)
    if "undecided" in case.story.twists:
        _leave_undecided(case, applications, now)


def submit_applications(case: Case, now) -> None:
    applying.submit_applications(actor=case.cast.filer, now=now, application_ids=case.application_ids)


def prove_hours(case: Case, now) -> None:
    """The class has ended: proofs of hours for all, or for all but two."""
    lacking = 2 if "no_hours" in case.story.twists else 0
    applications = _applications(case)[: len(case.application_ids) - lacking]
    _attach_all(case, applications, [MaterialKind.HOURS_PROOF], now)


def prove_hours_late(case: Case, now) -> None:
    """Of the two whose proof was missing one hands it in; the other does not."""
    if "no_hours" in case.story.twists:
        _attach(case, _applications(case)[-2], MaterialKind.HOURS_PROOF, now)


def assign(case: Case, now) -> None:
    assigning.assign_to_session(
        actor=case.cast.organiser("kaowu"),
        now=now,
        application_ids=case.application_ids,
        session_id=case.session_id,
    )


def confirm_hours(case: Case, now) -> None:
    hours.confirm_hours(actor=case.cast.organiser("kaowu"), now=now, application_ids=case.application_ids)


def answer_return(case: Case, now) -> None:
    for application in _applications(case):
        if application.state == ApplicationState.RETURNED:
            _answer_items(case, application, now)
            applying.answer_correction(actor=case.cast.filer, now=now, application_id=application.pk)


def _answer_items(case: Case, application, now) -> None:
    # The same file again would be no new paper.
    scan = specimens.scan("身份证", "重新扫描")
    paper, words = Given("PAPER", content=scan, name="身份证.jpg"), Given("STATEMENT", "已核对更正。")
    for notice in CorrectionNotice.objects.open().filter(application=application):
        given = {
            item.pk: paper if item.material == MaterialKind.IDENTITY_CARD else words for item in notice.items.all()
        }
        answering.note_seen(actor=case.cast.filer, now=now, notice_id=notice.pk)
        answering.save(actor=case.cast.filer, now=now, notice_id=notice.pk, given=given)


def arrange_rooms(case: Case, now) -> None:
    """Rooms, staff, seats. With ``withdrawn`` one candidate steps back before and one goes to the pool."""
    officer = case.cast.organiser("kaowu")
    if "withdrawn" in case.story.twists:
        _step_back(case, officer, now)
    for place in SessionPart.objects.filter(session=case.session_id):
        room = ExamRoom.objects.filter(site=case.site, part=place.part).order_by("pk")[0]
        uses = seating.use_rooms(
            actor=officer, now=now, session_id=case.session_id, part=place.part, room_ids=[room.pk]
        )
        for user, duty in _staff(case, place):
            staffing.assign_staff(actor=officer, now=now, use_id=uses[0].pk, person_id=user.person_id, duty=duty)
    seating.seat_candidates(actor=officer, now=now, session_id=case.session_id)


def move_seat(case: Case, now) -> None:
    """The first candidate sits where it is easier to come and go."""
    seat = Seat.objects.filter(part__session=case.session_id, part__part=Part.THEORY).order_by("number").first()
    overriding.move_seat(
        actor=case.cast.organiser("kaowu"),
        now=now,
        seat_id=seat.pk,
        use_id=seat.use_id,
        number=seat.use.room.capacity,
        reason="左腿受伤，安排在靠近出口的座位。",
    )


def replace_room(case: Case, now) -> None:
    """The room of the theory breaks down; everybody goes to the next one."""
    use = RoomUse.objects.in_force().get(part__session=case.session_id, part__part=Part.THEORY)
    replacing.replace_room(
        actor=case.cast.organiser("kaowu"),
        now=now,
        use_id=use.pk,
        room_id=replacing.rooms_for(use)[0].pk,
        reason="考试机房供电故障，抢修中。",
    )


def move_session(case: Case, now) -> None:
    """Six working days later, at the same hours: the tickets are printed again."""
    session = ExamSession.objects.select_related("job_type__group", "organiser").get(pk=case.session_id)
    day = calendars.current().shift(session.starts_on, 6).date
    before = moving.times_of(session)
    times = {part: announcing.Time(day, time.first_slot, time.last_slot) for part, time in before.items()}
    moving.move_session(
        actor=case.cast.organiser("kaowu"),
        now=now,
        session_id=session.pk,
        times=times,
        reason="考点所在楼临时检修供电。",
        fingerprint=moving.preview(session, times, now=now).fingerprint,
    )


def cancel_session(case: Case, now) -> None:
    session = ExamSession.objects.select_related("job_type__group", "organiser").get(pk=case.session_id)
    cancelling.cancel_session(
        actor=case.cast.organiser("kaowu"),
        now=now,
        session_id=session.pk,
        reason="台风预警，考点停用。",
        fingerprint=cancelling.preview(session, now=now).fingerprint,
    )


def hold(case: Case, now) -> None:
    holding.hold_session(actor=case.cast.organiser("kaowu"), now=now, session_id=case.session_id)


def candidates(case: Case) -> list[Candidate]:
    """The case's candidates in its session, in order."""
    return list(Candidate.objects.filter(session=case.session_id).order_by("pk"))


def _staff(case: Case, place: SessionPart) -> list[tuple[User, Duty]]:
    staff = [(case.cast.organiser(name), duty) for name, duty in DUTIES[Part(place.part)]]
    return [*staff, (case.cast.site_staff, Duty.SITE_STAFF)] if case.cast.site_staff else staff


def _step_back(case: Case, officer: User, now) -> None:
    listed = list(Candidate.objects.filter(session=case.session_id, state__in=IN_SESSION).order_by("pk"))
    last, before = listed[-1], listed[-2]
    applying.withdraw_applications(
        actor=case.cast.filer, now=now, application_ids=[last.application_id], reason="本人因工作调动放弃。"
    )
    assigning.move_to_pool(actor=officer, now=now, candidate_ids=[before.pk], reason="本人住院，申请改期。")


def _applications(case: Case) -> list[ExamApplication]:
    rows = ExamApplication.objects.filter(pk__in=case.application_ids).select_related("rule_edition", "person")
    return list(rows.order_by("pk"))


def _attach_all(case: Case, applications: list[ExamApplication], kinds: Iterable[MaterialKind], now) -> None:
    """As institutions do it: one archive, a folder for each paper, files named by number."""
    source = BytesIO()
    with ZipFile(source, "w") as archive:
        for kind in kinds:
            for row in applications:
                archive.writestr(f"{kind.label}/{row.person.document_number}.jpg", paper(kind, row.pk)[1])
    sent = ContentFile(source.getvalue(), name="材料.zip")
    made = uploads.upload(actor=case.cast.filer, now=now, plan_id=case.plan_id, kind="", files=[sent])
    uploads.take_in(made.pk)
    left = made.files.exclude(state=FileState.ATTACHED).values_list("name", "why")
    if left:
        raise AssertionError(f"papers not attached: {list(left)}")


def _leave_undecided(case: Case, applications: list[ExamApplication], now) -> None:
    """A paper of the class; a scan that names nobody and a photograph of which a part has to be chosen."""
    attaching.attach_class_material(
        actor=case.cast.filer,
        now=now,
        plan_id=case.plan_id,
        kind=ClassMaterialKind.INSTITUTION_COMMITMENT,
        content=specimens.scan("培训机构承诺书"),
        name="承诺书.jpg",
    )
    files = {
        "扫描件0001.jpg": specimens.scan("身份证", "国徽面"),
        f"{applications[0].person.name}-照片.jpg": specimens.snapshot(applications[0].pk),
    }
    sent = [ContentFile(content, name=name) for name, content in files.items()]
    made = uploads.upload(actor=case.cast.filer, now=now, plan_id=case.plan_id, kind="", files=sent)
    uploads.take_in(made.pk)


def _attach(case: Case, application: ExamApplication, kind: MaterialKind, now) -> None:
    name, content = paper(kind, application.pk)
    applying.attach_material(
        actor=case.cast.filer, now=now, application_id=application.pk, kind=kind, content=content, name=name
    )
