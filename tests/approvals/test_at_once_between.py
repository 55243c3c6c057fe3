"""Acts of two tiers, of both sides of a notice, and of a job, from two connections (PostgreSQL): exactly one takes
effect, the other is told, and nobody waits for the other forever.

All pairs are tried in one test: emptying the tables afterwards costs more than the acts.
"""

from datetime import date

import pytest

from approvals.bars import deciding, proposing
from approvals.corrections import withdrawing
from approvals.models import BarCase, CorrectionNotice, Handover, PreparedOpinion, Review, TakeOver
from approvals.reviews.preparing import hand_over, prepare
from approvals.reviews.reviewing import review
from approvals.takeovers.taking_over import take_over
from certification.deadlines import ledger, sweep
from certification.people.models import Bar
from certification.refusals import Refusal
from exams.applications import applying
from tests.approvals.cases import NOW, make_group
from tests.approvals.correction_steps import PHOTO, answer_items
from tests.factories import at

pytestmark = pytest.mark.django_db(transaction=True)
LATE = at(date(2026, 10, 28))


class Tries:
    """Each pair: makes its case, lets both act at the same moment, and says what must hold then."""

    def __init__(self, world, at_once):
        self.world, self.at_once = world, at_once

    def returned(self, who="shi-shenhe", group=None):
        group = group or make_group(self.world)
        actor = self.world.user(who)
        review(actor=actor, now=NOW, application_ids=group.ids, stage="PRELIMINARY", outcome="RETURN", items=[PHOTO])
        return group, CorrectionNotice.objects.get(application=group.ids[0])

    def answer_and_withdrawal_of_a_notice(self):
        group, notice = self.returned()
        filer, city = self.world.user("jigou"), self.world.user("shi-shenhe")
        answer_items(filer, group.applications[0], now=NOW)
        answers = self.at_once(
            lambda: applying.answer_correction(actor=filer, now=NOW, application_id=group.ids[0]),
            lambda: withdrawing.withdraw(actor=city, now=NOW, notice_id=notice.pk, reason="有误"),
        )
        assert [isinstance(one, Refusal) for one in answers].count(True) == 1, answers
        notice.refresh_from_db()
        answered = not isinstance(answers[0], Refusal)
        assert notice.state == ("ANSWERED" if answered else "WITHDRAWN")
        assert group.states() == ["PRELIMINARY_REVIEW"]
        assert (group.fresh()[0].resubmitted_at is not None) == answered

    def two_notices(self):
        group = make_group(self.world, 3)

        def give(who, text):
            actor, items = self.world.user(who), [{"material": "PHOTO", "text": text}]
            said = {"stage": "PRELIMINARY", "outcome": "RETURN", "items": items}
            return lambda: review(actor=actor, now=NOW, application_ids=group.ids, **said)

        one, other = self.at_once(give("shi-shenhe", "甲"), give("shi-shenhe2", "乙"))
        assert sorted(all(result.ok for result in answer) for answer in (one, other)) == [False, True]
        notices = CorrectionNotice.objects.filter(application__in=group.ids)
        assert notices.count() == 3
        assert len(set(notices.values_list("number", flat=True))) == 3
        assert notices.values_list("items__text").distinct().count() == 1

    def hand_over_and_take_over(self):
        group = make_group(self.world, 2)
        city, head = self.world.user("shi-shenhe"), self.world.user("sheng-fuze")
        prepare(actor=city, now=LATE, application_ids=group.ids, stage="PRELIMINARY", outcome="PASS")
        handed, taken = self.at_once(
            lambda: hand_over(actor=city, now=LATE, application_ids=group.ids),
            lambda: take_over(actor=head, now=LATE, application_ids=group.ids, reason="逾期"),
        )
        given, took = [one.ok for one in handed.results], [one.ok for one in taken]
        assert (given, took) in (([True, True], [False, False]), ([False, False], [True, True]))
        won = given[0]
        assert set(group.states()) == {"FINAL_REVIEW" if won else "TAKEN_OVER"}
        assert TakeOver.objects.filter(application__in=group.ids).count() == (0 if won else 2)
        assert Review.objects.filter(application__in=group.ids).count() == (2 if won else 0)
        assert Handover.objects.filter(opinions__application__in=group.ids).distinct().count() == won
        assert not PreparedOpinion.objects.standing().filter(application__in=group.ids).exists()

    def sweep_and_review(self):
        """The job marks what is overdue and acts on it while the reviewer passes the same people."""
        group = make_group(self.world, 6)
        city = self.world.user("shi-shenhe")
        said = {"stage": "PRELIMINARY", "outcome": "PASS"}
        answers = self.at_once(
            lambda: sweep.sweep(now=LATE),
            lambda: review(actor=city, now=LATE, application_ids=group.ids, **said),
            lambda: sweep.sweep(now=LATE),
        )
        assert not [one for one in answers if isinstance(one, Exception)], answers
        assert [one for each in (answers[0], answers[2]) for one in each.failed] == []
        assert group.states() == ["FINAL_REVIEW"] * 6
        assert set(Review.objects.filter(application__in=group.ids).values_list("late", flat=True)) == {True}
        assert ledger.find("preliminary_review", group.applications[0]).met_late

    def bar_and_review(self):
        """Whoever is barred is never passed: the bar ends what the reviewer would have passed, or the other way."""
        group = make_group(self.world)
        person, head = group.applications[0].person, self.world.user("sheng-fuze")
        proposer, city = self.world.user("shi-shenhe2"), self.world.user("shi-shenhe")
        said = {"ground": "FRAUD", "reason": "伪造学历", "evidence": "核验函"}
        case = proposing.propose(actor=proposer, now=NOW, person_id=person.pk, application_id=group.ids[0], **said)
        answers = self.at_once(
            lambda: deciding.impose(actor=head, now=NOW, case_id=case.pk, reason="同意"),
            lambda: review(actor=city, now=NOW, application_ids=group.ids, stage="PRELIMINARY", outcome="PASS"),
        )
        assert not [one for one in answers if isinstance(one, Exception)], answers
        assert group.states()[0] in ("WITHDRAWN", "REFUSED")

    def imposing_and_withdrawing_a_proposal(self):
        group = make_group(self.world)
        proposer, head = self.world.user("shi-shenhe"), self.world.user("sheng-fuze")
        person_id = group.applications[0].person_id
        said = {"ground": "FRAUD", "reason": "伪造学历", "evidence": "核验函"}
        case = proposing.propose(actor=proposer, now=NOW, person_id=person_id, **said)
        answers = self.at_once(
            lambda: deciding.impose(actor=head, now=NOW, case_id=case.pk, reason="同意"),
            lambda: proposing.withdraw(actor=proposer, now=NOW, case_id=case.pk, reason="有误"),
        )
        assert [isinstance(one, Refusal) for one in answers].count(True) == 1, answers
        state = BarCase.objects.get(pk=case.pk).state
        assert Bar.objects.filter(person=person_id).exists() == (state == "IMPOSED")

    def an_objection_handed_over_from_two_windows(self):
        group = make_group(self.world, 2, kind="RENEWAL", state="CLEARED")
        province = self.world.user("sheng-shenhe")
        prepare(
            actor=province, now=NOW, application_ids=group.ids, stage="PROVINCIAL_RECORD", outcome="OBJECT", reason="疑"
        )
        first, second = self.at_once(
            lambda: hand_over(actor=province, now=NOW, application_ids=group.ids),
            lambda: hand_over(actor=province, now=NOW, application_ids=group.ids),
        )
        assert sorted(sum(one.ok for one in each.results) for each in (first, second)) == [0, 2]
        assert set(group.states()) == {"CITY_REVIEW"}
        assert Review.objects.filter(application__in=group.ids, stage="OBJECTION").count() == 2


def test_of_every_pair_one_takes_effect_and_the_other_is_told(at_once, world):
    tries = Tries(world, at_once)
    for name in (name for name in vars(Tries) if not name.startswith("_") and name != "returned"):
        for _again in range(2):
            getattr(tries, name)()
