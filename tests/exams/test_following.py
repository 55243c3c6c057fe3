"""An exam plan filed with provisional numbers follows the review (rules 3.4): who dropped out, who came in."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from certification.notices.models import Notice
from exams.models import ExamPlan, ExamPlanItem
from exams.plans import following
from exams.sessions import assigning
from tests.exams.conftest import TODAY
from tests.exams.test_late import admitted, submit
from tests.factories import at as moment

FILED = moment(date(2026, 4, 7))
# The day for materials was Wednesday 2026-04-08; the last review is due on 04-14.
AFTER = moment(date(2026, 4, 10))
LATER = moment(date(2026, 4, 10), 15)


@pytest.fixture
def filed(bench):
    """A plan filed while the reviews of its three candidates are open."""
    session = bench.session(capacity=10)
    applications = bench.submitted(bench.plan(size=3), session)
    bench.planned(session, now=FILED)
    return session, applications


def told(bench, name: str):
    return Notice.objects.filter(recipient=bench.user(name), title__contains="核定人数")


def test_the_final_numbers_follow_once_everybody_is_decided(bench, filed, browse, at):
    session, (first, second, third) = filed
    bench.move("forward", [first, second, third], now=FILED)
    bench.move("clear", [first], by="sheng-shenhe", now=FILED)
    bench.move("refuse", [second], by="sheng-shenhe", now=AFTER, reason="体检结论不合格")
    assert following.follow_up_all(AFTER) == {"told": 0}
    at(AFTER)
    page = browse("sheng-kaowu")
    url = f"/exams/plans/{ExamPlan.objects.get().pk}/"
    assert "1 人在审" in page.get(url).content.decode()
    bench.move("clear", [third], by="sheng-shenhe", now=AFTER)
    assert [following.follow_up_all(AFTER) for _twice in range(2)] == [{"told": 1}, {"told": 0}]
    item = ExamPlanItem.objects.get()
    assert (item.expected, item.final, item.followed_at) == (3, 2, AFTER)
    for name in ("shi-kaowu", "sheng-kaowu"):
        (notice,) = told(bench, name)
        assert "预计 3 人，核定 2 人" in notice.body
        assert f"{second.person}（审核不通过：体检结论不合格）" in notice.body
        shown = browse(name).get(url).content.decode()
        assert "体检结论不合格" in shown
        assert "2 人" in shown


def test_before_the_day_for_materials_nothing_is_final(bench, filed):
    session, applications = filed
    bench.clear(applications, now=FILED)
    assert following.follow_up_all(FILED) == {"told": 0}
    assert following.follow_up_all(AFTER) == {"told": 1}


def test_who_comes_in_late_or_leaves_afterwards_is_told_again(bench, filed):
    session, applications = filed
    bench.clear(applications, now=FILED)
    following.follow_up_all(AFTER)
    drafts = bench.drafts(bench.plan(size=1), session, now=FILED)
    late = [result.refusal for result in submit(bench, drafts, now=LATER)]
    admitted(bench, late, now=LATER)
    assert all(result.ok for result in submit(bench, drafts, now=LATER))
    # In review again: not final.
    assert following.follow_up_all(LATER) == {"told": 0}
    bench.clear(drafts, now=LATER)
    leaving = bench.candidates(session)[0]
    assigning.move_to_pool(actor=bench.officer(), now=LATER, candidate_ids=[leaving.pk], reason="住院")
    assert following.follow_up_all(moment(date(2026, 4, 11))) == {"told": 1}
    notice = told(bench, "sheng-kaowu").order_by("pk").last()
    assert "核定 3 人；退出 1 人" in notice.body
    assert "住院" in notice.body
    assert "逾期特批：情况属实" in notice.body


def test_two_jobs_at_once_tell_once(bench, filed, at_once):
    _session, applications = filed
    bench.clear(applications, now=FILED)
    at_once(lambda: following.follow_up_all(AFTER), lambda: following.follow_up_all(AFTER))
    assert told(bench, "sheng-kaowu").count() == 1


def test_as_many_queries_for_many_sessions_as_for_one(bench):
    sessions = [bench.session(day=date(2026, 4, day)) for day in (15, 16, 17)]
    for session in sessions:
        bench.submitted(bench.plan(size=2), session)
        bench.planned(session, now=moment(TODAY))
    items = list(ExamPlanItem.objects.select_related("session__job_type__group"))
    following.follow_ups(items[:1], now=AFTER)
    with CaptureQueriesContext(connection) as one:
        following.follow_ups(items[:1], now=AFTER)
    with CaptureQueriesContext(connection) as three:
        found = following.follow_ups(items, now=AFTER)
    assert len(three) == len(one)
    assert [one.undecided for one in found] == [2, 2, 2]
