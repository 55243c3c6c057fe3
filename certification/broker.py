"""The Redis transport of kombu, for workers that outlive their broker.

When the broker goes away while a task runs, kombu 5.7 tries to hand the task's message back, and later to
acknowledge it, over a connection whose address it has already forgotten: the worker ends with "'NoneType' object has
no attribute 'hostname'". Here that is what it is, a lost connection, which kombu knows how to survive. The broker has
the message noted as unacknowledged, or has forgotten everything.
"""

from kombu.transport import redis
from redis.exceptions import ConnectionError as LostConnection


class Channel(redis.Channel):
    """A channel that knows when its connection is gone."""

    @property
    def do_restore(self) -> bool:
        """Whether there is anybody to hand messages back to."""
        return self.connection is not None and self.connection.client is not None

    def _connparams(self, *arguments, **options):
        if not self.do_restore:
            raise LostConnection("the connection to the broker was lost")
        return super()._connparams(*arguments, **options)


class Transport(redis.Transport):
    """Set by ``CELERY_BROKER_TRANSPORT`` for every ``redis://`` address."""

    Channel = Channel
