"""When what happens to a class: the steps of each kind, in working days from class start or exam."""

from collections.abc import Callable
from dataclasses import dataclass

from approvals.demonstration import approval_acts as approval
from approvals.demonstration import class_acts as classes
from approvals.demonstration import clock_acts as clocks
from approvals.demonstration import day_acts as day
from approvals.demonstration import exam_acts as exam
from approvals.demonstration import incident_acts as incidents
from approvals.demonstration import late_acts as late
from approvals.demonstration import recheck_acts as rechecks
from approvals.demonstration import tour_acts as tours
from approvals.demonstration import training_acts as training
from approvals.demonstration.cases import Case

CLASS, EXAM = "class", "exam"
# Steps that only a story with one of the twists takes.
TWISTED = {
    "upload_roster": {"roster_wrong"},
    "move_class": {"class_moved"},
    "move_seat": {"seat_moved"},
    "replace_room": {"room_replaced"},
    "move_session": {"session_moved"},
    "cancel_session": {"session_cancelled"},
    "withdraw_licence": {"licence_withdrawn"},
    "take_over": {"taken_over"},
    "review_taken_over": {"taken_over"},
    **dict.fromkeys(late.STEPS, {late.TWIST}),
    **dict.fromkeys(clocks.STEPS, clocks.TWISTS),
    **dict.fromkeys(rechecks.STEPS, {rechecks.TWIST}),
    **day.STEPS,
    **incidents.STEPS,
    **tours.STEPS,
}
# Working days from class start to exam, and from class start to class end: long enough for the hours of the class.
LEAD = {True: 23, False: 12}
DAYS = {True: 15, False: 2}


@dataclass(frozen=True)
class Step:
    """``act`` happens ``shift`` working days from the ``anchor`` day, at ``at``."""

    name: str
    anchor: str
    shift: int
    at: str
    act: Callable


_PLAN = (
    Step("announce", EXAM, -40, "09:00", exam.announce),
    Step("draft", CLASS, -10, "10:00", training.draft),
    Step("file", CLASS, -9, "10:30", training.file),
    Step("answer_plan", CLASS, -6, "11:00", training.answer_plan),
    Step("move_class", CLASS, -5, "11:00", training.move_class),
    Step("ask_late", CLASS, -5, "15:00", late.ask),
    Step("decide_late", CLASS, -4, "10:00", late.decide),
    Step("file_late", CLASS, -3, "15:00", late.file),
)


def _class_steps(last: int) -> tuple[Step, ...]:
    """What happens in a class whose last day is ``last`` working days after its first."""
    return (
        Step("schedule", CLASS, -2, "16:00", classes.schedule),
        *(Step("attend", CLASS, shift, "17:30", classes.attend) for shift in range(last + 1)),
        Step("report_online", CLASS, last, "17:45", classes.report_online),
        Step("prove", CLASS, last, "17:50", classes.prove),
        Step("spot_check", CLASS, 2, "10:30", classes.check),
        Step("spot_answer", CLASS, 4, "16:00", classes.answer_check),
        Step("spot_judge", CLASS, 6, "10:00", classes.judge_check),
    )


_EXAM = (
    Step("rooms", EXAM, -1, "11:00", exam.arrange_rooms),
    Step("move_seat", EXAM, -1, "14:00", exam.move_seat),
    Step("replace_room", EXAM, -1, "14:30", exam.replace_room),
    Step("move_session", EXAM, -1, "15:00", exam.move_session),
    Step("cancel_session", EXAM, -1, "15:30", exam.cancel_session),
    Step("answer_duty", EXAM, 0, "07:50", day.answer_duty),
    Step("exam_day", EXAM, 0, "11:20", day.exam_day),
    Step("incident", EXAM, 0, "11:30", incidents.report),
    Step("tour", EXAM, 0, "11:40", tours.tour),
    Step("practical_door", EXAM, 0, "13:10", day.practical_door),
    Step("penalty", EXAM, 0, "17:00", incidents.penalty),
    Step("ask_incident_review", EXAM, 1, "08:40", incidents.ask_review),
    Step("answer_tour", EXAM, 1, "10:00", tours.answer),
    Step("review_incident", EXAM, 1, "11:00", incidents.review),
    Step("judge_tour", EXAM, 1, "16:00", tours.judge),
    Step("hold", EXAM, 0, "08:30", exam.hold),
    Step("enter", EXAM, 0, "18:00", approval.enter_theory),
    Step("check_theory", EXAM, 1, "09:00", approval.check_theory),
)
_RESULTS = (
    Step("release", EXAM, 3, "10:00", approval.release),
    Step("ask_rechecks", EXAM, 3, "14:00", rechecks.ask),
    Step("find_rechecks", EXAM, 4, "09:30", rechecks.find),
    Step("answer_rechecks", EXAM, 4, "10:30", rechecks.answer),
)
_LICENCE = (
    Step("prepare", EXAM, 4, "10:00", approval.prepare),
    Step("submit", EXAM, 4, "16:00", approval.submit),
    Step("accept", EXAM, 6, "10:00", approval.accept),
    Step("withdraw_licence", EXAM, 6, "15:00", approval.withdraw_licence),
    Step("reconcile", EXAM, 7, "10:00", approval.reconcile),
    Step("pause", EXAM, 8, "09:30", clocks.pause),
    Step("propose", EXAM, 8, "11:00", clocks.propose),
    Step("resume", EXAM, 9, "09:30", clocks.resume),
    Step("extension", EXAM, 9, "10:30", clocks.extension),
    Step("decide", EXAM, 9, "15:00", approval.decide),
    Step("serve", EXAM, 11, "10:00", approval.serve),
    Step("cards", EXAM, 13, "09:30", approval.request_cards),
    Step("print", EXAM, 14, "09:30", approval.print_card),
    Step("hand_over", EXAM, 15, "09:30", approval.hand_over),
    Step("seal", EXAM, 17, "10:00", approval.seal),
)
INITIAL = (
    *_PLAN,
    Step("upload_roster", CLASS, -2, "16:00", training.upload_roster),
    *_class_steps(DAYS[True]),
    Step("roster", CLASS, -1, "15:00", training.submit_roster),
    Step("draft_exam_plan", EXAM, -12, "09:00", exam.draft_exam_plan),
    Step("file_exam_plan", EXAM, -10, "14:00", exam.file_exam_plan),
    Step("answer_exam_plan", EXAM, -9, "10:00", exam.answer_exam_plan),
    Step("build", EXAM, -7, "09:00", exam.build),
    Step("submit_applications", EXAM, -7, "10:00", exam.submit_applications),
    Step("first_review", EXAM, -4, "09:30", approval.first_review),
    Step("answer_return", EXAM, -4, "16:00", exam.answer_return),
    Step("second_review", EXAM, -3, "09:30", approval.second_review),
    Step("take_over", EXAM, -2, "09:00", approval.take_over),
    Step("review_taken_over", EXAM, -2, "09:30", approval.review_taken_over),
    Step("final_review", EXAM, -2, "10:00", approval.final_review),
    *_EXAM,
    Step("enter_practical", EXAM, 1, "14:00", approval.enter_practical),
    Step("check", EXAM, 2, "09:00", approval.check_practical),
    *_RESULTS,
    *_LICENCE,
)
RENEWAL = (
    *_PLAN,
    *_class_steps(DAYS[False]),
    Step("roster", CLASS, -3, "15:00", training.submit_roster),
    Step("build", CLASS, -2, "09:30", exam.build),
    Step("submit_applications", CLASS, -1, "10:00", exam.submit_applications),
    Step("first_review", CLASS, 1, "09:30", approval.first_review),
    Step("answer_return", CLASS, 1, "16:00", exam.answer_return),
    Step("hours", CLASS, 2, "18:00", exam.prove_hours),
    Step("second_review", CLASS, 3, "09:00", approval.second_review),
    Step("objection", CLASS, 3, "10:00", approval.object_to),
    Step("assign", EXAM, -9, "14:00", exam.assign),
    Step("draft_exam_plan", EXAM, -8, "09:00", exam.draft_exam_plan),
    Step("file_exam_plan", EXAM, -7, "14:00", exam.file_exam_plan),
    Step("answer_exam_plan", EXAM, -6, "10:00", exam.answer_exam_plan),
    Step("late_hours", EXAM, -2, "10:00", exam.prove_hours_late),
    Step("confirm_hours", EXAM, -1, "09:00", exam.confirm_hours),
    *_EXAM,
    *_RESULTS,
    Step("record", EXAM, 4, "09:00", approval.record_province),
    *_LICENCE,
)


def steps_of(case: Case) -> list[Step]:
    """The steps to play for the case, in order, up to the one that its story names."""
    route = INITIAL if case.initial else RENEWAL
    names = [step.name for step in route]
    last = names.index(case.story.until) if case.story.until else len(route)
    return [step for step in route[: last + 1] if not _left_out(step, case)]


def _left_out(step: Step, case: Case) -> bool:
    """The province has no record of its own to add where it reviewed itself, and does not object to itself."""
    return (
        step.name in case.story.without
        or (step.name in TWISTED and not TWISTED[step.name] & case.story.twists)
        or (step.name in ("record", "objection", "final_review") and case.category == "ONE")
    )
