"""Values as the text of a dossier's table: dates in Chinese, yes as 是, nothing as an empty cell."""

from datetime import date, datetime

from approvals.dossiers.sections.shapes import Row
from certification.clock import SHANGHAI
from certification.workdays.wording import plain_day


def facts(*pairs: tuple[str, object]) -> list[Row]:
    """Rows of a label and what it says."""
    return [[label, text(value)] for label, value in pairs]


def cells(*values) -> Row:
    """A row of the values as text."""
    return [text(value) for value in values]


def text(value) -> str:
    """One value as it stands in the table."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else ""
    if isinstance(value, datetime):
        local = value.astimezone(SHANGHAI)
        return f"{plain_day(local)} {local:%H:%M}"
    if isinstance(value, date):
        return plain_day(value)
    return str(value)
