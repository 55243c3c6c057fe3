"""The navigation: places of the work, only those that are open, the innermost one marked."""

import pytest
from django.urls import reverse

from certification.organisations import access
from certification.organisations.roles import Role
from certification.portal import navigation


def test_every_place_has_a_view_and_asks_what_the_access_map_asks():
    for place in navigation.PLACES.values():
        assert reverse(place.url_name)
        mapped = access.URLS["admin" if place.url_name.startswith("admin:") else place.url_name]
        assert place.action_code == mapped, place.url_name


@pytest.fixture
def places(monkeypatch):
    monkeypatch.setattr(navigation, "PLACES", {})
    navigation.register("规则", "portal:rules", access.ANY_ACCOUNT, 20, "rules")
    navigation.register("待办", "portal:home", access.ANY_ACCOUNT, 10, "home")
    navigation.register("界面组件", "portal:gallery", "portal.components", 30, "apply")
    navigation.register("还没有的页", "portal:none", access.ANY_ACCOUNT, 40, "apply")


def _labels(entries):
    return [(entry.label, entry.current) for entry in entries["办理"]]


def test_places_stand_in_order_and_the_current_one_is_marked(places):
    roles = frozenset({Role.INSTITUTION_FILER})
    assert _labels(navigation.entries_for(roles, "/")) == [("待办", "page"), ("规则", "")]
    assert _labels(navigation.entries_for(roles, "/rules/")) == [("待办", ""), ("规则", "page")]
    assert _labels(navigation.entries_for(roles, "/rules/1/")) == [("待办", ""), ("规则", "true")]


def test_a_role_opens_its_places(places):
    labels = _labels(navigation.entries_for(frozenset({Role.ADMINISTRATOR}), "/"))
    assert ("界面组件", "") in labels
