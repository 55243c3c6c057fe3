"""Tables out: short ones as asked for, long ones row by row."""

import pytest
from django.http import StreamingHttpResponse

from certification.spreadsheets import exporting
from certification.spreadsheets.exporting import export
from certification.spreadsheets.reading import read_table

COLUMNS = ("事项", "人数")


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_a_short_table_comes_as_asked_for(form):
    answer = export(form, COLUMNS, [("报备", "三"), ("=1+1", None)], name="清单")
    assert answer["Content-Disposition"].endswith(f".{form}")
    rows = [list(map(str, row.cells)) for row in read_table(answer.content, f"清单.{form}").rows]
    assert rows == [["报备", "三"], ["=1+1" if form == "xlsx" else "'=1+1", ""]]


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_a_long_one_comes_row_by_row_as_csv(form, monkeypatch):
    monkeypatch.setattr(exporting, "AT_ONCE_ROWS", 3)
    made = []

    def rows():
        for number in range(5):
            made.append(number)
            yield ("报备", number)

    answer = export(form, COLUMNS, rows(), name="清单")
    assert isinstance(answer, StreamingHttpResponse)
    assert answer["Content-Disposition"].endswith(".csv")
    assert made == [0, 1, 2, 3]
    table = read_table(answer.getvalue(), "清单.csv")
    assert [str(row.cells[1]) for row in table.rows] == ["0", "1", "2", "3", "4"]
