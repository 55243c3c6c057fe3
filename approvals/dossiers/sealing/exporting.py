"""What goes out of a sealed dossier: the whole with its additions in one zip, or one class's part with its proof.

Entries are copied out of the sealed archives as they are; what was sealed is only read.
"""

import json
import zipfile
from collections.abc import Callable
from contextlib import ExitStack
from tempfile import TemporaryFile
from typing import IO

from approvals.dossiers.sealing import layout
from approvals.dossiers.sealing.archives import entry_info
from approvals.models import Dossier, DossierAddition
from certification.records.models import StoredFile
from certification.refusals import WrongState, telling_of_full_disk
from training.models import TrainingPlan

_PIECE = 1024 * 1024


def whole(dossier: Dossier) -> IO[bytes]:
    """The sealing and all additions in one zip. Raises WrongState where it is not sealed, DiskFull."""
    return _copied(dossier, lambda _path: True)


def part(dossier: Dossier, plan: TrainingPlan) -> IO[bytes]:
    """What belongs to one class, with the root indexes that name its digest: it proves itself without the rest.

    Raises WrongState where the dossier is not sealed, DiskFull.
    """
    folder = f"{layout.CLASSES}/{plan.number}/"

    def belongs(path: str) -> bool:
        plain = layout.plain(path)
        return plain.startswith(folder) or plain == layout.INDEX or path == layout.README

    mark = {"dossier": dossier.number, "part": plan.number}
    return _copied(dossier, belongs, {layout.EXPORT: json.dumps(mark, ensure_ascii=False).encode()})


def _copied(dossier: Dossier, belongs: Callable[[str], bool], extra: dict[str, bytes] | None = None) -> IO[bytes]:
    if dossier.archive is None:
        raise WrongState(f"{dossier.number}尚未封存，不能导出封存件。", advice="封存后再导出。")
    additions = DossierAddition.objects.filter(dossier=dossier).select_related("archive").order_by("number")
    with telling_of_full_disk(), ExitStack() as files:
        target = files.enter_context(TemporaryFile())  # noqa: SIM115 (closed by whoever asked)
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for stored in (dossier.archive, *(row.archive for row in additions)):
                _copy(stored, archive, belongs)
            for path, content in (extra or {}).items():
                archive.writestr(entry_info(path), content)
        target.seek(0)
        files.pop_all()
    return target


def _copy(stored: StoredFile, archive: zipfile.ZipFile, belongs: Callable[[str], bool]) -> None:
    with stored.file.open("rb") as file, zipfile.ZipFile(file) as source:
        for info in source.infolist():
            if belongs(info.filename):
                with source.open(info) as content, archive.open(entry_info(info.filename), "w") as entry:
                    while piece := content.read(_PIECE):
                        entry.write(piece)
