import openpyxl
import pytest

from certification.spreadsheets.reading import UnreadableFile, read_table
from tests.effort import at_most
from tests.spreadsheets import corpus

WANTED = ["姓名", "身份证号码", "手机号"]


@pytest.mark.parametrize("name", corpus.REFUSED)
def test_what_cannot_be_read_is_refused_whole_with_a_reason(name):
    build, code = corpus.REFUSED[name]
    content = build()
    with at_most(100), pytest.raises(UnreadableFile) as refused:
        read_table(content, "名单.xlsx", WANTED)
    assert refused.value.code == code
    assert refused.value.message.endswith(("。", "）"))
    assert refused.value.advice


def test_too_large_is_refused_before_it_is_opened(settings):
    settings.UPLOAD_MAX_BYTES = 1000
    with pytest.raises(UnreadableFile, match="上限") as refused:
        read_table(corpus.plain(), "名单.xlsx", WANTED)
    assert refused.value.code == "too_large"


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (corpus.plain(), "名单.xlsx"),
        (corpus.plain(), "名单.csv"),
        (corpus.csv_text().encode(), "名单.xlsx"),
        (corpus.csv_text().encode("utf-8-sig"), "名单.csv"),
        (corpus.csv_text().encode("gb18030"), "名单.csv"),
        (corpus.csv_text(delimiter="\t").encode(), "名单.txt"),
        (corpus.csv_text(delimiter=";").encode(), "名单.csv"),
    ],
)
def test_judged_by_content_whatever_the_name(content, name):
    table = read_table(content, name, WANTED)
    assert table.header == corpus.HEADER
    assert [(row.number, row.cells) for row in table.rows] == [(2, corpus.ROW)]


def test_header_is_found_below_titles_and_rows_keep_the_numbers_of_the_sheet():
    content = corpus.plain(
        [corpus.ROW, ["", "", ""], corpus.ROW],
        ["*姓名（必填）", "身份证号码：", "手机号"],
        above=[["2026年第三期低压电工班学员名单"], [""], ["填表人：李四"]],
    )
    table = read_table(content, "名单.xlsx", WANTED)
    assert table.header_row == 4
    assert [row.number for row in table.rows] == [5, 7]


def test_csv_rows_are_counted_as_the_spreadsheet_shows_them():
    text = '姓名,身份证号码,手机号\n"张\n三",1,2\n\n李四,3,4\n'
    assert [row.number for row in read_table(text.encode(), "a.csv", WANTED).rows] == [2, 4]


def test_a_million_formatted_empty_rows_are_read_in_bounded_time():
    content = corpus.formatted_empty_rows()
    with at_most(250):
        table = read_table(content, "名单.xlsx", WANTED)
    assert [row.cells for row in table.rows] == [corpus.ROW]


def test_hidden_sheets_and_notes_are_left_alone():
    book = openpyxl.Workbook()
    book.active.title = "说明"
    book.active.append(["请按模板填写"])
    for name in ("名单", "旧名单"):
        sheet = book.create_sheet(name)
        sheet.append(corpus.HEADER)
        sheet.append(corpus.ROW)
    book["旧名单"].sheet_state = "hidden"
    assert read_table(corpus.saved(book), "名单.xlsx", WANTED).sheet == "名单"


def test_formulas_and_errors_are_marked_and_all_digits_of_long_numbers_kept():
    book = openpyxl.Workbook()
    book.active.append(corpus.HEADER)
    book.active.append(["=A1", 1, "x"])
    book.active["C2"] = "#N/A"
    content = corpus.repacked(
        corpus.saved(book),
        lambda parts: parts.__setitem__(
            corpus.SHEET, parts[corpus.SHEET].replace(b"<v>1</v>", b"<v>110105194912310021</v>")
        ),
    )
    (row,) = read_table(content, "名单.xlsx", WANTED).rows
    assert row.formulas == {0}
    assert row.errors == {2}
    assert row.cells[1] == 110105194912310021


def test_prefixed_xml_as_other_programs_write_it_is_read_too():
    def change(parts):
        text = parts[corpus.SHEET].decode()
        for tag in ("row", "c", "v"):
            text = text.replace(f"<{tag} ", f"<x:{tag} ").replace(f"<{tag}>", f"<x:{tag}>")
            text = text.replace(f"</{tag}>", f"</x:{tag}>")
        main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        parts[corpus.SHEET] = text.replace("<worksheet ", f'<worksheet xmlns:x="{main}" ').encode()

    table = read_table(corpus.repacked(corpus.plain(), change), "名单.xlsx", WANTED)
    assert table.rows[0].cells == corpus.ROW
