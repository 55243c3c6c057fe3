"""Bars (禁考) in the demonstration: one proposal of each fate, about people whose applications had been refused."""

from datetime import timedelta

from approvals.bars import deciding, proposing
from approvals.models import BarCase, Review
from certification.organisations.models import User
from certification.people.models import Bar
from exams.materials import specimens
from exams.models import ExamApplication
from exams.states import ApplicationState

HEAD = "sheng-fuze"
_FACTS = (
    ("学历证书系伪造，发证学校证明无此人学籍。", "学校出具的核验函；学信网核验结果", Bar.Ground.FALSE_MATERIAL),
    ("上次考试由他人顶替，监控录像可以证实。", "考场监控录像；监考员情况说明", Bar.Ground.EXAM_FRAUD),
    ("提交的工作经历证明加盖私刻的公章。", "用人单位说明；印章备案查询记录", Bar.Ground.FRAUD),
    ("照片与身份证件不符，疑为他人照片。", "人像比对结果", Bar.Ground.FALSE_MATERIAL),
    ("体检合格证明系涂改，医院证明未出具该证明。", "医院回函；原件与存根比对记录", Bar.Ground.FALSE_MATERIAL),
)
_DAY = timedelta(days=1)


def play(users: dict[str, User], *, now) -> None:
    """One proposal waits in the place of one that was taken back, one bar is appealed and holds, one is lifted, one
    proposal is declined; where a fifth person was refused, theirs is a bar without an appeal."""
    head = users[HEAD]
    cases = [
        _propose(row, fact, now=now - 6 * _DAY + timedelta(minutes=place))
        for place, (row, fact) in enumerate(zip(_refused(), _FACTS, strict=False))
    ]
    acts = (_wait, _appeal, _lift, _decline, _impose)
    for case, act in zip(cases, acts, strict=False):
        act(head, case.pk, now)


def _wait(_head: User, case_id: int, now) -> None:
    """Who proposed it took it back and proposed it anew, with what was missing; the head has not decided."""
    case = BarCase.objects.select_related("proposed_by", "application").get(pk=case_id)
    why = "证据不全，补齐学籍档案证明后重新提请。"
    proposing.withdraw(actor=case.proposed_by, now=now - 5 * _DAY, case_id=case_id, reason=why)
    reason, evidence, ground = _FACTS[0]
    _propose(case.application, (reason, f"{evidence}；学籍档案室书面证明", ground), now=now - 4 * _DAY)


def _impose(head: User, case_id: int, now, days: int = 1) -> None:
    deciding.impose(actor=head, now=now - days * _DAY, case_id=case_id, reason="事实清楚，证据确凿，同意。")


def _appeal(head: User, case_id: int, now) -> None:
    _impose(head, case_id, now, days=5)
    day = (now - 2 * _DAY).date()
    what = "向省人民政府申请行政复议，请求撤销禁考决定。"
    deciding.note_appeal(actor=head, now=now - _DAY, case_id=case_id, appealed_on=day, what=what)


def _lift(head: User, case_id: int, now) -> None:
    _impose(head, case_id, now, days=5)
    deciding.note_appeal(
        actor=head,
        now=now - 2 * _DAY,
        case_id=case_id,
        appealed_on=(now - 3 * _DAY).date(),
        what="本人申诉：证明系用人单位经办人伪造，本人不知情。",
        outcome="经查情况属实，申诉成立。",
    )
    deciding.lift(actor=head, now=now - _DAY, case_id=case_id, reason="申诉成立：材料由他人伪造，本人没有过错。")


def _decline(head: User, case_id: int, now) -> None:
    deciding.decline(
        actor=head, now=now - 3 * _DAY, case_id=case_id, reason="照片系机构上传错误，已更正，不属于虚假材料。"
    )


def _refused() -> list[ExamApplication]:
    """People refused at the review, of different classes first, each once."""
    rows = ExamApplication.objects.filter(state=ApplicationState.REFUSED).order_by("organiser", "pk")
    found: dict[int, ExamApplication] = {}
    for row in rows:
        found.setdefault(row.person_id, row)
    return list(found.values())


def _propose(application: ExamApplication, fact, *, now):
    reason, evidence, ground = fact
    return proposing.propose(
        actor=_reviewer(application),
        now=now,
        person_id=application.person_id,
        application_id=application.pk,
        ground=ground,
        reason=reason,
        evidence=evidence,
        files=[("核验材料.jpg", specimens.scan("核验材料", reason))],
    )


def _reviewer(application: ExamApplication) -> User:
    """Whoever reviewed it first, and so found it."""
    return Review.objects.filter(application=application).order_by("pk").first().reviewer
