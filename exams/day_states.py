"""States and transition tables of an exam day: who is on duty, the record of a room, incidents, inspection tours."""

from django.db import models

from certification.deadlines.holders import Tier
from certification.inspections import states as inspections
from certification.inspections.states import CheckState
from certification.workflow import Machine, Transition


class StaffState(models.TextChoices):
    """One person's duty in one room."""

    INVITED = "INVITED", "待答复"
    ACCEPTED = "ACCEPTED", "已接受"
    DECLINED = "DECLINED", "已谢绝"
    ENDED = "ENDED", "已解除"


# States in which somebody is on duty, or asked to be.
ON_DUTY = (StaffState.INVITED, StaffState.ACCEPTED)

STAFF = Machine(
    "exams.StaffAssignment",
    StaffState,
    [
        Transition("accept", "接受", (StaffState.INVITED,), StaffState.ACCEPTED),
        Transition("decline", "谢绝", ON_DUTY, StaffState.DECLINED),
        Transition("end", "解除", ON_DUTY, StaffState.ENDED),
    ],
)


class RecordState(models.TextChoices):
    """The record of one room in one part (考场记录)."""

    SIGNING_IN = "SIGNING_IN", "签到中"
    WRITING = "WRITING", "待填写签名"
    SIGNED = "SIGNED", "已签名"


R = RecordState

ROOM_RECORD = Machine(
    "exams.RoomRecord",
    RecordState,
    [
        Transition("close_sign_in", "结束签到", (R.SIGNING_IN,), R.WRITING),
        Transition("write", "填写考场记录", (R.WRITING,), None),
        Transition("sign", "签名", (R.WRITING,), None),
        Transition("complete", "全部签名", (R.WRITING,), R.SIGNED),
    ],
)


class IncidentState(models.TextChoices):
    REPORTED = "REPORTED", "待处理"
    PROPOSED = "PROPOSED", "待决定"
    DECIDED = "DECIDED", "已处理"
    DISMISSED = "DISMISSED", "不予处理"
    REVIEWING = "REVIEWING", "复核中"
    UPHELD = "UPHELD", "复核维持"
    REVOKED = "REVOKED", "复核撤销"


S = IncidentState

# States in which nobody has settled it yet.
OPEN_INCIDENTS = (S.REPORTED, S.PROPOSED)
# States in which a decision stands; while it is reviewed it is carried out.
STANDING_INCIDENTS = (S.DECIDED, S.REVIEWING, S.UPHELD)

INCIDENT = Machine(
    "exams.Incident",
    IncidentState,
    [
        Transition("state_case", "记录陈述", OPEN_INCIDENTS, None),
        Transition("add_evidence", "补充证据", (*OPEN_INCIDENTS, S.REVIEWING), None),
        Transition("propose", "提出处理意见", (S.REPORTED,), S.PROPOSED),
        Transition("send_back", "退回重新调查", (S.PROPOSED,), S.REPORTED),
        Transition("settle", "记录处理结果", (S.REPORTED,), S.DECIDED),
        Transition("decide", "作出处理决定", (S.PROPOSED,), S.DECIDED),
        Transition("dismiss", "不予处理", (S.PROPOSED,), S.DISMISSED),
        Transition("tell", "登记告知本人", (S.DECIDED,), None),
        Transition("ask_review", "申请复核", (S.DECIDED,), S.REVIEWING),
        Transition("uphold", "维持处理决定", (S.REVIEWING,), S.UPHELD),
        Transition("revoke", "撤销处理决定", (S.REVIEWING,), S.REVOKED),
    ],
)

TOUR = inspections.machine("exams.InspectionTour")

# Who holds a tour (用时明细): the organiser remedies, whoever toured judges.
TOUR_HELD_BY = {
    CheckState.CLEAN: Tier.NOBODY,
    CheckState.REMEDY: Tier.ORGANISER,
    CheckState.ANSWERED: Tier.PROVINCE,
    CheckState.RETURNED: Tier.ORGANISER,
    CheckState.CONFIRMED: Tier.NOBODY,
}
