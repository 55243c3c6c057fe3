"""Who has which review in hand in the demonstration, and what the office tells each other and the institution about it:
assigned by the head, taken from the pool, handed on, given back; 内部备注 and 消息."""

from datetime import timedelta

from approvals.assignments import assigned, assigning
from approvals.demonstration.approval_acts import succeeded
from approvals.lists import queue
from approvals.models import Assignment, How, Stage
from approvals.reviews import notes
from approvals.reviews.stages import STEPS
from certification.clock import SHANGHAI
from certification.organisations.models import User

_CITY = ("shi-fuze", "shi-shenhe", "shi-shenhe2")
_PROVINCE = ("sheng-fuze", "sheng-shenhe", "sheng-shenhe2")
# By desk: at which review, and how many the head gives to each of the two reviewers.
_DESKS = ((Stage.PRELIMINARY, _CITY, 4), (Stage.CITY_REVIEW, _CITY, 2), (Stage.DIRECT, _PROVINCE, 3))


def play(users: dict[str, User], *, now) -> None:
    """On the evening before, when nobody was away yet. Most cases stay in the pool."""
    day_before = now.astimezone(SHANGHAI) - timedelta(days=1)
    evening = day_before.replace(hour=17, minute=30, second=0, microsecond=0)
    for stage, names, each in _DESKS:
        _share_out(stage, *(users[name] for name in names), each, now=evening)
    for stage, _head, asking, answering in ((Stage.PRELIMINARY, *_CITY), (Stage.DIRECT, *_PROVINCE)):
        _talk(stage, users[asking], users[answering], now=evening + timedelta(minutes=20))


def _share_out(stage: Stage, head: User, first: User, second: User, each: int, *, now) -> None:
    """The head assigns, the first hands one on, the second gives one back and takes the next from the pool."""
    ids = _free(stage, head, 2 * each)
    to = {pk: (first if place % 2 == 0 else second).pk for place, pk in enumerate(ids)}
    succeeded(assigning.assign(actor=head, now=now, to=to, reason="按到期先后分派。"))
    handed = {"application_ids": ids[:1], "colleague_id": second.pk, "reason": "本人明天外出核查，请先办理。"}
    succeeded(assigning.hand_on(actor=first, now=now + timedelta(minutes=10), **handed))
    given = {"application_ids": ids[1:2], "reason": "该班其余人员由他人办理，一并办理为宜。"}
    succeeded(assigning.give_back(actor=second, now=now + timedelta(minutes=12), **given))
    succeeded(assigning.take_next(actor=second, now=now + timedelta(minutes=15), stage=stage, count=1))


def _talk(stage: Stage, asking: User, answering: User, *, now) -> None:
    """Two notes on a case that was handed on, and what the institution is told about it."""
    held = Assignment.objects.open().filter(stage=stage, how=How.HANDED_OVER, assignee=answering)
    case = {"application_id": held.get().application_id}
    found, answer = "学历证书编号已在学信网核对，与扫描件一致。", "收到。照片底色偏暗，不影响审核，不必退回。"
    told = "材料正在审核，三个工作日内办结，不需要补充材料。"
    notes.write_note(actor=asking, now=now, text=found, **case)
    notes.write_note(actor=answering, now=now + timedelta(minutes=8), text=answer, **case)
    notes.send_message(actor=answering, now=now + timedelta(minutes=10), text=told, **case)


def _free(stage: Stage, user: User, number: int) -> list[int]:
    rows = assigned.in_pool(queue.waiting(user, STEPS[stage])).order_by(*queue.ORDER)
    return list(rows.filter(organiser=user.organisation_id).values_list("pk", flat=True)[:number])
