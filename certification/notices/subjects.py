"""What notices are about: rows of cases, or cases by model and ids.

Whoever tells names the coarsest that is true: the class, the session or the plan where all of it is meant, the
applications of some people where some are.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from django.contrib.contenttypes.models import ContentType
from django.db import models

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


def _cases(about: About) -> Iterator[tuple[ContentType, int]]:
    for one in [about] if isinstance(about, One) else about:
        cases = one if isinstance(one, Cases) else Cases(type(one), [one.pk])
        for subject_id in cases.ids:
            yield ContentType.objects.get_for_model(cases.model), subject_id
