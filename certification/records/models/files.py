"""Stored files: private, typed by content, with their SHA-256."""

import hashlib
import uuid

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.db import models


def _path(stored: "StoredFile", _name: str) -> str:
    return f"{stored.uuid.hex[:2]}/{stored.uuid.hex}"


class StoredFile(models.Model):
    """One file, never changed after it was stored. ``owner`` is the case that it belongs to: whoever may see
    the owner may fetch the file."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    file = models.FileField(upload_to=_path, max_length=80)
    name = models.CharField("文件名", max_length=255)
    media_type = models.CharField("类型", max_length=100)
    size = models.PositiveBigIntegerField("大小(字节)")
    sha256 = models.CharField(max_length=64)
    owner_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, related_name="+")
    owner_id = models.BigIntegerField()
    owner = GenericForeignKey("owner_type", "owner_id")
    stored_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    stored_at = models.DateTimeField()

    class Meta:
        verbose_name = "文件"
        verbose_name_plural = "文件"
        indexes = [models.Index(fields=["owner_type", "owner_id"], name="stored_file_owner")]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def store(cls, content: bytes, *, name: str, media_type: str, owner: models.Model, actor, now) -> "StoredFile":
        """Keep ``content`` under ``owner``. The caller has judged the type by content before."""
        stored = cls(
            name=name[-255:],
            media_type=media_type,
            size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
            owner=owner,
            stored_by=actor,
            stored_at=now,
        )
        stored.file.save(name, ContentFile(content), save=False)
        stored.save(force_insert=True)
        return stored
