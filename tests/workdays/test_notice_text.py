"""The real notices of 2023 to 2026, read in their own words, against the shipped calendars; and how else they may be
written."""

from datetime import date

import pytest

from certification.workdays import contradictions, loading, notice_text
from certification.workdays.arrangements import days_of
from tests.workdays.notices import DATED, NEXT, TEXTS

YEARS = sorted(TEXTS)


def shipped(year: int) -> list:
    _head, days = loading.read(loading.SHIPPED / f"{year}.toml")
    return sorted((day, str(kind), name) for day, kind, name in days)


def section(text: str, year: int = 2026):
    """The one arrangement of a notice of one paragraph, and what was wrong with it."""
    notice = notice_text.read(text, year)
    (arrangement,) = notice.arrangements
    return arrangement, notice.contradictions


@pytest.mark.parametrize("year", YEARS)
def test_the_notice_comes_to_the_shipped_calendar(year):
    notice = notice_text.read(TEXTS[year], year)
    assert days_of(notice.arrangements) == shipped(year)


@pytest.mark.parametrize("year", YEARS)
def test_no_real_notice_contradicts_itself(year):
    notice = notice_text.read(TEXTS[year], year)
    assert notice.contradictions == []
    assert contradictions.of_arrangements(year, notice.arrangements) == []


@pytest.mark.parametrize("year", YEARS)
def test_the_head_is_read(year):
    notice = notice_text.read(TEXTS[year], year)
    assert notice.title == f"国务院办公厅关于{year}年部分节假日安排的通知"
    assert notice.dated_on == DATED[year]


def test_the_number_is_read():
    assert notice_text.read(NEXT, 2027).number == "国办发明电〔2026〕99号"


@pytest.mark.parametrize("year", YEARS)
def test_without_line_breaks_and_in_half_width_it_is_the_same(year):
    text = TEXTS[year].replace("\n", "").replace("　", "")
    half_width = text.translate(str.maketrans("：（），；", ":(),;"))
    assert days_of(notice_text.read(half_width, year).arrangements) == shipped(year)


def test_full_width_digits_are_digits():
    digits = str.maketrans("0123456789", "０１２３４５６７８９")
    assert days_of(notice_text.read(TEXTS[2026].translate(digits), 2026).arrangements) == shipped(2026)


def test_lines_broken_within_a_sentence():
    arrangement, wrong = section(
        "二、春节：2月15日（农历腊月\n二十八、周日）至23\n日放假调休，共9天。2月14日（周六）\n上班。"
    )
    assert (arrangement.off, wrong) == ([(date(2026, 2, 15), date(2026, 2, 23))], [])
    assert arrangement.makeup == [date(2026, 2, 14)]


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("一、元旦：2025年12月31日至2026年1月2日放假，共3天。", "2025-12-31", "2026-01-02"),
        ("一、元旦：2025年12月31日至1月2日放假，共3天。", "2025-12-31", "2026-01-02"),
        ("一、元旦：12月31日至1月2日放假，共3天。", "2025-12-31", "2026-01-02"),
        ("一、元旦：1月1日至3日放假，共3天。", "2026-01-01", "2026-01-03"),
        ("四、劳动节：4月29日至5月3日放假调休，共5天。", "2026-04-29", "2026-05-03"),
        ("四、劳动节：4月29日到5月3日放假，共五天。", "2026-04-29", "2026-05-03"),
        ("四、劳动节：4月29日—5月3日放假，共五天。", "2026-04-29", "2026-05-03"),
        ("四、劳动节：4月29日～5月3日放假，共5天。", "2026-04-29", "2026-05-03"),
        ("四、劳动节：放假时间为4月29日至5月3日，共5天。", "2026-04-29", "2026-05-03"),
        ("元旦：1月1日（周四）放假1天，不调休。", "2026-01-01", "2026-01-01"),
        ("五、端午节：6月19日放假，与周末连休。", "2026-06-19", "2026-06-19"),
        ("3.清明节：4月5日放假，共1天。", "2026-04-05", "2026-04-05"),
    ],
)
def test_spans_as_they_may_be_written(text, first, last):
    arrangement, wrong = section(text)
    assert (arrangement.off, wrong) == ([(date.fromisoformat(first), date.fromisoformat(last))], [])
    assert arrangement.said_days in (None, len(arrangement.days_off))


@pytest.mark.parametrize(
    "text",
    ["10月10日（周六）、9月20日（周日）上班。", "10月10日、9月20日上班。", "10月10日（周六）和9月20日（周日）补班。"],
)
def test_make_up_days_as_they_may_be_written(text):
    arrangement, wrong = section(f"七、国庆节：10月1日至7日放假，共7天。{text}")
    assert (sorted(arrangement.makeup), wrong) == ([date(2026, 9, 20), date(2026, 10, 10)], [])


def test_a_recommendation_is_no_day_off():
    arrangement, wrong = section("二、春节：2月10日至17日放假。鼓励安排职工在除夕（2月9日）休息。", 2024)
    assert (arrangement.off, wrong) == ([(date(2024, 2, 10), date(2024, 2, 17))], [])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("二、春节：2月30日至3月2日放假。", "2026年2月30日不存在"),
        ("二、春节：15日至23日放假。", "没有写明月份"),
        ("二、春节：2月23日至15日放假。", "起止日期颠倒"),
        ("二、春节：2月15日至5月23日放假。", "放假时间过长"),
        ("二、春节：2月15日至23日放假。2月14日（周六）另行安排。", "这一句有日期，但没有读懂"),
        ("二、春节：按惯例放假。", "没有读出放假日期"),
        ("现将2025年放假安排通知如下。一、元旦：1月1日放假。", "原文是2025年的通知，录入的年份是2026年"),
    ],
)
def test_what_cannot_be_read_is_said(text, said):
    assert said in " ".join(str(one) for one in notice_text.read(text, 2026).contradictions)


@pytest.mark.parametrize("text", ["", "你好", "：：：", "一、", "放假", "2026-02-15", "二、春节：" * 300, "（" * 3000])
def test_anything_can_be_typed(text):
    notice_text.read(text, 2026)
