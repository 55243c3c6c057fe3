"""Random walks through reviews and licences: whatever people try, totals reconcile and records agree with states."""

import random
from collections import Counter
from contextlib import suppress

import pytest

from approvals.licences import acceptance, deciding, licensing, serving
from approvals.models import CorrectionNotice, Decision, LicenceApplicant, Review
from approvals.reviews.recording import object_to, record_provincial_review
from approvals.reviews.reviewing import review
from approvals.reviews.stages import BY_STATE, STEPS
from certification.people.models import Certificate
from certification.records.models import TransitionLog
from certification.refusals import Refusal
from certification.workflow import lock
from exams.applications.reviewing import move
from exams.models import Candidate, ExamApplication
from exams.states import IN_SESSION, UNDER_REVIEW
from tests.approvals.cases import NOW, make_group, take_exam
from tests.approvals.correction_steps import answer_items
from tests.approvals.licensing_steps import DECIDED, SERVED, SUBMITTED, submitted

pytestmark = pytest.mark.django_db
WHO = {
    "PRELIMINARY": "shi-shenhe",
    "CITY_REVIEW": "shi-shenhe",
    "TAKEN_OVER": "sheng-shenhe",
    "FINAL": "sheng-shenhe",
    "DIRECT": "sheng-shenhe",
}
RESUBMIT = {
    "PRELIMINARY_REVIEW": "submit_preliminary",
    "FINAL_REVIEW": "resubmit_final",
    "DIRECT_REVIEW": "submit_direct",
    "CITY_REVIEW": "submit_city",
}


@pytest.mark.parametrize(("job_type", "kind"), [("0101", "INITIAL"), ("0101", "RENEWAL"), ("0901", "INITIAL")])
@pytest.mark.parametrize("seed", range(3))
def test_reviews_in_any_order_reconcile(world, job_type, kind, seed):
    chance = random.Random(f"{job_type}{kind}{seed}")
    group = make_group(world, 12, job_type=job_type, kind=kind)
    for _step in range(25):
        _something(world, group, chance)
        _reconcile(group)


def _something(world, group, chance) -> None:
    ids = chance.sample(group.ids, chance.randint(1, 5))
    act = chance.choice(["review", "review", "review", "object", "record", "answer"])
    province = world.user("sheng-shenhe")
    try:
        if act == "review":
            stage = chance.choice(list(STEPS))
            review(
                actor=world.user(WHO[stage]),
                now=NOW,
                application_ids=ids,
                stage=stage,
                outcome=chance.choice(list(STEPS[stage].outcomes)),
                reason="理由",
                items=[{"material": "PHOTO", "text": "不清晰"}],
                conditional=True,
            )
        elif act == "object":
            object_to(actor=province, now=NOW, application_ids=ids, reason="理由")
        elif act == "record":
            record_provincial_review(actor=province, now=NOW, application_ids=ids)
        else:
            _answer(world, ids)
    except (Refusal, ExamApplication.DoesNotExist):
        pass  # refused whole: nothing may have changed, which is what is checked next


def _answer(world, ids) -> None:
    for row in lock(ExamApplication.objects.filter(pk__in=ids, state="RETURNED")):
        answer_items(world.user("jigou"), row, NOW)
        move(RESUBMIT[row.returned_from], [row], actor=world.user("jigou"), now=NOW)


def _reconcile(group) -> None:
    rows = group.fresh()
    states = Counter(row.state for row in rows)
    pending = sum(states[state] for state in UNDER_REVIEW)
    assert pending + states["RETURNED"] + states["CLEARED"] + states["REFUSED"] == len(group.applications)
    in_session = Candidate.objects.filter(application__in=rows, state__in=IN_SESSION).count()
    assert in_session == len(rows) - states["REFUSED"]
    for row in rows:
        last = Review.objects.filter(application=row).order_by("at", "pk").last()
        if row.state == "REFUSED":
            assert last.outcome == "REFUSE"
        elif row.state == "CLEARED":
            assert last.outcome == "PASS"
        elif row.state == "RETURNED":
            assert last.outcome == "RETURN"
            assert row.returned_from in BY_STATE
        assert row.notices.filter(state="OPEN").count() == (row.state == "RETURNED")


@pytest.mark.parametrize("seed", range(4))
def test_licences_in_any_order_keep_decisions_certificates_and_states_in_step(world, seed):
    chance = random.Random(seed)
    group = make_group(world, 8, state="CLEARED")
    take_exam(world, group)
    submitted(world, group)
    for _step in range(25):
        _licence_step(world, chance)
        _licences_agree(group)


def _answer_clerk(world, pk: int) -> None:
    for notice in CorrectionNotice.objects.filter(applicant=pk, state="OPEN"):
        answer_items(world.user("shi-kaowu"), notice.applicant, SUBMITTED)


def _licence_step(world, chance) -> None:
    ids = list(LicenceApplicant.objects.values_list("pk", flat=True))
    some = chance.sample(ids, chance.randint(1, 4))
    clerk, maker = world.user("sheng-shouli"), world.user("sheng-shenpi")
    steps = [
        lambda: acceptance.accept(actor=clerk, now=SUBMITTED, applicant_ids=some),
        lambda: acceptance.ask_correction(actor=clerk, now=SUBMITTED, applicant_ids=some, items=[{"text": "补正"}]),
        lambda: acceptance.reconcile(actor=clerk, now=SUBMITTED, applicant_ids=some),
        lambda: _answer_clerk(world, some[0]),
        lambda: licensing.send_again(
            actor=world.user("shi-kaowu"), now=SUBMITTED, applicant_ids=some, receipt_number="PT2", reason="更正"
        ),
        lambda: deciding.grant(actor=maker, now=DECIDED, applicant_ids=some),
        lambda: deciding.refuse(
            actor=maker, now=DECIDED, applicant_id=some[0], facts="事实", basis="依据", reasons="理由"
        ),
        lambda: serving.serve(
            actor=clerk,
            now=SERVED,
            decision_ids=list(Decision.objects.filter(applicant__in=some[:1]).values_list("pk", flat=True)),
            method="HANDED_OVER",
            evidence="签收",
        ),
    ]
    with suppress(Refusal):
        chance.choice(steps)()


def _licences_agree(group) -> None:
    rows = list(LicenceApplicant.objects.all())
    states = Counter(row.state for row in rows)
    assert sum(states.values()) == len(group.applications)
    decisions = {row.applicant_id: row for row in Decision.objects.all()}
    decided = {row.pk for row in rows if row.state in ("GRANTED", "REFUSED", "SERVED")}
    assert set(decisions) == decided
    granted = [row for row in decisions.values() if row.outcome == "GRANTED"]
    assert Certificate.objects.filter(state="VALID").count() == len(granted)
    numbers = sorted(int(row.number.split("〕")[1].rstrip("号")) for row in granted)
    assert numbers == list(range(1, len(granted) + 1))
    for row in rows:
        last = TransitionLog.objects.about(row).exclude(from_state="").last()
        assert last is None or last.to_state == row.state
