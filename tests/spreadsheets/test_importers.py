"""Every broken file against both importers, the roster's and the certificate register's: a clear refusal, or rows that
are judged; in bounded time, and nothing half-saved."""

import time
from datetime import date

import openpyxl
import pytest

from certification.people.register_columns import register_columns
from certification.spreadsheets import layout as layouts
from certification.spreadsheets.columns import parse
from certification.spreadsheets.reading import read_sheets
from certification.spreadsheets.unreadable import UnreadableFile
from tests.people.vectors import TODAY, number
from tests.spreadsheets import corpus
from training.rosters.roster_columns import roster_columns

NUMBER = number("19900307")
IMPORTERS = {
    "roster": (
        roster_columns(TODAY),
        {"姓名": "测试人", "身份证号码": NUMBER, "文化程度": "高中", "手机号": "13800000001"},
    ),
    "register": (
        register_columns(),
        {
            "姓名": "测试人",
            "证号": f"T{NUMBER}",
            "操作项目": "低压电工作业",
            "初领日期": "2024-03-05",
            "有效期开始日期": "2024-03-05",
            "有效期结束日期": "2030-03-04",
            "签发机关": "云岭省应急管理厅",
        },
    ),
}


@pytest.fixture(params=IMPORTERS)
def importer(request):
    return IMPORTERS[request.param]


def read(content: bytes, columns):
    sheets = read_sheets(content, "表.xlsx")
    found = layouts.suggest(sheets, columns).best.layout
    return parse(layouts.table(sheets, found), columns, found.places).records


def book_of(row: dict):
    book = openpyxl.Workbook()
    book.active.append(list(row))
    book.active.append(list(row.values()))
    return book, book.active


def identity(record) -> str:
    value = record["identity"] or record["number"]
    return getattr(value, "number", value or "").removeprefix("T")


@pytest.mark.parametrize("name", [name for name, (_build, code) in corpus.REFUSED.items() if code != "two_tables"])
def test_a_broken_file_is_refused_in_bounded_time(importer, name):
    build, code = corpus.REFUSED[name]
    content = build()
    started = time.monotonic()
    with pytest.raises(UnreadableFile) as refused:
        read(content, importer[0])
    assert refused.value.code in (code, "missing_columns", "no_header")
    assert refused.value.advice
    assert time.monotonic() - started < 15


def _merged(book, sheet):
    sheet.insert_rows(1)
    sheet["A1"] = "特种作业登记表"
    sheet.merge_cells(start_row=1, end_row=1, start_column=1, end_column=4)


def _hidden_row(book, sheet):
    sheet.row_dimensions[2].hidden = True


def _hidden_sheet(book, sheet):
    book.create_sheet("旧表").append(["姓名", "身份证号码"])
    book["旧表"].sheet_state = "hidden"


def _two_headers(book, sheet):
    sheet.insert_rows(1)
    for column in range(1, sheet.max_column + 1):
        sheet.cell(1, column, "基本信息" if column < 4 else "其他信息")


def _full_width(book, sheet):
    _on_numbers(sheet, lambda text: "".join(chr(ord(c) + 0xFEE0) if c.isdigit() else c for c in text))


def _blanks(book, sheet):
    _on_numbers(sheet, lambda text: f" {text[:7]}\u200b {text[7:]}\u00a0")


def _point(book, sheet):
    sheet["A2"] = "阿依·买买提"


def _trailing_empty(book, sheet):
    for line in range(3, 2000):
        sheet.cell(line, 1).number_format = "@"


def _on_numbers(sheet, change):
    for cell in sheet[2]:
        if isinstance(cell.value, str) and NUMBER in cell.value:
            cell.value = change(cell.value)


READ = (_merged, _hidden_row, _hidden_sheet, _two_headers, _full_width, _blanks, _point, _trailing_empty)


@pytest.mark.parametrize("change", READ, ids=lambda change: change.__name__.strip("_"))
def test_an_odd_file_is_read_right(importer, change):
    columns, row = importer
    book, sheet = book_of(row)
    change(book, sheet)
    (record,) = read(corpus.saved(book), columns)
    assert record.problems == []
    assert identity(record) == NUMBER


def test_a_lower_case_x_is_read(importer):
    columns, row = importer
    ends_in_x = next(text for text in (number("19900307", each) for each in range(1, 400, 2)) if text.endswith("X"))
    lower = {name: value.replace(NUMBER, ends_in_x.lower()) for name, value in row.items()}
    (record,) = read(corpus.saved(book_of(lower)[0]), columns)
    assert identity(record).upper() == ends_in_x


def test_a_formula_is_a_problem_of_its_cell(importer):
    columns, row = importer
    book, sheet = book_of(row)
    sheet["A2"] = '="测试"&"人"'
    (record,) = read(corpus.saved(book), columns)
    assert [problem.code for problem in record.problems] == ["formula"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_in_its_encodings(importer, encoding):
    columns, row = importer
    (record,) = read(corpus.csv_text([list(row.values())], list(row)).encode(encoding), columns)
    assert record.problems == []


def test_days_as_text_serials_and_dates_are_the_same_day():
    columns, row = IMPORTERS["register"]
    days = set()
    for written in ("2024/3/5", "2024年3月5日", "20240305", date(2024, 3, 5)):
        book, sheet = book_of({**row, "初领日期": written})
        (record,) = read(corpus.saved(book), columns)
        assert record.problems == [], written
        days.add(record["first_issued_on"])
    assert len(days) == 1


@pytest.mark.parametrize("written", [45356, "45356"])
def test_a_day_that_became_a_bare_serial_is_refused_with_what_to_do(written):
    columns, row = IMPORTERS["register"]
    (record,) = read(corpus.saved(book_of({**row, "初领日期": written})[0]), columns)
    (problem,) = record.problems
    assert (problem.code, problem.value) == ("date_serial", "45356")
    assert "单元格格式" in problem.advice


def test_a_million_formatted_empty_rows_below_a_table(importer):
    columns, row = importer
    content = corpus.repacked(
        corpus.plain([list(row.values())], list(row)),
        lambda parts: parts.__setitem__(
            corpus.SHEET,
            parts[corpus.SHEET].replace(
                b"</sheetData>",
                b"".join(b'<row r="%d"><c r="A%d"/></row>' % (line, line) for line in range(3, 1_048_577))
                + b"</sheetData>",
            ),
        ),
    )
    started = time.monotonic()
    (record,) = read(content, columns)
    assert record.problems == []
    assert time.monotonic() - started < 20


def test_other_documents_stand_in_a_roster_with_what_their_numbers_do_not_tell():
    columns, row = IMPORTERS["roster"]
    passport = {**row, "证件种类": "护照", "身份证号码": "ｅ1234 5678"}

    def first(**cells):
        (record,) = read(corpus.saved(book_of({**passport, **cells})[0]), columns)
        return record

    bare = first(性别="")
    (problem,) = bare.problems
    assert (problem.code, problem.column, problem.message) == ("required", "性别", "持护照的，须填写性别和出生日期。")
    right = first(性别="女", 出生日期="1990/3/5")
    assert right.problems == []
    assert right["identity"] == ("E12345678", date(1990, 3, 5), "F", (), "PASSPORT")
    assert first(性别="女", 出生日期="2990-03-05").problems[0].code == "birth_date"
    assert first(性别="女", 出生日期="1990-03-05", 身份证号码="E#").problems[0].code == "characters"
    untold = first(证件种类="", 身份证号码="E12345678").problems[0]
    assert (untold.code, "请填写证件类型" in untold.advice) == ("length", True)
    permit = first(证件种类="港澳台居民居住证", 身份证号码=NUMBER)
    assert permit.problems == []
    residence = first(证件种类="外国人永久居留身份证", 身份证号码=NUMBER, 性别="")
    assert (residence.problems, residence["identity"].document_type) == ([], "PERMANENT_RESIDENCE")
    differs = first(证件种类="", 身份证号码=NUMBER, 出生日期="1991-01-01")
    assert (differs.problems[0].code, differs.problems[0].column) == ("birth_date_differs", "出生日期")
