"""Classes, papers and sessions for the exam tests, made directly below and through activities from there on."""

from dataclasses import dataclass
from datetime import date
from io import BytesIO
from itertools import count

import pytest
from PIL import Image

from certification.catalogue.models import ApplicationKind, Category
from certification.organisations.models import User
from certification.people.certificates import number_for
from certification.people.models import Certificate
from certification.records.models import StoredFile
from certification.rulebook import lookup
from exams.applications import applying, reviewing
from exams.materials import paper_standards
from exams.models import (
    Candidate,
    Duty,
    ExamApplication,
    ExamRoom,
    ExamSession,
    Material,
    SessionPart,
)
from exams.plans import planning
from exams.rooms import seating, staffing
from exams.scores import results
from exams.sessions import announcing, holding
from tests.factories import World
from tests.factories import at as moment
from training.models import Roster, Trainee, TrainingPlan
from training.states import PlanState

# 2026-03-09 is a Monday of five working days with no holiday near it.
TODAY = date(2026, 3, 9)
CLASS_START = date(2026, 3, 16)
EXAM_ON = date(2026, 4, 15)
MORNING, AFTERNOON = (18, 21), (27, 32)


def picture(width: int = 295, height: int = 413, colour: str = "#dddddd") -> bytes:
    out = BytesIO()
    Image.new("RGB", (width, height), colour).save(out, "JPEG", quality=60)
    return out.getvalue()


PHOTO = picture()


@dataclass
class Bench:
    """What the exam tests work on: category 2, first city, unless told otherwise."""

    world: World
    _numbers: count

    def user(self, name: str) -> User:
        return self.world.user(name)

    def plan(
        self, kind=ApplicationKind.INITIAL, *, size: int = 5, code: str = "0101", start=CLASS_START, institution=None
    ):
        """A standing class with a roster of ``size`` invented people."""
        job_type = self.world.job_type(code)
        category = job_type.category
        now = moment(TODAY)
        number = next(self._numbers)
        plan = TrainingPlan.objects.create(
            institution=institution or self.world.institution,
            job_type=job_type,
            kind=kind,
            class_start=start,
            class_end=date(2026, 4, 3),
            capacity=100,
            onsite_hours=24,
            venue="实训楼",
            state=PlanState.FILED,
            number=f"BB-2026-{number:05d}",
            category=category,
            organiser=self.world.centre if category == Category.ONE else self.world.bureau,
            rule_edition=lookup.edition_on(TODAY),
            created_by=self.user("jigou"),
            created_at=now,
            filed_at=now,
            version=1,
        )
        roster = Roster.objects.create(
            plan=plan, version=1, headcount=size, submitted_by=self.user("jigou"), submitted_at=now
        )
        for person in self.world.persons(size):
            Trainee.objects.create(
                plan=plan,
                person=person,
                first_roster=roster,
                education="SENIOR_HIGH",
                certificate=None if kind == ApplicationKind.INITIAL else self.hold(person, job_type),
                created_at=now,
            )
        return plan

    def hold(self, person, job_type, *, until=date(2026, 6, 14)) -> Certificate:
        """A certificate of the person that ends on ``until``."""
        return Certificate.objects.create(
            person=person,
            job_type=job_type,
            number=number_for(person),
            first_issued_on=date(2020, 6, 15),
            valid_from=date(2020, 6, 15),
            valid_until=until,
            authority="云岭省应急管理厅",
            source=Certificate.Source.IMPORTED,
        )

    def session(self, *, code: str = "0101", day=EXAM_ON, capacity: int = 30, practical: bool = True, now=None):
        job_type = self.world.job_type(code)
        officer = self.officer(job_type.category)
        return announcing.announce_session(
            actor=officer,
            now=now or moment(TODAY),
            job_type=job_type,
            site=self.site(job_type.category),
            capacity=capacity,
            theory=(day, *MORNING),
            practical=(day, *AFTERNOON) if practical else None,
        )

    def site(self, category=Category.TWO):
        return self.world.site

    def officer(self, category=Category.TWO) -> User:
        return self.user("sheng-kaowu" if category == Category.ONE else "shi-kaowu")

    def drafts(self, plan, session=None, *, now=None, papers: bool = True) -> list[ExamApplication]:
        """Drafts with all papers, written straight into the tables: uploads are tested where they are tested."""
        done = applying.build_applications(
            actor=self.user("jigou"),
            now=now or moment(TODAY),
            plan_id=plan.pk,
            session_id=session.pk if session else None,
        )
        drafts = [result.row for result in done if result.ok]
        if papers:
            self.give_papers(drafts, now=now or moment(TODAY))
        return drafts

    def give_papers(self, drafts, *, now, later: bool = False) -> None:
        stored = StoredFile.store(
            PHOTO, name="样张.jpg", media_type="image/jpeg", owner=drafts[0], actor=self.user("jigou"), now=now
        )
        standard = paper_standards.materials_for(drafts[0].kind, lookup.edition_on(TODAY))
        kinds = standard.later if later else standard.required
        Material.objects.bulk_create(
            Material(application=row, kind=kind, file=stored, submitted_by=self.user("jigou"), submitted_at=now)
            for row in drafts
            for kind in kinds
        )

    def submitted(self, plan, session=None, *, now=None) -> list[ExamApplication]:
        drafts = self.drafts(plan, session, now=now)
        done = applying.submit_applications(
            actor=self.user("jigou"), now=now or moment(TODAY), application_ids=[row.pk for row in drafts]
        )
        assert all(result.ok for result in done), [str(result.refusal) for result in done if not result.ok]
        return [result.row for result in done]

    def move(self, name: str, applications, *, by: str = "shi-shenhe", now=None, **kwargs):
        """What approvals does after it has written an opinion."""
        from django.db import transaction

        from certification.workflow import lock

        with transaction.atomic():
            rows = lock(ExamApplication.objects.filter(pk__in=[row.pk for row in applications]))
            return reviewing.move(name, rows, actor=self.user(by), now=now or moment(TODAY), **kwargs)

    def clear(self, applications, *, now=None):
        """Through both tiers, as the route of each asks."""
        state = ExamApplication.objects.get(pk=applications[0].pk).state
        if state == "PRELIMINARY_REVIEW":
            self.move("forward", applications, now=now)
        done = self.move("clear", applications, by="sheng-shenhe", now=now)
        assert all(result.ok for result in done)

    def planned(self, session, *, now=None):
        officer = self.officer(session.job_type.category)
        plan = planning.save_exam_plan(
            actor=officer, now=now or moment(TODAY), title="考试计划", session_ids=[session.pk]
        )
        return planning.file_exam_plan(actor=officer, now=now or moment(TODAY), plan_id=plan.pk)

    def rooms(self, session, *, part: str | None = None, now=None):
        officer = self.officer(session.job_type.category)
        for place in SessionPart.objects.filter(session=session):
            if part in (None, place.part):
                ids = ExamRoom.objects.filter(site=session.site, part=place.part).values_list("pk", flat=True)
                seating.use_rooms(
                    actor=officer, now=now or moment(TODAY), session_id=session.pk, part=place.part, room_ids=ids
                )

    def invite(self, use, name: str = "shi-jiankao", duty: Duty = Duty.INVIGILATOR):
        """Somebody is asked to serve in a room."""
        return staffing.assign_staff(
            actor=self.officer(), now=moment(TODAY), use_id=use.pk, person_id=self.user(name).person_id, duty=duty
        )

    def seated(self, session, *, now=None):
        officer = self.officer(session.job_type.category)
        return seating.seat_candidates(actor=officer, now=now or moment(TODAY), session_id=session.pk)

    def held(self, session, *, now=None):
        now = now or moment(session.starts_on, 8)
        officer = self.officer(session.job_type.category)
        return holding.hold_session(actor=officer, now=now, session_id=session.pk)

    def candidates(self, session) -> list[Candidate]:
        return list(Candidate.objects.filter(session=session).order_by("pk"))

    def enter(self, session, part, rows, *, by: str = "shi-luru", now=None):
        return results.enter_results(
            actor=self.user(by), now=now or moment(session.starts_on, 18), session_id=session.pk, part=part, rows=rows
        )

    def check(self, session, part, *, by: str = "shi-fuhe", now=None):
        now = now or moment(session.starts_on, 19)
        return results.check_results(actor=self.user(by), now=now, session_id=session.pk, part=part)

    def release(self, session, *, by: str = "shi-fuhe", now=None):
        now = now or moment(session.starts_on, 20)
        return results.release_results(actor=self.user(by), now=now, session_id=session.pk)

    def practical(self, candidate, scores=(18, 36, 18, 18), **kwargs):
        from decimal import Decimal

        subscores = {f"K{number}": Decimal(score) for number, score in enumerate(scores, 1)}
        return results.Row(candidate.pk, subscores=subscores, **kwargs)

    def ready(self, *, size: int = 5, capacity: int = 30, now=None) -> ExamSession:
        """A category 2 INITIAL session on the eve of the exam: cleared, planned, seated."""
        session = self.session(capacity=capacity)
        self.clear(self.submitted(self.plan(size=size), session))
        self.planned(session)
        self.rooms(session)
        self.seated(session)
        session.refresh_from_db()
        return session


@pytest.fixture
def bench(world, at) -> Bench:
    at(moment(TODAY))
    return Bench(world, count(1))


@pytest.fixture
def browse(client, bench):
    """Log in by username and return the client."""

    def login(name: str):
        client.force_login(bench.user(name), backend="certification.organisations.backends.AccountBackend")
        return client

    return login
