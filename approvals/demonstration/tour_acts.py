"""Inspection tours (巡考) of the demonstration: one left in each state."""

from approvals.demonstration.cases import Case
from approvals.demonstration.papers import paper
from certification.inspections.checklists import Finding
from certification.inspections.models import Grade
from certification.organisations.models import User
from exams.models import MaterialKind
from exams.tours import touring

CLEAN, OPEN, ANSWERED, RETURNED, CONFIRMED = (
    "tour_clean",
    "tour_open",
    "tour_answered",
    "tour_returned",
    "tour_confirmed",
)
_REMEDIED = {ANSWERED, RETURNED, CONFIRMED}
STEPS = {
    "tour": {CLEAN, OPEN, *_REMEDIED},
    "answer_tour": _REMEDIED,
    "judge_tour": {RETURNED, CONFIRMED},
}


def tour(case: Case, now) -> None:
    """The inspector comes by, and finds something unless the twist says otherwise."""
    findings, remedy = [], ""
    if CLEAN not in case.story.twists:
        findings = [Finding("staff", Grade.SERIOUS, "一名监考员迟到二十分钟到岗。")]
        remedy = "tour_serious"
    made = touring.record(
        actor=_inspector(case),
        now=now,
        session_id=case.session_id,
        findings=findings,
        remedy=remedy,
        remarks="现场巡考，核对考务人员和考生身份。",
        photos=[paper(MaterialKind.IDENTITY_CARD, 8)],
    )
    case.tour_id = made.pk


def answer(case: Case, now) -> None:
    touring.answer(actor=case.cast.organiser("kaowu"), now=now, tour_id=case.tour_id, text="已约谈并调整考务安排。")


def judge(case: Case, now) -> None:
    """Whoever toured confirms, or asks for more."""
    actor = _inspector(case)
    if RETURNED in case.story.twists:
        opinion = "请附约谈记录和调整后的考务安排表。"
        touring.return_answer(actor=actor, now=now, tour_id=case.tour_id, opinion=opinion)
    else:
        touring.confirm(actor=actor, now=now, tour_id=case.tour_id)


def _inspector(case: Case) -> User:
    """The city's supervisor where all went well in the end; else, and at the province's exams, its inspector."""
    if {CLEAN, CONFIRMED} & case.story.twists and case.category == "TWO":
        return case.cast.organiser("jianguan")
    return case.cast.province("xunkao")
