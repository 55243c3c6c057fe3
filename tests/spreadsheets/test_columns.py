from datetime import date
from decimal import Decimal

import pytest

from certification.people.columns import education_column, identity_column, name_column, phone_column
from certification.spreadsheets.cleaning import (
    CellProblem,
    clean_date,
    clean_decimal,
    clean_digits,
    clean_integer,
    clean_name,
    clean_text,
)
from certification.spreadsheets.columns import Column, parse, read_records
from certification.spreadsheets.reading import UnreadableFile, read_table
from tests.effort import at_most
from tests.spreadsheets import corpus

TODAY = date(2026, 11, 23)
COLUMNS = [name_column(), identity_column(TODAY), phone_column(), education_column(required=False)]
HEADER = ["姓名", "身份证号", "手机号码", "学历", "备注"]
GOOD = ["张䶮", "11010519491231002X", "13800000001", "高中", ""]


def parsed(*rows, header=HEADER):
    return read_records(corpus.plain(rows, header), "名单.xlsx", COLUMNS)


def test_every_problem_of_every_row_in_one_pass():
    records, problems = parsed(
        GOOD,
        ["", "110105194912310021", "1380000", "博士后", ""],
        ["李四", "11010519491331002X", "13800000002", "", ""],
    )
    assert records[0].ok
    assert records[0]["identity"].number == "11010519491231002X"
    assert records[0]["education"] == "SENIOR_HIGH"
    assert [(each.row, each.column, each.code) for each in problems] == [
        (3, "姓名", "required"),
        (3, "身份证号码", "check_digit"),
        (3, "手机号", "phone"),
        (3, "文化程度", "choice"),
        (4, "身份证号码", "date"),
    ]
    assert problems[2].value == "1380000"
    assert all(each.advice for each in problems)
    assert records[2]["name"] == "李四"
    assert records[2]["education"] is None


def test_identity_numbers_that_became_numbers():
    as_integer = ["张三", None, "13800000001", "", ""]
    content = corpus.repacked(
        corpus.plain([as_integer], HEADER),
        lambda parts: parts.__setitem__(
            corpus.SHEET,
            parts[corpus.SHEET].replace(b'<c r="C2"', b'<c r="B2"><v>990101199003070015</v></c><c r="C2"'),
        ),
    )
    records, problems = read_records(content, "a.xlsx", COLUMNS)
    assert not problems
    assert records[0]["identity"].number == "990101199003070015"

    _, (lost,) = parsed(["张三", 990101199003070015, "13800000001", "", ""])
    assert lost.code == "digits_lost"
    assert "文本格式" in lost.advice


def test_formula_cells_are_reported_only_where_they_are_read():
    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(["序号", *HEADER])
    book.active.append(["=ROW()-1", "=A1", *GOOD[1:]])
    _, problems = read_records(corpus.saved(book), "a.xlsx", COLUMNS)
    assert [(each.row, each.column, each.code) for each in problems] == [(2, "姓名", "formula")]


def test_missing_and_doubled_columns_are_refused_together_by_name():
    with pytest.raises(UnreadableFile, match="身份证号码、手机号") as refused:
        parsed(["张三"], header=["姓名"])
    assert refused.value.code == "missing_columns"
    with pytest.raises(UnreadableFile) as refused:
        parsed(GOOD[:3] + ["x"], header=["姓名", "身份证号", "手机号", "联系电话"])
    assert refused.value.code == "duplicate_column"


def test_ten_thousand_rows_are_parsed_quickly():
    content = corpus.plain([GOOD] * 10_000, HEADER)
    with at_most(150):
        records, problems = read_records(content, "a.xlsx", COLUMNS)
    assert len(records) == 10_000
    assert not problems


@pytest.mark.parametrize(
    ("cell", "digits"),
    [
        ("１１０１０５１９４９１２３１００２ｘ", "11010519491231002X"),
        (" 110105 19491231\u200b002x\u3000", "11010519491231002X"),
        ("'110105194912310021", "110105194912310021"),
        (13800000001.0, "13800000001"),
        (13800000001, "13800000001"),
        ("13800000001.0", "13800000001"),
        ("1.3800000001E+10", "13800000001"),
        (110105194912310021, "110105194912310021"),
        ("T110105194912310021", "T110105194912310021"),
        ("\ufeff E12345678", "E12345678"),
    ],
)
def test_digits_are_recovered_where_none_was_lost(cell, digits):
    assert clean_digits(cell) == digits


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        (1.1010519491231e17, "digits_lost"),
        (110105194912310000, "digits_lost"),
        ("1.10105E+17", "digits_lost"),
        (13800000001.5, "number"),
        (date(1949, 12, 31), "became_date"),
    ],
)
def test_digits_that_were_lost_are_reported_and_never_guessed(cell, code):
    with pytest.raises(CellProblem) as problem:
        clean_digits(cell)
    assert problem.value.code == code


@pytest.mark.parametrize(
    "cell", ["2026-3-5", "2026/03/05", "2026.3.5", "2026年3月5日", "20260305", 20260305.0, "2026-03-05 00:00:00"]
)
def test_days_as_people_write_them(cell):
    assert clean_date(cell) == date(2026, 3, 5)


@pytest.mark.parametrize("cell", ["2026-02-30", "3月5日", 46000.5, "明天", True])
def test_what_is_no_day(cell):
    with pytest.raises(CellProblem):
        clean_date(cell)


def test_names_texts_and_numbers():
    assert clean_name(" 张  三\u200b") == "张三"
    assert clean_name("阿依古丽•买买提") == "阿依古丽·买买提"
    assert clean_name("John  Smith") == "John Smith"
    assert clean_text("a\u3000 b\n") == "a b"
    assert clean_text(12.0) == "12"
    assert clean_integer("１２") == 12
    assert clean_decimal(79.5) == Decimal("79.5")
    for wrong in ("七十", float("nan"), True):
        with pytest.raises(CellProblem):
            clean_decimal(wrong)
    with pytest.raises(CellProblem):
        clean_integer(79.5)


def test_a_room_may_bring_its_own_columns():
    column = Column("score", "成绩", ("分数",), clean=clean_decimal)
    table = read_table("姓名,分数\n甲,80\n乙,\n".encode(), "a.csv", ["成绩", "分数"])
    records, problems = parse(table, [column])
    assert [record["score"] for record in records] == [Decimal(80), None]
    assert [(each.row, each.code) for each in problems] == [(3, "required")]
