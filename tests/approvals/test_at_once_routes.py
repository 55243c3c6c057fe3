"""Two activities on the same application from two connections: exactly one takes effect, the loser is told what
happened (PostgreSQL)."""

from datetime import date

import pytest

from approvals.models import TakeOver
from approvals.reviews.recording import object_to, record_provincial_review
from approvals.reviews.reviewing import review
from approvals.takeovers.taking_over import take_over
from certification.refusals import Refusal
from exams.applications import applying
from exams.models import ExamApplication
from tests.approvals.cases import EXAM, NOW, make_group
from tests.approvals.correction_steps import answer_items
from tests.factories import at

pytestmark = pytest.mark.django_db(transaction=True)
LATE = at(date(2026, 10, 28))
ITEMS = [{"material": "PHOTO", "text": "照片不清晰"}]


class Acts:
    """What two people do, as functions without arguments."""

    def __init__(self, world, group, now):
        self.world, self.ids, self.now = world, group.ids, now

    def _say(self, who, stage, outcome, **more):
        actor = self.world.user(who)
        common = {"actor": actor, "now": self.now, "application_ids": self.ids}
        return lambda: review(**common, stage=stage, outcome=outcome, **more)

    def city_passes(self):
        return self._say("shi-shenhe", "PRELIMINARY", "PASS")

    def city_returns(self):
        return self._say("shi-shenhe2", "PRELIMINARY", "RETURN", items=ITEMS)

    def province_passes(self):
        return self._say("sheng-shenhe", "FINAL", "PASS")

    def province_sends_back(self):
        return self._say("sheng-shenhe2", "FINAL", "RETURN_TO_CITY", reason="请再核对")

    def province_refuses(self):
        return self._say("sheng-shenhe2", "FINAL", "REFUSE", reason="学历不符")

    def head_takes_over(self):
        actor = self.world.user("sheng-fuze")
        return lambda: take_over(actor=actor, now=self.now, application_ids=self.ids, reason="逾期")

    def reviewer_takes_over(self):
        actor = self.world.user("sheng-shenhe")
        return lambda: take_over(actor=actor, now=self.now, application_ids=self.ids, reason="逾期")

    def institution_withdraws(self):
        actor = self.world.user("jigou")
        return lambda: applying.withdraw_applications(actor=actor, now=self.now, application_ids=self.ids)

    def province_objects(self):
        actor = self.world.user("sheng-shenhe")
        return lambda: object_to(actor=actor, now=self.now, application_ids=self.ids, reason="材料不符")

    def another_objects(self):
        actor = self.world.user("sheng-shenhe2")
        return lambda: object_to(actor=actor, now=self.now, application_ids=self.ids, reason="材料不符")

    def province_records(self):
        actor = self.world.user("sheng-shenhe2")
        return lambda: record_provincial_review(actor=actor, now=self.now, application_ids=self.ids)


# The state it begins in, the two acts, when, and in which states it may end.
PAIRS = [
    ("", "city_passes", "city_returns", NOW, ("FINAL_REVIEW", "RETURNED")),
    ("", "city_passes", "head_takes_over", LATE, ("FINAL_REVIEW", "TAKEN_OVER")),
    ("", "city_returns", "reviewer_takes_over", LATE, ("RETURNED", "TAKEN_OVER")),
    ("", "head_takes_over", "reviewer_takes_over", LATE, ("TAKEN_OVER",)),
    ("FINAL_REVIEW", "province_passes", "province_sends_back", NOW, ("CLEARED", "PRELIMINARY_REVIEW")),
    ("FINAL_REVIEW", "province_passes", "province_refuses", NOW, ("CLEARED", "REFUSED")),
    ("FINAL_REVIEW", "province_sends_back", "institution_withdraws", NOW, ("WITHDRAWN",)),
    ("", "city_passes", "institution_withdraws", NOW, ("WITHDRAWN",)),
    ("", "head_takes_over", "institution_withdraws", LATE, ("WITHDRAWN",)),
    ("CLEARED", "province_objects", "another_objects", NOW, ("CITY_REVIEW",)),
    ("CLEARED", "province_objects", "province_records", NOW, ("CITY_REVIEW",)),
]
# Withdrawing is right after the other act too, and a record before an objection: there both may stand, in that order.
MAY_FOLLOW = {"institution_withdraws", "province_records", "province_objects"}


@pytest.mark.parametrize(("state", "one", "other", "now", "ends"), PAIRS, ids=lambda value: str(value)[:20])
def test_one_takes_effect_and_the_other_is_told(at_once, world, state, one, other, now, ends):
    kind = "RENEWAL" if state == "CLEARED" else "INITIAL"
    group = make_group(world, 2, kind=kind)
    if state:
        ExamApplication.objects.filter(pk__in=group.ids).update(state=state, awaits_record=state == "CLEARED")
    acts = Acts(world, group, now)
    answers = at_once(getattr(acts, one)(), getattr(acts, other)())
    results = [answer for answer in answers if isinstance(answer, list)]
    refused = [result.refusal for answer in results for result in answer if not result.ok]
    refused += [answer for answer in answers if isinstance(answer, Refusal)]
    assert not [answer for answer in answers if isinstance(answer, Exception) and not isinstance(answer, Refusal)]
    assert set(group.states()) <= set(ends)
    assert len(set(group.states())) == 1
    won = [all(result.ok for result in answer) for answer in results]
    if other not in MAY_FOLLOW and one not in MAY_FOLLOW:
        assert sorted(won) == [False, True]
        assert refused
    for refusal in refused:
        assert refusal.code in ("wrong_state", "not_overdue", "taken_over")
        assert "当前状态" in str(refusal)
    assert TakeOver.objects.count() in (0, len(group.ids))


def test_a_correction_is_answered_once(at_once, world):
    group = make_group(world)
    city = world.user("shi-shenhe")
    review(actor=city, now=NOW, application_ids=group.ids, stage="PRELIMINARY", outcome="RETURN", items=ITEMS)
    filer = world.user("jigou")
    answer_items(filer, group.applications[0], now=NOW)

    def resubmit():
        return applying.answer_correction(actor=filer, now=NOW, application_id=group.ids[0])

    answers = at_once(resubmit, resubmit)
    assert sum(isinstance(answer, Refusal) for answer in answers) == 1
    assert group.states() == ["PRELIMINARY_REVIEW"]


def test_an_objection_on_the_exam_day_is_refused_whichever_comes_first(world):
    group = make_group(world, kind="RENEWAL", state="CLEARED")
    (result,) = object_to(actor=world.user("sheng-shenhe"), now=at(EXAM), application_ids=group.ids, reason="材料不符")
    assert result.refusal.code == "exam_started"
