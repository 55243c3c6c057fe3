"""The sample rosters that the README's tour uploads."""

from certification.spreadsheets.columns import read_records
from tests.training.conftest import CLASS_START, FILED_ON
from training import samples
from training.rosters.roster_checks import check_roster
from training.rosters.roster_columns import roster_columns


def parsed(name):
    content = (samples.FOLDER / name).read_bytes()
    return read_records(content, name, roster_columns(FILED_ON))


def test_the_files_are_what_the_module_says(world):
    assert {name: (samples.FOLDER / name).read_bytes() for name in samples.files()} == samples.files()


def test_the_example_is_accepted_by_any_class(plan):
    found = check_roster(plan, parsed("roster-example.xlsx").records, today=CLASS_START)
    assert (len(found.records), found.problems, found.warnings) == (6, [], [])


def test_the_other_has_an_error_of_each_common_sort(plan):
    found = check_roster(plan, parsed("roster-with-errors.xlsx").records, today=CLASS_START)
    codes = {problem.code for problem in found.problems}
    assert codes == {"check_digit", "too_young", "choice", "phone", "required", "duplicate"}
