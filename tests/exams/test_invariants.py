"""Random sequences of what people do, in any order: whatever is refused, what must hold still holds."""

from datetime import date
from random import Random

import pytest
from django.db.models import Count

from certification.catalogue.models import ApplicationKind
from certification.refusals import Refusal
from exams.applications import applying, due_days
from exams.materials import hours
from exams.models import Candidate, ExamApplication, PersonSlot, Result, RoomTime, Seat
from exams.rooms import seating
from exams.sessions import assigning
from exams.states import EXAMINED, IN_SESSION, UNDER_REVIEW, CandidateState
from exams.states import ApplicationState as A
from tests.exams.conftest import TODAY
from tests.factories import at as moment

NOW = moment(TODAY)
# Weighted, so that most cases get somewhere before somebody ends them.
REVIEWS = [
    *["forward"] * 6,
    *["clear"] * 10,
    *["return_to_filer"] * 3,
    *["return_to_city"] * 2,
    *["object"] * 2,
    "propose_refusal",
    "refuse",
    "withdraw",
]
STEPS = 80


class Walk:
    """Does anything at random and takes every refusal for an answer."""

    def __init__(self, bench, seed: int):
        self.bench = bench
        self.random = Random(seed)
        self.sessions = [bench.session(capacity=4), bench.session(day=date(2026, 4, 22), capacity=6)]
        for session in self.sessions:
            bench.rooms(session)
        initial = bench.drafts(bench.plan(size=5), self.sessions[0])
        renewals = bench.drafts(bench.plan(ApplicationKind.RENEWAL, size=4))
        self.people = len(initial) + len(renewals)
        bench.give_papers(renewals[:2], now=NOW, later=True)

    def step(self) -> None:
        act = self.random.choice(
            [
                self.submit,
                self.answer,
                self.review,
                self.review,
                self.review,
                self.assign,
                self.seat,
                self.pool,
                self.hours,
            ]
        )
        try:
            act()
        except (Refusal, ExamApplication.DoesNotExist, Candidate.DoesNotExist, ValueError):
            return

    def some(self, rows) -> list[int]:
        ids = list(rows.order_by("pk").values_list("pk", flat=True))
        return self.random.sample(ids, min(len(ids), self.random.randint(1, 4)))

    def submit(self) -> None:
        ids = self.some(ExamApplication.objects.filter(state=A.DRAFT))
        applying.submit_applications(actor=self.bench.user("jigou"), now=NOW, application_ids=ids)

    def answer(self) -> None:
        (one, *_others) = self.some(ExamApplication.objects.exclude(state=A.DRAFT))
        applying.answer_correction(actor=self.bench.user("jigou"), now=NOW, application_id=one)

    def review(self) -> None:
        rows = ExamApplication.objects.filter(pk__in=self.some(ExamApplication.objects.all()))
        self.bench.move(self.random.choice(REVIEWS), list(rows.order_by("pk")), reason="理由")

    def assign(self) -> None:
        assigning.assign_to_session(
            actor=self.bench.officer(),
            now=NOW,
            application_ids=self.some(ExamApplication.objects.all()),
            session_id=self.random.choice(self.sessions).pk,
        )

    def seat(self) -> None:
        seating.seat_candidates(actor=self.bench.officer(), now=NOW, session_id=self.random.choice(self.sessions).pk)

    def pool(self) -> None:
        assigning.move_to_pool(
            actor=self.bench.officer(), now=NOW, candidate_ids=self.some(Candidate.objects.all()), reason="原因"
        )

    def hours(self) -> None:
        rows = self.some(ExamApplication.objects.filter(kind=ApplicationKind.RENEWAL))
        hours.confirm_hours(actor=self.bench.officer(), now=NOW, application_ids=rows)


def check(walk: Walk) -> None:
    """What must hold at every moment."""
    in_session = Candidate.objects.filter(state__in=IN_SESSION)
    per_application = in_session.values("application").annotate(number=Count("pk"))
    assert all(row["number"] == 1 for row in per_application)
    for session in walk.sessions:
        listed = Candidate.objects.filter(session=session, state__in=[*IN_SESSION, *EXAMINED]).count()
        assert listed <= session.capacity
    admitted = set(in_session.filter(state=CandidateState.ADMITTED).values_list("pk", flat=True))
    assert set(Seat.objects.values_list("candidate", flat=True)) == admitted
    assert not in_session.filter(application__state__in=[A.REFUSED, A.WITHDRAWN, A.DRAFT]).exists()
    assert not Candidate.objects.filter(pk__in=admitted).exclude(application__state=A.CLEARED).exists()
    slots = PersonSlot.objects.filter(seat__isnull=False).values("seat").annotate(number=Count("pk"))
    assert len(slots) == Seat.objects.count()
    pooled = set(assigning.pool(walk.bench.world.bureau, today=TODAY).values_list("pk", flat=True))
    placed = set(in_session.values_list("application", flat=True))
    outside = set(
        ExamApplication.objects.filter(state__in=[A.DRAFT, A.REFUSED, A.WITHDRAWN]).values_list("pk", flat=True)
    )
    assert len(pooled) + len(placed) + len(outside) == walk.people
    assert pooled | placed | outside == set(ExamApplication.objects.values_list("pk", flat=True))
    assert RoomTime.objects.count() > 0
    assert not Result.objects.exists()
    # Lists go by a copy of the deadlines' day, which nothing may leave behind.
    assert not ExamApplication.objects.filter(state__in=UNDER_REVIEW).exclude(due_on=due_days.day()).exists()


@pytest.mark.parametrize("seed", range(6))
def test_nothing_is_lost_or_doubled_whatever_the_order(bench, seed):
    walk = Walk(bench, seed)
    for _step in range(STEPS):
        walk.step()
        check(walk)
