"""What was ticked in a list: ids as they came with the request, before anybody trusts them."""

from django.http import QueryDict

# No id has more digits; a longer number does not fit the database's integer and would fail there.
LONGEST = 18


def ticked(data: QueryDict, name: str) -> list[int]:
    """The ids under ``name`` in ``data`` (GET or POST); what is no id is left out."""
    return [int(text) for text in data.getlist(name) if is_id(text)]


def is_id(text: str) -> bool:
    """Whether ``text`` can be the id of a row. ``isdigit`` would let “²” pass, which is no number."""
    return text.isdecimal() and len(text) <= LONGEST
