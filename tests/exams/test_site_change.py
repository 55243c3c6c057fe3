"""A session goes to another site of its organiser, with seats and staff (rules 8, plan 四(三))."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from certification.notices.models import Notice
from certification.organisations.models import Organisation, OrganisationKind
from certification.records.models import TransitionLog
from certification.refusals import Incomplete, NotPermitted, SeparationBreach, WrongState
from exams.models import (
    Duty,
    ExamPlan,
    ExamRoom,
    ExamSession,
    ExamSite,
    InspectionTour,
    Part,
    PersonSlot,
    RoomTime,
    RoomUse,
    Seat,
    StaffAssignment,
)
from exams.rooms import relocating, seating, sites
from exams.sessions import site_change
from exams.tickets import ticket_changes
from tests.exams.conftest import TODAY
from tests.factories import at as moment
from training.models import PlanTeacher

NOW = moment(TODAY)
WHY = "机房停电"


@pytest.fixture
def zone(bench) -> ExamSite:
    """The city's other site, with the same rooms."""
    return ExamSite.objects.get(name="青屏高新区考试点")


@pytest.fixture
def session(bench) -> ExamSession:
    """Two candidates seated, somebody on duty where they sit the theory."""
    session = bench.ready(size=2)
    bench.invite(use_of(session))
    return session


def use_of(session, part=Part.THEORY) -> RoomUse:
    return RoomUse.objects.in_force().filter(seats__isnull=False, part__session=session, part__part=part).first()


def change(bench, session, site, *, by="shi-kaowu", reason=WHY, fingerprint=None):
    session = ExamSession.objects.select_related("site").get(pk=session.pk)
    if fingerprint is None:
        fingerprint = site_change.preview(session, site).fingerprint
    return site_change.change_site(
        actor=bench.user(by),
        now=NOW,
        session_id=session.pk,
        site_id=site.pk,
        reason=reason,
        fingerprint=fingerprint,
    )


def test_the_province_may_go_wherever_it_may_announce_a_city_to_its_own(bench, session, zone):
    assert list(site_change.sites_for(session)) == [zone]
    province = Organisation.objects.provincial_centre()
    session.organiser = province
    there = set(site_change.sites_for(session))
    assert there == set(sites.usable_by(province)) - {session.site}
    assert {site.organiser for site in there} > {province}


def test_seats_staff_and_bookings_come_along_and_everybody_is_told(bench, session, zone, browse):
    before = list(Seat.objects.order_by("pk").values_list("candidate", "part", "use__room__name", "number"))
    booked, version = PersonSlot.objects.count(), ExamPlan.objects.get().version
    page = browse("shi-kaowu")
    url = f"/exams/sessions/{session.pk}/site/"
    assert url in page.get(f"/exams/sessions/{session.pk}/").content.decode()
    assert page.get(url).status_code == 200
    shown = page.get(url, {"site": zone.pk, "reason": WHY})
    preview = shown.context["preview"]
    assert (preview.seated, preview.staff, preview.tickets, preview.waiting) == (4, 1, 2, [])
    assert all(str(row) in shown.content.decode() for row in bench.candidates(session))
    asked = {"site": zone.pk, "reason": WHY, "fingerprint": preview.fingerprint}
    assert page.post(url, {**asked, "reason": ""}).status_code == 422
    assert page.post(url, asked).status_code == 302
    session.refresh_from_db()
    assert session.site == zone
    assert list(Seat.objects.order_by("pk").values_list("candidate", "part", "use__room__name", "number")) == before
    assert set(Seat.objects.values_list("use__room__site", flat=True)) == {zone.pk}
    assert set(RoomTime.objects.values_list("room__site", flat=True)) == {zone.pk}
    assert PersonSlot.objects.count() == booked
    assert StaffAssignment.objects.get(ended_at__isnull=True).use.room.site == zone
    changed = ticket_changes.of(session, None, bench.user("jigou"))
    assert len(changed) == 2
    assert "青屏市安全生产考试点 一号机房1号 → 青屏高新区考试点 一号机房1号" in changed[0].why
    told = Notice.objects.get(recipient=bench.user("jigou"), title__startswith="考试点变更").body
    assert WHY in told
    assert "准考证随之变更" in told
    assert zone.name in Notice.objects.get(title__startswith="考场变更").title
    plan = ExamPlan.objects.get()
    assert (plan.version, plan.state) == (version + 1, "FILED")
    step = TransitionLog.objects.about(session).get(name="change_site")
    assert step.detail["after"] == zone.name
    assert session.history.first().site == zone
    text = page.get(f"/exams/sessions/{session.pk}/").content.decode()
    assert "考试点已变更" in text
    assert page.post(url, asked).status_code == 422


def test_smaller_rooms_are_filled_in_the_same_order(bench, zone):
    session = bench.ready(size=5)
    order = list(Seat.objects.filter(part__part=Part.THEORY).order_by("number").values_list("candidate", flat=True))
    sizes = {"一号机房": 3, "二号机房": 2}
    for name, capacity in sizes.items():
        zone.rooms.filter(name=name).update(capacity=capacity)
    change(bench, session, zone)
    rows = Seat.objects.filter(part__part=Part.THEORY).order_by("use__room__name", "number")
    assert list(rows.values_list("candidate", flat=True)) == order
    assert list(rows.values_list("use__room__name", "number")) == [
        ("一号机房", 1),
        ("一号机房", 2),
        ("一号机房", 3),
        ("二号机房", 1),
        ("二号机房", 2),
    ]


def test_too_few_seats_rooms_taken_and_sites_that_are_not_to_be_had(bench, session, zone):
    base = bench.world.province.provincial_sites[0]
    other = bench.session(day=session.starts_on)
    ExamSession.objects.filter(pk=other.pk).update(site=zone)
    theory = zone.rooms.filter(part=Part.THEORY)
    seating.use_rooms(
        actor=bench.officer(),
        now=NOW,
        session_id=other.pk,
        part=Part.THEORY,
        room_ids=theory.values_list("pk", flat=True),
    )
    with pytest.raises(Incomplete, match="理论.*还差 2 个") as refused:
        change(bench, session, zone)
    assert refused.value.problems[0].field == "site"
    for site in (session.site, base, zone):
        ExamSite.objects.filter(pk=zone.pk).update(active=False)
        with pytest.raises(Incomplete):
            change(bench, session, site)
    with pytest.raises(Incomplete):
        change(bench, session, zone, reason=" ", fingerprint="x")
    assert set(Seat.objects.values_list("use__room__site", flat=True)) == {session.site_id}


def test_a_room_that_is_not_equipped_on_the_day_takes_nobody(bench, session, zone):
    from exams.rooms import upkeep

    for room in zone.rooms.filter(part=Part.PRACTICAL):
        upkeep.equip(
            actor=bench.officer(),
            now=NOW,
            room_id=room.pk,
            job_types=[bench.world.job_type("0102")],
            basis="检验报告 JY-1",
            valid_from=TODAY,
            valid_until=None,
        )
    with pytest.raises(Incomplete, match="实操.*还差 2 个"):
        change(bench, session, zone)


def test_staff_who_cannot_serve_there_are_released_with_the_reason(bench, session, zone):
    use = use_of(session)
    bench.invite(use, "kaodian", Duty.SITE_STAFF)
    other = Organisation.objects.filter(kind=OrganisationKind.EXAM_SITE_OPERATOR).exclude(pk=zone.operator_id).first()
    ExamSite.objects.filter(pk=zone.pk).update(operator=other)
    zone.refresh_from_db()
    plan = bench.candidates(session)[0].application.plan
    PlanTeacher.objects.create(plan=plan, person=bench.user("shi-jiankao").person)
    preview = site_change.preview(session, zone)
    why = {row.person_id: said for row, said in preview.fitting.released}
    assert "4.1" in why[bench.user("shi-jiankao").person_id] or "培训" in why[bench.user("shi-jiankao").person_id]
    assert "新考试点" in why[bench.user("kaodian").person_id]
    change(bench, session, zone)
    assert not StaffAssignment.objects.filter(ended_at__isnull=True).exists()
    assert set(StaffAssignment.objects.values_list("use", flat=True)) == {use.pk}
    assert Notice.objects.filter(title__startswith="考务安排已解除").count() == 2
    assert not PersonSlot.objects.filter(assignment__isnull=False).exists()


def test_whoever_has_to_stay_away_from_a_candidate_does_not_move_them(bench, session, zone):
    plan = bench.candidates(session)[0].application.plan
    PlanTeacher.objects.create(plan=plan, person=bench.user("shi-kaowu").person)
    with pytest.raises(SeparationBreach):
        change(bench, session, zone)


def test_twice_moves_once_and_not_after_the_exam_began_or_was_toured(bench, session, zone):
    home = session.site
    asked = site_change.preview(session, zone).fingerprint
    change(bench, session, zone, fingerprint=asked)
    with pytest.raises(Incomplete):
        change(bench, session, zone, fingerprint=asked)
    back = site_change.preview(ExamSession.objects.get(pk=session.pk), home).fingerprint
    InspectionTour.objects.create(
        session=session,
        number="XK-1",
        entry_key="00000000-0000-0000-0000-000000000001",
        organisation=bench.world.centre,
        inspector=bench.user("sheng-xunkao"),
        toured_at=NOW,
        state="CLEAN",
    )
    with pytest.raises(WrongState) as refused:
        change(bench, session, home, fingerprint=back)
    assert refused.value.code == "toured"
    InspectionTour.objects.all().delete()
    bench.held(session)
    with pytest.raises(WrongState):
        change(bench, session, home, fingerprint=back)


def test_what_changed_since_the_preview_is_asked_again(bench, session, zone):
    asked = site_change.preview(session, zone).fingerprint
    zone.rooms.filter(name="一号机房").update(active=False)
    with pytest.raises(WrongState):
        change(bench, session, zone, fingerprint=asked)


def test_only_the_organisers_officer(bench, session, zone, browse):
    for by in ("lanxi-kaowu", "jigou", "shi-jiankao"):
        with pytest.raises((NotPermitted, ExamSession.DoesNotExist)):
            change(bench, session, zone, by=by)
    url = f"/exams/sessions/{session.pk}/site/"
    assert browse("lanxi-kaowu").get(url).status_code == 404
    assert browse("jigou").get(url).status_code == 403


def test_two_officers_at_once_move_everybody_once(bench, session, zone, at_once):
    asked = site_change.preview(session, zone).fingerprint
    outcomes = at_once(*[lambda: change(bench, session, zone, fingerprint=asked)] * 2)
    assert sum(isinstance(outcome, relocating.Carried) for outcome in outcomes) == 1
    assert Seat.objects.filter(use__room__site=zone).count() == 4


def test_a_session_without_rooms_yet_just_changes_its_site(bench, zone):
    session = bench.session()
    change(bench, session, zone)
    session.refresh_from_db()
    assert session.site == zone
    ExamRoom.objects.filter(site=bench.world.site, part=Part.THEORY).update(active=False)
    with pytest.raises(Incomplete):
        change(bench, session, bench.world.site)


def test_as_many_queries_for_eight_as_for_two(bench, zone):
    def cost(size: int) -> int:
        with transaction.atomic():
            session = bench.ready(size=size)
            asked = site_change.preview(session, zone).fingerprint
            with CaptureQueriesContext(connection) as queries:
                done = change(bench, session, zone, fingerprint=asked)
            assert len(done.moves) == 2 * size
            transaction.set_rollback(True)
        return len(queries)

    cost(1)
    assert cost(8) == cost(2)
