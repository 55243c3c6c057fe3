"""The numbers of examinations on the home page of those who oversee; each opens the rows behind it."""

from collections.abc import Iterator
from datetime import datetime

from certification import clock
from certification.organisations.models import User
from certification.portal.todo import Todo, figure, overseen
from exams.models import ExamApplication, ExamPlan, ExamSession
from exams.sessions.assigning import pool_seen_by
from exams.states import ApplicationState, ExamPlanState, SessionState


def _applications(user: User, now: datetime) -> Iterator[Todo]:
    count = ExamApplication.objects.visible_to(user).filter(state=ApplicationState.RETURNED).count()
    yield figure("退回补正中的申报", "exams:application_list", count, state=ApplicationState.RETURNED)


def _coming(user: User, now: datetime) -> Iterator[Todo]:
    count = ExamSession.objects.visible_to(user).filter(starts_on__gt=clock.day_of(now)).count()
    yield figure("将要举行的考试场次", "exams:session_list", count, coming=1)


def _plans(user: User, now: datetime) -> Iterator[Todo]:
    count = ExamPlan.objects.visible_to(user).filter(state=ExamPlanState.FILED).count()
    yield figure("等待签收的考试计划", "exams:plan_list", count, state=ExamPlanState.FILED)


def _waiting(user: User, now: datetime) -> Iterator[Todo]:
    yield figure("待安排考试的人员", "exams:pool", pool_seen_by(user, today=clock.day_of(now)).count())


def _results(user: User, now: datetime) -> Iterator[Todo]:
    count = ExamSession.objects.visible_to(user).filter(state=SessionState.HELD).count()
    yield figure("已开考、成绩未公布的场次", "exams:results_list", count, state=SessionState.HELD)


lines = overseen(
    {
        "exams.application.view": (_applications,),
        "exams.session.view": (_coming,),
        "exams.plan.view": (_plans,),
        "exams.pool.view": (_waiting,),
        "exams.results.view": (_results,),
    }
)
