"""Entering a notice: as text, as a table, as a file; refused with everything that is wrong, or kept as a draft."""

from dataclasses import replace
from datetime import date

import pytest

from certification.deadlines.calendars import entry, table
from certification.deadlines.calendars.entry import Entry, Upload, correct, read_entry, save_draft
from certification.organisations.roles import Role
from certification.refusals import Incomplete, NotPermitted, WrongState
from certification.spreadsheets.unreadable import UnreadableFile
from certification.workdays.models import CalendarDay, CalendarEdition
from tests.deadlines.conftest import NOW
from tests.workdays.notices import NEXT, TEXTS

ENTRY = Entry(year=2027, text=NEXT)
HEAD = {"title": "国务院办公厅关于2027年部分节假日安排的通知", "dated_on": date(2026, 11, 20)}
DAYS = read_entry(ENTRY).days
TABLE = table.written(DAYS)


@pytest.fixture
def administrator(account):
    return account("centre", Role.ADMINISTRATOR)


def problems(entry: Entry) -> list[str]:
    with pytest.raises(Incomplete) as refused:
        read_entry(entry)
    return [problem.message for problem in refused.value.problems]


def test_head_and_days_are_read_from_the_text():
    read = read_entry(ENTRY)
    assert (read.title, read.dated_on) == (HEAD["title"], HEAD["dated_on"])
    assert (read.number, len(read.days)) == ("国办发明电〔2026〕99号", 33)


@pytest.mark.parametrize(
    "table",
    [
        TABLE,
        TABLE.replace(",", "，"),
        TABLE.replace(",", "\t"),
        TABLE.replace(",", ";"),
        "\n\n" + TABLE,
        "日期 类型 节日\n"
        + "\n".join(f"{day} {'放假' if kind == 'OFF' else '上班'} {name}" for day, kind, name in DAYS),
    ],
)
def test_a_table_comes_to_the_same_days(table):
    assert read_entry(Entry(2027, table, **HEAD)).days == DAYS


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_an_uploaded_csv_comes_to_the_same_days(encoding):
    read = read_entry(Entry(2027, "", table=Upload(TABLE.encode(encoding), "2027.csv"), **HEAD))
    assert read.days == DAYS
    assert read.source_text == TABLE


def test_what_was_written_out_reads_back():
    for year, text in TEXTS.items():
        days = read_entry(Entry(year, text)).days
        head = {"title": f"{year}年通知", "dated_on": date(year - 1, 11, 1)}
        assert read_entry(Entry(year, table.written(days), **head)).days == days


def test_every_wrong_cell_of_a_table_is_named():
    table = (
        "日期,截止日期,类型,节日,星期\n2027-02-30,,放假,春节,\n2027-02-05,2027-02-01,休,春节,\n2027-05-03,,串休,,周八\n"
    )
    wrong = problems(Entry(2027, table, **HEAD))
    assert len(wrong) >= 4
    assert "截止日期 2027-02-01 早于日期 2027-02-05。" in wrong


def test_contradictions_of_a_table_are_found_too():
    table = TABLE.replace("2027-02-20,", "2027-02-22,") + "2027-06-09,,调休上班,端午节\n"
    wrong = " ".join(problems(Entry(2027, table, **HEAD)))
    assert "2027年2月22日（周一）：不是周六、周日" in wrong
    assert "2027年6月9日（周三）：既列为放假，又列为上班。" in wrong


def test_the_weekday_column_is_checked():
    rows = [f"{day},{'放假' if kind == 'OFF' else '上班'},{name},周一" for day, kind, name in DAYS]
    wrong = problems(Entry(2027, "\n".join(["日期,类型,节日,星期", *rows]), **HEAD))
    assert len(wrong) == sum(day.weekday() != 0 for day, *_rest in DAYS)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"title": "关于2026年的通知"}, "通知标题写的是2026年"),
        ({"dated_on": date(2026, 11, 21)}, "填写的通知日期为2026年11月21日，原文落款为2026年11月20日。"),
        ({"number": "国办发明电〔2026〕9号"}, "原文为“国办发明电〔2026〕99号”"),
        ({"year": 2028}, "原文是2027年的通知"),
        ({"text": TABLE}, "请填写通知标题。"),
        ({"text": "随便写写"}, "没有读出任何一个节日的放假安排"),
    ],
)
def test_a_head_that_does_not_fit_is_refused(changes, said):
    assert any(said in one for one in problems(replace(ENTRY, **changes)))


def test_a_file_that_is_no_table_is_refused():
    with pytest.raises(UnreadableFile):
        read_entry(Entry(2027, table=Upload(b"%PDF-1.7", "x.csv"), **HEAD))


def test_a_draft_keeps_what_was_typed(administrator):
    edition = save_draft(entry=ENTRY, actor=administrator, now=NOW)
    assert (edition.status, edition.source_text) == ("DRAFT", NEXT)
    assert list(edition.days.order_by("date").values_list("date", "kind", "name")) == DAYS
    assert entry.typed_of(edition) == NEXT


def test_a_refused_entry_leaves_nothing(administrator):
    with pytest.raises(Incomplete):
        save_draft(entry=replace(ENTRY, year=2028), actor=administrator, now=NOW)
    assert not CalendarEdition.objects.filter(status="DRAFT").exists()


def test_changing_a_draft_writes_only_what_differs(administrator):
    edition = save_draft(entry=ENTRY, actor=administrator, now=NOW)
    before, digest = CalendarDay.history.count(), edition.digest
    later = NEXT.replace("2月20日（周六）", "2月27日（周六）")
    edition = save_draft(entry=replace(ENTRY, text=later), edition_id=edition.pk, actor=administrator, now=NOW)
    assert CalendarDay.history.count() - before == 2
    assert edition.digest != digest
    assert set(edition.days.filter(kind="MAKEUP", name="春节").values_list("date", flat=True)) == {
        date(2027, 2, 14),
        date(2027, 2, 27),
    }


def test_the_notice_itself_can_be_attached(administrator, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    with pytest.raises(Incomplete):
        save_draft(entry=ENTRY, notice_file=Upload(b"text", "notice.pdf"), actor=administrator, now=NOW)
    assert not CalendarEdition.objects.filter(year=2027).exists()


def test_a_correction_is_a_draft_of_the_published_edition(administrator):
    published = CalendarEdition.objects.get(year=2026)
    draft = correct(edition_id=published.pk, actor=administrator, now=NOW)
    assert (draft.status, draft.year, draft.digest) == ("DRAFT", 2026, published.digest)
    read = read_entry(Entry(2026, entry.typed_of(draft), draft.notice_title, "", draft.notice_date))
    assert len(read.days) == published.days.count()
    with pytest.raises(WrongState, match="只有已发布的日历可以更正"):
        correct(edition_id=draft.pk, actor=administrator, now=NOW)


def test_a_published_edition_is_not_changed(administrator):
    published = CalendarEdition.objects.get(year=2026)
    with pytest.raises(WrongState, match="不能修改"):
        save_draft(entry=ENTRY, edition_id=published.pk, actor=administrator, now=NOW)


def test_administrators_alone(account):
    with pytest.raises(NotPermitted):
        save_draft(entry=ENTRY, actor=account("centre", Role.PROVINCIAL_HEAD), now=NOW)
