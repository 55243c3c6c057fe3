"""Correction notices: once and complete, answered item by item, taken back, and what the clocks do (rules 2.4, 2.8)."""

from contextlib import suppress
from datetime import date, timedelta

import pytest
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from approvals.corrections import answering, once, withdrawing
from approvals.corrections.answering import Given
from approvals.corrections.correction_papers import write_letter
from approvals.licences import acceptance, licensing
from approvals.models import CorrectionItem, CorrectionNotice, LicenceApplicant
from approvals.reviews.reviewing import review
from certification.deadlines import ledger
from certification.notices.models import Notice
from certification.refusals import Incomplete, NotPermitted, Refusal, WrongState
from exams.applications import applying
from exams.models import ExamApplication
from tests.approvals.cases import EXAM, NOW, add_material, content_of, make_group, take_exam
from tests.approvals.correction_steps import PHOTO, answer_items, asks
from tests.approvals.licensing_steps import SUBMITTED, ids_of, submitted
from tests.factories import at, working_day

pytestmark = pytest.mark.django_db


def returned(world, group, items=(PHOTO,), now=NOW, who="shi-shenhe", stage="PRELIMINARY"):
    results = review(
        actor=world.user(who), now=now, application_ids=group.ids, stage=stage, outcome="RETURN", items=items
    )
    assert [row.refusal for row in results] == [None] * len(results)
    return list(CorrectionNotice.objects.filter(application__in=group.ids, state="OPEN").order_by("pk"))


def send_back(world, group, now=NOW):
    for row in group.fresh():
        answer_items(world.user("jigou"), row, now)
        applying.answer_correction(actor=world.user("jigou"), now=now, application_id=row.pk)


def withdraw(world, notice, who="shi-shenhe", now=NOW, reason="照片经复核符合要求"):
    return withdrawing.withdraw(actor=world.user(who), now=now, notice_id=notice.pk, reason=reason)


def test_every_return_makes_its_notice_with_items_and_day(world):
    group = make_group(world, 3)
    notices = returned(world, group, [PHOTO, {"material": "", "text": "请说明工作单位", "clause": "规则 7"}])
    assert [row.number for row in notices] == [f"云应急特种补告〔2026〕{n}号" for n in (1, 2, 3)]
    assert {row.due_on for row in notices} == {working_day(EXAM, -3)}
    photo, other = notices[0].items.all()
    assert (photo.label, photo.ask, photo.was.kind) == ("照片", "重新提交照片", "PHOTO")
    assert (other.label, other.clause, other.was) == ("其他", "规则 7", None)
    assert not notices[0].again


def test_nothing_goes_back_before_every_item_is_answered(world):
    group = make_group(world)
    (notice,) = returned(world, group, [PHOTO, {"material": "DIPLOMA", "text": "缺页"}])
    filer, (photo, diploma) = world.user("jigou"), notice.items.all()
    with pytest.raises(Refusal) as refused:
        applying.answer_correction(actor=filer, now=NOW, application_id=group.ids[0])
    assert refused.value.code == "not_answered"
    problems = answering.save(
        actor=filer,
        now=NOW,
        notice_id=notice.pk,
        given={photo.pk: Given("PAPER"), diploma.pk: Given("NOT_APPLICABLE", " ")},
    )
    assert {pk: problem.code for pk, problem in problems.items()} == {photo.pk: "no_paper", diploma.pk: "no_reason"}
    material = group.applications[0].materials.get(kind="PHOTO")
    material.replaced_at = NOW
    material.save()
    new = add_material(group.applications[0], "PHOTO", filer, when=NOW + timedelta(hours=1))
    later = NOW + timedelta(hours=2)
    answers = {photo.pk: Given("PAPER"), diploma.pk: Given("NOT_APPLICABLE", "毕业证书为单页")}
    assert answering.save(actor=filer, now=later, notice_id=notice.pk, given=answers) == {}
    answering.submit(actor=filer, now=later, notice_id=notice.pk)
    notice.refresh_from_db()
    photo.refresh_from_db()
    assert (notice.state, notice.answered_by, notice.answered_at) == ("ANSWERED", filer, later)
    assert (photo.was_id, photo.paper_id) == (material.pk, new.pk)
    assert group.states() == ["PRELIMINARY_REVIEW"]


def test_drafts_keep_what_was_typed(world):
    (notice,) = returned(world, make_group(world))
    (item,) = notice.items.all()
    answering.save(actor=world.user("jigou"), now=NOW, notice_id=notice.pk, given={item.pk: Given("", "正在重拍")})
    item.refresh_from_db()
    assert (item.answer, item.statement) == ("", "正在重拍")


@pytest.mark.parametrize(
    ("item", "code"),
    [
        ({"material": "PHOTO", "text": "仍不清晰"}, None),
        ({"material": "DIPLOMA", "text": "缺页"}, "once_only"),
        ({"material": "", "text": "另有问题"}, "once_only"),
        ({"material": "DIPLOMA", "text": "缺页", "again": "LAW_CHANGED"}, None),
        ({"material": "DIPLOMA", "text": "缺页", "again": "NEW_PAPER"}, "once_only"),
        ({"material": "DIPLOMA", "text": "缺页", "again": "NO_SUCH"}, "once_only"),
    ],
)
def test_a_second_notice_needs_a_named_reason_for_what_was_visible(world, item, code):
    group = make_group(world)
    returned(world, group)
    send_back(world, group)
    (result,) = review(
        actor=world.user("shi-shenhe2"),
        now=NOW,
        application_ids=group.ids,
        stage="PRELIMINARY",
        outcome="RETURN",
        items=[item],
    )
    assert (result.refusal and result.refusal.code) == code
    if code is None:
        assert CorrectionNotice.objects.get(state="OPEN").again
        told = Notice.objects.filter(title__startswith="再次补正").values_list("recipient__username", flat=True)
        assert len(told) == 1


def test_each_item_of_a_second_notice_has_a_reason_of_its_own_on_the_page(world, client, at):
    at(NOW)
    group = make_group(world)
    returned(world, group)
    send_back(world, group)
    client.force_login(world.user("shi-shenhe"))
    page = reverse("approvals:case", args=group.ids)
    said = {"act": "review", "stage": "PRELIMINARY", "outcome": "RETURN", "item_DIPLOMA": "缺页"}
    said |= {"item_IDENTITY_CARD": "已过期", "again_IDENTITY_CARD": "FACTS_CHANGED"}
    refused = client.post(page, said)
    assert refused.status_code == 409
    assert "“学历证书”" in refused.content.decode()
    assert client.post(page, {**said, "again_DIPLOMA": "LAW_CHANGED"}).status_code == 302
    client.post(reverse("approvals:hand_over"), {"ids": group.ids})
    words = {one.code: one.title for one in once.reasons(NOW.date()).values()}
    items = CorrectionNotice.objects.get(state="OPEN").items
    assert dict(items.values_list("material", "again_reason")) == {
        "DIPLOMA": words["LAW_CHANGED"],
        "IDENTITY_CARD": words["FACTS_CHANGED"],
    }


def test_a_withdrawn_notice_counts_as_told(world):
    group = make_group(world)
    (notice,) = returned(world, group)
    withdraw(world, notice)
    assert once.earlier(group.fresh(), world.bureau.pk).keys() == set(group.ids)
    (again,) = returned(world, group, [{"material": "DIPLOMA", "text": "缺页", "again": "REISSUED"}])
    assert (again.again, again.items.get().again_reason) == (True, "原通知有误，已撤回，更正后重新告知")


def test_the_other_tier_may_ask_for_what_it_sees_first(world):
    group = make_group(world)
    returned(world, group)
    send_back(world, group)
    review(actor=world.user("shi-shenhe"), now=NOW, application_ids=group.ids, stage="PRELIMINARY", outcome="PASS")
    (notice,) = returned(world, group, asks("缺页", material="DIPLOMA"), who="sheng-shenhe", stage="FINAL")
    assert not notice.again


def test_withdrawn_the_application_is_where_it_was_and_its_day_ran_on(world):
    group = make_group(world)
    day = ledger.find("preliminary_review", group.applications[0])
    (notice,) = returned(world, group)
    withdraw(world, notice)
    assert group.states() == ["PRELIMINARY_REVIEW"]
    now = ledger.find("preliminary_review", group.fresh()[0])
    assert (now.pk, now.met_at, now.due_on) == (day.pk, None, day.due_on)
    assert Notice.objects.filter(recipient__username="jigou", title__startswith="补正通知已撤回").exists()
    answers = {item.pk: Given("STATEMENT", "已更正") for item in notice.items.all()}
    with pytest.raises(WrongState, match="撤回"):
        answering.save(actor=world.user("jigou"), now=NOW, notice_id=notice.pk, given=answers)


def test_only_its_own_tier_takes_it_back_and_only_until_it_is_answered(world):
    group = make_group(world)
    (notice,) = returned(world, group)
    with pytest.raises(NotPermitted):
        withdraw(world, notice, who="sheng-shenhe")
    with pytest.raises(NotPermitted):
        withdraw(world, notice, who="jigou")
    with pytest.raises(Incomplete):
        withdraw(world, notice, reason=" ")
    send_back(world, group)
    with pytest.raises(Refusal) as refused:
        withdraw(world, notice)
    assert refused.value.code == "wrong_state"


def test_a_withdrawn_application_ends_its_notice(world):
    group = make_group(world)
    (notice,) = returned(world, group)
    applying.withdraw_applications(actor=world.user("jigou"), now=NOW, application_ids=group.ids, reason="放弃")
    notice.refresh_from_db()
    assert notice.state == "ENDED"


def test_receipt_is_noted_once_and_only_of_the_addressee(world):
    (notice,) = returned(world, make_group(world))
    answering.note_seen(actor=world.user("shi-shenhe"), now=NOW, notice_id=notice.pk)
    notice.refresh_from_db()
    assert notice.seen_at is None
    for hours in (1, 2):
        answering.note_seen(actor=world.user("jigou"), now=NOW + timedelta(hours=hours), notice_id=notice.pk)
    notice.refresh_from_db()
    assert (notice.seen_by.username, notice.seen_at) == ("jigou", NOW + timedelta(hours=1))


def test_the_letter_is_a_pdf_and_stays(world):
    (notice,) = returned(world, make_group(world))
    stored = write_letter(actor=world.user("shi-shenhe"), now=NOW, notice_id=notice.pk)
    assert content_of(stored).startswith(b"%PDF-")
    assert write_letter(actor=world.user("shi-shenhe"), now=NOW, notice_id=notice.pk) == stored


def licence(world, now=SUBMITTED):
    group = make_group(world, 1, state="CLEARED")
    take_exam(world, group)
    (pk,) = ids_of(submitted(world, group))
    return LicenceApplicant.objects.get(pk=pk)


def ask(world, row, now=SUBMITTED, **item):
    items = asks("照片不符", field="照片文件名", **item)
    return acceptance.ask_correction(actor=world.user("sheng-shouli"), now=now, applicant_ids=[row.pk], items=items)


def test_a_withdrawn_notice_of_acceptance_counts_from_the_first_receipt(world):
    row = licence(world)
    first = {rule: ledger.find(rule, row).due_on for rule in ("acceptance", "decision")}
    ask(world, row)
    withdraw(world, row.notices.get(), who="sheng-shouli", now=at(working_day(SUBMITTED.date(), 2)))
    row.refresh_from_db()
    assert (row.state, row.received_at) == ("SUBMITTED", SUBMITTED)
    assert {rule: ledger.find(rule, row).due_on for rule in first} == first


def test_after_the_days_of_acceptance_nothing_is_asked_and_nobody_is_accepted_by_silence(world):
    row = licence(world)
    late = at(working_day(SUBMITTED.date(), 6))
    assert acceptance.unanswered_in_time([row], late) == {row.pk}
    (result,) = ask(world, row, now=late)
    assert result.refusal.code == "deemed_accepted"
    row.refresh_from_db()
    assert (row.state, row.accepted_at) == ("SUBMITTED", None)


@pytest.mark.parametrize(
    ("asked_on", "answered_on", "due_on"),
    [
        # Around the Spring Festival of 2026 (15 to 23 February; 14 and 28 February are worked).
        (date(2026, 2, 12), date(2026, 2, 13), date(2026, 2, 27)),
        (date(2026, 2, 12), date(2026, 2, 24), date(2026, 3, 2)),
        # Around October 2026 (1 to 7 October; 20 September and 10 October are worked).
        (date(2026, 9, 28), date(2026, 9, 30), date(2026, 10, 13)),
        (date(2026, 9, 28), date(2026, 10, 8), date(2026, 10, 14)),
    ],
)
def test_acceptance_begins_anew_with_the_answer_around_holidays(world, asked_on, answered_on, due_on):
    row = licence(world)
    LicenceApplicant.objects.filter(pk=row.pk).update(received_at=at(asked_on))
    ask(world, row, now=at(asked_on))
    answer_items(world.user("shi-kaowu"), row, at(answered_on))
    (sent,) = licensing.send_again(
        actor=world.user("shi-kaowu"), now=at(answered_on), applicant_ids=[row.pk], receipt_number="PT2", reason="已换"
    )
    assert sent.ok
    assert ledger.find("acceptance", row).due_on == working_day(answered_on, 5) == due_on
    assert row.notices.get().state == "ANSWERED"


def test_as_many_queries_for_many_as_for_few(world, django_assert_max_num_queries):
    counts = []
    for people in (2, 2, 12):
        group = make_group(world, people)
        with django_assert_max_num_queries(120) as counted:
            returned(world, group)
        counts.append(len(counted.captured_queries))
    assert counts[1] == counts[2]


ACTS = ("return", "draft", "answer", "recall", "withdraw", "pass")


def test_in_any_order_exactly_the_returned_have_an_open_notice(world):
    # What is tried is drawn inside: Hypothesis would print the whole world beside it.
    @settings(max_examples=25, deadline=None)
    @given(acts=st.lists(st.tuples(st.sampled_from(ACTS), st.booleans()), min_size=3, max_size=14))
    def walk(acts):
        (pk,) = make_group(world).ids
        for act, complete in acts:
            with suppress(Refusal):
                _do(world, pk, act, complete)
            _agree(pk)

    walk()
    numbers = [row.number for row in CorrectionNotice.objects.order_by("pk")]
    assert len(set(numbers)) == len(numbers)


def _agree(pk: int) -> None:
    application = ExamApplication.objects.get(pk=pk)
    notices = CorrectionNotice.objects.filter(application=pk)
    assert notices.filter(state="OPEN").count() == (application.state == "RETURNED")
    assert notices.count() == application.reviews.filter(outcome="RETURN").count()
    assert not CorrectionItem.objects.filter(notice__in=notices, notice__state="ANSWERED", answer="").exists()
    if application.state == "PRELIMINARY_REVIEW":
        assert ledger.find("preliminary_review", application).met_at is None


def _do(world, pk, act, complete):
    open_notice = CorrectionNotice.objects.filter(application=pk, state="OPEN").first()
    any_notice = open_notice or CorrectionNotice.objects.filter(application=pk).last()
    if act == "return":
        items = [PHOTO] if complete else [{"material": "DIPLOMA", "text": "缺页", "again": "FACTS_CHANGED"}]
        _opinion(world, pk, "RETURN", items)
    elif act == "pass":
        _opinion(world, pk, "PASS", [])
    elif act == "withdraw":
        if complete:
            applying.withdraw_applications(actor=world.user("jigou"), now=NOW, application_ids=[pk], reason="放弃")
    elif any_notice is None:
        return
    elif act == "draft":
        given_ = {item.pk: Given("STATEMENT", "已更正" if complete else "") for item in any_notice.items.all()}
        answering.save(actor=world.user("jigou"), now=NOW, notice_id=any_notice.pk, given=given_)
    elif act == "answer":
        answering.submit(actor=world.user("jigou"), now=NOW, notice_id=any_notice.pk)
    else:
        withdraw(world, any_notice)


def _opinion(world, pk, outcome, items):
    review(
        actor=world.user("shi-shenhe"),
        now=NOW,
        application_ids=[pk],
        stage="PRELIMINARY",
        outcome=outcome,
        items=items,
    )
