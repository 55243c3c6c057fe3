"""What the bench shows beside a case: the person's record in the province, reasons to choose from; a fixed number of
queries for one and for many."""

from datetime import timedelta

import pytest
from django.urls import reverse

from approvals.models import ReasonText
from approvals.persons import history
from approvals.reviews import reasons
from approvals.reviews.preparing import hand_over, prepare
from approvals.reviews.stages import STEPS
from certification.people.models import Bar
from certification.refusals import Incomplete, NotPermitted
from tests.approvals.cases import NOW, make_group, take_exam

pytestmark = pytest.mark.django_db


@pytest.fixture
def opened(client, world, at):
    """Open a page as somebody, twice, and say how many queries the second time took."""

    def run(who, name, *args, django_assert_max_num_queries):
        at(NOW)
        client.force_login(world.user(who))
        url = reverse(f"approvals:{name}", args=args)
        client.get(url)
        with django_assert_max_num_queries(120) as counted:
            assert client.get(url).status_code == 200
        return len(counted.captured_queries)

    return run


def earlier(world, person, **kwargs):
    """Somebody's application in a class of another job type that was refused."""
    group = make_group(world, 1, job_type="0102", persons=[person], **kwargs)
    common = {"now": NOW, "application_ids": group.ids}
    prepare(
        actor=world.user("shi-shenhe"),
        stage="PRELIMINARY",
        outcome="PROPOSE_REFUSAL",
        reason="学历不符",
        **common,
    )
    hand_over(actor=world.user("shi-shenhe"), **common)
    prepare(actor=world.user("sheng-shenhe"), stage="FINAL", outcome="REFUSE", reason="学历证明系伪造", **common)
    hand_over(actor=world.user("sheng-shenhe"), **common)
    return group.fresh()[0]


def test_the_record_of_a_person_is_their_other_cases_bars_and_certificates(world):
    sat = make_group(world, 1, job_type="0103", state="CLEARED")
    take_exam(world, sat)
    person = sat.applications[0].person
    refused = earlier(world, person)
    Bar.objects.create(
        person=person,
        ground="FALSE_MATERIAL",
        reason="学历证明系伪造",
        barred_from=NOW.date(),
        barred_until=NOW.date() + timedelta(days=365),
        imposed_by=world.user("sheng-fuze"),
        imposed_at=NOW,
    )
    case = make_group(world, 1, persons=[person]).applications[0]
    record = history.of_person(person, world.user("shi-shenhe"), but=case)
    assert [one.application for one in record.applications] == [refused, sat.fresh()[0]]
    assert record.applications[0].refusal.reason == "学历证明系伪造"
    assert len(record.applications[1].results) == 2
    assert (len(record.bars), record.elsewhere) == (1, 0)
    elsewhere = history.of_person(person, world.user("lanxi-shenhe"), but=case)
    assert (elsewhere.applications, elsewhere.elsewhere, len(elsewhere.bars)) == ([], 2, 1)


def test_the_case_takes_as_many_queries_for_much_as_for_little(world, opened, django_assert_max_num_queries):
    group = make_group(world, 2)
    little = opened("shi-shenhe", "case", group.ids[0], django_assert_max_num_queries=django_assert_max_num_queries)
    person = group.applications[0].person
    earlier(world, person)
    once = opened("shi-shenhe", "case", group.ids[0], django_assert_max_num_queries=django_assert_max_num_queries)
    for _ in range(2):
        earlier(world, person)
    make_group(world, 12)
    much = opened("shi-shenhe", "case", group.ids[0], django_assert_max_num_queries=django_assert_max_num_queries)
    assert much == once <= little + 4


def test_the_page_of_the_hand_over_takes_as_many_queries_for_many(world, opened, django_assert_max_num_queries):
    counts = []
    for people in (2, 12):
        group = make_group(world, people)
        prepare(actor=world.user("shi-shenhe"), now=NOW, application_ids=group.ids, stage="PRELIMINARY", outcome="PASS")
        counts.append(opened("shi-shenhe", "hand_over", django_assert_max_num_queries=django_assert_max_num_queries))
    assert counts[0] == counts[1]


def test_reasons_are_kept_by_the_provincial_head_and_offered_at_once(world):
    reasons.load(now=NOW)
    assert reasons.load(now=NOW) == 0
    content = {"stage": "FINAL", "outcome": "REFUSE", "material": "", "text": "不具备初中以上学历。", "clause": ""}
    with pytest.raises(NotPermitted):
        reasons.keep(actor=world.user("shi-shenhe"), now=NOW, active=True, **content)
    made = reasons.keep(actor=world.user("sheng-fuze"), now=NOW, active=True, **content)
    assert made in reasons.of_step(STEPS["FINAL"])
    assert made not in reasons.of_step(STEPS["DIRECT"])
    assert not reasons.of_step(STEPS["PRELIMINARY"]).filter(outcome="REFUSE").exists()
    with pytest.raises(Incomplete):
        reasons.keep(actor=world.user("sheng-fuze"), now=NOW, active=True, **content)
    reasons.keep(actor=world.user("sheng-fuze"), now=NOW, reason_id=made.pk, active=False, **content)
    assert made not in reasons.of_step(STEPS["FINAL"])
    assert made.history.count() == 2


def test_the_head_changes_a_reason_on_its_page_and_sees_what_it_said_before(client, world, at):
    at(NOW)
    reasons.load(now=NOW)
    row = ReasonText.objects.filter(outcome="REFUSE").first()
    before = row.text
    client.force_login(world.user("sheng-fuze"))
    url = reverse("approvals:reason_edit", args=[row.pk])
    sent = {"outcome": "REFUSE", "stage": "", "material": "PHOTO", "text": "改过的理由", "clause": "", "active": "on"}
    assert "只有退回补正的理由才指明材料" in client.post(url, sent).content.decode()
    assert client.post(url, {**sent, "material": ""}).status_code == 302
    page = client.get(url).content.decode()
    assert "改过的理由" in page
    assert before in page
    client.force_login(world.user("shi-shenhe"))
    assert client.get(url).status_code == 403
    assert "改过的理由" in client.get(reverse("approvals:reasons")).content.decode()
