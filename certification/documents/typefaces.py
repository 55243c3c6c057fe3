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

from certification.refusals import Outage

SANS = "Document Sans"
SERIF = "Document Serif"
# How a file begins that is a typeface: TrueType, OpenType, a collection, the formats of the web.
_KINDS = (b"\x00\x01\x00\x00", b"true", b"OTTO", b"ttcf", b"wOFF", b"wOF2")
_NO_FONTS = '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd"><fontconfig></fontconfig>'


def files() -> dict[str, Path]:
    """Family name → font file."""
    shipped = {SERIF: pylopdf_fonts_zh_cn.serif_path(), SANS: pylopdf_fonts_zh_cn.sans_path()}
    return {name: Path(path) for name, path in {**shipped, **getattr(settings, "DOCUMENT_TYPEFACES", {})}.items()}


class TypefaceMissing(Outage):
    """A typeface's file is not where it should be; WeasyPrint would silently take another."""

    code = "typeface_missing"

    def __init__(self, name: str, path: Path):
        super().__init__(
            f"文书字库“{name}”的文件不存在或不可读：{path}。",
            advice="请系统管理员检查设置 DOCUMENT_TYPEFACES，或者重新安装字库（pylopdf-fonts-zh-cn）。",
        )


def require_files() -> None:
    """Raise TypefaceMissing where one of the files cannot be read or is no typeface."""
    for name, path in files().items():
        try:
            with path.open("rb") as file:
                head = file.read(4)
        except OSError as error:
            raise TypefaceMissing(name, path) from error
        if head not in _KINDS:
            raise TypefaceMissing(name, path)


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
