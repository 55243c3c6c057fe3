"""States and transition tables of licence applications, bars, card requests and dossiers."""

from django.db import models

from certification.deadlines.holders import Tier
from certification.workflow import Machine, Transition


class BatchState(models.TextChoices):
    PREPARED = "PREPARED", "待提交"
    SUBMITTED = "SUBMITTED", "已提交"


BATCH = Machine(
    "approvals.LicenceApplication",
    BatchState,
    [
        Transition("prepare_again", "重新生成报送文件", (BatchState.PREPARED,), None),
        Transition("submit", "提交发证许可申请", (BatchState.PREPARED,), BatchState.SUBMITTED),
    ],
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
    NOT_ACCEPTED = "NOT_ACCEPTED", "不予受理"
    WITHDRAWN = "WITHDRAWN", "已撤回"


L = LicenceState

LICENCE = Machine(
    "approvals.LicenceApplicant",
    LicenceState,
    [
        Transition("submit", "提交", (L.PREPARED,), L.SUBMITTED),
        Transition("accept", "受理", (L.SUBMITTED,), L.ACCEPTED),
        Transition("not_accept", "不予受理", (L.SUBMITTED,), L.NOT_ACCEPTED),
        Transition("ask_correction", "一次性告知补正", (L.SUBMITTED,), L.CORRECTION),
        Transition("answer_correction", "补正后重新提交", (L.CORRECTION,), L.SUBMITTED),
        Transition("withdraw_correction", "撤回补正通知", (L.CORRECTION,), L.SUBMITTED),
        Transition("resend", "更正报送内容", (L.ACCEPTED,), None),
        Transition("compare", "核对（有差异）", (L.ACCEPTED,), None),
        Transition("reconcile", "核对成绩和名单", (L.ACCEPTED,), L.RECONCILED),
        Transition("pause", "中止计算期限", (L.ACCEPTED, L.RECONCILED), None),
        Transition("grant", "准予许可", (L.RECONCILED,), L.GRANTED),
        Transition("refuse", "不予许可", (L.ACCEPTED, L.RECONCILED), L.REFUSED),
        Transition("serve", "送达", (L.GRANTED, L.REFUSED), L.SERVED),
        Transition("serve_not_accepted", "送达不予受理决定", (L.NOT_ACCEPTED,), None),
        Transition("withdraw", "撤回申请", (L.SUBMITTED, L.CORRECTION, L.ACCEPTED, L.RECONCILED), L.WITHDRAWN),
        Transition("lapse", "逾期未补正，视为撤回", (L.CORRECTION,), L.WITHDRAWN),
    ],
)

# Accepted and not decided: whose decision clocks can stand still and be extended.
IN_DECISION = (L.ACCEPTED, L.RECONCILED)
DECIDED = (L.GRANTED, L.REFUSED, L.SERVED)
# Over without a decision on the licence: the exam stands, and the person may be applied for anew.
ENDED = (L.NOT_ACCEPTED, L.WITHDRAWN)


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
    L.NOT_ACCEPTED: Tier.NOBODY,
    L.WITHDRAWN: Tier.NOBODY,
}


class ExtensionState(models.TextChoices):
    """Whether the head lets the statutory limit of one decision be longer."""

    REQUESTED = "REQUESTED", "待批准"
    APPROVED = "APPROVED", "已批准延长"
    DECLINED = "DECLINED", "不批准延长"
    WITHDRAWN = "WITHDRAWN", "已撤回"
    LAPSED = "LAPSED", "申请已办结，不再延长"


E = ExtensionState

EXTENSION = Machine(
    "approvals.ExtensionProposal",
    ExtensionState,
    [
        Transition("approve", "批准延长", (E.REQUESTED,), E.APPROVED),
        Transition("decline", "不批准延长", (E.REQUESTED,), E.DECLINED),
        Transition("withdraw", "撤回提请", (E.REQUESTED,), E.WITHDRAWN),
        Transition("lapse", "申请已办结，提请终止", (E.REQUESTED,), E.LAPSED),
    ],
)


class ProposalState(models.TextChoices):
    """What became of a decision that somebody drafted and another has to confirm."""

    PROPOSED = "PROPOSED", "待批准"
    APPROVED = "APPROVED", "已批准"
    SENT_BACK = "SENT_BACK", "已退回"
    WITHDRAWN = "WITHDRAWN", "已撤回"


P = ProposalState

PROPOSAL = Machine(
    "approvals.DecisionProposal",
    ProposalState,
    [
        Transition("approve", "批准并作出决定", (P.PROPOSED,), P.APPROVED),
        Transition("send_back", "退回拟办人", (P.PROPOSED,), P.SENT_BACK),
        Transition("withdraw", "撤回拟办意见", (P.PROPOSED,), P.WITHDRAWN),
        Transition("end", "申请已撤回，拟办终止", (P.PROPOSED,), P.WITHDRAWN),
    ],
)


class NoticeState(models.TextChoices):
    """A correction notice (补正通知书): at most one is open for one case."""

    OPEN = "OPEN", "待补正"
    ANSWERED = "ANSWERED", "已补正"
    WITHDRAWN = "WITHDRAWN", "已撤回"
    ENDED = "ENDED", "申报已终止"


N = NoticeState

NOTICE = Machine(
    "approvals.CorrectionNotice",
    NoticeState,
    [
        Transition("answer", "补正后重新提交", (N.OPEN,), N.ANSWERED),
        Transition("withdraw", "撤回补正通知", (N.OPEN,), N.WITHDRAWN),
        Transition("end", "申报终止", (N.OPEN,), N.ENDED),
    ],
)


class BarState(models.TextChoices):
    """A proposal to bar a person (禁考) and what became of it; that a bar is over says its last day, not its state."""

    PROPOSED = "PROPOSED", "待决定"
    IMPOSED = "IMPOSED", "已禁考"
    DECLINED = "DECLINED", "不予禁考"
    WITHDRAWN = "WITHDRAWN", "已撤回"
    LIFTED = "LIFTED", "已解除"


BAR = Machine(
    "approvals.BarCase",
    BarState,
    [
        Transition("impose", "作出禁考决定", (BarState.PROPOSED,), BarState.IMPOSED),
        Transition("decline", "不予禁考", (BarState.PROPOSED,), BarState.DECLINED),
        Transition("withdraw", "撤回提请", (BarState.PROPOSED,), BarState.WITHDRAWN),
        Transition("note_appeal", "登记申诉", (BarState.IMPOSED,), None),
        Transition("lift", "解除禁考", (BarState.IMPOSED,), BarState.LIFTED),
    ],
)


class EndingState(models.TextChoices):
    """The revocation (撤销) or cancellation (注销) of one certificate."""

    PROPOSED = "PROPOSED", "待告知或者决定"
    TOLD = "TOLD", "已告知，听取意见"
    HEARD = "HEARD", "已听取意见，待决定"
    DECIDED = "DECIDED", "已作出决定"
    DROPPED = "DROPPED", "不予撤销、注销"


EN = EndingState

ENDING = Machine(
    "approvals.EndingCase",
    EndingState,
    [
        Transition("tell", "告知事实、依据和听证权利", (EN.PROPOSED,), EN.TOLD),
        Transition("hear", "登记陈述申辩和听证", (EN.TOLD,), EN.HEARD),
        Transition("decide", "作出决定", (EN.PROPOSED, EN.HEARD), EN.DECIDED),
        Transition("drop", "不予撤销、注销", (EN.PROPOSED, EN.TOLD, EN.HEARD), EN.DROPPED),
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
        Transition("reprint", "制证作废，重新制证", (CardState.PRINTED,), CardState.REQUESTED),
        Transition("hand_over", "发放", (CardState.PRINTED,), CardState.HANDED_OVER),
        Transition("cancel", "取消", (CardState.REQUESTED, CardState.PRINTED), CardState.CANCELLED),
    ],
)


class BlankState(models.TextChoices):
    """One blank card (空白证件), from its receipt by a window to its end."""

    IN_STOCK = "IN_STOCK", "库存"
    PRINTED = "PRINTED", "已制证"
    HANDED_OVER = "HANDED_OVER", "已发放"
    SPOILED = "SPOILED", "已作废"


BLANK = Machine(
    "approvals.CardBlank",
    BlankState,
    [
        Transition("use", "制证使用", (BlankState.IN_STOCK,), BlankState.PRINTED),
        Transition("hand_over", "发放", (BlankState.PRINTED,), BlankState.HANDED_OVER),
        Transition("spoil", "作废", (BlankState.IN_STOCK, BlankState.PRINTED), BlankState.SPOILED),
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
