"""Where columns are found: titles above, merged and doubled headers, likenesses, and the fast look at plain sheets."""

from datetime import date

import openpyxl
import pytest

from certification.people.columns import education_column, identity_column, name_column, phone_column
from certification.spreadsheets import layout as layouts
from certification.spreadsheets import scanning
from certification.spreadsheets.archive import open_archive
from certification.spreadsheets.columns import parse
from certification.spreadsheets.reading import read_sheets
from certification.spreadsheets.unreadable import UnreadableFile
from tests.spreadsheets import corpus

TODAY = date(2026, 11, 23)
COLUMNS = [name_column(), identity_column(TODAY), phone_column(), education_column(required=False)]
PERSON = ["张䶮", "11010519491231002X", "13800000001", "高中"]


def found(content, remembered=None):
    sheets = read_sheets(content, "名单.xlsx")
    suggestion = layouts.suggest(sheets, COLUMNS, remembered)
    table = layouts.table(sheets, suggestion.best.layout)
    return suggestion, parse(table, COLUMNS, suggestion.best.layout.places).records


def book_of(*rows, merge=(), hide=()):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for cells in merge:
        book.active.merge_cells(cells)
    for row in hide:
        book.active.row_dimensions[row].hidden = True
    return corpus.saved(book)


def test_titles_blank_rows_and_merged_cells_above_the_header():
    content = book_of(
        ["2026年第三期低压电工班学员名单", None, None, None],
        [None],
        ["填表单位：", "某学校", None, None],
        ["姓名", "身份证号", "手机", "学历"],
        PERSON,
        merge=["A1:D1"],
    )
    suggestion, (record,) = found(content)
    assert suggestion.sure
    assert (record.row, record["name"]) == (5, "张䶮")


def test_two_rows_of_headings_are_one_header():
    content = book_of(
        ["序号", "基本信息", None, "联系方式", "学历"],
        [None, "姓名", "身份证号码", "手机号", None],
        [1, PERSON[0], PERSON[1], PERSON[2], "高中"],
        merge=["A1:A2", "B1:C1", "E1:E2"],
    )
    suggestion, (record,) = found(content)
    assert suggestion.sure, suggestion.doubts
    assert (record.row, record["identity"].number, record["education"]) == (3, PERSON[1], "SENIOR_HIGH")


def test_a_header_repeated_on_every_printed_page_is_no_row():
    header = ["姓名", "身份证号码", "手机号", "学历"]
    _suggestion, records = found(book_of(header, PERSON, header, PERSON))
    assert [record.row for record in records] == [2, 4]


def test_hidden_rows_are_read_and_told():
    header = ["姓名", "身份证号码", "手机号", "学历"]
    content = book_of(header, PERSON, PERSON, PERSON, hide=[3])
    sheets = read_sheets(content, "a.xlsx")
    suggestion, records = found(content)
    assert len(records) == 3
    assert layouts.hidden_rows(sheets, suggestion.best.layout) == [3]


def test_what_is_only_like_a_name_or_there_twice_or_missing_is_asked():
    likely, _records = found(corpus.plain([PERSON], ["学员名", "身份证号码", "手机号", "学历"]))
    assert likely.doubts == ("“学员名”像是“姓名”，请确认。",)
    assert likely.best.layout.places["name"] == 0
    twice, _records = found(corpus.plain([[*PERSON, "1"]], ["姓名", "身份证号码", "手机号", "学历", "联系电话"]))
    assert "“手机号”可能是多列中的一列" in twice.doubts[0]
    missing, _records = found(corpus.plain([PERSON], ["姓名", "身份证号码", "甲", "学历"]))
    assert missing.doubts == ("没有找到：手机号。请指出是哪一列。",)


def test_what_was_said_before_is_not_asked_again():
    header = ["学员名", "身份证号码", "手机号", "学历", "联系电话"]
    suggestion, (record,) = found(corpus.plain([[*PERSON, "1"]], header), {"学员名": "name", "联系电话": ""})
    assert suggestion.sure
    assert (record["name"], record["phone"]) == (PERSON[0], PERSON[2])


def test_further_columns_of_other_meaning_raise_no_doubt():
    header = ["序号", "姓名", "身份证号码", "手机号", "学历", "单位地址", "毕业院校", "紧急联系人", "备注"]
    suggestion, _records = found(corpus.plain([["1", *PERSON, "", "", "", ""]], header))
    assert suggestion.sure, suggestion.doubts


@pytest.mark.parametrize("rows", [[["甲", "乙"], ["1", "2"]], [["甲"]]])
def test_no_header_at_all_is_refused(rows):
    with pytest.raises(UnreadableFile) as refused:
        layouts.suggest(read_sheets(book_of(*rows), "a.xlsx"), COLUMNS)
    assert refused.value.code == "no_header"


def test_a_header_without_rows_is_refused():
    with pytest.raises(UnreadableFile) as refused:
        layouts.suggest(read_sheets(book_of(["姓名", "身份证号码", "手机号"]), "a.xlsx"), COLUMNS)
    assert refused.value.code == "no_rows"


def scans(content):
    """The fast look and the slow one at the first sheet."""
    (part,) = open_archive(content).sheets.values()
    quick = scanning._scan_plain(part)
    slow = scanning._Scanner()
    slow.parser.Parse(part, True)
    return quick, slow.found


@pytest.mark.parametrize(
    "content",
    [
        corpus.plain([corpus.ROW] * 30),
        book_of(["姓名", "号"], ["张三", 5], [None, None], ["李四", 7.5], hide=[2]),
        corpus.formatted_empty_rows(500),
    ],
)
def test_the_fast_look_at_a_plain_sheet_sees_what_the_slow_one_sees(content):
    quick, slow = scans(content)
    assert quick is not None
    assert (quick.last_row, quick.hidden, quick.formulas) == (slow.last_row, slow.hidden, slow.formulas)
    assert quick.last_column >= slow.last_column


def test_whatever_is_not_plain_is_looked_at_slowly():
    formula = openpyxl.Workbook()
    formula.active["A1"] = "=1+1"
    error = openpyxl.Workbook()
    error.active["A1"] = "#N/A"
    for content in (
        corpus.saved(formula),
        corpus.saved(error),
        corpus.far_cell("XFD1048576"),
        corpus.far_cell("A1048576"),
        corpus.raw_rows('<row r="9"><c r="A8"><v>1</v></c></row>'),
        corpus.raw_rows('<row r="9"><c r="A9"><v>990101199003070015</v></c></row>'),
        corpus.raw_rows('<!-- --><row r="9"><c r="A9"><v>1</v></c></row>'),
        corpus.raw_rows('<row r="9"><c r="A9" t="inlineStr"><is><r><t>x</t></r></is></c></row>'),
    ):
        (part,) = open_archive(content).sheets.values()
        assert scanning._scan_plain(part) is None
