"""manage.py check_roster: one JSON object per finding, exit status 0, 1 or 2, nothing saved."""

import io
import json
import subprocess
import sys
from datetime import date

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from openpyxl import Workbook

from certification.people.models import Person
from certification.rulebook.models import RuleEdition
from certification.spreadsheets.writing import workbook
from tests.people.test_checks import hold, registered
from tests.people.vectors import number
from training.models import Roster, Trainee

NOW = date(2026, 11, 25)
HEADER = ("姓名", "性别", "身份证号", "文化程度", "手机号", "工作单位", "准操项目", "女职工类别")


@pytest.fixture(autouse=True)
def _today(at):
    from tests.factories import at as moment

    at(moment(NOW))


def row(born="19900307", sequence=21, **changes) -> list[str]:
    values = {
        "姓名": "测试人",
        "性别": "男" if sequence % 2 else "女",
        "身份证号": number(born, sequence),
        "文化程度": "高中",
        "手机号": "13900000000",
    }
    return [{**values, **changes}.get(name, "") for name in HEADER]


def xlsx(*rows, above=()) -> bytes:
    """A sheet as people make them: text, some lines above the header."""
    book = Workbook()
    for cells in (*above, HEADER, *rows):
        book.active.append(list(cells))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.fixture
def run(world, tmp_path, capsys):
    """Run the command on ``content``; returns exit status and findings."""

    def call(content: bytes, name="名单.xlsx", *, job_type="0101", kind="initial"):
        path = tmp_path / name
        path.write_bytes(content)
        status = 0
        try:
            call_command("check_roster", str(path), "--job-type", job_type, "--kind", kind)
        except SystemExit as left:
            status = left.code
        except CommandError as error:
            return error.returncode, str(error)
        return status, [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return call


def test_a_right_file_says_nothing(run):
    assert run(xlsx(row(), row(sequence=22))) == (0, [])


def test_each_finding_is_an_object_with_the_row_of_the_sheet(run):
    status, found = run(
        xlsx(row(), row("20150307"), row(), row(文化程度="小学", sequence=23), above=[["学员名单"], []])
    )
    assert status == 1
    assert [(each["row"], each["column"], each["code"], each["severity"]) for each in found] == [
        (5, "身份证号码", "too_young", "error"),
        (6, "身份证号码", "duplicate", "error"),
        (7, "文化程度", "education", "error"),
    ]
    assert all(set(each) == {"row", "column", "code", "severity", "message"} for each in found)
    assert "第 4 行" in found[1]["message"]


def test_warnings_alone_leave_the_status_at_zero(run):
    status, (found,) = run(xlsx(row("19680307")))
    assert (status, found["code"], found["severity"]) == (0, "retires_soon", "warning")


def test_what_cannot_be_read_in_a_cell_is_a_finding_too(run):
    wrong = number("19900307")[:-1] + "A"
    status, found = run(xlsx(row(身份证号=wrong), row(手机号="139", sequence=23), row(姓名="", sequence=25)))
    assert status == 1
    assert [(each["row"], each["code"]) for each in found] == [(2, "characters"), (3, "phone"), (4, "required")]


def test_age_is_judged_today(run):
    young = f"{NOW.replace(year=2008):%Y%m%d}"
    assert run(xlsx(row(young))) == (0, [])
    status, (found,) = run(xlsx(row("20081126")))
    assert (status, found["code"]) == (1, "too_young")
    assert "今日未满 18 周岁" in found["message"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv(run, encoding):
    lines = [",".join(HEADER), ",".join(row("20150307", 姓名="䶮明"))]
    status, (found,) = run("\r\n".join(lines).encode(encoding), "名单.csv")
    assert (status, found["row"], found["code"]) == (1, 2, "too_young")


def test_job_type_and_kind_decide(world, run):
    junior = xlsx(row(文化程度="初中"))
    assert run(junior)[0] == 0
    assert [each["code"] for each in run(junior, job_type="0901")[1]] == ["education"]
    assert [each["code"] for each in run(junior, kind="renewal")[1]] == ["holds_none"]
    other = xlsx(row(准操项目="高压电工作业"))
    assert [each["code"] for each in run(other)[1]] == ["other_job_type"]
    assert run(other, job_type="高压电工") == (0, [])
    assert run(xlsx(row(准操项目="0101"))) == (0, [])


def test_the_register_is_asked(world, run):
    person = registered("19900307")
    hold(person, world.job_type("0101"), until=date(2027, 1, 10))
    file = xlsx(row(姓名=person.name))
    assert [each["code"] for each in run(file)[1]] == ["holds"]
    assert run(file, kind="renewal") == (0, [])
    assert run(file, kind="periodic_review") == (0, [])


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "名单.xlsx", "empty"),
        (xlsx(row())[:900], "名单.xlsx", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "名单.xls", "old_format"),
        (b"%PDF-1.7 ...", "名单.xlsx", "wrong_type"),
        (xlsx(), "名单.xlsx", "no_rows"),
        (workbook(["a", "b"], [["1", "2"]]), "名单.xlsx", "no_header"),
        (workbook(["姓名", "身份证号码"], [["甲", "1"]]), "名单.xlsx", "missing_columns"),
    ],
)
def test_a_file_that_cannot_be_read_is_status_two_with_the_reason(run, content, name, code):
    status, said = run(content, name)
    assert status == 2
    assert f"（{code}）" in said


def odd_but_right() -> bytes:
    """What people's workbooks are like and what none of it may spoil: a merged title, two rows of headings, hidden rows
    and sheets, numbers with blanks, zero-width and full-width characters, a lower-case x, names with dots, days as
    text and as serial numbers."""
    book = Workbook()
    lines = book.active
    lines.append(["低压电工作业初训班学员名单"])
    lines.merge_cells("A1:H1")
    lines.append(["学员信息", "", "证件", "", "", "", "联系方式"])
    lines.append(["姓名", "性别", "证件类型", "身份证号", "出生日期", "文化程度", "手机号", "工作单位"])
    ends_in_x = next(n for n in (number("19900307", each) for each in range(21, 99, 2)) if n.endswith("X"))
    wide = number("19910307").translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789X"})
    spaced = number("19920307")
    people = [
        ("阿依古丽·买买提", "男", "", ends_in_x.lower(), ""),
        ("张\u200b三", "男", "", wide, ""),
        ("李 四", "男", "", f"{spaced[:6]} \u200b{spaced[6:14]}\u00a0{spaced[14:]}", ""),
        ("John Smith", "男", "护照", "E12345678", "1990-03-05"),
        ("Jane Smith", "女", "护照", "E12345679", date(1990, 3, 5)),
        ("Mary O'Neil", "女", "护照", "E12345680", "1990年3月5日"),
    ]
    for name, sex, document, identity, born in people:
        lines.append([name, sex, document, identity, born, "高中", "13900000000", "测试公司"])
    lines.row_dimensions[5].hidden = True
    book.create_sheet("选项").sheet_state = "hidden"
    book["选项"].append(list(HEADER))
    book["选项"].append(row("20200101"))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_odd_files_are_read_rightly(run):
    assert run(odd_but_right()) == (0, [])


def test_five_thousand_columns_are_refused(run):
    status, said = run(workbook([*HEADER, *(f"列{place}" for place in range(5000))], [row()]))
    assert (status, "（too_wide）" in said) == (2, True)


def test_a_formula_in_place_of_a_number_is_reported(run):
    status, found = run(xlsx(row(身份证号='="110105"&"199003070015"'), row(sequence=23)))
    assert (status, [(each["row"], each["code"]) for each in found]) == (1, [(2, "formula")])


def test_no_file_and_no_such_job_type(run, tmp_path):
    with pytest.raises(CommandError) as missing:
        call_command("check_roster", str(tmp_path / "没有.xlsx"), "--job-type", "0101", "--kind", "initial")
    assert missing.value.returncode == 2
    status, said = run(xlsx(row()), job_type="9999")
    assert status == 2
    assert "0101 低压电工作业" in said


def test_without_rules_it_says_what_to_do(run):
    RuleEdition.objects.update(active=False)
    status, said = run(xlsx(row()))
    assert status == 2
    assert "load_reference" in said


def test_a_heading_that_is_only_like_a_name_is_taken_and_pointed_out(world, tmp_path, capsys):
    book = Workbook()
    book.active.append(["学员的姓名", "身份证号", "文化程度", "手机号"])
    book.active.append(["测试人", number("20150307"), "高中", "13900000000"])
    book.save(tmp_path / "名单.xlsx")
    with pytest.raises(SystemExit) as left:
        call_command("check_roster", str(tmp_path / "名单.xlsx"), "--job-type", "0101", "--kind", "initial")
    said = capsys.readouterr()
    assert left.value.code == 1
    assert json.loads(said.out)["code"] == "too_young"
    assert "学员的姓名" in said.err


def test_two_sheets_that_both_look_like_a_roster_are_not_guessed(run):
    book = Workbook()
    for sheet in (book.active, book.create_sheet("另一个")):
        sheet.append(list(HEADER))
        sheet.append(row())
    out = io.BytesIO()
    book.save(out)
    status, said = run(out.getvalue())
    assert status == 2
    assert "（two_tables）" in said


def test_nothing_is_saved(run):
    before = Person.objects.count()
    run(xlsx(row(), row(sequence=23)))
    assert (Person.objects.count(), Roster.objects.count(), Trainee.objects.count()) == (before, 0, 0)


def test_help_lists_every_code():
    said = subprocess.run(
        [sys.executable, "manage.py", "check_roster", "--help"],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    from certification.people.checks import catalogue

    for code in ("digits_lost", "退出状态", *(check.code for check in catalogue.checks())):
        assert code in said


def test_the_real_command_leaves_with_two_for_a_wrong_kind(tmp_path):
    done = subprocess.run(
        [sys.executable, "manage.py", "check_roster", "x.xlsx", "--job-type", "0101", "--kind", "other"],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr
