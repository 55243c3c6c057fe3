"""Inspection tours: checklist, findings with deadline, answer, judgement, effect on the site (rules 8, 4.6)."""

import pytest
from django.test import Client
from django.urls import reverse

from certification.deadlines import ledger
from certification.deadlines.models import Deadline
from certification.deadlines.sweep import sweep
from certification.inspections.checklists import Finding
from certification.notices.models import Notice
from certification.organisations import separation
from certification.organisations.separation import Capacity
from certification.refusals import Incomplete, NotPermitted, Refusal, SeparationBreach, WrongState
from exams import todo_day
from exams.models import ExamSite, InspectionTour, Seat, TourAnswer
from exams.rooms import overriding, sites
from exams.tours import touring
from tests.exams.conftest import EXAM_ON, PHOTO
from tests.factories import at as moment
from tests.factories import working_day

NOW = moment(EXAM_ON, 10)
BAD = (Finding("staff", "SERIOUS", "监考员只有一人到岗。"),)


@pytest.fixture
def held(bench):
    session = bench.ready(size=2)
    bench.held(session)
    return session


def tour(bench, session, findings=BAD, *, by="sheng-xunkao", remedy="tour_serious", **more):
    return touring.record(
        actor=bench.user(by), now=NOW, session_id=session.pk, findings=findings, remedy=remedy, **more
    )


def answer(bench, row, *, now=NOW, **more):
    return touring.answer(actor=bench.officer(), now=now, tour_id=row.pk, text="已补派监考员。", **more)


def test_findings_have_a_deadline_in_working_days_and_are_remedied(bench, held):
    row = tour(bench, held, photos=[("现场.jpg", PHOTO)])
    assert ledger.find("tour_serious", row).due_on == working_day(EXAM_ON, 5)
    assert row.findings.count() == len(touring.CHECKLIST.items(edition()))
    answer(bench, row, files=[("到岗.jpg", PHOTO)])
    later = moment(working_day(EXAM_ON, 1))
    touring.return_answer(actor=bench.user("sheng-xunkao"), now=later, tour_id=row.pk, opinion="没有签到表")
    assert ledger.find("tour_serious", row).due_on == working_day(EXAM_ON, 6)
    answer(bench, row, now=later)
    assert touring.confirm(actor=bench.user("sheng-xunkao"), now=later, tour_id=row.pk).state == "CONFIRMED"
    assert not Deadline.objects.unmet().of(None, [row]).exists()


def edition():
    from certification.rulebook import lookup

    return lookup.edition_on(EXAM_ON)


def test_a_form_sent_twice_at_once_is_one_tour(bench, held, at_once):
    key = "6f9619ff-8b86-d011-b42d-00cf4fc964ff"
    one, two = at_once(*[lambda: tour(bench, held, entry_key=key)] * 2)
    assert one.pk == two.pk


def test_every_problem_is_told(bench, held):
    with pytest.raises(Incomplete) as refused:
        tour(bench, held, (Finding("staff", "MINOR", ""),), remedy="")
    assert {problem.field for problem in refused.value.problems} == {"note_staff", "remedy"}
    with pytest.raises(Incomplete):
        tour(bench, held, (), remedy="", effect="SUSPENSION")


def test_nobody_tours_before_the_day_or_where_they_train_or_reviewed(bench):
    session = bench.ready(size=1)
    with pytest.raises(WrongState) as refused:
        touring.record(actor=bench.user("sheng-xunkao"), now=moment(working_day(EXAM_ON, -1)), session_id=session.pk)
    assert refused.value.code == "too_early"
    plan = bench.candidates(session)[0].application.plan
    from training.models import PlanTeacher

    PlanTeacher.objects.create(plan=plan, person=bench.user("sheng-xunkao").person)
    with pytest.raises(SeparationBreach, match="4.1"):
        tour(bench, session)


def test_an_inspector_on_tour_counts_as_staff_of_the_session(bench, held):
    tour(bench, held, (), remedy="")
    with pytest.raises(SeparationBreach, match="4.2"):
        separation.require(bench.user("sheng-xunkao"), Capacity.DECIDES, held)


def test_so_does_for_whom_the_inspector_came(bench, held):
    tour(bench, held, (), remedy="")
    InspectionTour.objects.update(on_behalf_of=bench.user("sheng-shenpi"))
    with pytest.raises(SeparationBreach, match="4.2"):
        separation.require(bench.user("sheng-shenpi"), Capacity.DECIDES, held)


def test_so_does_who_judged_the_remedy(bench, held):
    row = tour(bench, held)
    answer(bench, row)
    touring.confirm(actor=bench.user("sheng-xunkao"), now=NOW, tour_id=row.pk)
    TourAnswer.objects.update(judged_by=bench.user("sheng-shenpi"))
    with pytest.raises(SeparationBreach, match="4.2"):
        separation.require(bench.user("sheng-shenpi"), Capacity.DECIDES, held)


def test_only_the_organiser_answers_and_only_who_toured_judges(bench, held):
    row = tour(bench, held, by="shi-jianguan")
    with pytest.raises(NotPermitted):
        touring.answer(actor=bench.user("sheng-kaowu"), now=NOW, tour_id=row.pk, text="已改")
    answer(bench, row)
    with pytest.raises(NotPermitted):
        touring.confirm(actor=bench.user("sheng-xunkao"), now=NOW, tour_id=row.pk)


def test_an_overdue_remedy_is_told_and_still_answered(bench, held):
    row = tour(bench, held)
    after = moment(working_day(EXAM_ON, 6))
    sweep(now=after)
    told = Notice.objects.filter(title__startswith="巡考整改逾期").values_list("recipient__username", flat=True)
    assert {"sheng-xunkao", "shi-kaowu"} <= set(told)
    touring.answer(actor=bench.officer(), now=after, tour_id=row.pk, text="已改")


def test_the_head_suspends_the_site_and_gives_it_back_once_remedied(bench, held):
    row = tour(bench, held, effect="SUSPENSION")
    head = bench.user("sheng-fuze")
    with pytest.raises(NotPermitted):
        touring.suspend(actor=bench.user("shi-fuze"), now=NOW, tour_id=row.pk, reason="同意")
    for _twice in range(2):
        touring.suspend(actor=head, now=NOW, tour_id=row.pk, reason="同意暂停")
    held.site.refresh_from_db()
    assert not held.site.active
    with pytest.raises(WrongState) as refused:
        touring.restore(actor=head, now=NOW, tour_id=row.pk, reason="恢复")
    assert refused.value.code == "not_remedied"
    answer(bench, row)
    touring.confirm(actor=bench.user("sheng-xunkao"), now=NOW, tour_id=row.pk)
    touring.restore(actor=head, now=NOW, tour_id=row.pk, reason="整改合格")
    held.site.refresh_from_db()
    assert held.site.active


def test_the_pages_of_a_tour(bench, held, at):
    at(NOW)

    def client(name):
        browser = Client()
        browser.force_login(bench.user(name))
        return browser

    inspector, officer, head = client("sheng-xunkao"), client("shi-kaowu"), client("sheng-fuze")
    assert held.number in inspector.get(reverse("exams:tour_sessions")).content.decode()
    url = reverse("exams:tour_record", args=[held.pk])
    wrong = inspector.post(url, {"grade_staff": "SERIOUS", "remarks": "写过的"})
    assert wrong.status_code == 422
    assert "写过的" in wrong.content.decode()
    said = {"grade_staff": "SERIOUS", "note_staff": "缺一人", "remedy": "tour_serious", "effect": "SUSPENSION"}
    assert inspector.post(url, said).status_code == 302
    row = InspectionTour.objects.get()

    def step(browser, name, **said):
        assert browser.get(reverse(f"exams:{name}", args=[row.pk])).status_code == 200
        assert browser.post(reverse(f"exams:{name}", args=[row.pk]), said).status_code == 302

    step(head, "tour_suspend", reason="同意")
    step(officer, "tour_answer", text="已补派")
    step(inspector, "tour_return", opinion="缺证明", remedy="tour_serious")
    step(officer, "tour_answer", text="附签到表")
    step(inspector, "tour_confirm", opinion="")
    step(head, "tour_restore", reason="合格")
    assert "整改合格" in officer.get(reverse("exams:tour", args=[row.pk])).content.decode()
    assert row.number in officer.get(reverse("exams:tour_list")).content.decode()
    assert row.number in officer.get(reverse("exams:session_detail", args=[held.pk])).content.decode()


@pytest.fixture
def suspended(bench, held):
    """A tour by which the province suspended the site."""
    row = tour(bench, held, effect="SUSPENSION")
    return touring.suspend(actor=bench.user("sheng-fuze"), now=NOW, tour_id=row.pk, reason="同意暂停")


def site_values(site, **other):
    return {name: getattr(site, name) for name in sites.SITE_FIELDS} | other


def save_site(bench, **values):
    site = ExamSite.objects.get(pk=bench.site().pk)
    return sites.save_site(actor=bench.officer(), now=NOW, site_id=site.pk, values=site_values(site, **values))


def restored(bench, *rows):
    for row in rows:
        answer(bench, row)
        touring.confirm(actor=bench.user("sheng-xunkao"), now=NOW, tour_id=row.pk)
        touring.restore(actor=bench.user("sheng-fuze"), now=NOW, tour_id=row.pk, reason="整改合格")
        yield ExamSite.objects.get(pk=bench.site().pk).active


def next_day(bench):
    """A session on the day after, with one candidate seated."""
    session = bench.session(day=working_day(EXAM_ON, 1))
    bench.clear(bench.submitted(bench.plan(size=1), session))
    bench.planned(session)
    bench.rooms(session)
    bench.seated(session)
    return session


class TestSuspendedSite:
    def test_its_organiser_cannot_open_it_and_is_told_by_whom(self, bench, suspended):
        assert save_site(bench, address="新地址").address == "新地址"
        with pytest.raises(Incomplete, match=f"{suspended.number}.*{suspended.suspended_by}") as refused:
            save_site(bench, active=True)
        assert [one.field for one in refused.value.problems] == ["active"]
        assert list(restored(bench, suspended)) == [True]
        assert save_site(bench, active=True).active

    def test_restored_it_is_closed_if_it_was_closed_before(self, bench, held):
        save_site(bench, active=False)
        one, two = (tour(bench, held, effect="SUSPENSION") for _twice in range(2))
        for row in (one, two):
            touring.suspend(actor=bench.user("sheng-fuze"), now=NOW, tour_id=row.pk, reason="同意")
        assert list(restored(bench, one, two)) == [False, False]
        assert save_site(bench, active=True).active

    def test_restored_it_is_open_only_when_the_last_tour_is_done_with(self, bench, held):
        one, two = (tour(bench, held, effect="SUSPENSION") for _twice in range(2))
        for row in (one, two):
            touring.suspend(actor=bench.user("sheng-fuze"), now=NOW, tour_id=row.pk, reason="同意")
        assert list(restored(bench, one, two)) == [False, True]

    def test_nobody_is_seated_there_and_no_session_begins(self, bench, held):
        coming = next_day(bench)
        row = tour(bench, held, effect="SUSPENSION")
        begun = moment(coming.starts_on, 8)
        touring.suspend(actor=bench.user("sheng-fuze"), now=NOW, tour_id=row.pk, reason="同意")
        seat = Seat.objects.filter(part__session=coming).first()
        reseated = {"seat_id": seat.pk, "use_id": seat.use_id, "number": 9, "reason": "视力"}
        for step in (
            lambda: bench.seated(coming, now=NOW),
            lambda: overriding.move_seat(actor=bench.officer(), now=NOW, **reseated),
            lambda: bench.held(coming, now=begun),
        ):
            with pytest.raises(Refusal, match=str(held.site)) as refused:
                step()
            assert refused.value.code == "site_suspended"
            assert "变更考试时间" in refused.value.advice
        (line,) = [one for one in todo_day.lines(bench.officer(), NOW) if "暂停使用" in one.title]
        assert coming.number in line.subject
        assert list(restored(bench, row)) == [True]
        bench.seated(coming, now=NOW)
        assert bench.held(coming, now=begun).state == "HELD"

    def test_the_page_of_a_coming_session_warns(self, bench, held, browse):
        url = reverse("exams:session_detail", args=[next_day(bench).pk])
        row = tour(bench, held, effect="SUSPENSION")
        assert row.number not in browse("shi-kaowu").get(url).content.decode()
        touring.suspend(actor=bench.user("sheng-fuze"), now=NOW, tour_id=row.pk, reason="同意")
        assert f"因巡考（{row.number}）" in browse("shi-kaowu").get(url).content.decode()
