"""Column names as people write them, brought to one form for comparison."""

import re
import unicodedata

_INVISIBLE = re.compile(r"[\s\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]")
_REMARK = re.compile(r"\(.*?\)|\[.*?\]|【.*?】")
_MARKS = "*:：,，.。"


def without_invisible(text: str) -> str:
    """``text`` in half-width form (NFKC) without blanks, zero-width and direction characters."""
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))


def normal_name(text: object) -> str:
    """The form in which two column names are compared: “ *身份证号（必填）：” and “身份证号” are the same."""
    plain = without_invisible("" if text is None else str(text))
    return (_REMARK.sub("", plain) or plain).strip(_MARKS).lower()
