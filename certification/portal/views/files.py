"""The checked download of a stored file: whoever may see the case that it belongs to may fetch it."""

import logging
from uuid import UUID

from django.db import models
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from certification import clock
from certification.records import accesses
from certification.records.content import SHOWN_INLINE
from certification.records.models import StoredFile

logger = logging.getLogger(__name__)


@require_safe
def file(request, uuid: UUID):
    """Send the file, with the type that was judged when it was stored. 404 for other people's, as for missing ones.

    PDF and pictures are shown in place unless ``?download`` is asked; anything else is only ever downloaded. Who
    fetched it, and when, is on record before the first byte goes out.
    """
    stored = get_object_or_404(StoredFile.objects.select_related("owner_type"), uuid=uuid)
    owner = _visible_owner(stored, request.user)
    if not stored.fetchable:
        return render(request, "portal/quarantine.html", {"stored": stored}, status=409)
    try:
        content = stored.file.open("rb")
    except FileNotFoundError:
        logger.error("stored file %s is missing from the disk", stored.uuid)
        raise Http404 from None
    inline = stored.media_type in SHOWN_INLINE and "download" not in request.GET
    if request.method == "GET":
        accesses.fetch(stored, owner, actor=request.user, now=clock.now(), download=not inline)
    response = FileResponse(content, as_attachment=not inline, filename=stored.name, content_type=stored.media_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def _visible_owner(stored: StoredFile, user) -> models.Model:
    """The case that the file belongs to. A model that does not say who sees its rows shows its files to nobody."""
    model = stored.owner_type.model_class()
    visible_to = getattr(model and model._default_manager, "visible_to", None)
    owner = visible_to(user).filter(pk=stored.owner_id).first() if visible_to else None
    if owner is None:
        raise Http404
    return owner
