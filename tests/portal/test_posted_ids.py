"""Doors that take ids in what is posted (rules 5), of training, exams and the kernel: another's record is not there.

Each door is tried by its first city with the records of the second, at an address of its own: nothing that the second
city sees changes, and none of its people is named. Where it says so, the second city then does the same with its own
records and something does change, so that it is not the state of the case that kept the first one out.
"""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

import pytest
from django.apps import apps
from django.urls import URLResolver, get_resolver, reverse
from icalendar import Calendar

from certification.deadlines.calendar_feeds.feeds import create_feed
from certification.organisations.models import ActingFor, User
from certification.records.models import StoredFile, TransitionLog
from exams.models import (
    Candidate,
    ExamApplication,
    ExamPlan,
    ExamSession,
    MaterialUpload,
    RoomUse,
    UploadedFile,
)
from tests.approvals.cases import NOW, Group, make_group
from tests.factories import World
from training.models import PlanReceipt, Trainee, TrainingPlan

pytestmark = pytest.mark.django_db
LATER = date(2026, 12, 9)


@dataclass
class Side:
    """One city with a class, a session and its applications."""

    world: World
    city: str
    group: Group

    def user(self, name: str) -> User:
        """The city's account: "kaowu", "jigou"."""
        short = {"jigou": "jigou"}.get(name, f"shi-{name}")
        return self.world.user(short if self.city == "青屏市" else f"lanxi-{name}")

    @property
    def site(self):
        return self.world.province.sites[self.city][0]

    @property
    def candidates(self) -> list[int]:
        return list(Candidate.objects.filter(session=self.group.session).values_list("pk", flat=True))

    @property
    def trainees(self) -> list[int]:
        return list(Trainee.objects.filter(plan=self.group.plan).values_list("pk", flat=True))

    def seen(self) -> dict:
        """Everything of training, exams and approvals that the city sees, row by row."""
        head = self.user("fuze")
        return {
            model._meta.label: list(model.objects.visible_to(head).order_by("pk").values_list())
            for model in apps.get_models()
            if hasattr(model, "scope") and model._meta.app_label in ("training", "exams", "approvals")
        }


def _side(world: World, city: str, **more) -> Side:
    first = city == "青屏市"
    group = make_group(world, 2, institution=None if first else world.other_institution, **more)
    if not first:
        for model, column in ((ExamApplication, "plan"), (TrainingPlan, "pk")):
            model.objects.filter(**{column: group.plan.pk}).update(organiser=world.other_bureau)
        ExamSession.objects.filter(pk=group.session.pk).update(
            organiser=world.other_bureau, site=world.province.sites[city][0]
        )
        PlanReceipt.objects.filter(plan=group.plan, recipient=world.bureau).update(recipient=world.other_bureau)
        group.session.refresh_from_db()
    return Side(world, city, group)


@dataclass(frozen=True)
class Door:
    """Who posts what where. ``at`` gives the address of one side, ``sends`` what names the records of the other;
    ``case`` is how the group is made; ``acts``: the owner does the same with success."""

    name: str
    who: str
    sends: Callable[[Side, Side], dict]
    at: Callable[[Side], list] = lambda _here: []
    case: dict | None = None
    acts: bool = False
    before: Callable[[Side], None] | None = None


def _plan(side: Side) -> list:
    return [side.group.plan.pk]


def _session(side: Side) -> list:
    return [side.group.session.pk]


def _conditional(side: Side) -> None:
    ExamApplication.objects.filter(pk__in=side.group.ids).update(conditional=True)


def _unread(side: Side) -> None:
    PlanReceipt.objects.filter(plan=side.group.plan).update(state="RECEIVED")
    TrainingPlan.objects.filter(pk=side.group.plan.pk).update(state="FILED", class_start=LATER, class_end=LATER)


def _undecided(side: Side) -> None:
    upload = MaterialUpload.objects.create(plan=side.group.plan, uploaded_by=side.user("jigou"), uploaded_at=NOW)
    given = {"owner": upload.plan, "actor": upload.uploaded_by, "now": NOW}
    stored = StoredFile.store(b"picture", name="照片.jpg", media_type="image/jpeg", **given)
    UploadedFile.objects.create(upload=upload, position=1, name="照片.jpg", state="UNMATCHED", file=stored)


def _held(side: Side) -> None:
    Candidate.objects.filter(session=side.group.session).update(state="ADMITTED")
    ExamSession.objects.filter(pk=side.group.session.pk).update(state="HELD")


def _drafted(side: Side) -> None:
    officer = side.user("kaowu")
    side.exam_plan = ExamPlan.objects.create(
        organiser=officer.organisation, title="计划", created_by=officer, created_at=NOW
    )


def _roomed(side: Side) -> None:
    for part in side.group.session.parts.all():
        RoomUse.objects.create(part=part, room=side.site.rooms.filter(part=part.part).first())


def _files(side: Side) -> list[int]:
    return list(UploadedFile.objects.filter(upload__plan=side.group.plan).values_list("pk", flat=True))


def _rooms(side: Side) -> dict:
    rooms = side.site.rooms
    return {
        f"{part.lower()}-rooms": list(rooms.filter(part=part).values_list("pk", flat=True))
        for part in ("THEORY", "PRACTICAL")
    }


def _staff(here: Side, there: Side) -> dict:
    use = RoomUse.objects.filter(part__session=there.group.session, part__part="THEORY").get()
    return {"use": use.pk, "duty": "INVIGILATOR", "person": here.user("jiankao").person_id}


def _announced(here: Side, there: Side) -> dict:
    times = {"theory_day": LATER, "theory_first": 18, "theory_last": 21, "practical_first": 27, "practical_last": 32}
    return {"job_type": here.world.job_type().pk, "site": there.site.pk, "capacity": 20, **times}


def _scores(_here: Side, there: Side) -> dict:
    return {f"candidate-{pk}-score": "88" for pk in there.candidates}


def _lesson(_here: Side, there: Side) -> dict:
    times = {"day": "2026-10-20", "starts_at": "08:00", "ends_at": "11:00", "hours": "4"}
    what = {"part": "THEORY", "mode": "ONSITE", "subject": "安全用电"}
    return {**times, **what, "teacher": there.group.plan.teachers.first().pk, "venue": 1}


def _marks(_here: Side, there: Side) -> dict:
    return {"trainee": there.trainees}


CLEARED, DRAFT = {"state": "CLEARED"}, {"state": "DRAFT", "assigned": False}
RENEWAL = {"kind": "RENEWAL", "state": "CLEARED"}
WAITING = {"state": "CLEARED", "assigned": False, "kind": "RENEWAL"}
DOORS = (
    Door(
        "exams:pool_assign",
        "kaowu",
        lambda here, there: {"application": there.group.ids, "session": here.group.session.pk},
        case=WAITING,
        acts=True,
    ),
    Door(
        "exams:pool_assign",
        "kaowu",
        lambda here, there: {"application": here.group.ids, "session": there.group.session.pk},
        case=WAITING,
    ),
    Door(
        "exams:hours_confirm",
        "kaowu",
        lambda _here, there: {"application": there.group.ids},
        case=RENEWAL,
        before=_conditional,
        acts=True,
    ),
    Door(
        "exams:hours_confirm",
        "kaowu",
        lambda _here, there: {"application": there.group.ids, "act": "reject", "reason": "不实"},
        case=RENEWAL,
        before=_conditional,
        acts=True,
    ),
    Door(
        "exams:candidates_move",
        "kaowu",
        lambda _here, there: {"candidate": there.candidates, "reason": "调整"},
        at=_session,
        case=CLEARED,
        acts=True,
    ),
    Door("exams:session_rooms", "kaowu", lambda _here, there: _rooms(there), at=_session, acts=True),
    Door("exams:session_staff", "kaowu", _staff, at=_session, before=_roomed),
    Door("exams:session_announce", "kaowu", _announced, acts=True),
    Door(
        "exams:plan_create",
        "kaowu",
        lambda _here, there: {"title": "计划", f"in-{there.group.session.pk}": "on"},
        acts=True,
    ),
    Door(
        "exams:plan_edit",
        "kaowu",
        lambda _here, there: {"title": "计划", f"in-{there.group.session.pk}": "on"},
        at=lambda side: [side.exam_plan.pk],
        before=_drafted,
        acts=True,
    ),
    Door(
        "exams:results_enter",
        "luru",
        _scores,
        at=lambda side: [*_session(side), "theory"],
        case={**CLEARED, "exam_on": NOW.date()},
        before=_held,
        acts=True,
    ),
    Door("exams:session_choose", "jigou", lambda _h, there: {"session": there.group.session.pk}, at=_plan, case=DRAFT),
    Door("exams:application_submit", "jigou", lambda _h, there: {"application": there.group.ids}, at=_plan, case=DRAFT),
    Door(
        "exams:application_withdraw",
        "jigou",
        lambda _here, there: {"application": there.group.ids, "reason": "放弃"},
        at=_plan,
        acts=True,
    ),
    Door("exams:class_hours", "jigou", lambda _here, there: {"application": there.group.ids}, at=_plan),
    Door(
        "exams:upload_decide",
        "jigou",
        lambda _here, there: {"act": "discard", "file": _files(there)},
        at=_plan,
        before=_undecided,
    ),
    Door(
        "exams:upload_decide",
        "jigou",
        lambda here, there: {f"application-{_files(here)[0]}": there.group.ids[0], f"kind-{_files(here)[0]}": "PHOTO"},
        at=_plan,
        before=_undecided,
    ),
    Door("training:proofs_issue", "jigou", _marks, at=_plan),
    Door("training:lesson_add", "jigou", _lesson, at=_plan),
    Door(
        "training:acknowledge_many",
        "shenhe",
        lambda _here, there: {
            "receipt": list(
                PlanReceipt.objects.filter(plan=there.group.plan)
                .exclude(recipient__kind="PROVINCIAL_CENTRE")
                .values_list("pk", flat=True)
            )
        },
        before=_unread,
        acts=True,
    ),
)
# Views that take ids from the body and are tried elsewhere.
ELSEWHERE = {
    **dict.fromkeys(
        (
            *("approvals:bulk", "approvals:take_over", "approvals:record", "approvals:acceptance_act"),
            *("approvals:grant", "approvals:hand_over", "approvals:take_back", "approvals:pause"),
            *("approvals:resume", "approvals:extension_propose", "approvals:extension_decide", "approvals:confirm"),
            *("approvals:serve", "approvals:assignment_act", "approvals:assign_cases", "approvals:licence_send_again"),
            "approvals:lapse",
        ),
        "tests/approvals/test_foreign_ids.py",
    ),
    "deadlines:admission_ask": "tests/deadlines/test_admission_pages.py",
    "imports:drop": "rows by their number in one upload, whose address is a secret of its sender",
}
TAKES_IDS = ("ticked(", "run_bulk(", "chosen_people(", "_bulk(")


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.name)
def test_another_citys_records_are_not_there_for_the_first(world, client, at, door):
    at(NOW)
    here, there = (_side(world, city, **(door.case or {})) for city in ("青屏市", "澜溪市"))
    for side in (here, there):
        if door.before:
            door.before(side)
    before = there.seen()
    client.force_login(here.user(door.who))
    answer = client.post(reverse(door.name, args=door.at(here)), door.sends(here, there), follow=True)
    assert answer.status_code in (200, 403, 404, 422)
    assert there.seen() == before
    page = answer.content.decode()
    assert not [row.person.name for row in there.group.applications if row.person.name in page]
    if door.acts:
        steps = TransitionLog.objects.count()
        client.force_login(there.user(door.who))
        client.post(reverse(door.name, args=door.at(there)), door.sends(there, there))
        assert TransitionLog.objects.count() > steps


def test_nobody_of_another_organisation_is_made_a_deputy(world, client, at):
    at(NOW)
    client.force_login(world.user("shi-fuze"))
    said = {"roles": "CITY_REVIEWER", "valid_from": "2026-10-19", "valid_until": "2026-10-23", "reason": "出差"}
    for absent, deputy in (("lanxi-shenhe", "shi-shenhe2"), ("shi-shenhe", "lanxi-shenhe")):
        accounts = {"absent": world.user(absent).pk, "deputy": world.user(deputy).pk}
        assert client.post(reverse("portal:deputy-appoint"), {**said, **accounts}).status_code == 422
    assert not ActingFor.objects.exists()


def test_a_feed_holds_nothing_of_another_city_and_names_nobody(world, client, at):
    at(NOW)
    side = _side(world, "青屏市")
    names = [row.person.name for row in side.group.applications]
    for who, expected in (("shi-shenhe", 2), ("lanxi-shenhe", 0), ("lanxi-jigou", 0)):
        feed = client.get(f"/feeds/{create_feed(actor=world.user(who))}.ics")
        assert len(Calendar.from_ical(feed.content).walk("VEVENT")) == expected, who
        assert not [name for name in names if name in feed.content.decode()]


def test_every_view_that_takes_ids_from_the_body_is_tried():
    """Whoever writes another adds its door here or to the table of approvals."""
    tried = {door.name for door in DOORS} | ELSEWHERE.keys()
    takes = {name for name, view in _views(get_resolver()) if _takes_ids(view)}
    assert takes - tried == set()
    assert len(takes) > 20


def _views(resolver: URLResolver, namespace: str = "") -> Iterator[tuple[str, Callable]]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from _views(entry, f"{namespace}{entry.namespace}:" if entry.namespace else namespace)
        else:
            yield f"{namespace}{entry.name}", entry.callback


def _takes_ids(view: Callable) -> bool:
    source = inspect.getsource(inspect.unwrap(view))
    return "POST" in source and any(mark in source for mark in TAKES_IDS)
