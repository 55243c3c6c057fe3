"""Rosters: every problem in one pass, nothing half saved, versions, closing at 24:00 of class start."""

from datetime import date, timedelta

import pytest

from certification.deadlines import ledger
from certification.people.identity import check_character, check_identity_number
from certification.people.models import Bar, Certificate, Person
from certification.records.models import StoredFile
from certification.refusals import Incomplete, TooLate, WrongState
from certification.rulebook import lookup
from certification.spreadsheets.columns import Record
from tests.factories import at
from tests.training.conftest import CLASS_START, FILED_ON, VALUES
from tests.training.test_acknowledging import CountQueries
from training.models import Roster, RosterReceipt, Trainee
from training.plans import acknowledging, filing
from training.plans.plan_entry import TeacherEntry
from training.rosters import submitting
from training.rosters.roster_checks import check_roster

NOW = at(date(2026, 4, 15))


def submit(world, plan, records, *, now=NOW, username="jigou", **kwargs):
    return submitting.submit_roster(actor=world.user(username), now=now, plan_id=plan.pk, records=records, **kwargs)


def number(born, sequence=21, division="110105"):
    body = f"{division}{born}{sequence:03d}"
    return body + check_character(body)


def person_row(row, born, name="测试人", sequence=21, **changes):
    identity = check_identity_number(number(born, sequence), today=date(2026, 1, 1))
    return record_of(row, identity, name, **changes)


def record_of(row, identity, name, **changes):
    values = {"name": name, "identity": identity, "education": "SENIOR_HIGH", "phone": "13800000000"}
    return Record(row, {**values, **changes})


def test_a_roster_makes_trainees_and_a_receipt_for_each_recipient(world, plan, records):
    roster = submit(world, plan, records(5))
    assert (roster.version, roster.headcount) == (1, 5)
    assert Trainee.objects.filter(plan=plan, state="ENROLLED").count() == 5
    receipts = RosterReceipt.objects.filter(roster=roster).order_by("pk")
    assert [receipt.recipient for receipt in receipts] == [world.centre, world.bureau]
    assert ledger.find("roster", plan).met_at == NOW


def test_the_day_of_class_start_is_in_time_and_the_next_is_not(world, plan, records):
    rows = records(3)
    submit(world, plan, rows[:2], now=at(CLASS_START, 23, 59))
    with pytest.raises(TooLate) as refused:
        submit(world, plan, rows, now=at(CLASS_START + timedelta(days=1), 0, 0))
    assert refused.value.due_on == CLASS_START
    assert Roster.objects.count() == 1


def test_every_problem_of_every_row_in_one_pass(world, plan, records):
    rows = records(2)
    barred, elsewhere, holder = world.persons(3)
    Bar.objects.create(
        person=barred,
        ground="FRAUD",
        reason="",
        barred_from=date(2026, 1, 1),
        barred_until=date(2028, 12, 31),
        imposed_by=world.user("sheng-fuze"),
        imposed_at=NOW,
    )
    other_class(world, elsewhere)
    hold(holder, world, until=date(2030, 1, 1))
    plan.capacity = 5
    plan.save()
    found = check_roster(
        plan,
        [
            *rows,
            record_of(6, rows[0]["identity"], rows[0]["name"]),
            person_row(7, "20100101"),
            person_row(8, "19600101"),
            person_row(9, "19900101", education="PRIMARY"),
            person_row(10, "19900102", job_type="高压电工作业"),
            of(11, barred),
            of(12, elsewhere),
            of(13, holder),
        ],
        today=NOW.date(),
    )
    codes = {(problem.row, problem.code) for problem in found.problems}
    assert codes >= {
        (None, "capacity"),
        (6, "duplicate"),
        (7, "too_young"),
        (8, "retired"),
        (9, "education"),
        (10, "other_job_type"),
        (11, "barred"),
        (12, "elsewhere"),
        (13, "holds"),
    }
    assert all(problem.advice for problem in found.problems)
    with pytest.raises(Incomplete):
        submit(world, plan, found.records)
    assert Trainee.objects.filter(plan=plan).count() == Roster.objects.filter(plan=plan).count() == 0


def test_the_provinces_default_decides_when_a_woman_retires_who_declares_nothing(world, plan, monkeypatch):
    """Somebody of 52 is retired by F50, not by F55 (rule ``female_class_default``)."""
    row = person_row(3, "19740101", sequence=22)
    assert "retired" not in {one.code for one in check_roster(plan, [row], today=NOW.date()).problems}
    rule = lookup.rule("eligibility", "female_class_default", plan.rule_edition)
    monkeypatch.setitem(rule.values, "class", "F50")
    assert "retired" in {one.code for one in check_roster(plan, [row], today=NOW.date()).problems}


def of(row, person):
    return record_of(row, check_identity_number(person.document_number, today=date(2026, 1, 1)), person.name)


def other_class(world, person):
    """The person in a class of another institution for the same job type."""
    lanxi = world.user("lanxi-jigou")
    teacher = world.invented()[0]
    values = {**VALUES, "job_type": world.job_type("0101")}
    entries = [TeacherEntry(teacher.name, teacher.number)]
    plan = filing.save_draft(actor=lanxi, now=at(FILED_ON), teachers=entries, **values)
    plan = filing.file_plan(actor=lanxi, now=at(FILED_ON), plan_id=plan.pk)
    submit(world, plan, [of(4, person)], username="lanxi-jigou")
    return plan


def hold(person, world, *, until, review=None):
    return Certificate.objects.create(
        person=person,
        job_type=world.job_type("0101"),
        number=f"T{person.document_number}",
        first_issued_on=date(2020, 5, 1),
        valid_from=date(2020, 5, 1),
        valid_until=until,
        review_due_on=review,
        authority="云岭省应急管理厅",
        source="IMPORTED",
    )


def test_the_name_of_another_institution_is_not_told(world, plan):
    (person,) = world.persons(1)
    other = other_class(world, person)
    (problem,) = check_roster(plan, [of(4, person)], today=NOW.date()).problems
    assert problem.code == "elsewhere"
    assert other.institution.name not in problem.message


def test_warnings_do_not_block(world, plan):
    (person,) = world.persons(1)
    renamed = of(4, person)
    renamed.values["name"] = "别名"
    found = check_roster(plan, [renamed], today=NOW.date())
    assert {warning.code for warning in found.warnings} == {"name_differs"}
    submit(world, plan, found.records)
    assert Person.objects.get(pk=person.pk).name == person.name


def test_renewals_need_a_certificate_that_has_not_lapsed(world, draft):
    plan = filing.file_plan(
        actor=world.user("jigou"), now=at(FILED_ON), plan_id=draft(kind="RENEWAL", onsite_hours=24).pk
    )
    holder, lapsed, none = world.persons(3)
    certificate = hold(holder, world, until=date(2026, 6, 10))
    hold(lapsed, world, until=date(2026, 4, 1))
    found = check_roster(plan, [of(4, holder), of(5, lapsed), of(6, none)], today=NOW.date())
    assert {(problem.row, problem.code) for problem in found.problems} == {(5, "lapsed"), (6, "holds_none")}
    submit(world, plan, [of(4, holder)], now=at(CLASS_START + timedelta(days=2)))
    assert Trainee.objects.get(plan=plan).certificate == certificate


def test_a_later_version_lets_people_join_leave_and_change(world, plan, records):
    rows = records(4)
    submit(world, plan, rows[:3])
    rows[1].values["employer"] = "新单位"
    second = submit(world, plan, rows[1:])
    states = dict(Trainee.objects.filter(plan=plan).values_list("person__document_number", "state"))
    assert states[rows[0]["identity"].number] == "WITHDRAWN"
    assert sorted(states.values()) == ["ENROLLED"] * 3 + ["WITHDRAWN"]
    assert second.version == 2
    changed = Trainee.objects.get(plan=plan, person__document_number=rows[1]["identity"].number)
    assert changed.employer == "新单位"


def test_the_same_file_again_changes_nothing(world, plan, records):
    rows = records(2)
    actor = world.user("jigou")
    file = StoredFile.store(b"abc", name="a.csv", media_type="text/csv", owner=plan, actor=actor, now=NOW)
    submit(world, plan, rows, file=file)
    again = StoredFile.store(b"abc", name="b.csv", media_type="text/csv", owner=plan, actor=actor, now=NOW)
    with pytest.raises(submitting.NothingChanged):
        submit(world, plan, rows, file=again)
    assert Roster.objects.count() == 1


def test_a_returned_or_withdrawn_class_takes_no_roster(world, plan, records):
    receipt = plan.receipts.get(recipient=world.centre)
    acknowledging.return_plan(
        actor=world.user("sheng-shenhe"), now=at(FILED_ON, 15), receipt_id=receipt.pk, reason="教师不足"
    )
    with pytest.raises(WrongState, match="退回"):
        submit(world, plan, records(1))


def test_checking_and_submitting_take_the_same_queries_for_two_rows_and_twenty(world, draft, records):
    counts = []
    for size in (1, 2, 20):
        plan = filing.file_plan(actor=world.user("jigou"), now=at(FILED_ON), plan_id=draft().pk)
        with CountQueries() as counted:
            submit(world, plan, records(size))
        counts.append(counted.number)
    assert counts[-2] == counts[-1]
