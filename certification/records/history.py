"""In whose name django-simple-history writes: the logged-in person, or the actor of the running activity."""

from contextlib import contextmanager
from types import SimpleNamespace

from simple_history.models import HistoricalRecords


@contextmanager
def acting_as(actor):
    """Within the block, history rows carry ``actor`` as their user, in web requests, jobs and commands alike."""
    context = HistoricalRecords.context
    before = getattr(context, "request", None)
    context.request = SimpleNamespace(user=actor)
    try:
        yield
    finally:
        if before is None:
            del context.request
        else:
            context.request = before
