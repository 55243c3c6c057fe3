"""Sample papers for the people of the sample roster: ``static/samples/materials`` and the same as one archive.

``python manage.py shell -c "from exams.samples import write; write()"`` writes the files anew; a test keeps them
equal to what this module says.
"""

from io import BytesIO
from pathlib import Path
from zipfile import ZipFile, ZipInfo

from certification.people.models import DocumentType
from exams.materials import specimens
from exams.models import MaterialKind
from training import samples as rosters

FOLDER = rosters.FOLDER
ARCHIVE = "materials.zip"
# An archive made anew is the same archive only where its entries bear a fixed time.
_ENTRY_TIME = (2026, 1, 1, 0, 0, 0)
KINDS = (
    MaterialKind.PHOTO,
    MaterialKind.IDENTITY_CARD,
    MaterialKind.DIPLOMA,
    MaterialKind.HEALTH_COMMITMENT,
    MaterialKind.CONSENT,
    MaterialKind.HOURS_PROOF,
)


def files() -> dict[str, bytes]:
    """Path below ``static/samples`` → content: every paper of everybody, named 姓名-材料.jpg, and the archive."""
    papers = {
        f"{name}-{kind.named(DocumentType.IDENTITY_CARD)}.jpg": _paper(
            kind, place, name, rosters.identity_number(born, sequence)
        )
        for place, (name, born, sequence, *_rest) in enumerate(rosters.RIGHT)
        for kind in KINDS
    }
    return {**{f"materials/{name}": content for name, content in papers.items()}, ARCHIVE: _archive(papers)}


def write(folder: Path = FOLDER) -> None:
    """Write the sample papers."""
    (folder / "materials").mkdir(parents=True, exist_ok=True)
    for name, content in files().items():
        (folder / name).write_bytes(content)


def _paper(kind: MaterialKind, place: int, name: str, number: str) -> bytes:
    if kind == MaterialKind.PHOTO:
        return specimens.photo(place)
    return specimens.scan(kind.named(DocumentType.IDENTITY_CARD), name, number)


def _archive(papers: dict[str, bytes]) -> bytes:
    out = BytesIO()
    with ZipFile(out, "w") as archive:
        for name, content in papers.items():
            archive.writestr(ZipInfo(name, _ENTRY_TIME), content)
    return out.getvalue()
