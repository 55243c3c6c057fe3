"""The kinds of case that deadlines are about: how each is titled, opened, filtered, and followed from the first day.

Apps register theirs in ``AppConfig.ready``; the kernel knows none of them.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.urls import reverse

from certification.organisations import access
from certification.organisations.models import Organisation

# The institution and the organiser of a case; None where it has none.
Parties = tuple[Organisation | None, Organisation | None]


def _unknown(case: models.Model) -> None:
    return None


def _never(case: models.Model, now: datetime) -> None:
    return None


@dataclass(frozen=True)
class CaseKind:
    """One kind of case.

    ``slug`` names it in addresses, ``view`` shows one by its key. ``related`` is what its ``title`` and ``parties``
    read. ``job_type`` and ``organiser`` are lookup paths. ``began_at(case)``: since when it exists (None: its log
    says). ``ended_at(case, now)``: when it ended without a step of its own saying so, None while it goes on.
    ``personal``: its title names a person, and stays inside the house.
    """

    model: type[models.Model]
    slug: str
    view: str
    parties: Callable[[models.Model], Parties]
    job_type: str
    organiser: str
    related: tuple[str, ...] = ()
    title: Callable[[models.Model], str] = str
    began_at: Callable[[models.Model], datetime | None] = _unknown
    ended_at: Callable[[models.Model, datetime], datetime | None] = _never
    personal: bool = False

    @property
    def label(self) -> str:
        return self.model._meta.label

    @property
    def content_type(self) -> ContentType:
        return ContentType.objects.get_for_model(self.model)

    def visible_to(self, user) -> models.QuerySet:
        """The cases that ``user`` may see, with what their titles read."""
        return self.model.objects.visible_to(user).select_related(*self.related)

    def url_for(self, case: models.Model, user) -> str:
        """The page of a visible case; "" for who may not open such pages."""
        return reverse(self.view, args=[case.pk]) if access.may(user, access.URLS[self.view]) else ""


# A case → it with those that it continued from and into, in order.
Chain = Callable[[models.Model], Sequence[models.Model]]

_KINDS: dict[str, CaseKind] = {}
_CHAINS: dict[str, Chain] = {}


def register(kind: CaseKind) -> None:
    """Add a kind of case; call in AppConfig.ready."""
    _KINDS[kind.label] = kind


def register_chain(model_label: str, chain: Chain) -> None:
    """Say how cases of ``model_label`` go on as cases of other kinds; call in AppConfig.ready."""
    _CHAINS[model_label] = chain


def chain_of(case: models.Model) -> list[models.Model]:
    """The case with those that it continued from and into, in order."""
    chain = _CHAINS.get(case._meta.label)
    return list(chain(case)) if chain else [case]


def kinds() -> list[CaseKind]:
    """Every registered kind."""
    return list(_KINDS.values())


def kind_of(model: type[models.Model]) -> CaseKind | None:
    """The kind of a model's cases, None where none was registered."""
    return _KINDS.get(model._meta.label)


def by_slug(slug: str) -> CaseKind | None:
    """The kind that addresses call ``slug``."""
    return next((kind for kind in _KINDS.values() if kind.slug == slug), None)


def visible_subjects(deadlines: Iterable, user) -> dict[tuple[int, int], models.Model]:
    """The cases of ``deadlines`` that ``user`` may see, by (content type id, case id): one query for each kind."""
    wanted: dict[int, set[int]] = {}
    for deadline in deadlines:
        wanted.setdefault(deadline.subject_type_id, set()).add(deadline.subject_id)
    found = {}
    for kind in kinds():
        type_id = kind.content_type.pk
        if type_id in wanted:
            rows = kind.visible_to(user).filter(pk__in=wanted[type_id])
            found.update({(type_id, row.pk): row for row in rows})
    return found
