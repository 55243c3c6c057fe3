import io
from datetime import date

import openpyxl

from certification.people.columns import education_column, identity_column, name_column
from certification.refusals import Problem
from certification.spreadsheets.annotating import PASSED, STATUS, annotate
from certification.spreadsheets.columns import read_records, wanted_names
from certification.spreadsheets.reading import read_table
from certification.spreadsheets.writing import template, workbook
from tests.spreadsheets import corpus

COLUMNS = [name_column(), identity_column(date(2026, 11, 23)), education_column()]
HOSTILE = ['=HYPERLINK("http://x","y")', "+1+1", "-1", "@SUM(A1)", "http://example.com", "\t=1", "{=1}"]


def opened(content: bytes):
    return openpyxl.load_workbook(io.BytesIO(content))


def test_strings_stay_strings_whatever_they_begin_with():
    sheet = opened(workbook(["姓名"], [[each] for each in HOSTILE]))["数据"]
    cells = [cell for (cell,) in sheet.iter_rows(min_row=2)]
    assert [cell.value for cell in cells] == HOSTILE
    assert {cell.data_type for cell in cells} == {"s"}
    assert not any(cell.hyperlink for cell in cells)


def test_the_same_input_gives_the_same_bytes():
    def build():
        return template(COLUMNS, title="学员名单", notes=["每行一人"])

    assert build() == build()


def test_a_template_keeps_digits_and_offers_choices_and_reads_back():
    content = template(COLUMNS, title="学员名单", notes=["每行一人"])
    book = opened(content)
    sheet = book["数据"]
    assert sheet["A1"].value == "学员名单"
    assert [cell.value for cell in sheet[2]] == ["*姓名", "*身份证号码", "*文化程度"]
    assert sheet.column_dimensions["B"].number_format == "@"
    (drop_down,) = sheet.data_validations.dataValidation
    assert "初中" in drop_down.formula1
    assert book["填写说明"]["B1"].value == "每行一人"
    sheet["A3"], sheet["B3"], sheet["C3"] = "张䶮", "11010519491231002X", "高中"
    (record,), problems = read_records(corpus.saved(book), "a.xlsx", COLUMNS)
    assert not problems
    assert record.row == 3


def test_long_lists_of_choices_go_to_a_hidden_sheet():
    names = [f"操作项目{number:03}" for number in range(60)]
    book = opened(workbook(["操作项目"], choices={"操作项目": names}))
    assert book["选项"].sheet_state == "hidden"
    assert book["选项"]["A60"].value == names[-1]
    assert book["数据"].data_validations.dataValidation[0].formula1 == "选项!$A$1:$A$60"


def test_days_and_numbers_are_written_as_such_and_identity_numbers_as_text():
    content = workbook(
        ["身份证号码", "成绩", "日期"], [["110105194912310021", 79.5, date(2026, 3, 5)]], text_columns=["身份证号码"]
    )
    (row,) = read_table(content, "a.xlsx").rows
    assert row.cells == ["110105194912310021", 79.5, date(2026, 3, 5)]


def test_the_own_workbook_comes_back_with_a_status_column():
    book = openpyxl.Workbook()
    book.active.append(["低压电工班"])
    book.active.append(["序号", "姓名", "身份证号", "文化程度"])
    book.active.append([1, "张三", "11010519491231002X", "高中"])
    book.active.append([2, "李四", "1", "高中"])
    book.active.column_dimensions["B"].width = 33
    content = corpus.saved(book)
    for _round in range(2):
        table = read_table(content, "a.xlsx", wanted_names(COLUMNS))
        _, problems = read_records(content, "a.xlsx", COLUMNS)
        content = annotate(content, table, problems)
        sheet = opened(content).active
        assert sheet["A1"].value == "低压电工班"
        assert sheet.column_dimensions["B"].width == 33
        assert [sheet.cell(row, 5).value for row in (2, 3)] == [STATUS, PASSED]
        assert "应为 18 位" in sheet.cell(4, 5).value
        assert sheet.max_column == 5


def test_a_csv_comes_back_as_a_workbook_that_keeps_every_digit():
    content = corpus.csv_text().encode("gb18030")
    table = read_table(content, "a.csv", corpus.HEADER)
    back = annotate(content, table, [Problem("重复", row=2, column="姓名", advice="请删除。")])
    sheet = opened(back).active
    assert [cell.value for cell in sheet[2]] == [*corpus.ROW, "姓名：重复请删除。"]
    assert sheet["B2"].data_type == "s"
