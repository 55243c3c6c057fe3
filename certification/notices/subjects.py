"""What notices are about: rows of cases, or cases by model and ids.

Whoever tells names the coarsest that is true: the class, the session or the plan where all of it is meant, the
applications of some people where some are.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q

from certification.notices.models import Notice, NoticeSubject


@dataclass(frozen=True)
class Cases:
    """Cases of one model by their ids, where the rows themselves are not at hand."""

    model: type[models.Model]
    ids: Collection[int]


One = models.Model | Cases
# One case or several.
About = One | Collection[One]


def write(told: Iterable[tuple[Notice, About]]) -> None:
    """Keep what each of the written notices is about, in one statement."""
    rows = [
        NoticeSubject(notice=notice, subject_type=subject_type, subject_id=subject_id)
        for notice, about in told
        for subject_type, subject_id in dict.fromkeys(_cases(about))
    ]
    if rows:
        NoticeSubject.objects.bulk_create(rows)


def notices_about(about: About) -> models.QuerySet[Notice]:
    """The notices that tell about any of these cases, each once."""
    wanted = Q(pk__in=[])
    for one in _each(about):
        ids = one.ids if isinstance(one, Cases) else [one.pk]
        wanted |= Q(subject_type=_type(one), subject_id__in=ids)
    return Notice.objects.filter(pk__in=NoticeSubject.objects.filter(wanted).values("notice"))


def _cases(about: About) -> Iterator[tuple[ContentType, int]]:
    for one in _each(about):
        for subject_id in one.ids if isinstance(one, Cases) else [one.pk]:
            yield _type(one), subject_id


def _each(about: About) -> Collection[One]:
    return [about] if isinstance(about, One) else about


def _type(one: One) -> ContentType:
    return ContentType.objects.get_for_model(one.model if isinstance(one, Cases) else one)
