"""What lessons put on the institution's home page: sign-ins and schedules that are missing."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse

from certification import clock
from certification.organisations.models import User
from certification.portal.todo import Todo, by_right
from certification.workdays.wording import plain_day
from training.lessons.scheduling import SCHEDULE
from training.lessons.signing_in import RECORD
from training.models import Lesson, SignInSheet, TrainingPlan
from training.states import STANDING

# A class that begins within these days, or has begun, should have its lessons planned.
SCHEDULED_AHEAD = timedelta(days=7)


def unsigned(user: User, today) -> QuerySet:
    """Lessons of the user's institution up to ``today`` at which nobody has signed in yet; the class still goes on,
    or ended so lately that attendance is open."""
    signed = SignInSheet.objects.filter(lesson=OuterRef("pk"))
    lessons = Lesson.objects.to_sign().filter(
        plan__institution=user.organisation_id,
        plan__state__in=STANDING,
        day__lte=today,
        plan__class_end__gte=today - timedelta(days=7),
    )
    return lessons.filter(~Exists(signed))


def _sign_ins(user: User, now: datetime) -> Iterator[Todo]:
    lessons = unsigned(user, clock.day_of(now)).order_by("day", "starts_at", "pk")
    found = list(lessons.values_list("day", "pk")[:200])
    if found:
        url = f"{reverse('training:lessons_today')}?{urlencode({'which': 'unsigned'})}"
        first = found[0][0]
        yield Todo("登记课程签到", url, f"最早 {plain_day(first)}", due_on=first, count=len(found))


def _schedules(user: User, now: datetime) -> Iterator[Todo]:
    today = clock.day_of(now)
    planned = Lesson.objects.standing().filter(plan=OuterRef("pk"))
    plans = TrainingPlan.objects.standing().filter(
        institution=user.organisation_id, class_start__lte=today + SCHEDULED_AHEAD, class_end__gte=today
    )
    figures = list(plans.filter(~Exists(planned)).order_by("class_start", "pk").select_related("job_type")[:5])
    for plan in figures:
        yield Todo("安排课程表", reverse("training:schedule", args=[plan.pk]), str(plan), due_on=plan.class_start)


lines = by_right({RECORD: (_sign_ins,), SCHEDULE: (_schedules,)})
