"""Every contradiction of a notice is found, each with its day and reason."""

from datetime import date

import pytest

from certification.workdays import contradictions, notice_text
from certification.workdays.contradictions import Contradiction
from tests.workdays.notices import NEXT, TEXTS


def found(text: str, year: int = 2027) -> list[Contradiction]:
    notice = notice_text.read(text, year)
    return [*notice.contradictions, *contradictions.of_arrangements(year, notice.arrangements)]


def changed(before: str, after: str) -> list[tuple[date | None, str]]:
    """What is wrong with the right notice after one change."""
    assert before in NEXT
    return [(one.day, one.reason) for one in found(NEXT.replace(before, after))]


def test_the_notice_they_are_made_from_is_right():
    assert found(NEXT) == []


@pytest.mark.parametrize(
    ("before", "after", "day", "reason"),
    [
        ("2月20日（周六）上班", "2月22日上班", "2027-02-22", "不是周六、周日"),
        ("2月14日（周日）、", "2月7日（周日）、", "2027-02-07", "既列为放假，又列为上班"),
        ("2月14日（周日）、", "2月20日（周六）、", "2027-02-20", "列为调休上班 2 次，日期重复"),
        ("共7天。2月14日", "共8天。2月14日", "2027-02-05", "写明共 8 天，所列放假日期为 7 天"),
        ("2月14日（周日）", "2月14日（周六）", "2027-02-14", "写作周六，实为周日"),
        ("6月9日（周三）放假1天", "6月10日（周四）放假1天", "2027-06-09", "是法定放假日（端午节），却没有列为放假"),
        ("1月1日（周五）至3日", "2026年1月1日至3日", "2026-01-01", "不属于2027年的放假安排"),
        ("9月15日（周三）放假1天", "9月14日、9月16日放假2天", "2027-09-15", "在假期中间，却没有列为放假"),
        ("五、端午节：6月9日（周三）放假1天，不调休", "五、端午节：6月9日、6月9日放假", "2027-06-09", "放假 2 次"),
        ("放假1天，不调休。\n七", "放假1天，不调休。9月18日上班。\n七", "2027-09-18", "写明不调休"),
        ("9月15日（周三）放假1天", "9月15日、12月1日放假", "2027-09-15", "放假日期不连续"),
        ("元旦：1月1日（周五）至3日（周日）放假，共3天", "元旦：2026年12月30日放假", "2026-12-30", "又不与2027年元旦"),
    ],
)
def test_each_kind_of_contradiction(before, after, day, reason):
    wrong = changed(before, after)
    assert any(one_day == date.fromisoformat(day) and reason in one_reason for one_day, one_reason in wrong), wrong


def test_all_of_them_are_listed_together():
    text = (
        NEXT.replace("2月20日（周六）", "2月22日（周六）")
        .replace("共5天", "共6天")
        .replace("6月9日（周三）", "6月10日")
    )
    reasons = "\n".join(str(one) for one in found(text))
    for said in ("写作周六，实为周一", "不是周六、周日", "写明共 6 天", "端午节），却没有列为放假"):
        assert said in reasons
    assert "二、春节，2027年2月22日（周一）" in reasons


def test_the_notice_of_another_year_is_wrong_in_every_respect():
    wrong = [str(one) for one in found(TEXTS[2026], 2027)]
    assert wrong[0] == "原文是2026年的通知，录入的年份是2027年。"
    assert len(wrong) > 10


def test_nothing_read_is_said():
    assert [str(one) for one in found("各单位自行安排。")] == ["没有读出任何一个节日的放假安排。"]


def test_before_2025_the_eve_of_spring_festival_was_worked():
    assert found(TEXTS[2024], 2024) == []
    without_the_third = TEXTS[2024].replace("2月10日至17日", "2月13日至17日").replace("共8天", "共5天")
    assert [one.day for one in found(without_the_third, 2024)] == [date(2024, 2, 12)]
