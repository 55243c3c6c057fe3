"""Requests to have a released score re-checked (成绩复核) in the demonstration: one of each fate, a person each."""

from approvals.demonstration.cases import Case
from approvals.demonstration.exam_acts import candidates
from exams.models import Part
from exams.scores import rechecks
from exams.scores.rows import Row

TWIST = "rechecks"
STEPS = ("ask_rechecks", "find_rechecks", "answer_rechecks")


def ask(case: Case, now) -> None:
    """Six people ask about their theory; the last thinks better of it."""
    filer = case.cast.filer
    reason = "本人估分与公布成绩相差较大，申请核查答题记录。"
    made = [
        rechecks.request(actor=filer, now=now, result_id=candidate.results.get(part=Part.THEORY).pk, reason=reason)
        for candidate in candidates(case)[:6]
    ]
    case.recheck_ids = [one.pk for one in made]
    rechecks.withdraw(actor=filer, now=now, recheck_id=case.recheck_ids[5], reason="本人已查看答题记录，不再申请。")


def find(case: Case, now) -> None:
    """The first is still to be looked into; of three one score was written down wrongly."""
    _waits, found, upheld, corrected, *_others = case.recheck_ids
    clerk = case.cast.organiser("luru")
    for recheck_id in (found, upheld):
        finding = "原始记录与公布成绩一致。"
        rechecks.find(actor=clerk, now=now, recheck_id=recheck_id, finding=finding)
    candidate = candidates(case)[3]
    row = Row(candidate.pk, score=candidate.results.get(part=Part.THEORY).score + 1)
    finding = "考试系统导出的成绩多一分，录入有误。"
    rechecks.find(actor=clerk, now=now, recheck_id=corrected, finding=finding, row=row)


def answer(case: Case, now) -> None:
    """Another person answers what was found, and turns one request down."""
    _waits, _found, upheld, corrected, declined, _withdrawn = case.recheck_ids
    checker = case.cast.organiser("fuhe")
    rechecks.answer(actor=checker, now=now, recheck_id=upheld, text="经核查，成绩无误，维持原成绩。")
    rechecks.answer(actor=checker, now=now, recheck_id=corrected, text="经核查，录入有误，予以更正。")
    rechecks.decline(actor=checker, now=now, recheck_id=declined, reason="申请未说明具体事项，与答题记录无关。")
