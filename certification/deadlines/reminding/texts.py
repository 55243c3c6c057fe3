"""The texts of reminders, for whoever keeps them."""

from pathlib import Path

from certification import clock
from certification.deadlines.due import AREA
from certification.notices import texts
from certification.rulebook import lookup

FILE = Path(__file__).parent / "texts.toml"


def register() -> None:
    """Tell the notices which texts reminders have, and that each may be narrowed to one deadline rule."""
    texts.register(FILE, rule_names)


def rule_names() -> dict[str, str]:
    """The deadline rules in force today: code → title."""
    return {rule.code: rule.title for rule in lookup.rules(clock.today(), AREA)}
