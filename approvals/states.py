"""States and transition tables of licence applications, card requests and dossiers."""

from django.db import models

from certification.deadlines.holders import Tier
from certification.workflow import Machine, Transition


class BatchState(models.TextChoices):
    PREPARED = "PREPARED", "待提交"
    SUBMITTED = "SUBMITTED", "已提交"


BATCH = Machine(
    "approvals.LicenceApplication",
    BatchState,
    [Transition("submit", "提交发证许可申请", (BatchState.PREPARED,), BatchState.SUBMITTED)],
)


class LicenceState(models.TextChoices):
    """One person in a licence application."""

    PREPARED = "PREPARED", "待提交"
    SUBMITTED = "SUBMITTED", "待受理"
    CORRECTION = "CORRECTION", "待补正"
    ACCEPTED = "ACCEPTED", "已受理"
    RECONCILED = "RECONCILED", "已核对"
    GRANTED = "GRANTED", "准予许可"
    REFUSED = "REFUSED", "不予许可"
    SERVED = "SERVED", "已送达"


L = LicenceState

LICENCE = Machine(
    "approvals.LicenceApplicant",
    LicenceState,
    [
        Transition("submit", "提交", (L.PREPARED,), L.SUBMITTED),
        Transition("accept", "受理", (L.SUBMITTED,), L.ACCEPTED),
        Transition("ask_correction", "一次性告知补正", (L.SUBMITTED,), L.CORRECTION),
        Transition("answer_correction", "补正后重新提交", (L.CORRECTION,), L.SUBMITTED),
        Transition("resend", "更正报送内容", (L.ACCEPTED,), None),
        Transition("compare", "核对（有差异）", (L.ACCEPTED,), None),
        Transition("reconcile", "核对成绩和名单", (L.ACCEPTED,), L.RECONCILED),
        Transition("pause", "中止计算期限", (L.ACCEPTED, L.RECONCILED), None),
        Transition("grant", "准予许可", (L.RECONCILED,), L.GRANTED),
        Transition("refuse", "不予许可", (L.ACCEPTED, L.RECONCILED), L.REFUSED),
        Transition("serve", "送达", (L.GRANTED, L.REFUSED), L.SERVED),
    ],
)

# Accepted and not decided: whose decision clocks can stand still and be extended.
IN_DECISION = (L.ACCEPTED, L.RECONCILED)
DECIDED = (L.GRANTED, L.REFUSED, L.SERVED)


# Who holds a person's licence application (用时明细); a decision is not over before it is served.
LICENCE_HELD_BY = {
    L.PREPARED: Tier.ORGANISER,
    L.SUBMITTED: Tier.PROVINCE,
    L.CORRECTION: Tier.ORGANISER,
    L.ACCEPTED: Tier.PROVINCE,
    L.RECONCILED: Tier.PROVINCE,
    L.GRANTED: Tier.PROVINCE,
    L.REFUSED: Tier.PROVINCE,
    L.SERVED: Tier.NOBODY,
}


class ExtensionState(models.TextChoices):
    """Whether the head lets the statutory limit of one decision be longer."""

    REQUESTED = "REQUESTED", "待批准"
    APPROVED = "APPROVED", "已批准延长"
    DECLINED = "DECLINED", "不批准延长"
    WITHDRAWN = "WITHDRAWN", "已撤回"
    LAPSED = "LAPSED", "已作出决定，不再延长"


E = ExtensionState

EXTENSION = Machine(
    "approvals.ExtensionProposal",
    ExtensionState,
    [
        Transition("approve", "批准延长", (E.REQUESTED,), E.APPROVED),
        Transition("decline", "不批准延长", (E.REQUESTED,), E.DECLINED),
        Transition("withdraw", "撤回提请", (E.REQUESTED,), E.WITHDRAWN),
        Transition("lapse", "已作出决定，提请终止", (E.REQUESTED,), E.LAPSED),
    ],
)


class CardState(models.TextChoices):
    REQUESTED = "REQUESTED", "已申请"
    PRINTED = "PRINTED", "已制证"
    HANDED_OVER = "HANDED_OVER", "已领取"
    CANCELLED = "CANCELLED", "已取消"


CARD = Machine(
    "approvals.CardRequest",
    CardState,
    [
        Transition("print", "制证", (CardState.REQUESTED,), CardState.PRINTED),
        Transition("hand_over", "发放", (CardState.PRINTED,), CardState.HANDED_OVER),
        Transition("cancel", "取消", (CardState.REQUESTED, CardState.PRINTED), CardState.CANCELLED),
    ],
)


class DossierState(models.TextChoices):
    OPEN = "OPEN", "归集中"
    SEALED = "SEALED", "已封存"


DOSSIER = Machine(
    "approvals.Dossier",
    DossierState,
    [Transition("seal", "封存", (DossierState.OPEN,), DossierState.SEALED)],
)
