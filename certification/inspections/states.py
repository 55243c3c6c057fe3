"""How an inspection moves, whatever was inspected."""

from django.db import models

from certification.workflow import Machine, Transition


class CheckState(models.TextChoices):
    CLEAN = "CLEAN", "未发现问题"
    REMEDY = "REMEDY", "待整改"
    ANSWERED = "ANSWERED", "待复核"
    RETURNED = "RETURNED", "退回整改"
    CONFIRMED = "CONFIRMED", "整改合格"


# States in which whoever was inspected has something to remedy.
TO_REMEDY = (CheckState.REMEDY, CheckState.RETURNED)

# States in which nobody has to act any more.
CHECK_CLOSED = (CheckState.CLEAN, CheckState.CONFIRMED)


def machine(model_label: str) -> Machine:
    """The transition table of one kind of inspection."""
    return Machine(
        model_label,
        CheckState,
        [
            Transition("answer", "报送整改情况", TO_REMEDY, CheckState.ANSWERED),
            Transition("confirm", "确认整改合格", (CheckState.ANSWERED,), CheckState.CONFIRMED),
            Transition("return", "退回整改", (CheckState.ANSWERED,), CheckState.RETURNED),
        ],
    )
