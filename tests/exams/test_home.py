"""What the home page and the search box say about examinations."""

from datetime import date
from decimal import Decimal

from django.db import connection
from django.test.utils import CaptureQueriesContext

from certification.catalogue.models import ApplicationKind
from certification.deadlines.badge import render_day
from certification.portal.search import parse
from certification.portal.todo import Kind
from certification.workdays import calendars
from exams.applications import applying
from exams.finding import find
from exams.models import Part
from exams.plans import planning
from exams.scores.results import Row
from exams.todo import lines
from tests.exams.conftest import EXAM_ON, TODAY
from tests.factories import at as moment


def titles(bench, name, now=None):
    return {line.title for line in lines(bench.user(name), now or moment(TODAY)) if line.kind == Kind.TODO}


def test_each_role_is_told_its_next_step(bench, at):
    session = bench.session()
    plan = bench.plan(size=2)
    assert titles(bench, "jigou") == {"生成考试申报"}
    assert titles(bench, "shi-kaowu") == {"编制考试计划"}
    drafts = bench.drafts(plan, session)
    (line,) = [line for line in lines(bench.user("jigou"), moment(TODAY)) if line.title == "提交考试申报材料"]
    assert (line.count, line.deadline.rule.code) == (2, "materials_initial")
    bench.give_papers(bench.drafts(bench.plan(ApplicationKind.RENEWAL, size=1), papers=False), now=moment(TODAY))
    applying.submit_applications(
        actor=bench.user("jigou"), now=moment(TODAY), application_ids=[row.pk for row in drafts]
    )
    bench.move("return_to_filer", drafts[:1], reason="照片不清晰")
    assert "补正被退回的考试申报" in titles(bench, "jigou")
    bench.clear(drafts[1:])
    exam_plan = planning.save_exam_plan(
        actor=bench.officer(), now=moment(TODAY), title="计划", session_ids=[session.pk]
    )
    assert "报送考试计划" in titles(bench, "shi-kaowu")
    planning.file_exam_plan(actor=bench.officer(), now=moment(TODAY), plan_id=exam_plan.pk)
    assert titles(bench, "sheng-kaowu") == {"签收考试计划"}
    assert "安排考场和座位" in titles(bench, "shi-kaowu")
    bench.rooms(session)
    bench.seated(session)
    at(moment(EXAM_ON, 8))
    assert "开考登记" in titles(bench, "shi-kaowu", moment(EXAM_ON, 8))
    bench.held(session)
    assert titles(bench, "shi-luru", moment(EXAM_ON)) == {"录入成绩"}
    assert titles(bench, "shi-fuhe", moment(EXAM_ON)) == set()
    admitted = [row for row in bench.candidates(session) if row.state == "ADMITTED"]
    bench.enter(session, Part.THEORY, [Row(row.pk, score=Decimal(70)) for row in admitted])
    assert titles(bench, "shi-luru", moment(EXAM_ON)) == set()
    assert titles(bench, "shi-fuhe", moment(EXAM_ON)) == {"复核成绩"}
    bench.check(session, Part.THEORY)
    assert titles(bench, "shi-fuhe", moment(EXAM_ON)) == {"公布成绩"}


def test_the_home_page_takes_as_many_queries_for_many_as_for_one(bench):
    counts = []
    for size in (1, 20):
        session = bench.session()
        bench.drafts(bench.plan(size=size), session)
        with CaptureQueriesContext(connection) as captured:
            lines(bench.user("jigou"), moment(TODAY))
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_search_finds_ones_own_by_name_and_number(bench):
    session = bench.session()
    (row,) = bench.submitted(bench.plan(size=1), session)
    for text in (row.person.name, row.number, row.batch.number, row.person.document_number[:10]):
        (found,) = find(bench.user("jigou"), parse(text), 5)
        assert row.person.document_number not in found.detail
        assert list(find(bench.user("lanxi-jigou"), parse(text), 5)) == []
    assert [found.kind for found in find(bench.user("jigou"), parse(session.number), 5)] == ["考试场次"]


def test_an_exam_plan_that_nobody_drafted_in_time_is_overdue(bench, at):
    bench.session()
    assert "编制考试计划" not in titles(bench, "shi-kaowu", moment(EXAM_ON)), "on the day nothing is left to plan"
    late = moment(date(2026, 4, 14))
    (line,) = [line for line in lines(bench.user("shi-kaowu"), late) if line.title == "编制考试计划"]
    assert line.binding
    badge = render_day(line.due_on, late.date(), calendars.current(), binding=line.binding)
    assert "逾期" in badge
    assert "badge--overdue" in badge
