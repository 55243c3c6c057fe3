"""The papers that applicants of the demonstration hand in."""

from exams.materials import specimens
from exams.models import MaterialKind


def paper(kind: MaterialKind, place: int) -> tuple[str, bytes]:
    """File name and content of a paper of ``kind`` for the applicant at ``place`` of a class."""
    if kind == MaterialKind.PHOTO:
        return "照片.jpg", specimens.photo(place % specimens.PORTRAITS)
    return f"{kind.label}.jpg", specimens.scan(kind.label)
