"""The same person, four entry points, the same findings; submission refuses what the checks refuse."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from approvals.reviews.checks import facts_about
from certification.people.checks.running import run
from certification.people.models import Bar, Education, Person
from certification.rulebook import lookup
from certification.spreadsheets.columns import read_records
from certification.spreadsheets.writing import workbook
from exams.applications import applying
from exams.applications.person_checks import entry_for, errors_against, subject_for
from exams.models import ExamApplication
from tests.exams.conftest import EXAM_ON, TODAY
from tests.factories import at as moment
from tests.people.test_checks import hold
from tests.people.vectors import number
from training.forms.trainees import TraineeForm
from training.models import Trainee
from training.rosters.roster_checks import check_roster
from training.rosters.roster_columns import roster_columns
from training.rosters.submitting import check_entry

NOW = moment(TODAY)


def child(_bench, _person):
    """Somebody of 17."""
    return {"born": "20090101"}


def retired(_bench, _person):
    return {"born": "19650101"}


def retires_soon(_bench, _person):
    return {"born": "19680101"}


def uneducated(_bench, _person):
    return {"education": Education.PRIMARY}


def barred(bench, person):
    Bar.objects.create(
        person=person,
        ground="FRAUD",
        reason="冒名",
        barred_from=TODAY,
        barred_until=date(2028, 1, 1),
        imposed_by=bench.user("sheng-fuze"),
        imposed_at=NOW,
    )
    return {}


def holder(bench, person):
    hold(person, bench.world.job_type("0101"), until=date(2028, 1, 1))
    return {}


def elsewhere(bench, person):
    other = bench.plan(size=0, institution=bench.world.other_institution)
    roster = other.rosters.get()
    Trainee.objects.create(plan=other, person=person, first_roster=roster, education="SENIOR_HIGH", created_at=NOW)
    return {}


def right(_bench, _person):
    return {}


CASES = {
    right: (set(), set()),
    child: ({"too_young"}, set()),
    retired: ({"retired"}, set()),
    retires_soon: (set(), {"retires_soon"}),
    uneducated: ({"education"}, set()),
    barred: ({"barred"}, set()),
    holder: ({"holds"}, set()),
    elsewhere: ({"elsewhere"}, set()),
}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_upload_form_application_and_review_find_the_same(bench, case):
    errors, warnings = CASES[case]
    person = registered(bench, case)
    said = case(bench, person)
    if born := said.get("born"):
        person = registered(bench, case, born=born)
    education = said.get("education", Education.SENIOR_HIGH)
    plan = bench.plan(size=0)
    plan.wished_exam_on, plan.onsite_hours = EXAM_ON, 148
    plan.save()

    label = Education(education).label
    content = workbook(
        ["姓名", "身份证号码", "文化程度", "手机号"],
        [[person.name, person.document_number, label, "13900000000"]],
        text_columns={"身份证号码"},
    )
    upload = read_records(content, "名单.xlsx", roster_columns(TODAY)).records
    assert found(check_roster(plan, upload, today=TODAY)) == (errors, warnings)

    typed = TraineeForm(
        {"name": person.name, "identity": person.document_number, "education": label, "phone": "13900000000"},
        columns=roster_columns(TODAY),
    )
    assert typed.is_valid(), typed.errors
    assert found(check_entry(plan, typed.record, [], today=TODAY)) == (errors, warnings)

    trainee = Trainee.objects.create(
        plan=plan, person=person, first_roster=plan.rosters.get(), education=education, created_at=NOW
    )
    application = application_of(trainee)
    against = errors_against([application], today=TODAY)
    assert {one.problem.code for one in against[application.pk]} == errors
    about = run(subject_for(application, TODAY), [entry_for(application, TODAY)])
    assert {one.problem.code for one in about.errors} == errors
    assert {one.problem.code for one in about.warnings} == warnings

    facts = facts_about(application, today=TODAY)
    titles = {code: lookup.rule("check", code, plan.rule_edition).title for code in errors | warnings}
    assert {fact.label for fact in facts if fact.ok is False} - {"材料"} == {titles[code] for code in errors}
    assert {fact.label for fact in facts if fact.ok is None} == {titles[code] for code in warnings}
    assert all(fact.clause and fact.detail for fact in facts)


def found(check) -> tuple[set[str], set[str]]:
    return {problem.code for problem in check.problems}, {problem.code for problem in check.warnings}


def registered(bench, case, born: str = "19900307") -> Person:
    """A person of the register, another for each case."""
    text = number(born, 21 + 2 * list(CASES).index(case))
    return Person.objects.create(
        document_number=text,
        name="测试人",
        sex="M",
        birth_date=date(int(born[:4]), int(born[4:6]), int(born[6:])),
        created_at=NOW,
    )


def application_of(trainee: Trainee) -> ExamApplication:
    plan = trainee.plan
    made = ExamApplication.objects.create(
        trainee=trainee,
        person=trainee.person,
        plan=plan,
        institution=plan.institution,
        organiser=plan.organiser,
        kind=plan.kind,
        category=plan.category,
        job_type=plan.job_type,
        rule_edition=plan.rule_edition,
        created_at=NOW,
    )
    return ExamApplication.objects.with_case().get(pk=made.pk)


def test_what_the_checks_refuse_is_not_submitted_and_the_others_are(bench):
    plan = bench.plan(size=3)
    drafts = bench.drafts(plan, bench.session())
    hold(drafts[0].person, plan.job_type, until=date(2030, 1, 1))
    Trainee.objects.filter(pk=drafts[1].trainee_id).update(education="PRIMARY")
    done = applying.submit_applications(actor=bench.user("jigou"), now=NOW, application_ids=[row.pk for row in drafts])
    assert [result.refusal and result.refusal.code for result in done] == ["holds", "education", None]
    assert "已持有" in str(done[0].refusal)
    assert "方案四（二）" in str(done[0].refusal)
    states = ExamApplication.objects.filter(plan=plan).order_by("pk").values_list("state", flat=True)
    assert list(states) == ["DRAFT", "DRAFT", "PRELIMINARY_REVIEW"]


def test_who_was_listed_first_keeps_the_person(bench):
    """Another institution that lists somebody later stops nobody's application."""
    plan = bench.plan(size=1)
    (draft,) = bench.drafts(plan, bench.session())
    elsewhere(bench, draft.person)
    assert errors_against([draft], today=TODAY) == {}


def test_the_day_of_the_session_counts_for_retirement(bench):
    plan = bench.plan(size=1)
    (draft,) = bench.drafts(plan, bench.session())
    # Born 1966-01 retires in 2026-05; EXAM_ON is in April.
    retires_after = number("19660115")
    Person.objects.filter(pk=draft.person_id).update(
        document_number=retires_after, birth_date=date(1966, 1, 15), sex="M"
    )
    (row,) = ExamApplication.objects.with_case().filter(pk=draft.pk)
    assert errors_against([row], today=TODAY) == {}
    later = bench.session(day=date(2026, 5, 18))
    (finding,) = errors_against([row], today=TODAY, exam_on=later.starts_on)[row.pk]
    assert finding.problem.message == "开考当日已达法定退休年龄（2026年5月15日）。"


def test_another_institution_is_not_named_when_applications_are_built(bench):
    other = bench.plan(size=1, institution=bench.world.other_institution)
    (first,) = _built(bench, other, "lanxi-jigou")
    plan = bench.plan(size=0)
    Trainee.objects.create(
        plan=plan, person=first.person, first_roster=plan.rosters.get(), education="SENIOR_HIGH", created_at=NOW
    )
    (result,) = applying.build_applications(actor=bench.user("jigou"), now=NOW, plan_id=plan.pk)
    assert result.refusal.code == "already_open"
    assert bench.world.other_institution.short_name not in str(result.refusal)
    assert "其他培训机构" in str(result.refusal)


def _built(bench, plan, username):
    done = applying.build_applications(actor=bench.user(username), now=NOW, plan_id=plan.pk)
    return [result.row for result in done if result.ok]


def test_checking_applications_takes_as_many_queries_for_one_as_for_many(bench):
    rows = bench.drafts(bench.plan(size=40), bench.session(capacity=60), papers=False)
    errors_against(rows, today=TODAY)
    counts = []
    for chosen in (rows[:1], rows):
        fresh = list(ExamApplication.objects.with_case().filter(pk__in=[row.pk for row in chosen]))
        with CaptureQueriesContext(connection) as queries:
            errors_against(fresh, today=TODAY)
        counts.append(len(queries))
    assert counts[0] == counts[1]
