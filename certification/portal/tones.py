"""Which of the five tones a state has on screen. Apps register their machines' states in ``AppConfig.ready``.

``tones.register("training.TrainingPlan", {"FILED": Tone.UNDERWAY, "RETURNED": Tone.ATTENTION, …})``
"""

from enum import StrEnum


class Tone(StrEnum):
    """Each has its colour, shape and (through the state's own label) its word; REFUSED is also the tone of overdue."""

    WAITING = "waiting"
    UNDERWAY = "underway"
    DONE = "done"
    ATTENTION = "attention"
    REFUSED = "refused"


_TONES: dict[tuple[str, str], Tone] = {}


def register(model_label: str, tones: dict[str, Tone | str], *, field: str = "state") -> None:
    """Say which tone each value of ``model_label``'s ``field`` has."""
    for value, tone in tones.items():
        _TONES[f"{model_label}.{field}", str(value)] = Tone(tone)


def tone_of(row, field: str = "state") -> Tone:
    """The tone of ``row``'s state; waiting where nothing was registered."""
    return _TONES.get((f"{row._meta.label}.{field}", str(getattr(row, field))), Tone.WAITING)
