"""培训检查: recording, the time to remedy, answer, judgement, separation, scope."""

from datetime import date
from uuid import uuid4

import pytest

from certification.deadlines import ledger
from certification.deadlines.sweep import sweep
from certification.inspections.checklists import Finding
from certification.notices.models import Notice
from certification.organisations import separation, separation_scan
from certification.organisations.separation import Capacity
from certification.records.models import StoredFile
from certification.refusals import Incomplete, NotPermitted, SeparationBreach, WrongState
from exams.materials import specimens
from tests.factories import at
from tests.training.classes import FIRST_DAY
from training.cases import NotFound
from training.models import PlanTeacher, SpotAnswer, SpotCheck, Teacher
from training.spot_checks import recording

TUESDAY = date(2026, 4, 21)
FOUND = [Finding("attendance", "SERIOUS", "代签"), Finding("records", "MINOR", "缺日志")]


def visit(running, username="shi-jianguan", **more):
    values = {"counted": 3, "findings": FOUND, "remedy": "remedy_serious", **more}
    return recording.record_check(
        actor=running.world.user(username), now=at(TUESDAY), plan_id=running.plan.pk, **values
    )


def test_a_clean_check_ends_with_itself(running):
    running.sign(running.lessons()[0])
    check = visit(running, findings=[], remedy="", lesson_id=running.plan.lessons.get().pk)
    assert (check.state, check.remedy_rule, check.expected, check.signed_in) == ("CLEAN", "", 3, 3)
    assert check.findings.count() == 7
    assert not Notice.objects.filter(title__contains="问题，请限期整改").exists()


def test_findings_open_a_deadline_in_working_days(running):
    check = visit(running, photos=[("现场.jpg", specimens.scan("现场"))])
    deadline = ledger.find("remedy_serious", check)
    assert (check.state, check.number) == ("REMEDY", "JC-2026-0001")
    # Five working days from Tuesday 21 April; none of the day itself.
    assert (deadline.due_on, deadline.responsible) == (date(2026, 4, 28), running.world.institution)
    assert StoredFile.objects.get(owner_id=check.pk, name="现场照片1.jpg")
    assert Notice.objects.filter(recipient=running.filer, title__contains="发现 2 项问题").exists()


def test_everything_wrong_is_said_at_once(running):
    with pytest.raises(Incomplete) as refused:
        visit(
            running,
            findings=[Finding("attendance", "SERIOUS"), Finding("nonsense")],
            remedy="",
            photos=[("x.txt", b"plain")],
        )
    assert {problem.field for problem in refused.value.problems} == {
        "note_attendance",
        "grade_nonsense",
        "remedy",
        "photos",
    }
    assert not SpotCheck.objects.exists()


def test_the_same_form_twice_makes_one_check(running):
    key = uuid4()
    assert visit(running, entry_key=key).pk == visit(running, entry_key=key).pk
    assert SpotCheck.objects.count() == 1


def test_answer_return_and_confirm(running, world):
    check = visit(running)
    with pytest.raises(Incomplete):
        recording.answer(actor=running.filer, now=at(TUESDAY, 15), check_id=check.pk, text=" ")
    files = [("日志.jpg", specimens.scan("日志"))]
    recording.answer(actor=running.filer, now=at(date(2026, 4, 24)), check_id=check.pk, text="已整改", files=files)
    assert ledger.find("remedy_serious", check).met_late is False
    with pytest.raises(WrongState):
        recording.answer(actor=running.filer, now=at(date(2026, 4, 24)), check_id=check.pk, text="再报")
    supervisor = world.user("shi-jianguan")
    with pytest.raises(Incomplete):
        recording.return_answer(actor=supervisor, now=at(date(2026, 4, 27)), check_id=check.pk, opinion="")
    recording.return_answer(
        actor=supervisor, now=at(date(2026, 4, 27)), check_id=check.pk, opinion="缺签到表", remedy="remedy_urgent"
    )
    assert ledger.find("remedy_serious", check) is None
    again = ledger.find("remedy_urgent", check)
    assert (again.due_on, again.met_at) == (date(2026, 4, 30), None)
    recording.answer(actor=running.filer, now=at(date(2026, 4, 29)), check_id=check.pk, text="已补")
    recording.confirm(actor=supervisor, now=at(date(2026, 4, 30)), check_id=check.pk)
    check.refresh_from_db()
    assert check.state == "CONFIRMED"
    assert list(check.answers.order_by("round").values_list("accepted", flat=True)) == [False, True]


def test_an_overdue_remedy_warns_both_and_may_still_be_answered(running, world):
    check = visit(running)
    sweep(now=at(date(2026, 4, 29), 1))
    assert ledger.find("remedy_serious", check).breached_at is not None
    warned = set(
        Notice.objects.filter(title__startswith="培训检查整改逾期").values_list("recipient__username", flat=True)
    )
    assert warned == {"jigou", "shi-jianguan"}
    recording.answer(actor=running.filer, now=at(date(2026, 4, 29)), check_id=check.pk, text="已整改")
    assert ledger.find("remedy_serious", check).met_late is True


def test_nobody_checks_an_institution_for_which_they_teach(running, world):
    supervisor = world.user("shi-jianguan")
    listed = Teacher.objects.create(institution=world.institution, person=supervisor.person, listed_at=at(FIRST_DAY))
    with pytest.raises(SeparationBreach):
        visit(running)
    listed.left_at = at(TUESDAY, 8)
    listed.save()
    visit(running)
    PlanTeacher.objects.create(plan=running.plan, person=world.user("sheng-xunkao").person)
    with pytest.raises(SeparationBreach):
        visit(running, "sheng-xunkao")


@pytest.mark.parametrize("teaches", ["inspector", "on_behalf_of"])
def test_who_checked_a_class_that_they_teach_is_found_whoever_came_for_whom(running, world, teaches):
    check, absent = visit(running), world.user("shi-fuze")
    SpotCheck.objects.update(on_behalf_of=absent)
    check.refresh_from_db()
    PlanTeacher.objects.create(plan=running.plan, person=getattr(check, teaches).person)
    (breach,) = separation_scan.breaches(TUESDAY)
    assert (breach.person_id, breach.case_id) == (getattr(check, teaches).person_id, running.plan.pk)
    deputy = check.inspector
    deputy.acting_for = absent
    with pytest.raises(SeparationBreach):
        separation.require(deputy, Capacity.INSPECTS, running.plan)


def test_who_judged_the_remedy_in_a_class_that_they_teach_is_found(running, world):
    check, judge = visit(running, "sheng-xunkao"), world.user("shi-jianguan")
    recording.answer(actor=running.filer, now=at(date(2026, 4, 24)), check_id=check.pk, text="已整改")
    recording.confirm(actor=check.inspector, now=at(date(2026, 4, 27)), check_id=check.pk)
    PlanTeacher.objects.create(plan=running.plan, person=judge.person)
    assert not list(separation_scan.breaches(TUESDAY))
    SpotAnswer.objects.update(judged_by=judge)
    (breach,) = separation_scan.breaches(TUESDAY)
    assert (breach.person_id, breach.case_id) == (judge.person_id, running.plan.pk)


def test_who_may_check_and_judge(running, world):
    with pytest.raises(NotPermitted):
        visit(running, "jigou")
    with pytest.raises(NotPermitted):
        visit(running, "shi-fuze")
    with pytest.raises(NotFound):
        visit(running, "lanxi-jianguan")
    check = visit(running, "sheng-xunkao")
    recording.answer(actor=running.filer, now=at(date(2026, 4, 24)), check_id=check.pk, text="已整改")
    with pytest.raises(NotPermitted):
        recording.confirm(actor=world.user("shi-jianguan"), now=at(date(2026, 4, 27)), check_id=check.pk)
    recording.confirm(actor=world.user("sheng-xunkao"), now=at(date(2026, 4, 27)), check_id=check.pk)


def test_a_class_that_has_not_begun_is_not_checked(running):
    with pytest.raises(WrongState):
        recording.record_check(
            actor=running.world.user("shi-jianguan"), now=at(date(2026, 4, 19)), plan_id=running.plan.pk, counted=0
        )
