"""Ids that come with a request: hostile ones are left out, never an error of the server."""

import pytest
from django.http import QueryDict

from certification.selection import ticked


@pytest.mark.parametrize("text", ["", "abc", "-1", "1.5", "²", "9" * 19, " "])
def test_what_is_no_id_is_left_out(text):
    data = QueryDict(mutable=True)
    data.setlist("ids", ["7", text, "12"])
    assert ticked(data, "ids") == [7, 12]
