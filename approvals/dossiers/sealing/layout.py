"""Where everything lies in the archive of a sealed dossier. Read by ``verifying`` too, which knows nothing else.

A part is what one reader may have: ``session`` (the organiser's), ``classes/NUMBER`` (the institution's own class) and
``inside/NUMBER`` (what about that class passes between the tiers alone). Each part has its ``index.json``; the root
index names the digest of each part's, so that one part alone still proves that it belongs to the whole. An addition
lies below ``additions/NN/`` in the same order, and its root index names the digest of the one before.
"""

FORM = "dossier-index/2"
SESSION = "session"
CLASSES = "classes"
INSIDE = "inside"
BOOK = "dossier.pdf"
PART_BOOK = "part.pdf"
INDEX = "index.json"
SUMS = "SHA256SUMS"
README = "说明.txt"
# Only in the export of one part: which it is.
EXPORT = "export.json"
# Zip entries carry no real time: the same contents must give the same bytes.
ZIP_TIME = (2023, 4, 1, 0, 0, 0)


def prefix_of(number: int) -> str:
    """Below which folder the seal of that number lies: 0 is the sealing itself, then its additions."""
    return f"additions/{number:02d}/" if number else ""


def plain(path: str) -> str:
    """The path without the addition's folder: where the same thing would lie in the sealing itself."""
    return path.split("/", 2)[2] if path.startswith("additions/") else path


def number_of(path: str) -> int:
    """The number of the seal that a path lies below."""
    return int(path.split("/")[1]) if path.startswith("additions/") else 0
