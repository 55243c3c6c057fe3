"""Clean functions for cells: each takes a cell as read and returns the value, or raises CellProblem."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from certification.spreadsheets.names import normal_name, without_invisible

# A spreadsheet keeps fifteen digits of a number; what follows is zeros of its own making.
EXACT_DIGITS = 15

_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]")
_BLANKS = re.compile(r"\s+")
_EXPONENT = re.compile(r"[+-]?\d+(\.\d+)?[eE][+-]?\d+")
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]00:00(?::00)?)?")
_COMPACT_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})")


class CellProblem(Exception):
    """What is wrong with one cell: ``message`` says what, ``advice`` what to do, ``code`` is for programs. ``field``
    and ``column`` (its name) say where, if not in the cell that was looked at but elsewhere in its row."""

    def __init__(self, message: str, *, code: str = "invalid", advice: str = "", field: str = "", column: str = ""):
        super().__init__(message)
        self.field, self.column = field, column
        self.message = message
        self.code = code
        self.advice = advice


def clean_text(cell: Any) -> str:
    """Text without zero-width characters, inner blanks brought to one, none at the ends; numbers as whole digits."""
    if isinstance(cell, str) and cell.isalnum():
        # Letters and digits alone: nothing to clean. Nearly every cell is like this.
        return cell
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if isinstance(cell, date):
        return f"{cell:%Y-%m-%d}"
    return _BLANKS.sub(" ", _INVISIBLE.sub("", str(cell))).strip()


def clean_name(cell: Any) -> str:
    """A person's name: as ``clean_text``; blanks between Chinese characters (张  三) go, the middle dot is made one."""
    if isinstance(cell, str) and cell.isalpha():
        return cell
    text = clean_text(cell).translate({ord(dot): "·" for dot in "•‧・．∙●"})
    text = re.sub(r"(?<=[^\x00-\x7f]) +(?=[^\x00-\x7f])", "", text)
    if not text or any(character.isdigit() for character in text):
        raise CellProblem("姓名中不应有数字。", code="name", advice="请填写证件上的姓名。")
    return text


def clean_digits(cell: Any) -> str:
    """A document, phone or account number as text: half width, no blanks, upper case.

    A number cell is recovered where no digit was lost; raises CellProblem ``digits_lost`` where the spreadsheet
    has kept only fifteen of them.
    """
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return _number_as_digits(cell)
    if isinstance(cell, date):
        raise CellProblem("单元格被表格软件转成了日期。", code="became_date", advice="请将该列设为文本格式后重新填写。")
    if isinstance(cell, str) and cell.isascii() and cell.isdigit():
        return cell
    text = without_invisible(str(cell)).lstrip("'‘’`").upper()
    if _EXPONENT.fullmatch(text):
        return _exponent_as_digits(text)
    return text[:-2] if re.fullmatch(r"\d{1,15}\.0", text) else text


def clean_integer(cell: Any) -> int:
    """A whole number, also where it came as text or as 12.0."""
    number = clean_decimal(cell)
    if number != number.to_integral_value():
        raise CellProblem("应为整数。", code="integer", advice="请填写整数。")
    return int(number)


def clean_decimal(cell: Any) -> Decimal:
    """A number, exactly as shown (79.5 is 79.5)."""
    try:
        number = Decimal(without_invisible(str(cell)).replace(",", ""))
    except InvalidOperation:
        raise CellProblem("应为数字。", code="number", advice="请填写数字。") from None
    if isinstance(cell, bool) or not number.is_finite():
        raise CellProblem("应为数字。", code="number", advice="请填写数字。")
    return number


_SERIAL = re.compile(r"[1-7]\d{4}")


def clean_date(cell: Any) -> date:
    """A day, from a date cell or from text like 2026-03-05, 2026/3/5, 2026.3.5, 2026年3月5日, 20260305."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    text = clean_text(without_invisible(str(cell)))
    match = _DAY.fullmatch(clean_text(str(cell))) or _DAY.fullmatch(text) or _COMPACT_DAY.fullmatch(text)
    try:
        return date(*map(int, match.groups()))
    except (AttributeError, ValueError):
        if _SERIAL.fullmatch(text):
            # The same number means another day in a workbook that counts from 1904: it is not guessed.
            raise CellProblem(
                "日期变成了表格软件的序号。",
                code="date_serial",
                advice="请把该列的单元格格式设为“日期”，或按 2026-03-05 的格式重新填写。",
            ) from None
        raise CellProblem("日期无法识别。", code="date", advice="请按 2026-03-05 的格式填写。") from None


def one_of(choices: Mapping[str, Any], offered: Sequence[str] = ()) -> Callable[[Any], Any]:
    """A clean function that turns one of the ``choices`` (as people write them → value) into its value.

    ``offered`` are those that the advice names, where not all.
    """
    values = {normal_name(name): value for name, value in choices.items()}

    def clean(cell: Any) -> Any:
        if isinstance(cell, str) and cell in values:
            return values[cell]
        name = normal_name(clean_text(cell))
        if name not in values:
            raise CellProblem(
                f"“{clean_text(cell)}”不是可选的内容。",
                code="choice",
                advice=f"应为：{'、'.join(offered or choices)}。",
            )
        return values[name]

    return clean


def _number_as_digits(number: float) -> str:
    if isinstance(number, float) and not number.is_integer():
        raise CellProblem("应为号码，实际是小数。", code="number", advice="请将该列设为文本格式后重新填写。")
    digits = str(int(number))
    kept_all = isinstance(number, int) and not digits.endswith("0" * (len(digits) - EXACT_DIGITS))
    if len(digits) > EXACT_DIGITS and not kept_all:
        raise _digits_lost()
    return digits


def _exponent_as_digits(text: str) -> str:
    number = Decimal(text)
    mantissa = re.sub(r"\D", "", text.upper().partition("E")[0])
    if number != number.to_integral_value() or number.adjusted() + 1 > len(mantissa.rstrip("0")):
        raise _digits_lost()
    return format(number.quantize(Decimal(1)), "f")


def _digits_lost() -> CellProblem:
    return CellProblem(
        "号码被表格软件当作数字保存，末尾几位已丢失，无法还原。",
        code="digits_lost",
        advice="请将该列设为文本格式后，重新填写完整号码。",
    )
