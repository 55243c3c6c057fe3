"""The sample register of the demonstration."""

from approvals import samples
from certification.people.register_checks import check_register
from certification.people.register_columns import register_columns
from certification.spreadsheets.columns import read_records
from tests.approvals.cases import NOW


def test_the_file_is_what_the_module_says():
    assert {name: (samples.FOLDER / name).read_bytes() for name in samples.files()} == samples.files()


def test_three_of_its_rows_are_wrong(world):
    content = (samples.FOLDER / samples.NAME).read_bytes()
    found = check_register(read_records(content, samples.NAME, register_columns()).records, today=NOW.date())
    assert [(problem.row, problem.code) for problem in found.problems] == [
        (7, "check_digit"),
        (8, "job_type"),
        (9, "validity"),
    ]
    assert found.counts["new"] == len(samples.PEOPLE) - 3
