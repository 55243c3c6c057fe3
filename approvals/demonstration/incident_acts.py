"""Incidents at exams of the demonstration: one of each fate, each with a candidate of its own."""

from dataclasses import dataclass

from approvals.demonstration.cases import Case
from approvals.demonstration.day_acts import moment, theory_room
from approvals.demonstration.papers import paper
from exams.incidents import deciding, reporting
from exams.models import Effect, MaterialKind


@dataclass(frozen=True)
class Caught:
    """What a candidate was caught at, and what is proposed."""

    act: str
    description: str
    statement: str
    effect: str
    proposal: str


_TELEPHONE = Caught(
    "device",
    "考生在座位下使用手机查找答案，监考员当场收存手机。",
    "承认携带手机，称未使用。",
    Effect.VOID_PART,
    "监控录像证实使用手机，依据方案四（二），理论成绩无效。",
)
_DISORDER = Caught(
    "order",
    "考生因座位更换与考务人员争执，经劝阻后坐下。",
    "称座位上的计算机不能用，要求更换。",
    Effect.VOID_PART,
    "争执影响他人答题约三分钟，拟按考场规则处理。",
)
# Twist → what the candidate did. The twist ends with the state in which the incident is left.
FATES = {
    "incident_reported": _TELEPHONE,
    "incident_proposed": _DISORDER,
    "incident_decided": _TELEPHONE,
    "incident_reviewing": _TELEPHONE,
    "incident_upheld": _TELEPHONE,
    "incident_revoked": _TELEPHONE,
    "incident_dismissed": _DISORDER,
}
_PUT_FORWARD = FATES.keys() - {"incident_reported"}
_DISMISSED = {"incident_dismissed"}
_DECIDED = _PUT_FORWARD - _DISMISSED - {"incident_proposed"}
_REVIEWED = {"incident_upheld": True, "incident_revoked": False}
_ASKED = _REVIEWED.keys() | {"incident_reviewing"}
STEPS = {
    "incident": FATES.keys(),
    "penalty": _PUT_FORWARD,
    "ask_incident_review": _ASKED,
    "review_incident": _REVIEWED.keys(),
}


def report(case: Case, now) -> None:
    """The first candidates, one for each fate of the case."""
    use = theory_room(case)
    seats = use.seats.order_by("number")
    for place, (fate, seat) in enumerate(zip(_fates(case), seats, strict=False), start=1):
        caught = FATES[fate]
        made = reporting.report(
            actor=case.cast.organiser("jiankao"),
            now=now,
            session_id=case.session_id,
            use_id=use.pk,
            candidate_id=seat.candidate_id,
            act=caught.act,
            happened_at=moment(now, 9, 30 + 5 * place),
            description=caught.description,
            statement=caught.statement,
            files=[paper(MaterialKind.IDENTITY_CARD, 7)],
        )
        case.incident_ids[fate] = made.pk


def penalty(case: Case, now) -> None:
    """The officer proposes, the head decides."""
    officer, head = case.cast.organiser("kaowu"), case.cast.organiser("fuze")
    for incident_id, caught in _of(case, _PUT_FORWARD):
        deciding.propose(
            actor=officer,
            now=now,
            incident_id=incident_id,
            effect=caught.effect,
            barred=False,
            proposal=caught.proposal,
        )
    for incident_id, _caught in _of(case, _DECIDED):
        deciding.decide(actor=head, now=now, incident_id=incident_id, decision="事实清楚，同意。")
    for incident_id, _caught in _of(case, _DISMISSED):
        why = "计算机故障属实，争执由此而起，不予处理。"
        deciding.dismiss(actor=head, now=now, incident_id=incident_id, decision=why)


def ask_review(case: Case, now) -> None:
    """The candidate does not accept the decision."""
    for incident_id, _caught in _of(case, _ASKED):
        request = "手机一直关机放在包里，请求复核录像后撤销处理决定。"
        deciding.ask_review(actor=case.cast.organiser("kaowu"), now=now, incident_id=incident_id, request=request)


def review(case: Case, now) -> None:
    """The provincial head looks at the recording."""
    decisions = {True: "录像显示考生两次查看手机，维持处理决定。", False: "录像中的手机属邻座考生，撤销处理决定。"}
    for fate, upheld in _REVIEWED.items():
        for incident_id, _caught in _of(case, [fate]):
            deciding.review(
                actor=case.cast.province("fuze"),
                now=now,
                incident_id=incident_id,
                upheld=upheld,
                decision=decisions[upheld],
            )


def _fates(case: Case) -> list[str]:
    return [fate for fate in FATES if fate in case.story.twists]


def _of(case: Case, fates) -> list[tuple[int, Caught]]:
    """The case's incidents of these fates: id, and what it was."""
    return [(pk, FATES[fate]) for fate, pk in case.incident_ids.items() if fate in fates]
