"""Plays the stories through the real activities, in the order of time, with the sweep of every day between."""

from collections.abc import Iterator
from itertools import count

from approvals.demonstration import inboxes
from approvals.demonstration.cases import Case, Cast, organiser_prefix, site_of, take
from approvals.demonstration.diary import Diary
from approvals.demonstration.holders import give_certificates
from approvals.demonstration.people import InventedPerson, with_other_document
from approvals.demonstration.province import Province
from approvals.demonstration.routes import CLASS, DAYS, LEAD, Step, steps_of
from approvals.demonstration.stories import PROVINCE, STORIES, Story
from certification.catalogue.models import CatalogueEdition, JobType
from certification.deadlines.sweep import sweep
from certification.organisations.models import User


def play(province: Province, users: dict[str, User], people: Iterator[InventedPerson], *, now) -> None:
    """Play every story up to today."""
    diary = Diary(now)
    others = count(1)
    job_types = _job_types(diary)
    for story in STORIES:
        case = _case(story, province, users, people, job_types[story.job_type], diary)
        if "abroad" in story.twists:
            case.people[-2:] = [with_other_document(one, next(others)) for one in case.people[-2:]]
        if not case.initial:
            give_certificates(case, now=now)
        for step in steps_of(case):
            _note(diary, step, case)
    diary.play(every_morning=_morning)


def _morning(moment) -> None:
    sweep(now=moment)
    inboxes.read(now=moment)


def _note(diary: Diary, step: Step, case: Case) -> None:
    anchor = case.class_start if step.anchor == CLASS else case.exam_on
    diary.note(diary.day(step.shift, of=anchor), step.at, lambda now: step.act(case, now))


def _case(
    story: Story,
    province: Province,
    users: dict[str, User],
    people: Iterator[InventedPerson],
    job_type: JobType,
    diary: Diary,
) -> Case:
    initial = story.kind == "INITIAL"
    exam_on = diary.day(story.exam) if story.exam else diary.today
    class_start = diary.day(-LEAD[initial], of=exam_on)
    return Case(
        story=story,
        cast=_cast(story, users),
        job_type=job_type,
        site=site_of(story, province),
        people=take(people, story.size),
        teachers=take(people, 2),
        class_start=class_start,
        class_end=diary.day(DAYS[initial], of=class_start),
        exam_on=exam_on,
        built_on=diary.today,
    )


def _cast(story: Story, users: dict[str, User]) -> Cast:
    prefix = organiser_prefix(story)
    if story.organiser == PROVINCE:
        return Cast(users, prefix, "sheng-chuangkou", users[story.filer], None)
    city = prefix.removeprefix("shi-")
    return Cast(users, prefix, f"{city}chuangkou", users[story.filer], users[f"{city}kaodian"])


def _job_types(diary: Diary) -> dict[str, JobType]:
    edition = CatalogueEdition.objects.in_force(diary.day(-80))
    rows = JobType.objects.filter(group__edition=edition).select_related("group")
    return {row.code: row for row in rows}
