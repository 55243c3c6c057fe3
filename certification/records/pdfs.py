"""Whether a PDF is whole and only paper: nothing that acts by itself, hides other files or needs a password.

Not a PDF parser: the names of what is forbidden are looked for in the file and in its compressed object
streams, which are inflated within bounds. What cannot be looked into is refused.
"""

import re
import zlib
from dataclasses import dataclass

MAX_INFLATED = 64 * 1024 * 1024

_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_OBJECT_STREAM = re.compile(rb"/ObjStm\b(.{0,4096}?)\bstream\r?\n", re.DOTALL)
_ACTIVE = re.compile(rb"/(?:JavaScript|Launch|SubmitForm|ImportData|GoToR|GoToE|RichMedia)(?![A-Za-z0-9])")
_EMBEDDED = re.compile(rb"/EmbeddedFiles?(?![A-Za-z0-9])")
_ENCRYPTED = re.compile(rb"/Encrypt(?![A-Za-z0-9])")
_OPEN_ACTION = re.compile(rb"/OpenAction\s*(?:(\[)|(<<)|(\d+)\s+(\d+)\s+R|.)", re.DOTALL)
_GO_TO = re.compile(rb"/S\s*/GoTo(?![A-Za-z0-9])")


@dataclass(frozen=True)
class Flaw:
    """Why a PDF is not taken."""

    code: str
    message: str


def flaw(content: bytes) -> Flaw | None:
    """The first thing that is wrong with the PDF; None for plain paper. Codes: damaged, password, active_content,
    embedded_files."""
    if b"%%EOF" not in content[-2048:] or b"startxref" not in content[-4096:]:
        return Flaw("damaged", "PDF 不完整或已损坏。")
    plain = _ESCAPE.sub(lambda match: bytes([int(match[1], 16)]), content)
    if _ENCRYPTED.search(plain):
        return Flaw("password", "PDF 已加密或设有密码。")
    hidden = _object_streams(content)
    if hidden is None:
        return Flaw("damaged", "PDF 内部的压缩数据异常，无法检查。")
    whole = b"\n".join((plain, *hidden))
    if _ACTIVE.search(whole) or _opens_something(whole):
        return Flaw("active_content", "PDF 含有脚本或自动执行的动作，不予接收。")
    if _EMBEDDED.search(whole):
        return Flaw("embedded_files", "PDF 内嵌有其他文件，不予接收。")
    return None


def _object_streams(content: bytes) -> list[bytes] | None:
    """The inflated object streams, names unescaped; None where one cannot be inflated within bounds."""
    streams = []
    room = MAX_INFLATED
    for match in _OBJECT_STREAM.finditer(content):
        inflater = zlib.decompressobj()
        try:
            stream = inflater.decompress(content[match.end() :], room)
        except zlib.error:
            return None
        if inflater.unconsumed_tail:
            return None
        room -= len(stream)
        streams.append(_ESCAPE.sub(lambda escape: bytes([int(escape[1], 16)]), stream))
        if room <= 0:
            return None
    return streams


def _opens_something(whole: bytes) -> bool:
    """Whether opening the file does more than go to a page."""
    return any(not _goes_to_page(whole, match) for match in _OPEN_ACTION.finditer(whole))


def _goes_to_page(whole: bytes, match: re.Match) -> bool:
    array, dictionary, number, generation = match.groups()
    if array:
        return True
    if dictionary:
        return bool(_GO_TO.search(whole, match.end(), match.end() + 500))
    if not number:
        return False
    target = re.search(
        rb"(?<!\d)%s\s+%s\s+obj\s*(\[|<<(?:.{0,500}?)/S\s*/GoTo(?![A-Za-z0-9]))" % (number, generation),
        whole,
        re.DOTALL,
    )
    return target is not None
