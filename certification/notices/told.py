"""Who was told what about a case and when it was read, as the page of the case shows it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q

from certification import clock
from certification.notices.models import Notice, NoticeSubject
from certification.organisations.models import User
from certification.organisations.roles import REACH, Reach

# A page is read, not searched.
SHOWN = 100


@dataclass
class Told:
    """The same words at the same moment, and the notices of all who got them."""

    at: datetime
    title: str
    notices: list[Notice] = field(default_factory=list)

    @property
    def read(self) -> bool:
        """Whether everybody has opened it."""
        return all(notice.read_at for notice in self.notices)


@dataclass(frozen=True)
class Record:
    """What was told, the latest first; ``only``: to whom, where the reader is not shown all of it. ``count`` and
    ``unread`` are of notices, of the latest ``SHOWN`` where there are more (``cut``)."""

    entries: list[Told]
    only: str
    count: int
    unread: int
    cut: bool


def of(user: User, case: models.Model) -> Record:
    """What was told about a case whose page ``user`` may see. One query.

    The offices see all of it, an institution what its own people got, anybody else what came to themselves.
    """
    theirs, only = _reader(user)
    # From the cases to the notices: the other way round the database would read the notices of all cases.
    rows = NoticeSubject.objects.filter(
        theirs, subject_type=ContentType.objects.get_for_model(case), subject_id=case.pk
    )
    rows = rows.select_related("notice__recipient__person", "notice__recipient__organisation").defer("notice__body")
    found = [row.notice for row in rows.order_by("-notice__created_at", "-notice_id")[: SHOWN + 1]]
    shown = found[:SHOWN]
    unread = sum(notice.read_at is None for notice in shown)
    return Record(_together(shown), only, len(shown), unread, cut=len(found) > SHOWN)


def _reader(user: User) -> tuple[Q, str]:
    """Whose notices ``user`` may know of, and how these are called; "" where it is everybody's."""
    reaches = {REACH[role] for role in user.roles_on(clock.today())}
    if user.is_system or reaches & {Reach.PROVINCE, Reach.CITY}:
        return Q(), ""
    if Reach.INSTITUTION in reaches:
        return Q(notice__recipient__organisation=user.organisation_id), "本单位人员"
    return Q(notice__recipient=user), "您本人"


def _together(notices: Iterable[Notice]) -> list[Told]:
    found: dict[tuple[datetime, str], Told] = {}
    for notice in notices:
        told = found.setdefault((notice.created_at, notice.title), Told(notice.created_at, notice.title))
        told.notices.append(notice)
    return list(found.values())
