"""Sites and rooms over time: levels, equipment, maintenance, the calendar, the load (rules 8, plan 四(三))."""

from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Max
from django.test.utils import CaptureQueriesContext

from approvals.demonstration import site_upkeep
from certification.clock import SHANGHAI
from certification.refusals import Incomplete, NotPermitted, Refusal, WrongState
from certification.rulebook import drafting, lookup
from certification.rulebook.models import Rule, RuleEdition
from exams import standards, todo_rooms
from exams.models import Area, ExamRoom, ExamSite, Part, RoomEquipment, RoomMaintenance, RoomTime, RoomUse, Seat
from exams.rooms import load, seating, sites, upkeep
from exams.rooms.bookings import free_seats
from exams.rooms.condition import conditions
from exams.rooms.fitness import usable
from exams.rooms.room_times import Span
from exams.sessions import moving
from tests.exams.conftest import AFTERNOON, EXAM_ON, MORNING, TODAY
from tests.factories import at as moment

NOW = moment(TODAY)
DAY = timedelta(days=1)


def room_of(bench, part=Part.THEORY, place=0) -> ExamRoom:
    return ExamRoom.objects.filter(site=bench.site(), part=part).order_by("pk")[place]


def equip(bench, room, code="0101", *, since=date(2025, 1, 1), until=None, by="shi-kaowu"):
    return upkeep.equip(
        actor=bench.user(by),
        now=NOW,
        room_id=room.pk,
        job_types=[bench.world.job_type(code)],
        basis="检验报告 JY-1",
        valid_from=since,
        valid_until=until,
    )[0]


def maintain(bench, room, first=EXAM_ON, last=EXAM_ON, *, by="shi-kaowu", now=NOW) -> RoomMaintenance:
    return upkeep.plan_maintenance(
        actor=bench.user(by), now=now, room_id=room.pk, starts_on=first, ends_on=last, reason="更换考试机"
    )


def use(bench, session, *rooms, part=Part.THEORY):
    return seating.use_rooms(
        actor=bench.officer(), now=NOW, session_id=session.pk, part=part, room_ids=[room.pk for room in rooms]
    )


class TestMaintenance:
    def test_a_room_in_maintenance_is_refused_with_days_and_reason(self, bench):
        session = bench.session()
        maintain(bench, room_of(bench), EXAM_ON - DAY, EXAM_ON)
        with pytest.raises(WrongState, match="2026年4月14日至2026年4月15日维护（更换考试机）") as refused:
            use(bench, session, room_of(bench))
        assert refused.value.code == "room_in_maintenance"
        assert use(bench, session, room_of(bench, place=1))

    def test_a_room_that_a_session_has_is_not_taken_out_of_use(self, bench):
        session = bench.session()
        use(bench, session, room_of(bench))
        with pytest.raises(WrongState, match=session.number) as refused:
            maintain(bench, room_of(bench))
        assert refused.value.code == "room_taken"
        assert not RoomMaintenance.objects.exists()
        assert maintain(bench, room_of(bench), EXAM_ON + DAY, EXAM_ON + DAY)

    def test_usable_again_before_the_planned_end(self, bench):
        session = bench.session()
        row = maintain(bench, room_of(bench), EXAM_ON - 2 * DAY, EXAM_ON)
        ended = moment(EXAM_ON - DAY, 12)
        for _twice in range(2):
            upkeep.end_maintenance(actor=bench.officer(), now=ended, maintenance_id=row.pk)
        assert RoomTime.objects.get(maintenance=row).ends_at == ended
        assert use(bench, session, room_of(bench))

    def test_called_off_before_it_began(self, bench):
        row = maintain(bench, room_of(bench))
        upkeep.end_maintenance(actor=bench.officer(), now=NOW, maintenance_id=row.pk)
        assert not RoomTime.objects.exists()
        assert RoomMaintenance.objects.get().ended_at == NOW

    def test_neither_backwards_nor_in_the_past_nor_by_others(self, bench):
        with pytest.raises(Incomplete) as refused:
            maintain(bench, room_of(bench), TODAY - DAY, TODAY - 2 * DAY)
        assert [one.field for one in refused.value.problems] == ["starts_on", "ends_on"]
        for username in ("lanxi-kaowu", "jigou"):
            with pytest.raises((NotPermitted, ExamRoom.DoesNotExist)):
                maintain(bench, room_of(bench), by=username)

    def test_a_moved_session_loses_the_room_that_is_in_maintenance_then(self, bench):
        later = EXAM_ON + 7 * DAY
        session = bench.ready(size=1)
        maintain(bench, room_of(bench), later, later)
        times = {Part.THEORY: moving.Time(later, *MORNING), Part.PRACTICAL: moving.Time(later, *AFTERNOON)}
        foreseen = moving.preview(session, times, now=NOW)
        ((lost, why),) = foreseen.rebooking.lost_rooms
        assert lost.room == room_of(bench)
        assert "维护（更换考试机）" in why


class TestEquipment:
    def test_not_equipped_and_run_out_are_said_room_by_room(self, bench):
        session = bench.session()
        equip(bench, room_of(bench), "0102")
        equip(bench, room_of(bench, place=1), until=EXAM_ON - DAY)
        with pytest.raises(Refusal) as refused:
            use(bench, session, room_of(bench), room_of(bench, place=1))
        assert "没有配备“低压电工作业”" in refused.value.message
        assert "有效期至2026年4月14日，考试当日（2026年4月15日）无效" in refused.value.message
        assert not RoomUse.objects.exists()

    def test_valid_to_the_end_of_its_last_day(self, bench):
        equip(bench, room_of(bench), until=EXAM_ON)
        assert use(bench, bench.session(), room_of(bench))

    def test_renewed_equipment_counts(self, bench):
        equip(bench, room_of(bench), until=EXAM_ON - DAY)
        equip(bench, room_of(bench), since=EXAM_ON)
        assert use(bench, bench.session(), room_of(bench))

    def test_nobody_is_seated_where_the_equipment_ran_out_since(self, bench):
        row = equip(bench, room_of(bench))
        session = bench.session()
        bench.clear(bench.submitted(bench.plan(size=2), session))
        use(bench, session, room_of(bench))
        bench.rooms(session, part=Part.PRACTICAL)
        upkeep.change_equipment(actor=bench.officer(), now=NOW, equipment_id=row.pk, basis="停用单", valid_until=TODAY)
        done = bench.seated(session)
        assert not done.seated
        assert {why.code for _row, why in done.unseated} == {"no_seat"}
        assert "设备有效期至2026年3月9日" in str(done.unseated[0][1])
        assert RoomEquipment.history.filter(history_type="~", valid_until=TODAY).exists()

    def test_no_session_is_announced_where_no_room_can_serve(self, bench):
        for place in range(2):
            equip(bench, room_of(bench, Part.PRACTICAL, place), until=EXAM_ON - DAY)
        with pytest.raises(Incomplete, match="没有可考“低压电工作业”的实操考场") as refused:
            bench.session()
        assert [one.field for one in refused.value.problems] == ["site"]
        assert bench.session(practical=False)

    def test_twice_from_the_same_day_and_an_end_before_the_begin(self, bench):
        equip(bench, room_of(bench))
        with pytest.raises(Incomplete) as refused:
            equip(bench, room_of(bench), until=date(2024, 1, 1))
        assert [one.field for one in refused.value.problems] == ["valid_until", "valid_from"]


class TestUnrecorded:
    """A room of which no equipment was ever recorded: the edition of the exam day says what it serves for."""

    LATER = EXAM_ON + 7 * DAY

    @pytest.fixture
    def strict(self):
        """From the day after the exam on, practical rooms need a record."""
        before = lookup.edition_on(EXAM_ON)
        edition = RuleEdition.objects.create(code="2", name="修订", valid_from=EXAM_ON + DAY, active=True)
        rules = drafting.copies(before.rules.order_by("pk"), edition)
        for rule in rules:
            if rule.code == "room_equipment":
                rule.values["practical_record_required"] = True
        Rule.objects.bulk_create(rules)
        lookup.forget()

    def test_it_serves_for_every_job_type_or_for_none(self, bench, strict):
        with pytest.raises(Incomplete, match="没有登记考试设备") as refused:
            bench.session(day=self.LATER)
        assert [one.field for one in refused.value.problems] == ["site"]
        assert bench.session(day=self.LATER, practical=False)
        session = bench.session()
        room = room_of(bench, Part.PRACTICAL)
        assert use(bench, session, room, part=Part.PRACTICAL)
        equip(bench, room_of(bench, Part.PRACTICAL, 1))
        later = bench.session(day=self.LATER)
        with pytest.raises(Refusal, match="没有登记考试设备") as refused:
            use(bench, later, room, part=Part.PRACTICAL)
        assert refused.value.code == "room_unfit"
        assert use(bench, later, room_of(bench, Part.PRACTICAL, 1), part=Part.PRACTICAL)

    def test_rooms_that_were_given_before_are_named_by_day(self, bench, request):
        soon, later = bench.session(), bench.session(day=self.LATER)
        for session in (soon, later):
            bench.rooms(session)
        request.getfixturevalue("strict")
        uses = RoomUse.objects.annotate(usable=usable())
        unusable = uses.filter(usable=False).values_list("part__session", "part__part")
        assert set(unusable) == {(later.pk, Part.PRACTICAL)}
        assert [row.subject for row in todo_rooms.lines(bench.officer(), NOW)] == [str(later)]

    def test_its_page_says_so(self, bench, browse):
        room, officer = room_of(bench, Part.PRACTICAL), browse("shi-kaowu")
        assert "各操作项目均可安排" in shown(officer, "room_edit", room.pk)
        assert "未登记设备" not in shown(officer, "site_edit", room.site_id)
        rule = Rule.objects.get(edition=lookup.edition_on(TODAY), area="examination", code="room_equipment")
        rule.values["practical_record_required"] = True
        rule.save()
        lookup.forget()
        assert "登记后才能安排考试" in shown(officer, "room_edit", room.pk)
        assert "未登记设备" in shown(officer, "site_edit", room.site_id)


class TestSeated:
    """What is done to a room in which candidates sit."""

    def change(self, bench, room, **values):
        said = {name: getattr(room, name) for name in sites.ROOM_FIELDS} | values
        return sites.save_room(actor=bench.officer(), now=NOW, site_id=room.site_id, room_id=room.pk, values=said)

    @pytest.fixture
    def session(self, bench):
        return bench.ready(size=3)

    @pytest.fixture
    def room(self, session):
        return ExamRoom.objects.get(uses__seats__candidate=session.candidates.order_by("pk")[0], part=Part.THEORY)

    @pytest.mark.parametrize("values", [{"part": Part.PRACTICAL}, {"active": False}, {"capacity": 2}])
    def test_its_use_its_seats_and_closing_it_wait_until_they_sit_elsewhere(self, bench, session, room, values):
        with pytest.raises(WrongState, match=session.number) as refused:
            self.change(bench, room, **values)
        assert refused.value.code == "room_in_use"
        assert "整体换考场" in refused.value.advice
        room.refresh_from_db()
        assert (room.part, room.active) == (Part.THEORY, True)
        assert self.change(bench, room, name="改名", capacity=3).name == "改名"
        over = moment(EXAM_ON + DAY)
        said = {name: getattr(room, name) for name in sites.ROOM_FIELDS} | values
        assert sites.save_room(actor=bench.officer(), now=over, site_id=room.site_id, room_id=room.pk, values=said)

    def test_so_does_equipment_that_would_no_longer_serve_them(self, bench, session, room):
        with pytest.raises(WrongState, match=session.number):
            equip(bench, room, "0102")
        assert not RoomEquipment.objects.exists()
        row = equip(bench, room)
        ended = {"actor": bench.officer(), "now": NOW, "equipment_id": row.pk, "basis": "停用单"}
        with pytest.raises(WrongState, match=session.number):
            upkeep.change_equipment(**ended, valid_until=EXAM_ON - DAY)
        assert upkeep.change_equipment(**ended, valid_until=EXAM_ON).valid_until == EXAM_ON

    def test_a_room_that_is_given_keeps_its_use(self, bench):
        session, room = bench.session(), room_of(bench)
        use(bench, session, room)
        with pytest.raises(WrongState, match=session.number):
            self.change(bench, room, part=Part.PRACTICAL)
        assert not self.change(bench, room, active=False).active

    @pytest.mark.django_db(transaction=True)
    def test_seats_are_not_given_out_while_they_are_taken_away(self, bench, at_once):
        session = bench.ready(size=3)
        room = ExamRoom.objects.get(uses__seats__candidate=session.candidates.order_by("pk")[0], part=Part.THEORY)
        candidates = bench.candidates(session)
        free_seats(candidates, actor=bench.officer(), now=NOW, reason="测试")
        at_once(lambda: bench.seated(session), lambda: self.change(bench, room, capacity=2))
        room.refresh_from_db()
        last = Seat.objects.filter(use__room=room).aggregate(last=Max("number"))["last"]
        assert last is not None
        assert last <= room.capacity

    def test_giving_out_seats_locks_the_rooms_and_no_site_or_job_type(self, bench):
        session = bench.ready(size=3)
        free_seats(bench.candidates(session), actor=bench.officer(), now=NOW, reason="测试")
        with CaptureQueriesContext(connection) as captured:
            bench.seated(session)
        locking = [row["sql"] for row in captured if "FOR UPDATE" in row["sql"]]
        assert [row for row in locking if " FOR UPDATE OF " not in row] == []
        (rooms,) = [row for row in locking if row.endswith('FOR UPDATE OF "exams_examroom"')]
        assert 'ORDER BY "exams_roomuse"."room_id" ASC' in rooms

    def test_what_could_not_be_used_before_stands_in_no_way(self, bench, session, room):
        ExamRoom.objects.filter(pk=room.pk).update(active=False)
        room.refresh_from_db()
        assert self.change(bench, room, name="改名").name == "改名"


class TestTodo:
    def test_equipment_that_runs_out_and_sessions_in_rooms_that_cannot_be_used(self, bench):
        row = equip(bench, room_of(bench), until=TODAY + 10 * DAY)
        assert [line.subject for line in todo_rooms.lines(bench.officer(), NOW)] == [f"{row.room} {row.job_type}"]
        upkeep.change_equipment(
            actor=bench.officer(), now=NOW, equipment_id=row.pk, basis="JY-2", valid_until=date(2027, 1, 1)
        )
        session = bench.session()
        use(bench, session, room_of(bench))
        assert not list(todo_rooms.lines(bench.officer(), NOW))
        upkeep.change_equipment(
            actor=bench.officer(), now=NOW, equipment_id=row.pk, basis="停用单", valid_until=EXAM_ON - DAY
        )
        (line,) = todo_rooms.lines(bench.officer(), NOW)
        assert (line.title, line.due_on) == ("更换不能使用的考场", EXAM_ON)


def test_the_demonstration_has_an_example_of_each(bench):
    users = {name: bench.user(name) for name in ("shi-kaowu", "sheng-kaowu")}
    site_upkeep.play(users, now=NOW)
    rooms = list(ExamRoom.objects.filter(site__organiser=bench.officer().organisation))
    known = [one.words for found in conditions(rooms, TODAY).values() for one in found]
    assert sorted(known) == ["维护至2026年3月13日", "设备2026年3月29日到期", "设备已于2026年2月27日到期"]
    assert bench.site().upgrades.count() == 2


class TestUpgrades:
    def test_levels_with_days_and_papers(self, bench):
        def record(level, since, document="云岭应急〔2025〕3号"):
            return upkeep.record_upgrade(
                actor=bench.officer(),
                now=NOW,
                site_id=bench.site().pk,
                level=level,
                since=since,
                document=document,
                changes="增设人脸识别和全程录像",
            )

        assert record("BASIC", date(2019, 5, 1))
        assert record("STANDARD", date(2025, 5, 1))
        for wrong, field in [(("STANDARD", date(2025, 5, 1)), "since"), (("STANDARD", TODAY + DAY), "since")]:
            with pytest.raises(Incomplete) as refused:
                record(*wrong)
            assert [one.field for one in refused.value.problems] == [field]
        with pytest.raises(Incomplete) as refused:
            record("GOLD", TODAY, document=" ")
        assert [one.field for one in refused.value.problems] == ["document", "level"]


class TestOverlaps:
    def test_two_at_once_take_a_room_once(self, bench, at_once):
        session = bench.session()
        room = room_of(bench)
        outcomes = at_once(lambda: use(bench, session, room), lambda: maintain(bench, room))
        refused = [one for one in outcomes if isinstance(one, Exception)]
        assert [type(one) for one in refused] == [WrongState]
        assert RoomTime.objects.count() == 1

    def test_the_database_has_the_last_word(self, bench, at_once):
        """Two connections that write past every look of the application: one of them is refused."""
        session = bench.session()
        rows = [RoomUse.objects.create(part=place, room=room_of(bench)) for place in session.parts.all()]
        span = Span.of_slots(EXAM_ON, *MORNING)

        def write(row):
            def insert():
                with transaction.atomic():
                    RoomTime.objects.create(
                        room=row.room, starts_at=span.starts_at, ends_at=span.ends_at + DAY / 24, use=row
                    )

            return insert

        outcomes = at_once(*map(write, rows))
        assert sum(outcome is None for outcome in outcomes) == 1
        assert RoomTime.objects.count() == 1

    def test_one_begins_where_the_other_ends(self, bench):
        first, second = Span.of_slots(EXAM_ON, 18, 21), Span.of_slots(EXAM_ON, 22, 23)
        for place, span in zip(bench.session().parts.all(), (first, second), strict=True):
            use_ = RoomUse.objects.create(part=place, room=room_of(bench))
            RoomTime.objects.create(room=use_.room, starts_at=span.starts_at, ends_at=span.ends_at, use=use_)
        with pytest.raises(IntegrityError, match="room_time_once"), transaction.atomic():
            RoomTime.objects.filter(use=use_).update(starts_at=datetime(2026, 4, 15, 10, 59, tzinfo=SHANGHAI))


@pytest.mark.embedded
def test_overlaps_are_refused_on_the_embedded_database_too(bench):
    one, other = bench.session(), bench.session()
    use(bench, one, room_of(bench))
    for wrong in (lambda: use(bench, other, room_of(bench)), lambda: maintain(bench, room_of(bench))):
        with pytest.raises(WrongState, match=one.number) as refused:
            wrong()
        assert refused.value.code == "room_taken"
    assert RoomTime.objects.count() == 1


class TestLoad:
    def test_what_a_city_can_examine_against_what_is_announced(self, bench):
        session = bench.ready(size=3, capacity=40)
        maintain(bench, room_of(bench), date(2026, 4, 20), date(2026, 4, 21))
        (city,) = load.of_month(bench.officer(), date(2026, 4, 1))
        theory, practical = city.parts
        rooms = ExamRoom.objects.filter(site__territory=bench.site().territory, part=Part.THEORY)
        seats = sum(rooms.values_list("capacity", flat=True))
        assert city.a_day[0] == seats * 3
        assert city.days[19].theory.possible == (seats - room_of(bench).capacity) * 3
        assert (theory.announced, theory.seated, practical.seated) == (40, 3, 3)
        assert [day.day for day in city.busy_days] == [session.starts_on]
        assert city.busiest.day == session.starts_on

    def test_what_is_announced_beyond_what_is_possible_is_shown(self, bench):
        bench.session(capacity=1000)
        (city,) = load.of_month(bench.officer(), date(2026, 4, 1))
        assert city.busiest.over


class TestPages:
    def test_equipment_maintenance_and_levels_are_kept(self, bench, browse):
        officer, room = browse("shi-kaowu"), room_of(bench)
        job_type = bench.world.job_type("0101").pk

        def post(name, pk, status=302, **data):
            answer = officer.post(url(name, pk), data)
            assert answer.status_code == status, answer.content.decode()
            return answer.content.decode()

        equipment = {"job_types": [job_type], "basis": "JY-1", "valid_from": "2026-01-01", "valid_until": "2026-03-20"}
        post("room_equip", room.pk, **equipment)
        assert "设备已登记" in post("room_equip", room.pk, 422, **equipment)
        assert "2026年3月20日到期" in shown(officer, "room_edit", room.pk)
        post("equipment_edit", RoomEquipment.objects.get().pk, basis="JY-2", valid_until="2027-03-20")
        days = {"starts_on": "2026-03-09", "ends_on": "2026-03-12", "reason": "布线"}
        post("room_maintain", room.pk, **days)
        assert "维护（布线）" in post("room_maintain", room.pk, 422, **days)
        assert "维护至2026年3月12日" in shown(officer, "site_list")
        post("maintenance_end", RoomMaintenance.objects.get().pk)
        level = {"level": "STANDARD", "since": "2025-05-01", "document": "3号", "changes": "人脸识别"}
        post("site_upgrade", room.site_id, **level)
        assert "已登记过等级" in post("site_upgrade", room.site_id, 422, **level)
        assert "标准化考试点" in shown(officer, "site_edit", room.site_id)

    def test_the_calendar_shows_who_has_which_room_when(self, bench, browse):
        session, officer = bench.ready(size=2), browse("shi-kaowu")
        maintain(bench, room_of(bench), EXAM_ON + DAY, EXAM_ON + DAY)
        week = shown(officer, "site_calendar", bench.site().pk, on="2026-04-17")
        assert week.count(session.number) == RoomUse.objects.count()
        assert "更换考试机" in week
        day = shown(officer, "site_calendar", bench.site().pk, on="2026-04-15", day=1)
        assert "09:00—11:00" in day
        assert "更换考试机" not in day
        assert "没有考试" in shown(officer, "site_calendar", bench.site().pk, on="2026-05-15", day=1)

    def test_the_calendar_costs_as_many_queries_for_one_as_for_many(self, bench, browse, django_assert_max_num_queries):
        officer = browse("shi-kaowu")
        shown(officer, "site_calendar", bench.site().pk, on="2026-04-15")
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as few:
            shown(officer, "site_calendar", bench.site().pk, on="2026-04-15")
        for day in range(13, 18):
            bench.rooms(bench.session(day=date(2026, 4, day)))
        with django_assert_max_num_queries(len(few) + 1):
            shown(officer, "site_calendar", bench.site().pk, on="2026-04-15")

    def test_the_load_links_the_days_of_a_city(self, bench, browse):
        session = bench.session(capacity=30)
        page = shown(browse("shi-kaowu"), "site_load", month="2026-04")
        assert "30 / " in page
        assert "4月15日" in page
        assert str(session.site) in page
        assert "4月15日" not in shown(browse("shi-kaowu"), "site_load", month="nonsense")

    def test_a_room_that_cannot_be_had_stands_in_the_list_with_the_reason(self, bench, browse):
        session = bench.session()
        maintain(bench, room_of(bench))
        page = shown(browse("shi-kaowu"), "session_rooms", session.pk)
        assert "维护（更换考试机）" in page
        assert "disabled" in page


def url(name, *args) -> str:
    from django.urls import reverse

    return reverse(f"exams:{name}", args=args)


def shown(client, name, *args, **query) -> str:
    answer = client.get(url(name, *args), query)
    assert answer.status_code == 200
    return answer.content.decode()


class TestAreas:
    """Sites of counties under provincial rule and of functional zones are managed by their city [四(三)]."""

    @pytest.fixture
    def base(self, bench) -> ExamSite:
        """The provincial centre's own site, in the first city."""
        return bench.world.province.provincial_sites[0]

    def save(self, bench, site: ExamSite | None = None, *, by="sheng-kaowu", **said) -> ExamSite:
        said = {
            "name": "东湾县考试点",
            "ownership": "OTHER",
            "territory": bench.world.bureau.territory,
            "area": Area.PROVINCIAL_COUNTY,
            "area_name": "东湾县",
            "address": "东湾县考试路1号",
            "operator": None,
            "active": True,
            **said,
        }
        return sites.save_site(actor=bench.user(by), now=NOW, values=said, site_id=site.pk if site else None)

    @pytest.mark.parametrize("area", [Area.PROVINCIAL_COUNTY, Area.ZONE])
    def test_the_centre_cannot_keep_it_whoever_owns_it(self, bench, area):
        for ownership in ExamSite.Ownership.values:
            with pytest.raises(Incomplete, match="青屏市应急管理局统一管理") as refused:
                self.save(bench, area=area, ownership=ownership)
            assert [one.field for one in refused.value.problems] == ["organiser"]
        assert not ExamSite.objects.filter(name="东湾县考试点").exists()

    def test_the_centre_puts_its_site_under_the_city_that_keeps_it_from_then_on(self, bench, base):
        before = ExamSite.objects.get(pk=base.pk)
        name, own = before.name, before.organiser
        self.save(bench, base, name=name, organiser=bench.world.bureau)
        base.refresh_from_db()
        assert base.organiser == bench.world.bureau
        assert base.history.last().organiser == own
        with pytest.raises(NotPermitted):
            self.save(bench, base, name=name)
        assert self.save(bench, base, name=name, by="shi-kaowu", area_name="东湾新县").area_name == "东湾新县"

    def test_not_under_the_bureau_of_another_city(self, bench):
        lanxi = bench.world.province.bureaux["澜溪市"]
        with pytest.raises(Incomplete) as refused:
            self.save(bench, organiser=lanxi)
        assert [one.field for one in refused.value.problems] == ["territory"]
        with pytest.raises(Incomplete) as refused:
            self.save(bench, by="shi-kaowu", organiser=lanxi, territory=lanxi.territory)
        assert "organiser" in [one.field for one in refused.value.problems]

    def test_an_area_has_a_name_and_the_city_itself_needs_none(self, bench):
        with pytest.raises(Incomplete) as refused:
            self.save(bench, by="shi-kaowu", area_name="")
        assert [one.field for one in refused.value.problems] == ["area_name"]
        site = self.save(bench, by="shi-kaowu", area=Area.CITY, area_name="")
        with pytest.raises(IntegrityError), transaction.atomic():
            ExamSite.objects.filter(pk=site.pk).update(area=Area.COUNTY)
        assert site.place == "青屏市，设区市城区"

    def test_who_manages_them_is_said_by_the_rule(self, bench):
        rule = Rule.objects.get(edition=lookup.edition_on(TODAY), code="sites")
        Rule.objects.filter(pk=rule.pk).update(values={"managed_by": "PROVINCE"})
        lookup.forget()
        try:
            with pytest.raises(Incomplete, match="省厅考试中心统一管理") as refused:
                self.save(bench, by="shi-kaowu")
            assert [one.field for one in refused.value.problems] == ["area"]
            assert self.save(bench).organiser == bench.world.centre
        finally:
            lookup.forget()
        rule.values = {"managed_by": "COUNTY"}
        assert standards.rule_problems(rule) == ["managed_by 应为 CITY 或者 PROVINCE。"]

    def test_two_officers_at_once_make_it_once(self, bench, at_once):
        outcomes = at_once(*[lambda: self.save(bench, by="shi-kaowu")] * 2)
        assert sum(isinstance(outcome, ExamSite) for outcome in outcomes) == 1
        assert ExamSite.objects.filter(name="东湾县考试点").count() == 1

    def test_the_page_offers_the_organiser_to_the_centre_and_keeps_what_was_typed(self, bench, browse):
        data = {
            "name": "东湾县考试点",
            "ownership": "OTHER",
            "territory": bench.world.bureau.territory_id,
            "area": "PROVINCIAL_COUNTY",
            "area_name": "东湾县",
            "organiser": bench.world.centre.pk,
            "address": "路1号",
            "active": "on",
        }
        url = "/exams/sites/new/"
        centre = browse("sheng-kaowu")
        refused = centre.post(url, data)
        assert refused.status_code == 422
        assert "青屏市应急管理局统一管理" in refused.content.decode()
        assert 'value="东湾县考试点"' in refused.content.decode()
        assert centre.post(url, {**data, "organiser": bench.world.bureau.pk}).url == "/exams/sites/"
        city = browse("shi-kaowu")
        assert 'name="organiser"' not in city.get(url).content.decode()
        shown = city.get("/exams/sites/", {"area": "PROVINCIAL_COUNTY"}).content.decode()
        assert "东湾县考试点" in shown
        assert "青屏高新区考试点" not in shown
        assert "青屏高新区考试点" in city.get("/exams/sites/", {"area": "nonsense"}).content.decode()

    def test_the_load_counts_them_with_their_city(self, bench):
        before = load.of_month(bench.officer(), EXAM_ON.replace(day=1))[0]
        self.save(bench, by="shi-kaowu")
        after = load.of_month(bench.officer(), EXAM_ON.replace(day=1))[0]
        assert (after.territory, after.sites) == (before.territory, before.sites + 1)
        # The zone of the test province is one already.
        assert (before.bound, after.bound) == (1, 2)
