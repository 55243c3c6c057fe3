"""Whether a PDF is whole and only paper: nothing that acts by itself, hides other files or needs a password.

Not a PDF parser: the names of what is forbidden are looked for in the file and in its compressed object
streams, which are inflated within bounds. What cannot be looked into is refused.
"""

import re
import zlib
from dataclasses import dataclass

MAX_INFLATED = 64 * 1024 * 1024

# How far before its data the dictionary of a stream is looked for.
_DICTIONARY = 4096
_PIECE = 64 * 1024

_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_STREAM = re.compile(rb"(?<!end)stream\r?\n")
_OBJECT_STREAM = re.compile(rb"/ObjStm(?![A-Za-z0-9])")
_PAGE = re.compile(rb"/Type\s*/Page(?![A-Za-z0-9])")
_NUMBER = re.compile(rb"(\d{1,10})\s+\d{1,5}\s+obj\b")
_NOTHING = b" \t\r\n\x00\x0c"
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
    embedded_files, trailing_data."""
    end = content.rfind(b"%%EOF")
    if end == -1 or b"startxref" not in content[max(end - 2048, 0) : end]:
        return Flaw("damaged", "PDF 不完整或已损坏。")
    if content[end + len(b"%%EOF") :].strip(_NOTHING):
        return Flaw("trailing_data", "PDF 末尾附有其他数据，不予接收。")
    plain = _unescaped(content)
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


def pages(content: bytes) -> int:
    """How many pages a PDF without a ``flaw`` has; a page that was saved again counts once."""
    plain = _unescaped(content)
    found = {_number_before(plain, match.start()) for match in _PAGE.finditer(plain)}
    for stream in _object_streams(content) or ():
        found |= {_number_within(stream, match.start()) for match in _PAGE.finditer(stream)}
    return len(found)


def _number_before(plain: bytes, place: int) -> int:
    """The number of the object that ``place`` lies in."""
    numbers = _NUMBER.findall(plain, max(place - _DICTIONARY, 0), place)
    return int(numbers[-1]) if numbers else -place


def _number_within(stream: bytes, place: int) -> int:
    """The number of the object that ``place`` of an object stream lies in; its head lists numbers and places."""
    head = stream[: stream.find(b"<<")].split()
    numbers = [int(text) for text in head if text.isdigit()]
    start = len(stream) if not numbers else stream.find(b"<<")
    within = [number for number, offset in zip(numbers[::2], numbers[1::2], strict=False) if start + offset <= place]
    return within[-1] if within else -place


def _unescaped(content: bytes) -> bytes:
    """With #xx in names written out: /Java#53cript is /JavaScript."""
    return _ESCAPE.sub(lambda match: bytes([int(match[1], 16)]), content)


def _object_streams(content: bytes) -> list[bytes] | None:
    """The inflated object streams, names unescaped; None where one cannot be inflated within bounds."""
    streams = []
    room = MAX_INFLATED
    for match in _STREAM.finditer(content):
        if not _OBJECT_STREAM.search(_dictionary_before(content, match.start())):
            continue
        stream = _inflated(content, match.end(), room)
        if stream is None:
            return None
        room -= len(stream)
        streams.append(_unescaped(stream))
    return streams


def _inflated(content: bytes, start: int, room: int) -> bytes | None:
    """What the compressed data from ``start`` holds; None where it is none, or more than ``room`` bytes."""
    inflater, parts = zlib.decompressobj(), []
    try:
        # Piece by piece: what lies behind the end of the data is not touched.
        for place in range(start, len(content), _PIECE):
            parts.append(inflater.decompress(content[place : place + _PIECE], room))
            room -= len(parts[-1])
            if inflater.unconsumed_tail or room <= 0:
                return None
            if inflater.eof:
                break
    except zlib.error:
        return None
    return b"".join(parts)


def _dictionary_before(content: bytes, place: int) -> bytes:
    """What stands between the head of the object and its stream, names unescaped."""
    before = content[max(place - _DICTIONARY, 0) : place]
    return _unescaped(before[max(before.rfind(b"endobj"), 0) :])


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
