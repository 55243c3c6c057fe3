"""Cases in a given state, written straight into the tables: what training and exams would have left behind."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import count

from django.db import transaction

from approvals.demonstration.papers import paper
from certification.catalogue.models import ApplicationKind, Category
from certification.organisations.models import Organisation
from certification.people.certificates import number_for
from certification.people.models import Certificate, CertificateState, Person
from certification.records.models import StoredFile
from certification.rulebook import lookup
from exams.applications import obligations
from exams.models import (
    Candidate,
    ExamApplication,
    ExamPlan,
    ExamPlanItem,
    ExamSession,
    Material,
    MaterialKind,
    Result,
    RoomUse,
    SessionPart,
    StaffAssignment,
)
from exams.sessions.listing import list_in_session
from exams.states import ApplicationState, CandidateState
from tests.factories import World, at
from training.models import PlanReceipt, PlanTeacher, Roster, Trainee, TrainingPlan

TODAY = date(2026, 10, 19)
EXAM = date(2026, 10, 30)
NOW = at(TODAY)
FIRST_STATE = {
    (Category.ONE, True): ApplicationState.DIRECT_REVIEW,
    (Category.ONE, False): ApplicationState.DIRECT_REVIEW,
    (Category.TWO, True): ApplicationState.PRELIMINARY_REVIEW,
    (Category.TWO, False): ApplicationState.CITY_REVIEW,
}
MATERIALS = ("PHOTO", "IDENTITY_CARD", "DIPLOMA", "HEALTH_COMMITMENT", "CONSENT", "HOURS_PROOF")
_serial = count(1)


@dataclass
class Group:
    """A class, its session, and the applications of its people."""

    plan: TrainingPlan
    session: ExamSession
    applications: list[ExamApplication] = field(default_factory=list)

    @property
    def ids(self) -> list[int]:
        return [row.pk for row in self.applications]

    def fresh(self) -> list[ExamApplication]:
        return list(ExamApplication.objects.filter(pk__in=self.ids).order_by("pk"))

    def states(self) -> list[str]:
        return [row.state for row in self.fresh()]


@transaction.atomic
def make_group(
    world: World,
    people: int = 1,
    *,
    job_type: str = "0101",
    kind: str = ApplicationKind.INITIAL,
    state: str = "",
    institution: Organisation | None = None,
    proven: bool = True,
    exam_on: date = EXAM,
    assigned: bool = True,
    persons: list[Person] | None = None,
) -> Group:
    """People of one class whose applications were submitted and wait for their first review (or stand in ``state``)."""
    job = world.job_type(job_type)
    category = Category(job.group.category)
    institution = institution or world.institution
    organiser = world.bureau if category == Category.TWO else world.centre
    filer = world.user("jigou")
    plan = _plan(world, job, kind, category, institution, organiser, filer)
    session = make_session(world, job, organiser, kind=kind, exam_on=exam_on)
    group = Group(plan, session)
    roster = Roster.objects.create(plan=plan, version=1, headcount=people, submitted_by=filer, submitted_at=NOW)
    for person in persons or world.persons(people):
        certificate = _held(person, job) if kind != ApplicationKind.INITIAL else None
        group.applications.append(_application(group, roster, person, certificate, filer, state, proven))
    if assigned:
        list_in_session(group.applications, session, actor=filer, now=NOW)
        if state:
            _no_deadlines(group)
    return group


def _no_deadlines(group: Group) -> None:
    """Where a case is put into a later state at once, what lies behind it was done."""
    if group.applications[0].state == ApplicationState.CLEARED:
        obligations.close_for_exam(group.applications, now=NOW, reason="已审核")


def make_session(world: World, job, organiser, *, kind=ApplicationKind.INITIAL, exam_on: date = EXAM) -> ExamSession:
    """An announced session with its parts."""
    officer = world.user("shi-kaowu" if organiser == world.bureau else "sheng-kaowu")
    session = ExamSession.objects.create(
        organiser=organiser,
        job_type=job,
        number=f"KS-2026-{next(_serial)}",
        site=world.site,
        starts_on=exam_on,
        capacity=60,
        announced_by=officer,
        announced_at=NOW,
    )
    SessionPart.objects.create(session=session, part="THEORY", day=exam_on, first_slot=18, last_slot=21)
    if kind == ApplicationKind.INITIAL:
        SessionPart.objects.create(session=session, part="PRACTICAL", day=exam_on, first_slot=26, last_slot=33)
    return session


def take_exam(
    world: World, group: Group, *, passed: int | None = None, released_at: datetime | None = None
) -> list[Candidate]:
    """The session is over: results released, the first ``passed`` people (default all) passed, the others failed."""
    released_at = released_at or at(EXAM + timedelta(days=3))
    clerk, checker = world.user("shi-luru"), world.user("shi-fuhe")
    ExamApplication.objects.filter(pk__in=group.ids).update(state=ApplicationState.CLEARED)
    ExamSession.objects.filter(pk=group.session.pk).update(state="RELEASED")
    _arrange(world, group)
    candidates = list(Candidate.objects.filter(session=group.session).order_by("pk"))
    parts = list(group.session.parts.values_list("part", flat=True))
    for place, candidate in enumerate(candidates):
        ok = passed is None or place < passed
        candidate.state = CandidateState.PASSED if ok else CandidateState.FAILED
        candidate.ticket_number = f"{group.session.number}-{place:03d}"
        candidate.save()
        for part in parts if ok else parts[:1]:
            Result.objects.create(
                candidate=candidate,
                part=part,
                score=Decimal("88.5") if ok else Decimal("61"),
                passed=ok,
                state="RELEASED",
                entered_by=clerk,
                entered_at=released_at,
                checked_by=checker,
                checked_at=released_at,
                released_at=released_at,
            )
    return candidates


def _arrange(world: World, group: Group) -> None:
    """Plan filed, one room per part, one person each."""
    officer = world.user("shi-kaowu")
    plan = ExamPlan.objects.create(
        organiser=group.session.organiser,
        title="考试计划",
        number=f"KSJH-{group.session.number}",
        state="FILED",
        filed_by=officer,
        filed_at=NOW,
        created_by=officer,
        created_at=NOW,
    )
    ExamPlanItem.objects.create(plan=plan, session=group.session, expected=len(group.applications))
    for part in group.session.parts.all():
        use = RoomUse.objects.create(part=part, room=world.site.rooms.filter(part=part.part).first())
        StaffAssignment.objects.create(
            use=use, person=world.user("shi-jiankao").person, duty="INVIGILATOR", assigned_by=officer, assigned_at=NOW
        )


def _plan(world, job, kind, category, institution, organiser, filer) -> TrainingPlan:
    number = next(_serial)
    plan = TrainingPlan.objects.create(
        institution=institution,
        job_type=job,
        kind=kind,
        class_start=date(2026, 9, 14),
        class_end=date(2026, 10, 16),
        capacity=60,
        onsite_hours=148,
        venue="第一教室",
        state="ACKNOWLEDGED",
        number=f"PX-2026-{number}",
        category=category,
        organiser=organiser,
        rule_edition=lookup.edition_on(TODAY),
        created_by=filer,
        created_at=NOW,
        filed_at=NOW,
    )
    PlanTeacher.objects.create(plan=plan, person=world.persons(1)[0], subject="安全技术")
    for place, recipient in enumerate({world.centre.pk: world.centre, organiser.pk: organiser}.values()):
        PlanReceipt.objects.create(
            plan=plan, recipient=recipient, number=f"BB-2026-{number}-{place}", received_at=NOW, state="ACKNOWLEDGED"
        )
    return plan


def _held(person: Person, job) -> Certificate:
    if held := Certificate.objects.filter(person=person, job_type=job, state=CertificateState.VALID).first():
        return held
    return Certificate.objects.create(
        person=person,
        job_type=job,
        number=number_for(person),
        first_issued_on=date(2020, 12, 1),
        valid_from=date(2020, 12, 1),
        valid_until=date(2026, 11, 30),
        review_due_on=date(2023, 11, 30),
        authority="云岭省应急管理厅",
        source=Certificate.Source.IMPORTED,
    )


def _application(group: Group, roster, person, certificate, filer, state, proven) -> ExamApplication:
    plan = group.plan
    initial = plan.kind == ApplicationKind.INITIAL
    trainee = Trainee.objects.create(
        plan=plan,
        person=person,
        first_roster=roster,
        education="SENIOR_HIGH",
        employer="云岭机械厂",
        phone="13800000000",
        certificate=certificate,
        created_at=NOW,
    )
    application = ExamApplication.objects.create(
        trainee=trainee,
        person=person,
        plan=plan,
        institution=plan.institution,
        organiser=plan.organiser,
        kind=plan.kind,
        category=plan.category,
        job_type=plan.job_type,
        rule_edition=plan.rule_edition,
        wished_session=group.session if initial else None,
        number=f"SQ-2026-{next(_serial)}",
        state=state or FIRST_STATE[Category(plan.category), initial],
        awaits_record=state == ApplicationState.CLEARED and plan.category == Category.TWO and not initial,
        first_submitted_at=NOW,
        created_at=NOW,
    )
    for kind in MATERIALS:
        if kind == "HOURS_PROOF" and not proven:
            continue
        if kind == "DIPLOMA" and not initial:
            continue
        add_material(application, kind, filer)
    if not initial:
        add_material(application, "OLD_CERTIFICATE", filer)
    return application


def add_material(application: ExamApplication, kind: str, filer, *, when: datetime = NOW) -> Material:
    """A paper of the application."""
    material = Material(application=application, kind=kind, submitted_by=filer, submitted_at=when)
    material.file = StoredFile.store(
        f"{application.number}-{kind}".encode(),
        name=f"{kind.lower()}.jpg",
        media_type="image/jpeg",
        owner=application,
        actor=filer,
        now=when,
    )
    material.save()
    return material


def draw_papers(application: ExamApplication) -> None:
    """Give every paper of the application a picture that a browser can show."""
    for material in Material.objects.filter(application=application):
        name, content = paper(MaterialKind(material.kind), 0)
        material.file = StoredFile.store(
            content, name=name, media_type="image/jpeg", owner=application, actor=material.submitted_by, now=NOW
        )
        material.save()


def content_of(stored: StoredFile) -> bytes:
    """The bytes of a stored file, which is closed again."""
    with stored.file.open("rb") as content:
        return content.read()
