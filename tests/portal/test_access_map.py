"""Every address is in the access map: one that is missing would be closed to everybody, one too many is a relic."""

from django.urls import URLPattern, URLResolver, get_resolver

from certification.organisations import access


def _view_names(resolver: URLResolver, namespace: str = ""):
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from _view_names(entry, inner)
        elif isinstance(entry, URLPattern):
            yield f"{namespace}{entry.name}" if entry.name else f"{namespace}{entry.lookup_str}"


def unmapped(resolver: URLResolver) -> set[str]:
    """View names that the map does not know; all of /admin/ stands under one entry."""
    names = {name for name in _view_names(resolver) if not name.startswith("admin:")}
    return names - access.URLS.keys()


def test_every_view_is_in_the_access_map():
    assert unmapped(get_resolver()) == set()
    assert access.URLS["admin"] == "portal.administer"


def test_a_missing_view_is_found(monkeypatch):
    monkeypatch.delitem(access.URLS, "portal:search")
    assert unmapped(get_resolver()) == {"portal:search"}


def test_the_map_names_no_view_that_is_gone():
    names = set(_view_names(get_resolver())) | {"admin"}
    assert access.URLS.keys() - names == set()
