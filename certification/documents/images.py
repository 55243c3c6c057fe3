"""Pictures inside documents: as data: addresses, since documents fetch nothing."""

from base64 import b64encode


def data_uri(content: bytes, media_type: str) -> str:
    """``content`` as an address for ``<img src>``."""
    return f"data:{media_type};base64,{b64encode(content).decode()}"
