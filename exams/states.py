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
    # The city's review, which the province took over when it was overdue (rules 2.5).
    TAKEN_OVER = "TAKEN_OVER", "待提级审核"
    RETURNED = "RETURNED", "退回补正"
    CLEARED = "CLEARED", "审核通过"
    REFUSED = "REFUSED", "审核不通过"
    WITHDRAWN = "WITHDRAWN", "已撤回"


A = ApplicationState

# States in which a reviewer must act.
# Those in which a city must act; what it leaves undone by its day the province may take over.
WITH_CITY = (A.PRELIMINARY_REVIEW, A.CITY_REVIEW)
UNDER_REVIEW = (*WITH_CITY, A.TAKEN_OVER, A.FINAL_REVIEW, A.DIRECT_REVIEW)
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
        Transition("resubmit_taken_over", "补正后重新提交", (A.RETURNED,), A.TAKEN_OVER),
        # The tier that returned it takes its notice back: as if it had not been returned.
        Transition("recall_preliminary", "撤回补正通知", (A.RETURNED,), A.PRELIMINARY_REVIEW),
        Transition("recall_direct", "撤回补正通知", (A.RETURNED,), A.DIRECT_REVIEW),
        Transition("recall_city", "撤回补正通知", (A.RETURNED,), A.CITY_REVIEW),
        Transition("recall_taken_over", "撤回补正通知", (A.RETURNED,), A.TAKEN_OVER),
        Transition("recall_final", "撤回补正通知", (A.RETURNED,), A.FINAL_REVIEW),
        Transition("take_over", "提级审核", WITH_CITY, A.TAKEN_OVER),
        Transition("forward", "初审通过并转交", (A.PRELIMINARY_REVIEW, A.TAKEN_OVER), A.FINAL_REVIEW),
        Transition("propose_refusal", "拟不通过并转交", (*WITH_CITY, A.TAKEN_OVER), A.FINAL_REVIEW),
        Transition("return_to_city", "退回初审单位", (A.FINAL_REVIEW,), A.PRELIMINARY_REVIEW),
        Transition("return_to_city_review", "退回市级审核", (A.FINAL_REVIEW,), A.CITY_REVIEW),
        Transition("return_to_filer", "退回补正", UNDER_REVIEW, A.RETURNED),
        Transition("clear", "审核通过", (A.FINAL_REVIEW, A.DIRECT_REVIEW, A.CITY_REVIEW, A.TAKEN_OVER), A.CLEARED),
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
    A.TAKEN_OVER: Tier.PROVINCE,
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
        Transition("change_site", "变更考试点", OPEN_SESSIONS, None),
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
# Who left the session, and has nothing to do with its staff any more.
LEFT = (C.MOVED, C.WITHDRAWN)
# Whose ticket, where one was issued, does not hold, and who has no place in a room.
NOT_ADMITTED = (C.LISTED, *LEFT)

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
        # A score re-checked after its release changes what came of the exam.
        Transition("recheck_pass", "复核后合格", (C.FAILED, C.ABSENT), C.PASSED),
        Transition("recheck_fail", "复核后不合格", (C.PASSED, C.ABSENT), C.FAILED),
        Transition("recheck_absent", "复核后缺考", (C.PASSED, C.FAILED), C.ABSENT),
        # An incident was decided, or its decision revoked, after the results were released.
        Transition("void", "成绩无效", (C.PASSED,), C.FAILED),
        Transition("restore", "恢复成绩", (C.FAILED,), C.PASSED),
    ],
)


class ResultState(models.TextChoices):
    ENTERED = "ENTERED", "已录入"
    CHECKED = "CHECKED", "已复核"
    RELEASED = "RELEASED", "已公布"


class RecheckState(models.TextChoices):
    REQUESTED = "REQUESTED", "待核查"
    FOUND = "FOUND", "已核查待审定"
    UPHELD = "UPHELD", "维持原成绩"
    CORRECTED = "CORRECTED", "更正成绩"
    DECLINED = "DECLINED", "不予受理"
    WITHDRAWN = "WITHDRAWN", "已撤回"


OPEN_RECHECKS = (RecheckState.REQUESTED, RecheckState.FOUND)

# A request to have a score re-checked: one looks at the records again, another confirms what was found (rules 4.3).
RECHECK = Machine(
    "exams.ScoreRecheck",
    RecheckState,
    [
        Transition("find", "核查原始记录", (RecheckState.REQUESTED,), RecheckState.FOUND),
        Transition("send_back", "退回重新核查", (RecheckState.FOUND,), RecheckState.REQUESTED),
        Transition("uphold", "维持原成绩", (RecheckState.FOUND,), RecheckState.UPHELD),
        Transition("correct", "更正成绩", (RecheckState.FOUND,), RecheckState.CORRECTED),
        Transition("decline", "不予受理", (RecheckState.REQUESTED,), RecheckState.DECLINED),
        Transition("withdraw", "撤回申请", OPEN_RECHECKS, RecheckState.WITHDRAWN),
    ],
)


RECHECK_HELD_BY = {
    RecheckState.REQUESTED: Tier.ORGANISER,
    RecheckState.FOUND: Tier.ORGANISER,
    RecheckState.UPHELD: Tier.NOBODY,
    RecheckState.CORRECTED: Tier.NOBODY,
    RecheckState.DECLINED: Tier.NOBODY,
    RecheckState.WITHDRAWN: Tier.NOBODY,
}


RESULT = Machine(
    "exams.Result",
    ResultState,
    [
        Transition("correct", "更正录入", (ResultState.ENTERED,), None),
        Transition("check", "复核", (ResultState.ENTERED,), ResultState.CHECKED),
        Transition("send_back", "退回录入", (ResultState.CHECKED,), ResultState.ENTERED),
        Transition("release", "公布", (ResultState.CHECKED,), ResultState.RELEASED),
        Transition("recheck", "复核后更正", (ResultState.RELEASED,), None),
    ],
)
