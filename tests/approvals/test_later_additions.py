"""The night finds whatever would be appended by hand: every kind of later event, in one query."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from approvals.bars import bar_papers, proposing
from approvals.bars import deciding as imposing
from approvals.certificates import cards
from approvals.dossiers.sealing import later
from approvals.dossiers.sealing.items import Sealed, gather, news
from approvals.dossiers.sections import followed
from approvals.endings import ending
from approvals.licences import serving
from approvals.models import BarCase, Decision, Dossier, DossierItem, EndingCase, LicenceApplication, ServiceEvent
from approvals.papers import write_missing
from certification.notices.reading import mark_read
from certification.notices.sending import notify
from certification.people import bars, naming
from certification.people.models import Certificate
from certification.records import accesses
from certification.records.models import StoredFile
from certification.workflow import log
from exams.incidents import deciding, reporting
from exams.models import Candidate, Incident, InspectionTour, Result, StaffAssignment
from exams.scores import rechecks
from exams.staff import answering
from tests.approvals.cases import EXAM, add_material, make_group
from tests.approvals.licensing_steps import SERVED, finished
from tests.factories import at
from training.models import SpotCheck

pytestmark = pytest.mark.django_db
LATER = SERVED + timedelta(days=3)
EVENTS = {}


def event(function):
    """Events: what runs before the ``yield`` was done before the sealing, the rest after it."""
    EVENTS[function.__name__] = function
    return function


def _candidate() -> Candidate:
    return Candidate.objects.order_by("pk").first()


def _incident(world) -> Incident:
    said = {"description": "系统故障十分钟。", "happened_at": at(EXAM, 9), "act": "system"}
    session = Dossier.objects.get().session_id
    return reporting.report(actor=world.user("shi-kaowu"), now=at(EXAM, 10), session_id=session, **said)


def _ended(world) -> EndingCase:
    said = {"ground": "REQUEST", "facts": "本人申请。", "evidence": "申请书"}
    certificate = Certificate.objects.get()
    case = ending.propose(actor=world.user("sheng-shouli"), now=SERVED, certificate_id=certificate.pk, **said)
    return ending.decide(actor=world.user("sheng-fuze"), now=SERVED, case_id=case.pk, opinion="同意")


@event
def incident_reported(world) -> Iterator:
    yield
    said = {"description": "系统故障十分钟。", "happened_at": at(EXAM, 9), "act": "system"}
    session = Dossier.objects.get().session_id
    reporting.report(actor=world.user("shi-kaowu"), now=LATER, session_id=session, **said)


@event
def incident_decided(world) -> Iterator:
    incident = _incident(world)
    yield
    said = {"effect": "NONE", "proposal": "记录在案。"}
    deciding.propose(actor=world.user("shi-kaowu"), now=LATER, incident_id=incident.pk, **said)


@event
def score_to_be_checked_again(world) -> Iterator:
    yield
    result = Result.objects.filter(passed=False).first()
    rechecks.request(
        actor=world.user("jigou"), now=SERVED + timedelta(hours=2), result_id=result.pk, reason="与估分不符"
    )


@event
def passed_after_a_check(world) -> Iterator:
    yield
    log([_candidate()], "recheck_pass", actor=world.user("shi-fuhe"), now=LATER)


@event
def sign_in_corrected(world) -> Iterator:
    yield
    log([_candidate()], "correct_sign_in", actor=world.user("shi-kaowu"), now=LATER, reason="登记有误")


@event
def score_entered_anew(world) -> Iterator:
    yield
    result = Result.objects.first()
    Result.objects.filter(pk=result.pk).update(score=90)
    log([result], "recheck", actor=world.user("shi-fuhe"), now=LATER)


@event
def site_restored(world) -> Iterator:
    session = Dossier.objects.get().session
    inspector = world.user("sheng-xunkao")
    tour = InspectionTour.objects.create(
        session=session,
        number="XK-1",
        state="CLEAN",
        entry_key=uuid4(),
        organisation=inspector.organisation,
        inspector=inspector,
        toured_at=SERVED,
    )
    yield
    log([tour], "restore", actor=inspector, now=LATER)


@event
def class_checked(world) -> Iterator:
    yield
    inspector = world.user("sheng-xunkao")
    check = SpotCheck.objects.create(
        plan=_candidate().application.plan,
        number="JC-1",
        state="CLEAN",
        entry_key=uuid4(),
        organisation=inspector.organisation,
        inspector=inspector,
        checked_at=LATER,
        expected=2,
        counted=2,
    )
    log([check], "spot_check", actor=inspector, now=LATER)


@event
def duty_accepted(world) -> Iterator:
    yield
    duty = StaffAssignment.objects.first()
    answering.accept(actor=world.user("shi-jiankao"), now=LATER, assignment_id=duty.pk)


@event
def platform_answered(world) -> Iterator:
    yield
    log([LicenceApplication.objects.get()], "platform_returned", actor=world.user("shi-kaowu"), now=LATER)


@event
def letter_opened(world) -> Iterator:
    yield
    serving.note(
        Decision.objects.get(),
        ServiceEvent.Kind.OPENED,
        ServiceEvent.Side.INSTITUTION,
        now=LATER,
        by=world.user("jigou"),
    )


@event
def ending_proposed(world) -> Iterator:
    yield
    said = {"ground": "REQUEST", "facts": "本人申请。", "evidence": "申请书"}
    certificate = Certificate.objects.get()
    ending.propose(actor=world.user("sheng-shouli"), now=LATER, certificate_id=certificate.pk, **said)


@event
def letter_of_an_ending_seen(world) -> Iterator:
    case = _ended(world)
    yield
    serving.note(case, ServiceEvent.Kind.SEEN, ServiceEvent.Side.APPLICANT, now=LATER)


@event
def ending_served(world) -> Iterator:
    case = _ended(world)
    yield
    EndingCase.objects.filter(pk=case.pk).update(served_at=LATER)
    log([case], "serve", actor=world.user("sheng-shouli"), now=LATER)


@event
def barred(world) -> Iterator:
    yield
    person = _candidate().application.person
    bars.impose(actor=world.user("sheng-fuze"), now=LATER, person=person, ground="FRAUD", reason="查实", months=36)


@event
def letter_of_a_bar_made(world) -> Iterator:
    person = _candidate().application.person_id
    said = {"ground": "FALSE_MATERIAL", "reason": "学历证书系伪造", "evidence": "学校核验函"}
    case = proposing.propose(actor=world.user("shi-shenhe"), now=SERVED, person_id=person, **said)
    imposing.impose(actor=world.user("sheng-fuze"), now=SERVED, case_id=case.pk, reason="证据确凿")
    yield
    assert write_missing(bar_papers.KIND, [case.pk]) == 1


@event
def card_asked_for(world) -> Iterator:
    yield
    cards.request_card(actor=world.user("chuangkou"), now=LATER, certificate_id=Certificate.objects.get().pk)


@event
def name_corrected(world) -> Iterator:
    yield
    person = _candidate().application.person
    naming.correct_name(person=person, name="王改名", actor=world.user("sheng-fuze"), now=LATER, reason="更名")


@event
def institution_told_about_a_person(world) -> Iterator:
    yield
    notify([world.user("jigou")], title="核查情况", about=_candidate().application, now=LATER)


@event
def institution_told_about_the_session(world) -> Iterator:
    yield
    notify([world.user("jigou")], title="录像保存期将满", about=_candidate().session, now=LATER)


@event
def paper_added(world) -> Iterator:
    yield
    application = _candidate().application
    add_material(application, "EXEMPTION_PROOF", world.user("jigou"), when=LATER)
    log([application], "attach_material", actor=world.user("jigou"), now=LATER)


@pytest.fixture
def dossier(world) -> Dossier:
    return finished(world)


def seal(dossier: Dossier, when=SERVED) -> Sealed:
    """As if it had been sealed, without the hour that its pages take; what was sealed."""
    book = Decision.objects.get().letter or StoredFile.objects.first()
    Dossier.objects.filter(pk=dossier.pk).update(
        state="SEALED",
        sealed_at=when,
        sealed_by=dossier.session.announced_by,
        pdf=book,
        archive=book,
        index_sha256=book.sha256,
    )
    entries = [entry for part in gather(dossier).parts for entry in part.entries]
    return Sealed(
        {entry.path: entry.sha256 for entry in entries if not entry.file},
        {(entry.path.rpartition("/")[0], entry.sha256) for entry in entries if entry.file},
    )


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_the_night_finds_what_would_be_appended(world, dossier, monkeypatch, at, name):
    at(SERVED)
    steps = EVENTS[name](world)
    next(steps)
    before = seal(dossier)
    assert not later.with_news().exists()
    at(LATER)
    assert next(steps, None) is None
    assert news(gather(dossier), before)
    assert later.with_news().get() == dossier
    Dossier.objects.update(sealed_at=LATER)
    assert not later.with_news().exists()


def test_that_somebody_looked_is_no_news(world, dossier):
    seal(dossier)
    accesses.reveal(_candidate().application, actor=world.user("shi-shenhe"), now=LATER)
    assert not later.with_news().exists()


def test_a_paper_that_was_sealed_with_the_rest_is_no_news(world, dossier, at):
    at(SERVED)
    steps = letter_of_a_bar_made(world)
    next(steps)
    seal(dossier)
    at(LATER)
    assert next(steps, None) is None
    assert later.with_news().exists()
    letter = BarCase.objects.get().letter
    given = {"title": letter.name, "section": "文件", "size": letter.size, "appended_at": LATER}
    DossierItem.objects.create(dossier=dossier, path=f"session/files/{letter.name}", sha256=letter.sha256, **given)
    assert not later.with_news().exists()


def test_a_notice_that_is_opened_later_is_no_news_of_its_own(world, dossier):
    (notice,) = notify([world.user("jigou")], title="核查情况", about=_candidate().application, now=SERVED)
    before = seal(dossier)
    mark_read(actor=notice.recipient, now=LATER, notice=notice)
    assert news(gather(dossier), before)
    assert not later.with_news().exists()


def test_another_session_s_events_are_no_news(world, dossier):
    seal(dossier)
    other = make_group(world, 1, state="CLEARED")
    cases = [other.session, other.plan, other.applications[0]]
    log(cases, "announce", actor=world.user("shi-kaowu"), now=LATER)
    notify([world.user("jigou")], title="公布", about=cases, now=LATER)
    assert not later.with_news().exists()


def test_one_query_asks_for_all_dossiers(world, dossier):
    seal(dossier)
    list(later.with_news())
    with CaptureQueriesContext(connection) as queries:
        list(later.with_news())
    assert len(queries) == 1


# Tables that a dossier reads and that are not looked at by night, with whose step tells of a change in them.
TOLD_BY = {
    "approvals.BarEvidence": "approvals.BarCase",
    "approvals.CorrectionItem": "approvals.CorrectionNotice",
    "approvals.PlatformReturn": "approvals.LicenceApplication",
    "approvals.PlatformSending": "approvals.LicenceApplication",
    "approvals.PreparedOpinion": "exams.ExamApplication",
    "approvals.Handover": "exams.ExamApplication",
    "approvals.Review": "exams.ExamApplication",
    "deadlines.Pause": "approvals.LicenceApplicant",
    "exams.ApplicationBatch": "exams.ExamApplication",
    "exams.ExamPlanItem": "exams.ExamPlan",
    "exams.Material": "exams.ExamApplication",
    "exams.RecordSignature": "exams.RoomRecord",
    "exams.RoomUse": "exams.ExamSession",
    "exams.Seat": "exams.ExamSession",
    "exams.SessionPart": "exams.ExamSession",
    "exams.SignIn": "exams.Candidate",
    "exams.TourAnswer": "exams.InspectionTour",
    "exams.TourFinding": "exams.InspectionTour",
    "imports.Import": "training.TrainingPlan",
    "imports.ImportFile": "exams.ExamSession",
    "training.HoursProof": "training.Trainee",
    "training.OnlineHours": "training.TrainingPlan",
    "training.OnlineImport": "training.TrainingPlan",
    "training.Attendance": "training.Lesson",
    "training.PlanTeacher": "training.TrainingPlan",
    "training.Roster": "training.TrainingPlan",
    "training.SignInSheet": "training.Lesson",
    "training.SpotAnswer": "training.SpotCheck",
    "training.SpotFinding": "training.SpotCheck",
}
# What names things, counts days, or keeps what the others are made of.
BESIDE = {"catalogue", "rulebook", "organisations", "records", "contenttypes", "workdays", "notices"}

PLACES = {"exams.ExamRoom", "exams.ExamSite", "training.Venue"}
# Opened, met, breached and closed in the step of their case.
CLOCKS = {"deadlines.Deadline", "deadlines.LateAdmission", "deadlines.Reminder"}


def test_every_table_that_a_dossier_reads_is_looked_at_or_told_of(world, dossier):
    """A new section's model must be reached by the night, or be named here with whose step tells of it."""
    reaches = (*followed.STEPS, *(reach for reach, _time in followed.EVENTS), *followed.PAPERS)
    looked_at = {model._meta.label for model, _path in reaches}
    assert set(TOLD_BY.values()) <= looked_at
    assert {*TOLD_BY, *PLACES, *CLOCKS} <= {model._meta.label for model in apps.get_models()}
    with CaptureQueriesContext(connection) as queries:
        gather(dossier)
    read = {
        model._meta.label
        for model in apps.get_models()
        if any(f'FROM "{model._meta.db_table}"' in query["sql"] for query in queries)
        or any(f'JOIN "{model._meta.db_table}"' in query["sql"] for query in queries)
    }
    unexplained = read - looked_at - set(TOLD_BY) - PLACES - CLOCKS
    assert {label for label in unexplained if label.partition(".")[0] not in BESIDE} == set()
