"""States and transition tables of everything that moves in examinations."""

from django.db import models

from certification.deadlines.holders import Tier
from certification.workflow import Machine, Transition


class ApplicationState(models.TextChoices):
    """Where the review of an exam application stands; whether it has a session is told by its candidates."""

    DRAFT = "DRAFT", "待提交"
    PRELIMINARY_REVIEW = "PRELIMINARY_REVIEW", "待初审"
    FINAL_REVIEW = "FINAL_REVIEW", "待省级审核"
    DIRECT_REVIEW = "DIRECT_REVIEW", "待审核"
    CITY_REVIEW = "CITY_REVIEW", "待市级审核"
    RETURNED = "RETURNED", "退回补正"
    CLEARED = "CLEARED", "审核通过"
    REFUSED = "REFUSED", "审核不通过"
    WITHDRAWN = "WITHDRAWN", "已撤回"


A = ApplicationState

# States in which a reviewer must act.
UNDER_REVIEW = (A.PRELIMINARY_REVIEW, A.FINAL_REVIEW, A.DIRECT_REVIEW, A.CITY_REVIEW)
# States that block a second application of the same person for the same job type.
OPEN = (A.DRAFT, *UNDER_REVIEW, A.RETURNED, A.CLEARED)

# States in which an application may wait for a session (待安排考试) or be in one.
IN_POOL = (*UNDER_REVIEW, A.RETURNED, A.CLEARED)

# Review routes (rules 3.1): who reviews first follows from category and kind.
APPLICATION = Machine(
    "exams.ExamApplication",
    ApplicationState,
    [
        Transition("submit_preliminary", "提交初审", (A.DRAFT, A.RETURNED), A.PRELIMINARY_REVIEW),
        Transition("submit_direct", "提交审核", (A.DRAFT, A.RETURNED), A.DIRECT_REVIEW),
        Transition("submit_city", "提交市级审核", (A.DRAFT, A.RETURNED), A.CITY_REVIEW),
        Transition("resubmit_final", "补正后重新提交", (A.RETURNED,), A.FINAL_REVIEW),
        Transition("forward", "初审通过并转交", (A.PRELIMINARY_REVIEW,), A.FINAL_REVIEW),
        Transition("propose_refusal", "拟不通过并转交", (A.PRELIMINARY_REVIEW, A.CITY_REVIEW), A.FINAL_REVIEW),
        Transition("return_to_city", "退回初审单位", (A.FINAL_REVIEW,), A.PRELIMINARY_REVIEW),
        Transition("return_to_city_review", "退回市级审核", (A.FINAL_REVIEW,), A.CITY_REVIEW),
        Transition("return_to_filer", "退回补正", UNDER_REVIEW, A.RETURNED),
        Transition("clear", "审核通过", (A.FINAL_REVIEW, A.DIRECT_REVIEW, A.CITY_REVIEW), A.CLEARED),
        Transition("object", "提出异议", (A.CLEARED,), A.CITY_REVIEW),
        Transition("refuse", "审核不通过", (A.FINAL_REVIEW, A.DIRECT_REVIEW, A.CLEARED), A.REFUSED),
        Transition("withdraw", "撤回", (A.DRAFT, *UNDER_REVIEW, A.RETURNED, A.CLEARED), A.WITHDRAWN),
    ],
)


# Who holds an application (用时明细); once cleared it waits for its exam.
APPLICATION_HELD_BY = {
    A.DRAFT: Tier.INSTITUTION,
    A.PRELIMINARY_REVIEW: Tier.CITY,
    A.FINAL_REVIEW: Tier.PROVINCE,
    A.DIRECT_REVIEW: Tier.PROVINCE,
    A.CITY_REVIEW: Tier.CITY,
    A.RETURNED: Tier.INSTITUTION,
    A.CLEARED: Tier.ORGANISER,
    A.REFUSED: Tier.NOBODY,
    A.WITHDRAWN: Tier.NOBODY,
}


class SessionState(models.TextChoices):
    ANNOUNCED = "ANNOUNCED", "已公布"
    PLANNED = "PLANNED", "已报考试计划"
    HELD = "HELD", "已开考"
    RELEASED = "RELEASED", "成绩已公布"
    CANCELLED = "CANCELLED", "已取消"


# States before the exam: everything about the session can still be arranged.
OPEN_SESSIONS = (SessionState.ANNOUNCED, SessionState.PLANNED)

SESSION = Machine(
    "exams.ExamSession",
    SessionState,
    [
        Transition("plan", "列入考试计划", (SessionState.ANNOUNCED,), SessionState.PLANNED),
        Transition("unplan", "移出考试计划", (SessionState.PLANNED,), SessionState.ANNOUNCED),
        Transition("move", "变更考试时间", OPEN_SESSIONS, None),
        Transition("cancel", "取消场次", OPEN_SESSIONS, SessionState.CANCELLED),
        Transition("hold", "开考", (SessionState.PLANNED,), SessionState.HELD),
        Transition("release", "公布成绩", (SessionState.HELD,), SessionState.RELEASED),
    ],
)


SESSION_HELD_BY = {
    SessionState.ANNOUNCED: Tier.ORGANISER,
    SessionState.PLANNED: Tier.ORGANISER,
    SessionState.HELD: Tier.ORGANISER,
    SessionState.RELEASED: Tier.NOBODY,
    SessionState.CANCELLED: Tier.NOBODY,
}


class ExamPlanState(models.TextChoices):
    DRAFT = "DRAFT", "草稿"
    FILED = "FILED", "已报送"
    ACKNOWLEDGED = "ACKNOWLEDGED", "已签收"
    RETURNED = "RETURNED", "已退回"


FILED_PLANS = (ExamPlanState.FILED, ExamPlanState.ACKNOWLEDGED)

EXAM_PLAN = Machine(
    "exams.ExamPlan",
    ExamPlanState,
    [
        Transition("file", "报送", (ExamPlanState.DRAFT, ExamPlanState.RETURNED), ExamPlanState.FILED),
        Transition("acknowledge", "签收", (ExamPlanState.FILED,), ExamPlanState.ACKNOWLEDGED),
        Transition("return", "退回", FILED_PLANS, ExamPlanState.RETURNED),
        # A session of a filed plan moved or was cancelled: a new version, which the province takes note of again.
        Transition("amend", "变更", FILED_PLANS, ExamPlanState.FILED),
    ],
)


EXAM_PLAN_HELD_BY = {
    ExamPlanState.DRAFT: Tier.ORGANISER,
    ExamPlanState.FILED: Tier.PROVINCE,
    ExamPlanState.ACKNOWLEDGED: Tier.NOBODY,
    ExamPlanState.RETURNED: Tier.ORGANISER,
}


class CandidateState(models.TextChoices):
    """One application in one session."""

    LISTED = "LISTED", "已安排场次"
    ADMITTED = "ADMITTED", "准予参加考试"
    MOVED = "MOVED", "转入待安排"
    WITHDRAWN = "WITHDRAWN", "已退出"
    PASSED = "PASSED", "考试合格"
    FAILED = "FAILED", "考试不合格"
    ABSENT = "ABSENT", "缺考"


C = CandidateState

# States in which the application occupies this session.
IN_SESSION = (C.LISTED, C.ADMITTED)
EXAMINED = (C.PASSED, C.FAILED, C.ABSENT)

CANDIDATE = Machine(
    "exams.Candidate",
    CandidateState,
    [
        Transition("admit", "准予参加考试", (C.LISTED,), C.ADMITTED),
        Transition("unadmit", "取消准考", (C.ADMITTED,), C.LISTED),
        Transition("move", "转入待安排", IN_SESSION, C.MOVED),
        Transition("withdraw", "退出", IN_SESSION, C.WITHDRAWN),
        Transition("pass", "考试合格", (C.ADMITTED,), C.PASSED),
        Transition("fail", "考试不合格", (C.ADMITTED,), C.FAILED),
        Transition("be_absent", "缺考", (C.ADMITTED,), C.ABSENT),
    ],
)


class ResultState(models.TextChoices):
    ENTERED = "ENTERED", "已录入"
    CHECKED = "CHECKED", "已复核"
    RELEASED = "RELEASED", "已公布"


RESULT = Machine(
    "exams.Result",
    ResultState,
    [
        Transition("correct", "更正录入", (ResultState.ENTERED,), None),
        Transition("check", "复核", (ResultState.ENTERED,), ResultState.CHECKED),
        Transition("send_back", "退回录入", (ResultState.CHECKED,), ResultState.ENTERED),
        Transition("release", "公布", (ResultState.CHECKED,), ResultState.RELEASED),
    ],
)
