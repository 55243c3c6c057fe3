"""Identity numbers by GB 11643: 17 digits and a check character.

The division code is looked at last and only for a warning: correct numbers carry codes that no longer exist, or
did not exist at birth, and residence permits (81, 82, 83) and the permanent residence card (9) have their own.
That is why ``stdnum.cn.ric`` is not used; it refuses most older numbers.
"""

import re
from dataclasses import dataclass
from datetime import date
from operator import mul

from certification.people.models import Sex
from certification.refusals import Refusal
from certification.spreadsheets.cleaning import CellProblem, clean_digits
from certification.workdays.wording import plain_day

LENGTH = 18
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_CHARACTERS = "10X98765432"
EARLIEST_BIRTH_YEAR = 1900

_SHAPE = re.compile(r"[0-9]{17}[0-9X]")
# GB/T 2260, first two digits; 81 to 83 are residence permits of Hong Kong, Macao and Taiwan residents.
_PROVINCES = frozenset(
    str(code)
    for code in (*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66), 71)
) | {"81", "82", "83"}
_PERMANENT_RESIDENCE = "9"


@dataclass(frozen=True)
class IdentityNumber:
    """A number that passed. ``warnings`` are Chinese sentences that do not block."""

    number: str
    birth_date: date
    sex: str
    warnings: tuple[str, ...] = ()


class InvalidIdentityNumber(Refusal):
    """Not an identity number. ``code``: length, characters, date, check_digit, digits_lost, became_date, number."""

    code = "identity_number"
    clause = "GB 11643"

    def __init__(self, message: str, *, code: str, advice: str = "请核对身份证后重新填写。"):
        super().__init__(message, code=code, clause="GB 11643", advice=advice)


def check_identity_number(text: object, *, today: date) -> IdentityNumber:
    """Check ``text`` (a string, or a cell as a spreadsheet gave it) and say what the number tells.

    Full-width digits, a lower-case x, blanks and invisible characters are cleaned. A birth date after ``today``
    is refused. Raises InvalidIdentityNumber.
    """
    number = _cleaned(text)
    if len(number) != LENGTH:
        advice = "15 位为旧号码，请填写 18 位身份证号码。" if len(number) == 15 else "请核对是否漏填或多填。"
        raise InvalidIdentityNumber(f"身份证号码应为 18 位，实际 {len(number)} 位。", code="length", advice=advice)
    if not _SHAPE.fullmatch(number):
        raise InvalidIdentityNumber("身份证号码前 17 位应为数字，末位为数字或 X。", code="characters")
    birth_date = _birth_date(number, today)
    expected = check_character(number[:17])
    if number[17] != expected:
        raise InvalidIdentityNumber(
            "身份证号码校验位不符，号码有误。",
            code="check_digit",
            advice="常见原因是其中一位填错或两位颠倒，请逐位核对。",
        )
    sex = Sex.MALE if int(number[16]) % 2 else Sex.FEMALE
    return IdentityNumber(number, birth_date, sex.value, _warnings(number))


def check_character(digits: str) -> str:
    """The check character of the first 17 digits."""
    return CHECK_CHARACTERS[sum(map(mul, WEIGHTS, map(int, digits))) % 11]


def _cleaned(text: object) -> str:
    try:
        return clean_digits("" if text is None else text).replace("-", "")
    except CellProblem as problem:
        raise InvalidIdentityNumber(problem.message, code=problem.code, advice=problem.advice) from problem


def _birth_date(number: str, today: date) -> date:
    try:
        day = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise InvalidIdentityNumber(
            f"身份证号码第 7 至 14 位（{number[6:14]}）不是有效的出生日期。", code="date"
        ) from None
    if day > today or day.year < EARLIEST_BIRTH_YEAR:
        raise InvalidIdentityNumber(f"身份证号码中的出生日期（{plain_day(day)}）不合理。", code="date")
    return day


def _warnings(number: str) -> tuple[str, ...]:
    if number[:2] in _PROVINCES or number[0] == _PERMANENT_RESIDENCE:
        return ()
    return (f"行政区划代码 {number[:6]} 未查到，请核对身份证。",)
