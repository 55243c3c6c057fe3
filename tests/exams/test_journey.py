"""The whole way of an application through examinations, once for each route."""

from decimal import Decimal

from certification.deadlines.models import Deadline
from exams.models import Part, Seat
from exams.scores.results import Row
from exams.states import CandidateState, SessionState


def test_category_two_initial_from_roster_to_released_results(bench):
    session = bench.ready(size=4)
    assert Seat.objects.filter(candidate__session=session).count() == 8
    bench.held(session)
    passes, fails, absent, fails_practical = bench.candidates(session)
    bench.enter(
        session,
        Part.THEORY,
        [
            Row(passes.pk, score=Decimal(80)),
            Row(fails.pk, score=Decimal("79.5")),
            Row(absent.pk, absent=True),
            Row(fails_practical.pk, score=Decimal(95)),
        ],
    )
    bench.check(session, Part.THEORY)
    bench.enter(session, Part.PRACTICAL, [bench.practical(passes), bench.practical(fails_practical, veto=True)])
    bench.check(session, Part.PRACTICAL)
    released = bench.release(session)
    assert released.state == SessionState.RELEASED
    states = [row.state for row in bench.candidates(session)]
    assert states == [CandidateState.PASSED, CandidateState.FAILED, CandidateState.ABSENT, CandidateState.FAILED]
    assert not Deadline.objects.unmet().exists()
