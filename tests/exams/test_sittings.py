"""Which sittings are left: each part by itself or all together, absences counted or not (rules 8)."""

from datetime import date

import pytest

from exams import standards
from exams.models import Candidate, ExamApplication, Part
from exams.scores.rows import Row
from exams.sessions import assigning, sittings
from exams.standards import RetakeStandard
from tests.exams.test_results import AFTER, theory

EACH = RetakeStandard(1, {}, per_part=True, absence_counts=True)
TOGETHER = RetakeStandard(1, {}, per_part=False, absence_counts=True)
PRESENT = RetakeStandard(1, {}, per_part=True, absence_counts=False)
PRESENT_TOGETHER = RetakeStandard(1, {}, per_part=False, absence_counts=False)
NONE = RetakeStandard(0, {"PRACTICAL": 2}, per_part=True, absence_counts=True)


@pytest.fixture
def people(bench):
    """In the first session all fail the theory; in the second one passes it and fails the practical, one fails the
    theory again, one does not come."""
    held = bench.ready(size=3)
    bench.held(held)
    first = bench.candidates(held)
    bench.enter(held, Part.THEORY, theory(first, 60))
    bench.check(held, Part.THEORY)
    bench.release(held)
    again = bench.session(day=date(2026, 5, 13), now=AFTER)
    ids = [row.application_id for row in first]
    assigning.assign_to_session(actor=bench.officer(), now=AFTER, application_ids=ids, session_id=again.pk)
    bench.rooms(again, now=AFTER)
    bench.planned(again, now=AFTER)
    bench.seated(again, now=AFTER)
    bench.held(again)
    passed, failed, absent = (Candidate.objects.get(application=pk, session=again) for pk in ids)
    bench.enter(again, Part.THEORY, [*theory([passed]), *theory([failed], 60), Row(absent.pk, absent=True)])
    bench.check(again, Part.THEORY)
    bench.enter(again, Part.PRACTICAL, [bench.practical(passed, (10, 10, 10, 10))])
    bench.check(again, Part.PRACTICAL)
    bench.release(again)
    return ids


@pytest.mark.parametrize(
    ("standard", "used_up"),
    [
        (EACH, [False, True, True]),
        (TOGETHER, [True, True, True]),
        (PRESENT, [False, True, False]),
        (PRESENT_TOGETHER, [True, True, False]),
        (NONE, [True, True, True]),
    ],
)
def test_what_is_left_by_each_reading(people, standard, used_up):
    of = sittings.of(Candidate.objects.filter(application__in=people))
    assert [of[pk].used_up(standard) for pk in people] == used_up
    waiting = ExamApplication.objects.waiting_for_session(sittings.used_up(standard))
    assert {row.pk for row in waiting} == {pk for pk, used in zip(people, used_up, strict=True) if not used}


def test_what_the_list_says(people):
    of = sittings.of(Candidate.objects.filter(application__in=people))
    assert list(of[people[0]].lines([Part.PRACTICAL], EACH)) == [("实操", 1, 2)]
    assert list(of[people[2]].lines(Part, PRESENT)) == [("理论", 1, 2), ("实操", 0, 2)]
    assert list(of[people[0]].lines([Part.PRACTICAL], TOGETHER)) == [("考试", 2, 2)]
    assert standards.retakes(date(2026, 5, 1)) == EACH
