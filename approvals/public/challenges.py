"""The challenge before a look-up: a sum in words, asked once. Its answer stays with the session, so that nothing in the
page tells it, and no other site is asked."""

from secrets import randbelow

KEY = "lookup_sum"
_WORDS = ("零", "一", "二", "三", "四", "五", "六", "七", "八", "九")


def ask(session) -> str:
    """A new question; the one before it is over."""
    first, second = randbelow(9) + 1, randbelow(9) + 1
    session[KEY] = first + second
    return f"{_WORDS[first]}加{_WORDS[second]}等于几"


def answered(session, text: str) -> bool:
    """Whether ``text`` answers the question that stands; either way it is over."""
    expected = session.pop(KEY, None)
    cleaned = "".join(text.split())
    return expected is not None and cleaned.isdecimal() and int(cleaned) == expected
