"""Keyset pages go forth and back over equal keys without losing or repeating a row."""

from datetime import datetime, timedelta

import pytest
from django.core.exceptions import BadRequest
from django.test import RequestFactory

from certification.clock import SHANGHAI
from certification.notices.models import Notice
from certification.paging import keyset_page

T0 = datetime(2026, 11, 2, 9, 0, tzinfo=SHANGHAI)
requests = RequestFactory()


@pytest.fixture
def notices(world):
    user = world.user("jigou")
    moments = [T0, T0, T0, T0 + timedelta(hours=1), T0 + timedelta(hours=1), T0 + timedelta(hours=2), T0]
    Notice.objects.bulk_create(
        Notice(recipient=user, title=f"消息{n}", created_at=moment) for n, moment in enumerate(moments)
    )
    return Notice.objects.filter(recipient=user)


@pytest.mark.parametrize("order", [("created_at", "pk"), ("-created_at", "-pk")])
def test_forth_and_back(notices, order):
    expected = list(notices.order_by(*order).values_list("pk", flat=True))
    url, forth, pages = "/", [], []
    while True:
        page = keyset_page(requests.get(url), notices, order, size=3)
        forth += [row.pk for row in page]
        pages.append([row.pk for row in page])
        if not page.next_url:
            break
        url = "/" + page.next_url
    assert forth == expected
    assert len(pages) == 3
    back = keyset_page(requests.get("/" + page.previous_url), notices, order, size=3)
    assert [row.pk for row in back] == pages[1]
    first = keyset_page(requests.get("/" + back.previous_url), notices, order, size=3)
    assert [row.pk for row in first] == pages[0]
    assert first.previous_url == ""


def test_filters_stay_in_the_address(notices):
    page = keyset_page(requests.get("/?unread=1"), notices, ("-created_at", "-pk"), size=3)
    assert "unread=1" in page.next_url


def test_one_page_has_no_neighbours(notices):
    page = keyset_page(requests.get("/"), notices, ("pk",), size=50)
    assert (page.previous_url, page.next_url, len(page)) == ("", "", 7)


def test_a_forged_mark_is_refused(notices):
    with pytest.raises(BadRequest):
        keyset_page(requests.get("/?after=forged"), notices, ("pk",))


def test_two_directions_are_a_mistake(notices):
    with pytest.raises(ValueError, match="direction"):
        keyset_page(requests.get("/"), notices, ("created_at", "-pk"))
