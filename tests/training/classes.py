"""A class on its way: the filed plan of the conftest, its people, a venue, lessons."""

from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal

from certification.people.models import Person
from tests.factories import World, at
from training import resources
from training.lessons import scheduling, signing_in
from training.lessons.schedule_entry import LessonEntry
from training.models import Lesson, Trainee, TrainingPlan, Venue
from training.rosters import submitting

ROSTER_ON = date(2026, 4, 17)
FIRST_DAY = date(2026, 4, 20)
LAST_DAY = date(2026, 5, 15)


@dataclass
class RunningClass:
    """A standing class with trainees; ``filer`` is of its institution."""

    world: World
    plan: TrainingPlan
    venue: Venue
    trainees: list[Trainee] = field(default_factory=list)

    @property
    def filer(self):
        return self.world.user("jigou")

    @property
    def teacher(self) -> Person:
        return self.plan.teachers.order_by("pk")[0].person

    def entry(self, day: date = FIRST_DAY, start: int = 8, hours: str = "4", **changes) -> LessonEntry:
        """A theory lesson on site from ``start`` o'clock, as long as its hours ask for."""
        minutes = int(Decimal(hours) * 45)
        values = {
            "day": day,
            "starts_at": time(start),
            "ends_at": time(start + minutes // 60, minutes % 60),
            "hours": Decimal(hours),
            "part": "THEORY",
            "mode": "ONSITE",
            "subject": "安全用电",
            "teacher_id": self.teacher.pk,
            "venue_id": self.venue.pk,
        }
        return LessonEntry(**{**values, **changes})

    def lessons(self, *entries: LessonEntry) -> list[Lesson]:
        """Put lessons into the schedule."""
        return scheduling.plan_lessons(
            actor=self.filer, now=at(ROSTER_ON, 16), plan_id=self.plan.pk, entries=entries or [self.entry()]
        )

    def sign(self, lesson: Lesson, marks=None, *, now=None, **more):
        """Sign in, on the evening of the lesson."""
        now = now or at(lesson.day, 18)
        return signing_in.sign_in(actor=self.filer, now=now, lesson_id=lesson.pk, marks=marks or {}, **more)


def running_class(world: World, plan: TrainingPlan, records) -> RunningClass:
    """The class with its roster and a venue for forty."""
    filer = world.user("jigou")
    submitting.submit_roster(actor=filer, now=at(ROSTER_ON), plan_id=plan.pk, records=records)
    venue = resources.save_venue(
        actor=filer, now=at(ROSTER_ON), name="201教室", address="测试路 1 号", capacity=40, active=True
    )
    plan = TrainingPlan.objects.select_related("job_type__group", "rule_edition").get(pk=plan.pk)
    trainees = list(Trainee.objects.filter(plan=plan).select_related("person").order_by("pk"))
    return RunningClass(world, plan, venue, trainees)
