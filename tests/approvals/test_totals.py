"""Totals of classes and batches at each tier (rules 3.2): they add up whatever people do, in whatever order."""

from datetime import date

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from approvals.corrections.withdrawing import withdraw as withdraw_notice
from approvals.models import CorrectionNotice, PreparedOpinion
from approvals.reviews import totals
from approvals.reviews.preparing import hand_over, prepare, take_back
from approvals.reviews.recording import object_to, record_provincial_review
from approvals.reviews.reviewing import review
from approvals.takeovers.taking_over import take_over
from certification.deadlines.holders import Tier
from certification.refusals import Refusal
from exams.applications import applying
from exams.models import Candidate, ExamApplication, ExamSession
from exams.sessions import assigning, cancelling
from exams.sessions.listing import leave_session
from exams.states import IN_SESSION
from tests.approvals.cases import EXAM, NOW, make_group
from tests.approvals.correction_steps import answer_items
from tests.factories import at

pytestmark = pytest.mark.django_db
LATE = at(date(2026, 10, 28))
LATER = at(EXAM)
ITEMS = [{"material": "PHOTO", "text": "照片不清晰"}]
OUTCOMES = ("PASS", "PASS", "RETURN", "PROPOSE_REFUSAL", "RETURN_TO_CITY", "REFUSE")


class Office:
    """Everything that moves applications, done to some of them; every refusal is taken for an answer."""

    def __init__(self, world, groups, now):
        self.world, self.groups, self.now = world, groups, now
        self.ids = [pk for group in groups for pk in group.ids]

    def do(self, act: str, outcome: str, picked: list[int], second: bool) -> None:
        ids = [self.ids[place % len(self.ids)] for place in dict.fromkeys(picked)]
        try:
            with transaction.atomic():
                getattr(self, act)(list(dict.fromkeys(ids)), outcome, second)
        except (Refusal, ExamApplication.DoesNotExist, ExamSession.DoesNotExist):
            return

    def _by_stage(self, ids):
        stages = {"PRELIMINARY_REVIEW": "PRELIMINARY", "FINAL_REVIEW": "FINAL", "DIRECT_REVIEW": "DIRECT"}
        for pk, state in ExamApplication.objects.filter(pk__in=ids).values_list("pk", "state"):
            if (stage := stages.get(state, state)) in ("PRELIMINARY", "CITY_REVIEW", "TAKEN_OVER", "FINAL", "DIRECT"):
                yield pk, stage

    def _who(self, stage: str, second: bool):
        tier = "shi" if stage in ("PRELIMINARY", "CITY_REVIEW") else "sheng"
        return self.world.user(f"{tier}-shenhe{'2' if second else ''}")

    def _say(self, act, ids, outcome, second):
        for pk, stage in self._by_stage(ids):
            try:
                with transaction.atomic():
                    act(
                        actor=self._who(stage, second),
                        now=self.now,
                        application_ids=[pk],
                        stage=stage,
                        outcome=outcome,
                        reason="" if outcome in ("PASS", "RETURN") else "理由",
                        items=ITEMS if outcome == "RETURN" else (),
                        hours_may_follow=True,
                    )
            except Refusal:
                continue

    def review(self, ids, outcome, second):
        self._say(review, ids, outcome, second)

    def prepare(self, ids, outcome, second):
        self._say(prepare, ids, outcome, second)

    def hand_over(self, ids, outcome, second):
        for name in ("shi-shenhe", "sheng-shenhe"):
            hand_over(actor=self.world.user(f"{name}{'2' if second else ''}"), now=self.now)

    def take_back(self, ids, outcome, second):
        for row in PreparedOpinion.objects.standing().filter(application__in=ids).select_related("reviewer"):
            take_back(actor=self.world.user(row.reviewer.username), now=self.now, application_ids=[row.application_id])

    def take_over(self, ids, outcome, second):
        who = "sheng-fuze" if second else "sheng-shenhe"
        take_over(actor=self.world.user(who), now=self.now, application_ids=ids, reason="逾期未审")

    def object_to(self, ids, outcome, second):
        object_to(actor=self.world.user("sheng-shenhe2"), now=NOW, application_ids=ids, reason="材料不符")

    def record(self, ids, outcome, second):
        who = self.world.user(f"sheng-shenhe{'2' if second else ''}")
        record_provincial_review(actor=who, now=self.now, application_ids=ids)

    def withdraw(self, ids, outcome, second):
        applying.withdraw_applications(actor=self.world.user("jigou"), now=self.now, application_ids=ids[:1])

    def resubmit(self, ids, outcome, second):
        filer = self.world.user("jigou")
        for application in ExamApplication.objects.filter(pk__in=ids, state="RETURNED"):
            if application.notices.filter(state="OPEN").exists():
                answer_items(filer, application, now=self.now)
            applying.answer_correction(actor=filer, now=self.now, application_id=application.pk)

    def recall(self, ids, outcome, second):
        for notice in CorrectionNotice.objects.filter(application__in=ids, state="OPEN").select_related("review"):
            actor = self.world.user(notice.review.reviewer.username)
            withdraw_notice(actor=actor, now=self.now, notice_id=notice.pk, reason="发错了")

    def cancel(self, ids, outcome, second):
        for group in self.groups[:1]:
            foreseen = cancelling.preview(ExamSession.objects.get(pk=group.session.pk), now=NOW)
            cancelling.cancel_session(
                actor=self.world.user("shi-kaowu"),
                now=NOW,
                session_id=group.session.pk,
                reason="停电",
                fingerprint=foreseen.fingerprint,
            )

    def to_pool(self, ids, outcome, second):
        places = list(Candidate.objects.filter(application__in=ids, state__in=IN_SESSION))
        leave_session("move", places, actor=self.world.user("shi-kaowu"), now=self.now, reason="转入待安排")

    def assign(self, ids, outcome, second):
        assigning.assign_to_session(
            actor=self.world.user("shi-kaowu"),
            now=NOW,
            application_ids=ids,
            session_id=self.groups[0].session.pk,
        )


ACTS = (
    *["review"] * 5,
    *["prepare", "hand_over"] * 2,
    *("take_back", "take_over", "object_to", "record", "withdraw", "resubmit", "resubmit", "recall"),
    *("cancel", "to_pool", "assign"),
)


def require_adding_up(rows) -> None:
    """Every number adds up; nobody stands in two parts, nobody in none."""
    institution, city, province = tallies = totals.of(rows)
    for tally in tallies:
        assert tally.adds_up, (tally.of.tier, tally.counts, states(rows))
    assert institution.received == rows.count()
    passed_on = city.counts["passed"] + city.counts["proposed"] + city.counts["taken_over"]
    direct = rows.filter(category="ONE", first_submitted_at__isnull=False).count()
    assert passed_on + province.counts["to_city"] + direct == province.received, states(rows)
    assert province.counts["taken_over"] == city.counts["taken_over"]


def require_rows_behind(rows) -> None:
    """Every number is the number of the rows that it opens."""
    for tally in totals.of(rows):
        for part, count in tally.lines:
            assert totals.rows_of(rows, tally.of.tier, part.key).count() == count, (tally.of.tier, part.key)


def states(rows) -> list:
    return list(totals.marked(rows).values_list("number", "state", "returned_from", "last_stage", "last_outcome"))


STEP = st.tuples(
    st.sampled_from(ACTS),
    st.sampled_from(OUTCOMES),
    st.lists(st.integers(0, 20), min_size=1, max_size=4),
    st.booleans(),
)


def test_totals_add_up_after_whatever_anybody_does(world):
    groups = [
        make_group(world, 4),
        make_group(world, 3, kind="RENEWAL", proven=False),
        make_group(world, 2, job_type="0901"),
    ]
    rows = ExamApplication.objects.filter(plan__in=[group.plan.pk for group in groups])
    require_adding_up(rows)

    @settings(max_examples=15, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(STEP, min_size=4, max_size=18), st.sampled_from([NOW, LATE, LATER]))
    def walk(steps, now):
        mark = transaction.savepoint()
        try:
            office = Office(world, groups, now)
            for step in steps:
                office.do(*step)
                require_adding_up(rows)
            require_rows_behind(rows)
        finally:
            transaction.savepoint_rollback(mark)

    walk()


def by_key(rows, tier: Tier) -> dict[str, int]:
    found = next(tally for tally in totals.of(rows) if tally.of.tier == tier)
    return {key: count for key, count in found.counts.items() if count}


def test_forty_people_split_and_every_tier_says_where_they_are(world):
    group = make_group(world, 40)
    rows = ExamApplication.objects.filter(plan=group.plan)
    ids = group.ids
    common = {"actor": world.user("shi-shenhe"), "now": NOW, "stage": "PRELIMINARY"}
    review(application_ids=ids[:35], outcome="PASS", **common)
    review(application_ids=ids[35:37], outcome="RETURN", items=ITEMS, **common)
    review(application_ids=ids[37:38], outcome="PROPOSE_REFUSAL", reason="学历不符", **common)
    take_over(actor=world.user("sheng-fuze"), now=LATE, application_ids=ids[38:39], reason="逾期未审")
    province = {"actor": world.user("sheng-shenhe"), "now": LATE, "stage": "FINAL"}
    review(application_ids=ids[:30], outcome="PASS", **province)
    review(application_ids=ids[30:32], outcome="RETURN_TO_CITY", reason="请再核对", **province)
    review(application_ids=ids[37:38], outcome="REFUSE", reason="学历不符", **province)
    assert by_key(rows, Tier.CITY) == {
        "received": 40,
        "in_hand": 3,
        "returned": 2,
        "passed": 33,
        "proposed": 1,
        "taken_over": 1,
    }
    assert by_key(rows, Tier.PROVINCE) == {
        "received": 37,
        "in_hand": 4,
        "to_city": 2,
        "cleared": 30,
        "refused": 1,
        "taken_over": 1,
    }
    require_adding_up(rows)
    require_rows_behind(rows)


# On screen ------------------------------------------------------------------------------------------------------


@pytest.fixture
def go(client, world, at):
    def run(who, name, *args, query=""):
        at(LATE)
        client.force_login(world.user(who))
        return client.get(f"{reverse(f'approvals:{name}', args=args)}{query}")

    return run


def test_each_number_of_a_class_opens_its_rows(go, world):
    group = make_group(world, 3)
    common = {"actor": world.user("shi-shenhe"), "now": NOW, "stage": "PRELIMINARY"}
    review(application_ids=group.ids[:2], outcome="PASS", **common)
    page = go("shi-shenhe", "class_totals", group.plan.pk)
    for tally in page.context["tallies"]:
        for part, count in tally.lines:
            query = f"?tier={tally.of.tier.value}&part={part.key}"
            rows = go("shi-shenhe", "class_totals", group.plan.pk, query=query).context["page"]
            assert len(rows) == count
    assert "通过并转报" in page.content.decode()
    assert "省厅考试中心" in go("sheng-shenhe", "class_totals", group.plan.pk).content.decode()


def test_the_institution_sees_its_own_numbers_and_not_what_tiers_tell_each_other(go, world):
    group = make_group(world, 2)
    text = go("jigou", "class_totals", group.plan.pk).content.decode()
    assert "市级审核中" in text
    assert "拟不通过" not in text
    query = "?tier=CITY&part=proposed"
    assert go("jigou", "class_totals", group.plan.pk, query=query).context["page"] is None
    assert go("lanxi-jigou", "class_totals", group.plan.pk).status_code == 404


def test_classes_cost_the_same_for_one_and_for_many(go, world):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            assert go("shi-shenhe", "classes").status_code == 200
        return len(queries)

    make_group(world, 2)
    cost()
    one = cost()
    for _more in range(3):
        make_group(world, 2)
    assert cost() == one
