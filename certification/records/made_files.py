"""Files that errands made for whoever asked: printed and gone, they are copies of what the cases hold."""

from datetime import datetime, timedelta

from django.contrib.contenttypes.models import ContentType
from django.db import transaction

from certification.jobs.models import Errand
from certification.records.models import StoredFile

KEPT = timedelta(days=2)


def discard(*, now: datetime) -> int:
    """Remove those that are older than ``KEPT``; returns how many."""
    owner = ContentType.objects.get_for_model(Errand)
    with transaction.atomic():
        old = StoredFile.objects.filter(owner_type=owner, stored_at__lt=now - KEPT).select_for_update(of=("self",))
        files = list(old)
        for stored in files:
            stored.discard()
    return len(files)
