"""Long work that somebody asked for: a row in the database, taken by one worker, with progress that a page can show.

An app registers what it can do in ``AppConfig.ready``: ``register(Kind("dossier.seal", "封存档案", seal))``. A page or
an activity asks for it with ``ask`` inside its transaction; the page includes ``jobs/errand.html``. What a kind does
must end in one transaction of its own that says whether it still had to be done: a worker may be killed anywhere, and
then another begins anew.
"""

import logging
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from certification import clock
from certification.jobs.models import Errand, ErrandState
from certification.jobs.waking import wake
from certification.refusals import Outage, Refusal, telling_of_full_disk

logger = logging.getLogger(__name__)

# So often an errand is begun; then whoever asked is told that it cannot be done.
ATTEMPTS = 3
_REPORT_SECONDS = 0.5


class Overtaken(Exception):
    """Another worker has it: what was found out here is nobody's any more."""


@dataclass(frozen=True)
class Kind:
    """One kind of errand. ``do(errand, progress)`` does it and returns what came of it, as a dict; it raises a Refusal
    where it cannot be done."""

    code: str
    label: str
    do: Callable[[Errand, "Progress"], dict]


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Add what an app can do; the last one of a code counts."""
    _kinds[kind.code] = kind


def label_of(errand: Errand) -> str:
    return _kinds[errand.kind].label


def ask(kind: str, subject: models.Model, *, actor, now, key: str = "", **given) -> Errand:
    """Have ``kind`` done about ``subject``, in the name of ``actor`` and as of ``now``; what is asked for already is
    not asked for twice, unless under another ``key``. Call it within the transaction that decides so: the worker is
    woken when that has committed."""
    about_it = about(kind, subject, key).filter(state=ErrandState.WAITING)
    errand = about_it.first()
    if errand is None:
        # A clash with one who asks at the same moment must not break the transaction around.
        Errand.objects.bulk_create(
            [
                Errand(
                    kind=kind,
                    subject=subject,
                    key=key,
                    asked_by=actor,
                    asked_on_behalf_of=actor.acting_for,
                    asked_at=now,
                    given=given,
                )
            ],
            ignore_conflicts=True,
        )
        errand = about_it.get()
    transaction.on_commit(_wake, robust=True)
    return errand


def _wake() -> None:
    from certification.jobs import tasks

    wake(tasks.work)


def key_of(user) -> str:
    """The ``key`` of what everybody may ask for by themselves, side by side with others."""
    return f"user-{user.pk}"


def about(kind: str, subject: models.Model, key: str = ""):
    """The errands of one kind about one case, the last one first."""
    subject_type = ContentType.objects.get_for_model(subject)
    rows = Errand.objects.filter(kind=kind, subject_type=subject_type, subject_id=subject.pk, key=key)
    return rows.order_by("-pk")


def last_about(kind: str, subject: models.Model, key: str = "") -> Errand | None:
    """The last one asked for: what a page shows of it."""
    return about(kind, subject, key).first()


def refusal_of(errand: Errand | None) -> Refusal | None:
    """Why it was not done; None where it was, or is under way."""
    said = errand.refusal if errand is not None else None
    return Refusal(said["message"], code=said["code"], clause=said["clause"], advice=said["advice"]) if said else None


def work() -> dict[str, int]:
    """Do everything that waits; returns how many were done and refused. What failed for want of disk, typeface or for
    an error of ours does not keep the others waiting; the first such failure is raised at the end, so that the run
    is seen to have failed."""
    summary = {"done": 0, "refused": 0}
    failures: list[Exception] = []
    tried: set[int] = set()
    while errand := _take(tried):
        tried.add(errand.pk)
        failure = _do(errand, summary)
        if failure is not None:
            failures.append(failure)
    if failures:
        raise failures[0]
    return summary


def _take(tried: set[int]) -> Errand | None:
    """Take the first errand that waits and that no living worker has."""
    silence = timedelta(seconds=settings.JOB_SILENCE_SECONDS)
    free = Q(taken_at__isnull=True) | Q(taken_at__lt=Now() - silence)
    waiting = Errand.objects.filter(free, state=ErrandState.WAITING).exclude(pk__in=tried)
    with transaction.atomic():
        found = waiting.select_for_update(skip_locked=True, of=("self",)).order_by("pk").first()
        if found is None:
            return None
        token = uuid.uuid4()
        Errand.objects.filter(pk=found.pk).update(token=token, taken_at=Now(), attempts=F("attempts") + 1)
    persons = [f"{one}__{of}" for one in ("asked_by", "asked_on_behalf_of") for of in ("organisation", "person")]
    return Errand.objects.select_related(*persons).get(pk=found.pk, token=token)


def _do(errand: Errand, summary: dict[str, int]) -> Exception | None:
    """Do one; returns what went wrong with the system, None where nothing did."""
    try:
        if errand.attempts > ATTEMPTS:
            raise Outage("系统多次办理都没有成功。", advice="请稍后重试；仍不成功的，请联系系统管理员。")
        with telling_of_full_disk():
            result = _kinds[errand.kind].do(errand, Progress(errand))
        _end(errand, ErrandState.DONE, result=result)
        summary["done"] += 1
    except Overtaken:
        return None
    except Refusal as refusal:
        summary["refused"] += 1
        _end(errand, ErrandState.REFUSED, refusal=_said(refusal))
        return refusal if isinstance(refusal, Outage) else None
    except Exception as error:
        logger.exception("errand %s of %s failed", errand.kind, errand.subject_id)
        # For the next attempt, after a while.
        Errand.objects.filter(pk=errand.pk, token=errand.token).update(taken_at=Now())
        return error
    return None


def _end(errand: Errand, state: ErrandState, **values) -> None:
    mine = Errand.objects.filter(pk=errand.pk, token=errand.token, state=ErrandState.WAITING)
    mine.update(state=state, stage="", token=None, taken_at=None, ended_at=clock.now(), **values)


def _said(refusal: Refusal) -> dict:
    return {
        "message": refusal.message,
        "code": refusal.code,
        "clause": refusal.clause,
        "advice": refusal.advice,
    }


class Progress:
    """Says how far it is, a few times a second, and notices when another worker has taken over."""

    def __init__(self, errand: Errand):
        self._errand, self._said_at = errand, 0.0

    def __call__(self, stage: str, done: int = 0, total: int = 0) -> None:
        """A new stage is said at once; ``done`` of ``total`` within it now and then. Raises Overtaken."""
        if stage == self._errand.stage and time.monotonic() - self._said_at < _REPORT_SECONDS:
            return
        self._errand.stage, self._said_at = stage, time.monotonic()
        mine = Errand.objects.filter(pk=self._errand.pk, token=self._errand.token, state=ErrandState.WAITING)
        if not mine.update(taken_at=Now(), stage=stage, done=done, total=total):
            raise Overtaken


def silent(_stage: str, _done: int = 0, _total: int = 0) -> None:
    """In place of a Progress where nobody watches."""
