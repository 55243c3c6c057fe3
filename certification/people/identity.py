"""Identity numbers by GB 11643: 17 digits and a check character.

The division code is looked at last and only for a warning: correct numbers carry codes that no longer exist, or
did not exist at birth, and residence permits (81, 82, 83) and the permanent residence card (9) have their own.
That is why ``stdnum.cn.ric`` is not used; it refuses most older numbers.
"""

import re
from datetime import date
from operator import mul
from typing import NamedTuple

from certification.people.models import DocumentType, Person, Sex
from certification.refusals import Refusal
from certification.spreadsheets.cleaning import CellProblem, clean_digits
from certification.workdays.wording import plain_day

LENGTH = 18
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_CHARACTERS = "10X98765432"
EARLIEST_BIRTH_YEAR = 1900
CLAUSE = "GB 11643"


class Wording(NamedTuple):
    """What is said and what to do; words in braces are filled in."""

    says: str
    remedy: str


LOOK_AGAIN = "请核对身份证后重新填写。"
# By code: why a number is refused.
WORDINGS = {
    "length": Wording(
        "身份证号码应为 18 位，实际 {位数} 位。", "请核对是否漏填或多填；15 位为旧号码，请填写 18 位号码。"
    ),
    "characters": Wording("身份证号码前 17 位应为数字，末位为数字或 X。", LOOK_AGAIN),
    "date": Wording("身份证号码第 7 至 14 位（{数字}）不是有效的出生日期。", LOOK_AGAIN),
    "birth_date": Wording("身份证号码中的出生日期（{出生日期}）不合理：晚于今天或者早于 1900 年。", LOOK_AGAIN),
    "check_digit": Wording("身份证号码校验位不符，号码有误。", "常见原因是其中一位填错或两位颠倒，请逐位核对。"),
}
DIVISION = Wording("行政区划代码 {代码} 未查到，请核对身份证。", "号码确与证件一致的，不影响报送。")

_SHAPE = re.compile(r"[0-9]{17}[0-9X]")
_ZEROS = ord("0") * sum(WEIGHTS)
# GB/T 2260, first two digits; 81 to 83 are residence permits of Hong Kong, Macao and Taiwan residents.
_PROVINCES = frozenset(
    str(code)
    for code in (*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66), 71)
) | {"81", "82", "83"}
_PERMANENT_RESIDENCE = "9"
_IDENTITY_CARD = DocumentType.IDENTITY_CARD.value
# Numbers of other documents: letters and digits. What they usually look like is a check of its own (document_form).
_OTHER_DOCUMENT = re.compile(r"[A-Z0-9]{5,30}")


class IdentityNumber(NamedTuple):
    """A number that passed, and what it tells; of another document than an identity card what was said beside it.
    ``warnings`` are Chinese sentences that do not block."""

    number: str
    birth_date: date
    sex: str
    warnings: tuple[str, ...] = ()
    document_type: str = _IDENTITY_CARD

    @property
    def key(self) -> tuple[str, str]:
        """What tells persons apart: document type and number."""
        return self.document_type, self.number


class InvalidIdentityNumber(Refusal):
    """Not an identity number. ``code``: one of WORDINGS, or digits_lost, became_date, number of the cell."""

    code = "identity_number"

    def __init__(self, message: str, *, code: str, advice: str = LOOK_AGAIN):
        super().__init__(message, code=code, clause=CLAUSE, advice=advice)


def check_identity_number(text: object, *, today: date) -> IdentityNumber:
    """Check ``text`` (a string, or a cell as a spreadsheet gave it) and say what the number tells.

    Full-width digits, a lower-case x, blanks and invisible characters are cleaned. A birth date after ``today``
    is refused. Raises InvalidIdentityNumber.
    """
    number = text if isinstance(text, str) and _SHAPE.fullmatch(text) else _cleaned(text)
    birth_date = _birth_date(number, today)
    if number[17] != check_character(number[:17]):
        raise _invalid("check_digit")
    # Odd is male.
    sex = _MALE if number[16] in "13579" else _FEMALE
    return IdentityNumber(number, birth_date, sex, _warnings(number))


def check_other_document(
    text: object, document_type: str, *, sex: str, birth_date: date, today: date
) -> IdentityNumber:
    """The number of another document, with the sex and birth date that were said; of an 18-digit permanent residence
    card the number tells them. Raises InvalidIdentityNumber."""
    if document_type == DocumentType.PERMANENT_RESIDENCE and looks_like_identity_number(text):
        return check_identity_number(text, today=today)._replace(document_type=document_type)
    number = _digits(text)
    if not _OTHER_DOCUMENT.fullmatch(number):
        raise InvalidIdentityNumber(
            "证件号码应为 5 至 30 位字母和数字。", code="characters", advice="请核对证件后重新填写。"
        )
    if birth_date > today or birth_date.year < EARLIEST_BIRTH_YEAR:
        raise InvalidIdentityNumber(
            f"出生日期（{plain_day(birth_date)}）不合理：晚于今天或者早于 1900 年。",
            code="birth_date",
            advice="请核对证件。",
        )
    return IdentityNumber(number, birth_date, sex, (), document_type)


def looks_like_identity_number(text: object) -> bool:
    """Whether it has the length and the characters of one; wrong it may be all the same."""
    try:
        return _SHAPE.fullmatch(_digits(text)) is not None
    except InvalidIdentityNumber:
        return False


def identity_of(person: Person, *, today: date) -> IdentityNumber:
    """What the document of a registered person tells; raises InvalidIdentityNumber."""
    if person.document_type == DocumentType.IDENTITY_CARD:
        return check_identity_number(person.document_number, today=today)
    return IdentityNumber(person.document_number, person.birth_date, person.sex, (), person.document_type)


def check_character(digits: str) -> str:
    """The check character of the first 17 digits."""
    total = sum(map(mul, WEIGHTS, digits.encode())) - _ZEROS
    return CHECK_CHARACTERS[total % 11]


_MALE, _FEMALE = Sex.MALE.value, Sex.FEMALE.value


def _invalid(code: str, **words: object) -> InvalidIdentityNumber:
    wording = WORDINGS[code]
    return InvalidIdentityNumber(wording.says.format_map(words), code=code, advice=wording.remedy)


def _digits(text: object) -> str:
    try:
        return clean_digits("" if text is None else text).replace("-", "")
    except CellProblem as problem:
        raise InvalidIdentityNumber(problem.message, code=problem.code, advice=problem.advice) from problem


def _cleaned(text: object) -> str:
    number = _digits(text)
    if len(number) != LENGTH:
        raise _invalid("length", 位数=len(number))
    if not _SHAPE.fullmatch(number):
        raise _invalid("characters")
    return number


def _birth_date(number: str, today: date) -> date:
    try:
        day = date.fromisoformat(number[6:14])
    except ValueError:
        raise _invalid("date", 数字=number[6:14]) from None
    if day > today or day.year < EARLIEST_BIRTH_YEAR:
        raise _invalid("birth_date", 出生日期=plain_day(day))
    return day


def _warnings(number: str) -> tuple[str, ...]:
    if number[:2] in _PROVINCES or number[0] == _PERMANENT_RESIDENCE:
        return ()
    return (DIVISION.says.format_map({"代码": number[:6]}),)
