"""The answer to an inspection, and what the inspector says of it."""

from collections.abc import Sequence

from django.db import models

from certification.deadlines import ledger
from certification.records.evidence import PAPERS, Upload, keep, media_types
from certification.refusals import Incomplete, Problem
from certification.workflow import Machine, apply_one


def answer(
    machine: Machine, answers: type[models.Model], visit, *, actor, now, text: str, files: Sequence[Upload]
) -> models.Model:
    """Say what was done about the findings of the locked ``visit``, with evidence; meets its deadline, also late.

    Raises Incomplete, WrongState.
    """
    problems = [] if text.strip() else [Problem("请填写整改情况。", code="required", field="text")]
    types = media_types(files, "files", PAPERS, problems)
    if problems:
        raise Incomplete(problems)
    apply_one(machine, "answer", visit, actor=actor, now=now, reason=text.strip())
    answered = answers(
        visit=visit, round=visit.answers.count() + 1, text=text.strip(), answered_by=actor, answered_at=now
    )
    answered._history_date = now
    answered.save(force_insert=True)
    keep(files, types, "整改证明", answered, actor=actor, now=now)
    ledger.meet(visit.remedy_rule, [visit], now=now, actor=actor)
    return answered


def confirm(machine: Machine, visit, *, actor, now, opinion: str) -> None:
    """Find the last answer to the locked ``visit`` good. Raises WrongState."""
    apply_one(machine, "confirm", visit, actor=actor, now=now, reason=opinion.strip())
    _judge(visit, True, opinion.strip(), actor=actor, now=now)


def send_back(machine: Machine, visit, remedies: Sequence[str], *, actor, now, opinion: str, remedy: str) -> None:
    """Send the last answer back; the caller opens the deadline anew. ``remedy`` "" keeps the rule that it had.

    Raises Incomplete without an opinion, WrongState.
    """
    remedy = remedy or visit.remedy_rule
    problems = [] if opinion.strip() else [Problem("请填写退回意见。", code="required", field="opinion")]
    if remedy not in remedies:
        problems.append(Problem("请选择整改时限。", field="remedy"))
    if problems:
        raise Incomplete(problems)
    ledger.close(None, [visit], now=now, reason="退回整改，重新计算")
    change = {"change": lambda row: setattr(row, "remedy_rule", remedy), "fields": ("remedy_rule",)}
    apply_one(machine, "return", visit, actor=actor, now=now, reason=opinion.strip(), **change)
    _judge(visit, False, opinion.strip(), actor=actor, now=now)


def _judge(visit, accepted: bool, opinion: str, *, actor, now) -> None:
    answered = visit.answers.order_by("-round").first()
    answered.accepted, answered.opinion, answered.judged_by, answered.judged_at = accepted, opinion, actor, now
    answered._history_date = now
    answered.save(update_fields=["accepted", "opinion", "judged_by", "judged_at"])
