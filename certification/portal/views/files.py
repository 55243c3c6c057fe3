"""The checked download of a stored file: whoever may see the case that it belongs to may fetch it."""

import logging
from uuid import UUID

from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from certification.records.content import SHOWN_INLINE
from certification.records.models import StoredFile

logger = logging.getLogger(__name__)


@require_safe
def file(request, uuid: UUID):
    """Send the file, with the type that was judged when it was stored. 404 for other people's, as for missing ones.

    PDF and pictures are shown in place unless ``?download`` is asked; anything else is only ever downloaded.
    """
    stored = get_object_or_404(StoredFile.objects.select_related("owner_type"), uuid=uuid)
    _require_visible_owner(stored, request.user)
    try:
        content = stored.file.open("rb")
    except FileNotFoundError:
        logger.error("stored file %s is missing from the disk", stored.uuid)
        raise Http404 from None
    logger.info("stored file %s fetched by account %s", stored.uuid, request.user.pk)
    inline = stored.media_type in SHOWN_INLINE and "download" not in request.GET
    response = FileResponse(content, as_attachment=not inline, filename=stored.name, content_type=stored.media_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def _require_visible_owner(stored: StoredFile, user) -> None:
    """A model that does not say who sees its rows shows its files to nobody."""
    model = stored.owner_type.model_class()
    visible_to = getattr(model and model._default_manager, "visible_to", None)
    if visible_to is None or not visible_to(user).filter(pk=stored.owner_id).exists():
        raise Http404
