"""Whose turn it is under the review deadlines: nobody who has done their part is reminded, nor anybody to whom the
case has not come yet; a return goes on being reminded of (rules 2.6, 2.8)."""

from datetime import timedelta

import pytest

from certification.deadlines import acting
from certification.deadlines.holders import Tier
from certification.deadlines.models import Deadline, Reminder
from certification.deadlines.reminding.reminders import remind
from tests.exams import test_correction_times as ways
from tests.factories import at as moment


def turns(row) -> dict[str, Tier | None]:
    deadlines = list(Deadline.objects.unmet().of(None, [row]).exclude(rule__code="exam_held").select_related("rule"))
    found = acting.turns(deadlines)
    return {deadline.rule.code: found.get(deadline.pk) for deadline in deadlines}


def test_the_city_comes_before_the_province(bench):
    (row,) = bench.submitted(bench.plan(size=1), bench.session())
    assert turns(row) == {"preliminary_review": None, "final_review": Tier.NOBODY}
    bench.move("forward", [row])
    assert turns(row) == {"final_review": None}


def test_what_the_province_returned_to_the_city_is_the_citys_by_the_provinces_day(bench):
    (row,) = bench.submitted(bench.plan(size=1), bench.session())
    bench.move("forward", [row])
    bench.move("return_to_city", [row], by="sheng-shenhe", reason="请核对学历")
    assert turns(row) == {"final_review": Tier.CITY}
    bench.move("return_to_filer", [row], reason="照片不清晰")
    assert turns(row) == {"final_review": Tier.INSTITUTION}


def test_what_the_city_returned_is_the_institutions_by_the_citys_day(bench):
    row, _last_day, _back_at = ways.from_the_city(bench)
    assert turns(row) == {"preliminary_review": Tier.INSTITUTION, "final_review": Tier.NOBODY}


@pytest.mark.parametrize("returned", ways.WAYS)
def test_on_the_last_day_only_the_institution_is_reminded_of_its_answer(bench, returned):
    row, last_day, _back_at = returned(bench)
    remind(now=moment(last_day))
    told = Reminder.objects.filter(deadline__subject_id=row.pk, state="SENT").exclude(
        deadline__rule__code="hours_proof"
    )
    assert set(told.values_list("stage", "recipient__username")) == {("DUE", "jigou")}
    remind(now=moment(last_day + timedelta(days=1)))
    late = told.filter(stage="BREACH").values_list("recipient__username", flat=True)
    assert list(late) == ["jigou"]


def test_as_many_queries_for_one_as_for_many(bench, django_assert_num_queries):
    rows = bench.submitted(bench.plan(size=4), bench.session())
    every = list(Deadline.objects.unmet().of(None, rows))
    acting.turns(every)
    for deadlines in (every[:2], every):
        with django_assert_num_queries(2):
            acting.turns(deadlines)
