"""The scheduler of Celery beat: django-celery-beat's, of which only the one that holds the lease sends.

However many beats run, the row ``BeatLease`` lets one of them send: it is renewed at every turn and once more
before everything sent. A second beat waits and takes over when the first is silent for ``BEAT_LEASE_SECONDS``, and
one that was stopped and wakes up finds the lease gone. Between renewing and sending lies one call; a beat that is
halted in that very moment for longer than the lease wakes a worker once too often, which the jobs bear.
"""

import logging
import os
import secrets
import socket

from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections, connection
from django_celery_beat.schedulers import DatabaseScheduler
from kombu.exceptions import OperationalError

from certification.jobs.models import BeatLease

logger = logging.getLogger(__name__)


class LeaseLost(Exception):
    """Another beat sends now."""


class Scheduler(DatabaseScheduler):
    """Touches ``settings.BEAT_HEARTBEAT`` at every turn, which comes every few seconds even when nothing is due, and
    also while it waits: a sign of life for health checks of the process."""

    def __init__(self, *args, **options):
        self.holder = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self._holds: bool | None = None
        self._unsent = False
        super().__init__(*args, **options)

    def tick(self, *arguments, **options):
        """Send what is due, if this beat may; returns the seconds until the next turn."""
        try:
            delay = self._turn(*arguments, **options)
        except (DatabaseError, InterfaceError):
            # Without the database nobody knows who may send.
            logger.exception("beat cannot reach the database; nothing is sent until it can")
            connection.close()
            self._forget()
            delay = self.max_interval
        except OperationalError:
            logger.exception("beat cannot reach the broker; what is due is sent when it can")
            self._forget()
            delay = self.max_interval
        settings.BEAT_HEARTBEAT.touch()
        # Often enough to keep the lease, and to take it soon after its end.
        return min(delay, settings.BEAT_LEASE_SECONDS / 5)

    def _turn(self, *arguments, **options) -> float:
        if not self._may_send():
            return self.max_interval
        self._unsent = False
        delay = super().tick(*arguments, **options)
        return self.max_interval if self._unsent else delay

    def apply_async(self, entry, producer=None, advance=True, **options):
        """Send ``entry`` while this beat holds the lease, then write down that it was sent. What could not be sent
        stays due and is tried again."""
        try:
            if not BeatLease.hold(self.holder, settings.BEAT_LEASE_SECONDS):
                raise LeaseLost(f"another beat holds the lease; {entry.name} is left to it")
            sent = super().apply_async(entry, producer=producer, advance=advance, **options)
        except Exception:
            self._forget()
            raise
        self.sync()
        return sent

    def should_sync(self) -> bool:
        """Never by the time: ``apply_async`` writes down what was sent, and nothing else."""
        return False

    def enabled_models_qs(self):
        """All of them. The superclass leaves out what falls on other hours of the day, so that what was missed in
        the night, when no beat ran, would wait until the next night."""
        return self.Model.objects.enabled()

    def close(self):
        """Beat ends: the lease goes back, so that the next beat need not wait."""
        super().close()
        try:
            BeatLease.release(self.holder)
        except (DatabaseError, InterfaceError):
            logger.warning("the lease could not be given back; it ends by itself", exc_info=True)

    def _may_send(self) -> bool:
        close_old_connections()
        holds = BeatLease.hold(self.holder, settings.BEAT_LEASE_SECONDS)
        if holds != self._holds:
            self._forget()
            if holds:
                logger.info("beat %s holds the lease and sends what is due", self.holder)
            else:
                logger.warning("another beat holds the lease; beat %s waits", self.holder)
        self._holds = holds
        return holds

    def _ensure_connected(self):
        """One try: the superclass goes on trying for an hour, in which the lease would end."""
        return self.connection.ensure_connection(max_retries=1, timeout=settings.BEAT_LEASE_SECONDS / 5)

    def _forget(self) -> None:
        """Read the schedule again at the next turn: to go on where another beat stopped, or to send what could not
        be sent."""
        self._unsent = True
        self._dirty.clear()
        self._initial_read = True
        self._heap = None
