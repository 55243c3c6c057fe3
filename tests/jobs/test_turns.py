"""Crontab lines as turns: the next one, the longest wait, in words."""

from datetime import datetime, timedelta

import pytest

from certification.clock import SHANGHAI
from certification.jobs.turns import Turns


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("line", "words", "interval"),
    [
        ("*/10 * * * *", "每10分钟", timedelta(minutes=10)),
        ("0 * * * *", "每1小时", timedelta(hours=1)),
        ("30 2 * * *", "每天 02:30", timedelta(days=1)),
        ("0 8,14 * * *", "每天 08:00、14:00", timedelta(hours=18)),
        ("0 8 * * 1-5", "周一至周五 08:00", timedelta(days=3)),
        ("0 8 * * 1", "每周一 08:00", timedelta(days=7)),
        ("5 0 1 * *", "每月1日 00:05", timedelta(days=31)),
        ("10 8-18 * * 1-5", "周一至周五 08:10 至 18:10 每1小时", timedelta(days=2, hours=14)),
        ("0 9 * 12 *", "12月每天 09:00", timedelta(days=335)),
        ("*/15 8-18 * * *", "每天 08:00 至 18:45 每15分钟", timedelta(hours=13, minutes=15)),
    ],
)
def test_lines_in_words_and_their_longest_wait(line, words, interval):
    assert Turns.of(line).in_words() == words
    assert Turns.of(line).interval == interval


@pytest.mark.parametrize(
    ("line", "moment", "following"),
    [
        ("*/10 * * * *", at(2026, 11, 23, 9, 0), at(2026, 11, 23, 9, 10)),
        ("30 2 * * *", at(2026, 11, 23, 2, 30), at(2026, 11, 24, 2, 30)),
        ("0 8 * * 1-5", at(2026, 11, 27, 9, 0), at(2026, 11, 30, 8, 0)),
        ("0 9 1 12 *", at(2026, 12, 2, 0, 0), at(2027, 12, 1, 9, 0)),
    ],
)
def test_the_next_turn_lies_strictly_after(line, moment, following):
    assert next(Turns.of(line).after(moment)) == following
