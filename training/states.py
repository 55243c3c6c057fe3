"""States and transition tables of training plans, their receipts, and trainees."""

from django.db import models

from certification.deadlines.holders import Tier
from certification.inspections import states as inspections
from certification.inspections.states import CheckState
from certification.workflow import Machine, Transition


class PlanState(models.TextChoices):
    DRAFT = "DRAFT", "草稿"
    FILED = "FILED", "已报备"
    ACKNOWLEDGED = "ACKNOWLEDGED", "已签收"
    RETURNED = "RETURNED", "已退回"
    REJECTED = "REJECTED", "不予报备"
    WITHDRAWN = "WITHDRAWN", "已撤回"


# States in which the class stands: 报备 is filing, not approval, so that it may start unacknowledged (rules 3).
STANDING = (PlanState.FILED, PlanState.ACKNOWLEDGED)


class Phase(models.TextChoices):
    """Where a standing class is on some day; derived from its dates, never stored."""

    UPCOMING = "upcoming", "待开班"
    RUNNING = "running", "培训中"
    ENDED = "ended", "已结班"


PLAN = Machine(
    "training.TrainingPlan",
    PlanState,
    [
        Transition("file", "报备", (PlanState.DRAFT,), PlanState.FILED),
        Transition("refile", "重新报备", (PlanState.RETURNED,), PlanState.FILED),
        # Another class start is a new version, which its recipients answer again (rules 2.2, 3.5).
        Transition("move", "变更开班日期", STANDING, PlanState.FILED),
        # The province may overrule a city that returned or rejected, so that these lead on from there too.
        Transition(
            "acknowledge", "签收", (PlanState.FILED, PlanState.RETURNED, PlanState.REJECTED), PlanState.ACKNOWLEDGED
        ),
        Transition("return", "退回", (PlanState.FILED, PlanState.ACKNOWLEDGED, PlanState.REJECTED), PlanState.RETURNED),
        Transition(
            "reject", "不予报备", (PlanState.FILED, PlanState.ACKNOWLEDGED, PlanState.RETURNED), PlanState.REJECTED
        ),
        Transition("withdraw", "撤回", (PlanState.DRAFT, PlanState.FILED, PlanState.RETURNED), PlanState.WITHDRAWN),
    ],
)


# Who holds a plan (用时明细). Filed, it waits for its receipts; 报备 is no approval: the class may run meanwhile.
PLAN_HELD_BY = {
    PlanState.DRAFT: Tier.INSTITUTION,
    PlanState.FILED: Tier.ORGANISER,
    PlanState.ACKNOWLEDGED: Tier.INSTITUTION,
    PlanState.RETURNED: Tier.INSTITUTION,
    PlanState.REJECTED: Tier.NOBODY,
    PlanState.WITHDRAWN: Tier.NOBODY,
}


class ReceiptState(models.TextChoices):
    RECEIVED = "RECEIVED", "已收到"
    ACKNOWLEDGED = "ACKNOWLEDGED", "已签收"
    RETURNED = "RETURNED", "已退回"
    REJECTED = "REJECTED", "不予报备"


RECEIPT = Machine(
    "training.PlanReceipt",
    ReceiptState,
    [
        Transition("acknowledge", "签收", (ReceiptState.RECEIVED,), ReceiptState.ACKNOWLEDGED),
        Transition("return", "退回", (ReceiptState.RECEIVED, ReceiptState.ACKNOWLEDGED), ReceiptState.RETURNED),
        Transition("reject", "不予报备", (ReceiptState.RECEIVED, ReceiptState.ACKNOWLEDGED), ReceiptState.REJECTED),
        Transition("receive_again", "重新收到", tuple(ReceiptState), ReceiptState.RECEIVED),
    ],
)


class TraineeState(models.TextChoices):
    ENROLLED = "ENROLLED", "在册"
    WITHDRAWN = "WITHDRAWN", "已退班"


TRAINEE = Machine(
    "training.Trainee",
    TraineeState,
    [Transition("withdraw", "退班", (TraineeState.ENROLLED,), TraineeState.WITHDRAWN)],
)


class LessonState(models.TextChoices):
    PLANNED = "PLANNED", "已排课"
    CANCELLED = "CANCELLED", "已取消"


LESSON = Machine(
    "training.Lesson",
    LessonState,
    [
        Transition("change", "调课", (LessonState.PLANNED,), None),
        Transition("cancel", "取消课程", (LessonState.PLANNED,), LessonState.CANCELLED),
    ],
)


SPOT_CHECK = inspections.machine("training.SpotCheck")

# Who holds a spot check (用时明细).
CHECK_HELD_BY = {
    CheckState.CLEAN: Tier.NOBODY,
    CheckState.REMEDY: Tier.INSTITUTION,
    CheckState.ANSWERED: Tier.ORGANISER,
    CheckState.RETURNED: Tier.INSTITUTION,
    CheckState.CONFIRMED: Tier.NOBODY,
}
