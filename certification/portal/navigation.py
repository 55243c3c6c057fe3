"""The left navigation, named by the work. Apps register their places in ``AppConfig.ready``.

``register("培训计划", "training:plans", "training.view_plans", 100, "plan")``. A place is shown only to those
who may open it: the same action codes that the URL map asks.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from django.urls import NoReverseMatch, URLResolver, get_resolver, get_urlconf, reverse

from certification.organisations.access import ACTIONS, ANY_ACCOUNT, PUBLIC
from certification.organisations.roles import Role


class Group(StrEnum):
    """Under which heading a place stands."""

    WORK = "办理"
    EXAMS = "考试组织"
    LICENCES = "许可和证书"
    BASIS = "依据"
    ADMINISTRATION = "管理"


@dataclass(frozen=True)
class Place:
    """One entry: its label, the view it opens, who may, where it stands (lower first), its icon in icons.svg."""

    label: str
    url_name: str
    action_code: str
    order: int
    icon: str
    group: Group


@dataclass(frozen=True)
class Entry:
    """A place as one page shows it. ``current`` is the value of aria-current: "page", "true" (below it) or ""."""

    label: str
    url: str
    icon: str
    current: str


PLACES: dict[str, Place] = {}


def register(label: str, url_name: str, action_code: str, order: int, icon: str, *, group: Group = Group.WORK) -> None:
    """Add a place; registering the same view again replaces it."""
    PLACES[url_name] = Place(label, url_name, action_code, order, icon, group)


def entries_for(roles: frozenset[Role], path: str) -> dict[str, list[Entry]]:
    """The places open to ``roles`` by heading, with the one that ``path`` lies in marked as current."""
    places = sorted((place for place in PLACES.values() if _open(place, roles)), key=lambda place: place.order)
    urls = {place.url_name: address for place in places if (address := _address(place))}
    here = _innermost(urls.values(), path)
    grouped: dict[str, list[Entry]] = {group.value: [] for group in Group}
    for place in places:
        if (url := urls.get(place.url_name)) is None:
            continue
        current = "" if url != here else "page" if url == path else "true"
        grouped[place.group.value].append(Entry(place.label, url, place.icon, current))
    return {heading: entries for heading, entries in grouped.items() if entries}


def place_of(path: str) -> Entry | None:
    """The place of the navigation that ``path`` lies in."""
    entries = [Entry(place.label, url, place.icon, "") for place in PLACES.values() if (url := _address(place))]
    here = _innermost([entry.url for entry in entries if entry.url != reverse("portal:home")], path)
    return next((entry for entry in entries if entry.url == here), None)


def _open(place: Place, roles: frozenset[Role]) -> bool:
    if place.action_code in (ANY_ACCOUNT, PUBLIC):
        return True
    return bool(ACTIONS[place.action_code].roles & roles)


def _address(place: Place) -> str | None:
    """None for a view that does not exist: one wrong place must not take every page down (a test finds it)."""
    return _reversed(place.url_name, get_resolver(get_urlconf()))


@lru_cache(maxsize=256)
def _reversed(url_name: str, _resolver: URLResolver) -> str | None:
    """Every page asks for all of them, and they change only with the URLs, hence with the resolver."""
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return None


def _innermost(urls, path: str) -> str:
    below = [url for url in urls if path == url or (url != "/" and path.startswith(url))]
    return max(below, key=len, default="")
