"""Long documents are bound of pieces: all pages, one tree of bookmarks, the same bytes for the same pieces."""

import errno
from io import BytesIO

import pypdf
import pytest

from certification.documents.rendering import render
from certification.documents.volumes import Volume, chunks
from certification.refusals import DiskFull


def piece(title: str, *headings: str):
    body = "".join(f"<h2>{text}</h2><p>正文</p>" for text in headings)
    return render(f'<html lang="zh-Hans"><body><h1>{title}</h1>{body}</body></html>')


def bound() -> bytes:
    volume = Volume("档案")
    for number in range(2):
        rendered = piece(f"第{number}班", "名单", "成绩")
        volume.bind(BytesIO(rendered.content), rendered.headings)
    return volume.content()


def outline(items) -> list:
    return [outline(item) if isinstance(item, list) else item.title for item in items]


def test_pages_and_bookmarks_of_all_pieces_in_order():
    reader = pypdf.PdfReader(BytesIO(bound()))
    assert len(reader.pages) == 2
    assert outline(reader.outline) == ["第0班", ["名单", "成绩"], "第1班", ["名单", "成绩"]]
    assert reader.get_destination_page_number(reader.outline[2]) == 1
    assert "第1班" in reader.pages[1].extract_text()
    assert reader.metadata.title == "档案"
    assert reader.root_object["/Lang"] == "zh-Hans"


def test_the_same_pieces_give_the_same_bytes():
    assert bound() == bound()


def test_chunks_hold_every_row_once():
    assert list(chunks([1, 2, 3, 4, 5], 2)) == [[1, 2], [3, 4], [5]]
    assert list(chunks(iter([]), 2)) == []


def test_a_full_disk_is_said_in_words():
    class Full(BytesIO):
        def write(self, _data):
            raise OSError(errno.ENOSPC, "No space left on device")

    volume = Volume("档案")
    volume.bind(BytesIO(piece("一").content))
    with pytest.raises(DiskFull, match="磁盘空间不足"):
        volume.write(Full())
