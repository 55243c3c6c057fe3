"""Which stages of a deadline are to be reminded of now, and which never again. Pure."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from certification.deadlines.stages import BREACH, DUE, Stage

# On breach the tier above is told too (rules 2.6); it falls on the same day as BREACH.
ESCALATION = "ESCALATION"
_AHEAD = "BEFORE_"

TOO_LATE = "截止日期产生或者变更时，该时点已过"
REPLACED = "漏提醒，由后一次提醒代替"


@dataclass(frozen=True)
class Verdict:
    """What becomes of one stage whose day has come: ``suppressed`` says why it is not told, "" that it is."""

    stage: str
    suppressed: str = ""


def verdicts(stages: Iterable[Stage], *, today: date, born_on: date, told: Collection[str]) -> list[Verdict]:
    """The stages whose day has come by ``today`` and that nobody decided about yet (``told``), in their order.

    A stage whose day lay before the day on which the due date came to be (``born_on``) is suppressed. Of the others,
    where several were missed, only the latest is told.
    """
    reached = [stage for stage in stages if stage.day <= today and stage.code not in told]
    missed = [stage for stage in reached if stage.day >= born_on]
    latest = missed[-1] if missed else None
    return [Verdict(stage.code, _why_not(stage, latest, born_on)) for stage in reached]


def text_code(stage: str) -> str:
    """Under which code the text of a stage is kept: one for all stages ahead of the day."""
    return "BEFORE" if stage.startswith(_AHEAD) else stage


def stage_label(stage: str) -> str:
    """The stage in a few words: 提前3个工作日, 当日, 逾期, 逾期上报."""
    if stage.startswith(_AHEAD):
        return f"提前{stage.removeprefix(_AHEAD)}个工作日"
    return {DUE: "当日", BREACH: "逾期", ESCALATION: "逾期上报"}.get(stage, stage)


def _why_not(stage: Stage, latest: Stage | None, born_on: date) -> str:
    if stage.day < born_on:
        return TOO_LATE
    return "" if stage is latest else REPLACED
