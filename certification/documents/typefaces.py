"""The typefaces of documents: Noto Sans and Serif SC from files, others by the setting DOCUMENT_TYPEFACES.

Official letters ask for 小标宋, 仿宋, 黑体 and 楷体, which are licensed. The stylesheets name them "Document BiaoSong",
"Document FangSong", "Document HeiTi" and "Document KaiTi"; an office that holds them says where their files are:
``DOCUMENT_TYPEFACES = {"Document FangSong": "/srv/fonts/simfang.ttf"}``. Without, 黑体 is Noto Sans and the others
are Noto Serif. A further entry under any name is asked last, for rare characters.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile

import pylopdf_fonts_zh_cn
from django.conf import settings

SANS = "Document Sans"
SERIF = "Document Serif"
_NO_FONTS = '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd"><fontconfig></fontconfig>'


def files() -> dict[str, Path]:
    """Family name → font file."""
    shipped = {SERIF: pylopdf_fonts_zh_cn.serif_path(), SANS: pylopdf_fonts_zh_cn.sans_path()}
    return {name: Path(path) for name, path in {**shipped, **getattr(settings, "DOCUMENT_TYPEFACES", {})}.items()}


def css() -> str:
    """The @font-face rules, and all families as the last resort of every element."""
    faces = "".join(
        f'@font-face {{ font-family: "{name}"; src: url("{path.as_uri()}"); }}\n' for name, path in files().items()
    )
    families = ", ".join(f'"{name}"' for name in files())
    return f"{faces}html {{ font-family: {families}; }}\n"


@contextmanager
def machine_fonts_hidden() -> Iterator[None]:
    """Within the block fontconfig finds no fonts of the machine."""
    with NamedTemporaryFile("w", suffix=".conf") as configuration:
        configuration.write(_NO_FONTS)
        configuration.flush()
        before = os.environ.get("FONTCONFIG_FILE")
        os.environ["FONTCONFIG_FILE"] = configuration.name
        try:
            yield
        finally:
            if before is None:
                del os.environ["FONTCONFIG_FILE"]
            else:
                os.environ["FONTCONFIG_FILE"] = before
