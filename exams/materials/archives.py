"""Archives of papers: what is in one, read entry by entry within bounds, without trusting the numbers in it."""

import zipfile
import zlib
from dataclasses import dataclass
from typing import IO

from django.conf import settings

from certification.refusals import Incomplete, Problem

MOST_ENTRIES = 2000
# So much more than its own size an archive may say that it holds.
MOST_INFLATED = 4
# What systems put into archives by themselves.
_JUNK = ("__macosx", ".ds_store", "thumbs.db", "desktop.ini")
_ENCRYPTED, _NAMED_IN_UTF8 = 0x1, 0x800
_UNREADABLE = (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, NotImplementedError, RuntimeError)


class BadEntry(Exception):
    """An entry that cannot be read, or is not what it says."""


@dataclass(frozen=True)
class Entry:
    """One file of an archive: its place among the entries, its name with its folders, its declared size in bytes."""

    place: int
    name: str
    size: int


def is_archive(start: bytes) -> bool:
    """Whether a file with these first bytes is an archive."""
    return start.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def entries(source: IO[bytes], name: str) -> list[Entry]:
    """The files in an archive; folders and what systems add are left out. Raises Incomplete with the reason: damaged,
    password, too_many, bomb."""
    try:
        found = zipfile.ZipFile(source).infolist()
    except _UNREADABLE as error:
        raise _problem(f"压缩包“{name}”不完整或已损坏。", "damaged", "请重新压缩为 zip 后上传。") from error
    if any(info.flag_bits & _ENCRYPTED for info in found):
        raise _problem(f"压缩包“{name}”设有密码。", "password", "请去掉密码，重新压缩后上传。")
    listed = [Entry(place, _name(info), info.file_size) for place, info in enumerate(found) if not info.is_dir()]
    listed = [entry for entry in listed if not _is_junk(entry.name)]
    if len(listed) > MOST_ENTRIES:
        message = f"压缩包“{name}”里有 {len(listed)} 个文件，一次最多 {MOST_ENTRIES} 个。"
        raise _problem(message, "too_many", "请分几次上传。")
    if sum(entry.size for entry in listed) > settings.ARCHIVE_MAX_BYTES * MOST_INFLATED:
        raise _problem(f"压缩包“{name}”解压后过大。", "bomb", "请分几次上传。")
    return listed


def read(archive: zipfile.ZipFile, place: int) -> bytes:
    """The content of one entry; raises BadEntry where it cannot be read or holds more than it says."""
    info = archive.infolist()[place]
    if info.file_size > settings.UPLOAD_MAX_BYTES:
        raise BadEntry(f"超过 {settings.UPLOAD_MAX_BYTES // 1024 // 1024} MB 的上限。")
    try:
        with archive.open(info) as entry:
            content = entry.read(info.file_size + 1)
    except _UNREADABLE as error:
        raise BadEntry("文件不完整，无法读取。请重新压缩后上传。") from error
    if len(content) != info.file_size:
        raise BadEntry("文件大小与压缩包所载不符，不予接收。")
    return content


def _name(info: zipfile.ZipInfo) -> str:
    """The entry's name: archives made on Chinese Windows say GBK and mark nothing, some say UTF-8 and mark nothing."""
    if info.flag_bits & _NAMED_IN_UTF8:
        return info.filename
    try:
        raw = info.filename.encode("cp437")
    except UnicodeEncodeError:
        return info.filename
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return info.filename


def _is_junk(name: str) -> bool:
    parts = name.replace("\\", "/").lower().split("/")
    return parts[0] == "__macosx" or parts[-1] in _JUNK or parts[-1].startswith("._")


def _problem(message: str, code: str, advice: str) -> Incomplete:
    return Incomplete([Problem(message, code=code, field="files", advice=advice)], clause="文件接收要求")
