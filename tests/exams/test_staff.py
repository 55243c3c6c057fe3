"""Staff of exams: the pool, invitation, answer, replacement, reminders, who is missing (rules 4, 8)."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from certification.notices.models import Notice
from certification.refusals import Incomplete, NotPermitted, Refusal, WrongState
from certification.rulebook.models import Rule
from exams.models import Duty, PersonSlot, RoomUse, StaffAssignment, StaffQualification
from exams.rooms import staffing
from exams.staff import answering, pool, reminding
from tests.exams.conftest import EXAM_ON, TODAY
from tests.factories import at as moment
from tests.factories import working_day

NOW = moment(TODAY)


def theory_room(session) -> RoomUse:
    return RoomUse.objects.filter(part__session=session, part__part="THEORY").order_by("room__name")[0]


def invite(bench, session, name="shi-jiankao", **more):
    return staffing.assign_staff(
        actor=bench.officer(),
        now=NOW,
        use_id=theory_room(session).pk,
        person_id=bench.user(name).person_id,
        duty=Duty.INVIGILATOR,
        **more,
    )


def entry(bench, name) -> StaffQualification:
    return StaffQualification.objects.get(person=bench.user(name).person_id)


def test_out_of_date_or_for_another_job_type_is_not_qualified(bench):
    session = bench.ready(size=1)
    row = entry(bench, "shi-jiankao")
    row.job_types.set([bench.world.job_type("0201")])
    with pytest.raises(Refusal) as refused:
        invite(bench, session)
    assert refused.value.code == "not_qualified"
    row.job_types.set([session.job_type])
    row.valid_until = working_day(EXAM_ON, -1)
    row.save()
    with pytest.raises(Refusal):
        invite(bench, session)
    row.valid_until = EXAM_ON
    row.save()
    assert invite(bench, session).state == "INVITED"


def test_accepting_is_ones_own_and_twice_is_once(bench, at_once):
    session = bench.ready(size=1)
    row = invite(bench, session)
    with pytest.raises((NotPermitted, StaffAssignment.DoesNotExist)):
        answering.accept(actor=bench.user("shi-jiankao2"), now=NOW, assignment_id=row.pk)
    user = bench.user("shi-jiankao")
    one, two = at_once(*[lambda: answering.accept(actor=user, now=NOW, assignment_id=row.pk)] * 2)
    assert (one.state, two.state) == ("ACCEPTED", "ACCEPTED")


def test_who_declines_says_why_is_free_again_and_is_replaced_on_record(bench):
    session = bench.ready(size=1)
    row = invite(bench, session)
    user = bench.user("shi-jiankao")
    with pytest.raises(Incomplete):
        answering.decline(actor=user, now=NOW, assignment_id=row.pk, reason=" ")
    answering.decline(actor=user, now=NOW, assignment_id=row.pk, reason="当日出差")
    assert not PersonSlot.objects.filter(assignment=row).exists()
    assert Notice.objects.filter(recipient=bench.officer(), title__contains="谢绝").exists()
    taken = invite(bench, session, "shi-jiankao2", replaces_id=row.pk)
    assert taken.replaces_id == row.pk
    with pytest.raises(WrongState) as refused:
        invite(bench, session, replaces_id=row.pk)
    assert refused.value.code == "not_vacant"


def test_rooms_that_are_short_are_named_before_plan_and_start(bench):
    session = bench.ready(size=1)
    invite(bench, session)
    (short, *_rest) = staffing.shortages([session.pk])[session.pk]
    assert (short.needed, short.assigned, short.unanswered) == (2, 1, 1)
    officer = Client()
    officer.force_login(bench.officer())
    page = officer.get(reverse("exams:session_hold", args=[session.pk])).content.decode()
    assert "监考员应有 2 人，已安排 1 人，其中 1 人未答复" in page


def test_where_the_setting_asks_it_no_exam_begins_with_too_few(bench):
    session = bench.ready(size=1)
    rule = Rule.objects.get(area="examination", code="staff_pool", edition__active=True)
    Rule.objects.filter(pk=rule.pk).update(values=rule.values | {"short_staffed": "error"})
    from certification.rulebook import lookup

    lookup.forget()
    with pytest.raises(Refusal) as refused:
        bench.held(session)
    assert refused.value.code == "short_staffed"


def test_reminders_go_out_once_for_the_answer_and_on_the_eve(bench):
    session = bench.ready(size=1)
    invite(bench, session)
    later = moment(working_day(TODAY, 3))
    assert reminding.remind(later) == {"unanswered": 1, "eve": 0}
    assert reminding.remind(later) == {"unanswered": 0, "eve": 0}
    eve = moment(working_day(EXAM_ON, -1))
    assert reminding.remind(eve) == {"unanswered": 0, "eve": 1}
    assert reminding.remind(eve) == {"unanswered": 0, "eve": 0}


def test_the_pool_takes_own_people_once(bench):
    person = bench.user("shi-luru").person_id
    said = {
        "person_id": person,
        "duty": Duty.EXAMINER,
        "basis": "考聘1号",
        "valid_from": TODAY,
        "valid_until": date(2029, 1, 1),
    }
    row = pool.admit(actor=bench.officer(), now=NOW, **said)
    with pytest.raises(WrongState):
        pool.admit(actor=bench.officer(), now=NOW, **said)
    with pytest.raises(Incomplete):
        pool.admit(actor=bench.user("lanxi-kaowu"), now=NOW, **said)
    pool.end(actor=bench.officer(), now=NOW, entry_id=row.pk, reason="调离")
    assert pool.admit(actor=bench.officer(), now=NOW, **said).pk != row.pk


def test_the_pages_of_pool_answer_and_replacement(bench):
    session = bench.ready(size=1)
    row = invite(bench, session)
    officer, invigilator = Client(), Client()
    officer.force_login(bench.officer())
    invigilator.force_login(bench.user("shi-jiankao"))
    assert "接受" in invigilator.get(reverse("exams:duty_detail", args=[row.pk])).content.decode()
    assert invigilator.post(reverse("exams:duty_accept", args=[row.pk])).status_code == 302
    decline = reverse("exams:duty_decline", args=[row.pk])
    assert f'href="{decline}"' in invigilator.get(reverse("exams:duty_detail", args=[row.pk])).content.decode()
    assert invigilator.post(decline, {"reason": "住院"}).status_code == 302
    staff = officer.get(reverse("exams:session_staff", args=[session.pk])).content.decode()
    assert "已谢绝" in staff
    assert f"replaces={row.pk}" in staff
    assert "云岭考务" in officer.get(reverse("exams:pool_staff")).content.decode()
    wrong = officer.post(reverse("exams:pool_admit"), {"basis": "甲"})
    assert wrong.status_code == 422
    assert 'value="甲"' in wrong.content.decode()
    ending = reverse("exams:pool_end", args=[entry(bench, "shi-jiankao").pk])
    assert officer.post(ending, {"reason": "调离"}).status_code == 302
