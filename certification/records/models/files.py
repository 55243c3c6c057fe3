"""Stored files: private, typed by content, with their SHA-256."""

import hashlib
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile, File
from django.db import models, transaction

from certification.refusals import telling_of_full_disk


def _path(stored: "StoredFile", _name: str) -> str:
    return f"{stored.uuid.hex[:2]}/{stored.uuid.hex}"


class Scan(models.TextChoices):
    """What the virus scanner said of a file. Nobody can fetch what waits in quarantine or is infected."""

    UNSCANNED = "UNSCANNED", "未扫描"
    CLEAN = "CLEAN", "未发现病毒"
    WAITING = "WAITING", "待病毒扫描"
    INFECTED = "INFECTED", "含有病毒"


class StoredFileQuerySet(models.QuerySet):
    def of(self, model: type[models.Model], ids: Iterable[int]):
        """Those that rows of ``model`` own."""
        return self.filter(owner_type=ContentType.objects.get_for_model(model), owner_id__in=list(ids))


class StoredFile(models.Model):
    """One file, its content never changed after it was stored. ``owner`` is the case that it belongs to: whoever may
    see the owner may fetch the file."""

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
    scan = models.CharField("病毒扫描", max_length=10, choices=Scan, default=Scan.UNSCANNED)
    scanned_at = models.DateTimeField("扫描时间", null=True, blank=True)
    signature = models.CharField("发现的病毒", max_length=120, blank=True)

    objects = StoredFileQuerySet.as_manager()

    class Meta:
        verbose_name = "文件"
        verbose_name_plural = "文件"
        indexes = [
            models.Index(fields=["owner_type", "owner_id"], name="stored_file_owner"),
            models.Index(fields=["id"], condition=models.Q(scan="WAITING"), name="stored_file_quarantine"),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(scan__in=Scan.values), name="stored_file_scan_known"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def fetchable(self) -> bool:
        """Whether anybody may be sent the file: not while it waits for the scanner, nor once that found something."""
        return self.scan not in (Scan.WAITING, Scan.INFECTED)

    @classmethod
    def store(
        cls,
        content: bytes,
        *,
        name: str,
        media_type: str,
        owner: models.Model,
        actor,
        now,
        scan: Scan = Scan.UNSCANNED,
    ) -> "StoredFile":
        """Keep ``content`` under ``owner``. The caller has judged the type by content before, and where it came from
        outside had it scanned."""
        return cls.store_stream(
            ContentFile(content), name=name, media_type=media_type, owner=owner, actor=actor, now=now, scan=scan
        )

    @classmethod
    def store_stream(cls, source: File, **said) -> "StoredFile":
        """``store`` for what need not fit into memory; reads ``source`` from its beginning, in pieces. Raises DiskFull,
        and then leaves nothing on the disk."""
        stored = cls._on_disk(source, **said)
        stored.save(force_insert=True)
        return stored

    @classmethod
    def store_all(cls, files: Sequence[Mapping]) -> "list[StoredFile]":
        """``store`` for several files in one statement, in their order: each names what ``store`` takes."""
        return cls.objects.bulk_create(
            cls._on_disk(ContentFile(file["content"]), **{name: file[name] for name in file if name != "content"})
            for file in files
        )

    @classmethod
    def _on_disk(
        cls, source: File, *, name: str, media_type: str, owner: models.Model, actor, now, scan: Scan = Scan.UNSCANNED
    ) -> "StoredFile":
        """The file written to its place, its row still to be saved."""
        digest = hashlib.sha256()
        for piece in source.chunks():
            digest.update(piece)
        stored = cls(
            name=name[-255:],
            media_type=media_type,
            size=source.size,
            sha256=digest.hexdigest(),
            owner=owner,
            stored_by=actor,
            stored_at=now,
            scan=scan,
            scanned_at=now if scan == Scan.CLEAN else None,
        )
        source.seek(0)
        with telling_of_full_disk(), stored._removed_where_unfinished():
            stored.file.save(name, source, save=False)
        return stored

    @contextmanager
    def _removed_where_unfinished(self) -> Iterator[None]:
        """A file that could not be written to its end does not stay."""
        try:
            yield
        except OSError:
            self.file.storage.delete(_path(self, self.name))
            raise

    def discard(self) -> None:
        """Remove a file that was only kept until somebody decided about it; business data is never removed. What lies
        on the disk goes once the transaction stands."""
        storage, path = self.file.storage, self.file.name
        self.delete()
        transaction.on_commit(lambda: storage.delete(path))
