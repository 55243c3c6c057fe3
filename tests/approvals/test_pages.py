"""Pages: everyone's own way through the browser's requests, scope, bulk actions, and equal numbers of queries."""

from datetime import timedelta

import pytest
from django.urls import reverse

from approvals.models import CardRequest, Decision, DecisionProposal, Dossier, Handover, LicenceApplicant, Review
from certification.jobs.tasks import work
from exams.models import ExamApplication
from tests.approvals.cases import EXAM, NOW, make_group, take_exam
from tests.approvals.licensing_steps import (
    DECIDED,
    RELEASED,
    SERVED,
    SUBMITTED,
    granted,
    ids_of,
    reconciled,
    served,
    stocked,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def go(client, world, at):
    """Open or post to a page as somebody, at some moment."""

    def run(who, name, *args, data=None, query="", when=NOW, **kwargs):
        at(when)
        client.force_login(world.user(who))
        url = f"{reverse(f'approvals:{name}', args=args)}{query}"
        return client.post(url, data, **kwargs) if data is not None else client.get(url, **kwargs)

    return run


def text_of(response) -> str:
    return response.content.decode()


def test_city_reviewer_passes_one_and_comes_to_the_next(go, world):
    group = make_group(world, 2)
    first, second = group.ids
    page = go("shi-shenhe", "reviews")
    assert all(row.person.name in text_of(page) for row in group.applications)
    assert "通过" in text_of(go("shi-shenhe", "case", first))
    answer = go("shi-shenhe", "case", first, data={"act": "review", "stage": "PRELIMINARY", "outcome": "PASS"})
    assert answer.status_code == 302
    assert answer.url == f"{reverse('approvals:case', args=[second])}?stage=PRELIMINARY"
    assert group.states() == ["PRELIMINARY_REVIEW", "PRELIMINARY_REVIEW"]
    page = text_of(go("shi-shenhe", "case", second))
    assert "1 通过" in page
    assert "撤回刚才的意见" in page
    assert go("shi-shenhe", "case", second, data={"act": "review", "stage": "PRELIMINARY", "outcome": "PASS"}).url == (
        reverse("approvals:hand_over")
    )
    undone = go("shi-shenhe", "take_back", data={"ids": [str(second)]})
    assert undone.url == reverse("approvals:case", args=[second])
    assert "1 通过" in text_of(go("shi-shenhe", "hand_over"))
    handed = text_of(go("shi-shenhe", "hand_over", data={"ids": [str(first)]}))
    assert "已移交 1 人" in handed
    assert group.states() == ["FINAL_REVIEW", "PRELIMINARY_REVIEW"]
    handover = Handover.objects.get()
    for who in ("shi-shenhe", "sheng-shenhe"):
        assert handover.receipt_number in text_of(go(who, "handover", handover.pk))
        assert handover.number in text_of(go(who, "handovers"))
        both = text_of(go(who, "case", first)).partition("两级时限和移交")[2]
        seen = ("报送初审结果", "反馈审核结果", handover.number, handover.receipt_number)
        assert all(words in both for words in seen), who
    assert go("lanxi-shenhe", "handover", handover.pk).status_code == 404
    assert handover.number not in text_of(go("jigou", "case", first))


def test_return_for_correction_keeps_what_was_typed_when_something_is_missing(go, world):
    group = make_group(world)
    sent = {"act": "review", "stage": "PRELIMINARY", "outcome": "RETURN", "reason": "请补正照片"}
    answer = go("shi-shenhe", "case", group.ids[0], data=sent)
    assert answer.status_code == 422
    assert "请补正照片" in text_of(answer)
    assert "逐项写明" in text_of(answer)
    answer = go("shi-shenhe", "case", group.ids[0], data={**sent, "item_PHOTO": "照片不清晰"})
    assert answer.status_code == 302
    assert "照片不清晰" not in text_of(go("jigou", "case", group.ids[0]))
    go("shi-shenhe", "hand_over", data={"ids": [str(group.ids[0])]})
    assert Review.objects.get().items == [{"material": "PHOTO", "text": "照片不清晰"}]
    assert "照片不清晰" in text_of(go("jigou", "case", group.ids[0]))


def test_the_second_reviewer_is_told_that_somebody_was_quicker(go, world):
    group = make_group(world)
    sent = {"act": "review", "stage": "PRELIMINARY", "outcome": "PASS"}
    go("shi-shenhe", "case", group.ids[0], data=sent)
    answer = go("shi-shenhe2", "case", group.ids[0], data=sent)
    assert answer.status_code in (409, 422)
    assert "撤回拟定的意见" in text_of(answer)
    assert not Review.objects.exists()


def test_bulk_pass_shows_a_result_per_row(go, world):
    group = make_group(world, 2, kind="RENEWAL")
    unproven = make_group(world, 1, kind="RENEWAL", proven=False)
    answer = go(
        "shi-shenhe", "bulk", data={"stage": "CITY_REVIEW", "ids": [str(pk) for pk in group.ids + unproven.ids]}
    )
    assert "已拟定通过 2 人，未办理 1 人" in text_of(answer)
    assert "学时证明" in text_of(answer)
    go("shi-shenhe", "hand_over", data={"ids": [str(pk) for pk in group.ids]})
    reports = go("sheng-shenhe", "reports")
    assert group.applications[0].person.name in text_of(reports)
    answer = go("sheng-shenhe", "record", data={"ids": [str(pk) for pk in group.ids]})
    assert "已拟定通过 2 人" in text_of(answer)
    assert text_of(go("sheng-shenhe", "reports")).count("拟通过") == 2
    go("sheng-shenhe", "hand_over", data={"ids": [str(pk) for pk in group.ids]})
    assert text_of(go("sheng-shenhe", "reports")).count("opens") == 0


def test_province_records_or_objects_on_the_case_page(go, world):
    group = make_group(world, 1, kind="RENEWAL")
    go("shi-shenhe", "bulk", data={"stage": "CITY_REVIEW", "ids": [str(group.ids[0])]})
    go("shi-shenhe", "hand_over", data={"ids": [str(group.ids[0])]})
    page = go("sheng-shenhe", "case", group.ids[0])
    assert "提出异议" in text_of(page)
    answer = go("sheng-shenhe", "case", group.ids[0], data={"act": "record", "outcome": "OBJECT", "reason": ""})
    assert answer.status_code == 422
    go("sheng-shenhe", "case", group.ids[0], data={"act": "record", "outcome": "OBJECT", "reason": "证书存疑"})
    assert group.states() == ["CLEARED"]
    assert "撤回此项意见" in text_of(go("sheng-shenhe", "case", group.ids[0]))
    go("sheng-shenhe", "hand_over", data={"ids": [str(group.ids[0])]})
    assert group.states() == ["CITY_REVIEW"]


def test_the_reports_are_gone_through_case_by_case(go, world):
    group = make_group(world, 3, kind="RENEWAL", state="CLEARED")
    middle = text_of(go("sheng-shenhe", "case", group.ids[1], query="?stage=PROVINCIAL_RECORD"))
    assert "省级审核记录列表" in middle
    for pk, rel in ((group.ids[0], "prev"), (group.ids[2], "next")):
        assert f'href="{reverse("approvals:case", args=[pk])}?stage=PROVINCIAL_RECORD" rel="{rel}"' in middle
    said = {"act": "record", "outcome": "PASS", "reason": ""}
    answer = go("sheng-shenhe", "case", group.ids[1], query="?stage=PROVINCIAL_RECORD", data=said)
    assert answer.url == f"{reverse('approvals:case', args=[group.ids[2]])}?stage=PROVINCIAL_RECORD"


def test_the_identity_number_is_masked_until_asked_for(go, world):
    group = make_group(world)
    number = group.applications[0].person.document_number
    assert number not in text_of(go("shi-shenhe", "case", group.ids[0]))
    shown = go("shi-shenhe", "case", group.ids[0], data={"act": "reveal"})
    assert number in text_of(shown)
    assert "查看完整证件号码" in text_of(go("shi-shenhe", "case", group.ids[0]))
    refused = go("jigou", "case", group.ids[0], data={"act": "reveal"})
    assert number not in text_of(refused)


def test_others_get_404_and_the_unentitled_403(go, world):
    group = make_group(world)
    assert go("lanxi-shenhe", "case", group.ids[0]).status_code == 404
    assert go("lanxi-jigou", "case", group.ids[0]).status_code == 404
    assert go("jigou", "reviews").status_code == 403
    answer = go("lanxi-shenhe", "bulk", data={"stage": "PRELIMINARY", "ids": [str(group.ids[0])]})
    assert answer.status_code == 404
    take_exam(world, group)
    served(world, group)
    decision = Decision.objects.get()
    dossier = Dossier.objects.get()
    for who in ("lanxi-jigou", "lanxi-shenhe"):
        assert go(who, "letter", decision.pk).status_code == 404
        assert go(who, "certificate", decision.certificate_id).status_code == 404
        assert go(who, "dossier_part", dossier.pk, group.plan.pk).status_code == 404
    assert go("jigou", "dossier", dossier.pk).status_code == 404
    assert go("jigou", "dossier_part", dossier.pk, group.plan.pk).status_code == 200
    assert go("lanxi-kaowu", "licence", LicenceApplicant.objects.get().batch_id).status_code == 404


def test_an_institution_sees_only_its_own_class_in_a_dossier(go, world):
    group = make_group(world, 1)
    other = make_group(world, 1, institution=world.province.institutions["青屏市"][1], assigned=False)
    from exams.sessions.listing import list_in_session

    list_in_session(other.fresh(), group.session, actor=world.user("shi-kaowu"), now=NOW)
    dossier = Dossier.objects.get(session=group.session)
    page = text_of(go("jigou", "dossier_part", dossier.pk, group.plan.pk))
    assert group.applications[0].person.name in page
    assert other.applications[0].person.name not in page
    assert go("jigou", "dossier_part", dossier.pk, other.plan.pk).status_code == 404
    listed = text_of(go("jigou", "dossiers"))
    assert group.plan.number in listed
    assert other.plan.number not in listed


def test_the_way_from_results_to_a_sealed_dossier(go, world):
    group = make_group(world, 2, state="CLEARED")
    take_exam(world, group)
    assert group.session.number in text_of(go("shi-kaowu", "licences", when=RELEASED))
    assert "2名考试合格人员" in text_of(go("shi-kaowu", "licence_prepare", group.session.pk, when=RELEASED))
    made = go("shi-kaowu", "licence_prepare", group.session.pk, data={}, when=RELEASED)
    batch_id = LicenceApplicant.objects.first().batch_id
    assert made.url == reverse("approvals:licence", args=[batch_id])
    empty = go("shi-kaowu", "licence_submit", batch_id, data={"receipt_number": ""}, when=SUBMITTED)
    assert empty.status_code == 422
    go("shi-kaowu", "licence_submit", batch_id, data={"receipt_number": "PT-1"}, when=SUBMITTED)
    assert "PT-1" in text_of(go("shi-kaowu", "licence", batch_id, when=SUBMITTED))
    ids = [str(row.pk) for row in LicenceApplicant.objects.order_by("pk")]
    assert "受理所选" in text_of(go("sheng-shouli", "acceptance", when=SUBMITTED))
    go("sheng-shouli", "acceptance_act", data={"act": "accept", "tab": "submitted", "ids": ids}, when=SUBMITTED)
    compare = {"act": "reconcile", "tab": "accepted", "ids": ids}
    checked = text_of(go("sheng-shouli", "acceptance_act", data=compare, when=SUBMITTED))
    assert f'href="{reverse("approvals:acceptance")}?tab=accepted">受理核对</a>' in checked
    assert f'href="{reverse("approvals:applicant", args=[ids[0]])}"' in checked
    assert "由审批人决定是否准予许可" in checked
    assert "准予所选" in text_of(go("sheng-shenpi", "deciding", when=DECIDED))
    asked = go("sheng-shenpi", "grant", data={"ids": ids[:1]}, when=DECIDED)
    assert "将对以下 1 人" in text_of(asked)
    assert not Decision.objects.exists()
    done = go("sheng-shenpi", "grant", data={"ids": ids[:1], "confirmed": "1"}, when=DECIDED)
    assert "已准予许可 1 人" in text_of(done)
    refusal = {"facts": "查明的事实", "basis": "", "reasons": "理由"}
    kept = go("sheng-shenpi", "refuse", int(ids[1]), data=refusal, when=DECIDED)
    assert kept.status_code == 422
    assert "查明的事实" in text_of(kept)
    go("sheng-shenpi", "refuse", int(ids[1]), data={**refusal, "basis": "第七十八条"}, when=DECIDED)
    draft = DecisionProposal.objects.get()
    assert "已在该事项中从事“许可决定拟办”" in text_of(go("sheng-shenpi", "confirming", when=DECIDED))
    go("sheng-shenpi2", "confirm", data={"ids": [str(draft.pk)], "outcome": "approve"}, when=DECIDED)
    assert "查明的事实" in text_of(go("sheng-shenpi", "applicant", int(ids[1]), when=DECIDED))
    decisions = [str(pk) for pk in Decision.objects.order_by("pk").values_list("pk", flat=True)]
    waiting = go("sheng-shouli", "decisions", query="?served=no", when=SERVED)
    assert "登记所选已送达" in text_of(waiting)
    assert [str(row.pk) for row, _ in waiting.context["rows"]] == decisions
    register = go("sheng-shouli", "decisions", when=SERVED)
    assert [str(row.pk) for row, _ in register.context["rows"]] == decisions[::-1]
    served = {"ids": decisions, "method": "HANDED_OVER", "evidence": "本人签收"}
    tomorrow = SERVED.date() + timedelta(days=1)
    wrong = go("sheng-shouli", "serve", data={**served, "served_on": f"{tomorrow}"}, when=SERVED)
    assert wrong.status_code == 422
    assert wrong.context["service"].errors["served_on"] == ["送达日期不能晚于今天。"]
    assert text_of(wrong).count(" checked") == len(decisions)
    go("sheng-shouli", "serve", data=served, when=SERVED)
    assert go("jigou", "letter", int(decisions[0]), when=SERVED).status_code == 302
    dossier = Dossier.objects.get()
    assert "封存" in text_of(go("shi-kaowu", "dossier", dossier.pk, when=SERVED))
    assert "封存后不再改动" in text_of(go("shi-kaowu", "dossier_seal", dossier.pk, when=SERVED))
    go("shi-kaowu", "dossier_seal", dossier.pk, data={}, when=SERVED)
    work()
    dossier.refresh_from_db()
    assert dossier.index_sha256 in text_of(go("shi-kaowu", "dossier", dossier.pk, when=SERVED))
    certificates = go("jigou", "certificates", when=SERVED)
    assert text_of(certificates).count('class="opens"') == 1


def test_window_hands_a_card_over_against_the_identity_card(go, world):
    group = make_group(world, 1, state="CLEARED")
    take_exam(world, group)
    granted(world, group)
    person = group.applications[0].person
    certificate = Decision.objects.get().certificate
    assert "没有可在本窗口办理" in text_of(
        go("sheng-chuangkou", "cards", data={"document_number": person.document_number}, when=SERVED)
    )
    found = go("chuangkou", "cards", data={"document_number": person.document_number}, when=SERVED)
    assert person.name in text_of(found)
    go("chuangkou", "card_request", certificate.pk, data={}, when=SERVED)
    card = CardRequest.objects.get()
    assert go("lanxi-chuangkou", "card_print", card.pk, when=SERVED).status_code == 404
    stocked(world)
    assert 'value="YL000001"' in text_of(go("chuangkou", "card_print", card.pk, when=SERVED))
    go("chuangkou", "card_print", card.pk, data={"card_number": "YL000001"}, when=SERVED)
    wrong = go("chuangkou", "card_hand_over", card.pk, data={"document_number": "110101199001011234"}, when=SERVED)
    assert "与持证人不一致" in text_of(wrong)
    go("chuangkou", "card_hand_over", card.pk, data={"document_number": person.document_number}, when=SERVED)
    card.refresh_from_db()
    assert (card.state, card.identity_checked) == ("HANDED_OVER", True)


PAGES = [
    ("shi-shenhe", "reviews", "", NOW),
    ("sheng-shenhe", "reports", "", NOW),
    ("shi-shenhe", "reviewed", "", NOW),
    ("sheng-shouli", "acceptance", "?tab=accepted", SUBMITTED),
    ("sheng-shenpi", "deciding", "", DECIDED),
    ("shi-kaowu", "licences", "", SUBMITTED),
    ("jigou", "decisions", "", SERVED),
    ("sheng-shenhe", "certificates", "", SERVED),
]


@pytest.mark.parametrize(("who", "name", "query", "when"), PAGES)
def test_as_many_queries_for_one_row_as_for_many(go, world, django_assert_max_num_queries, who, name, query, when):
    _rows_for(world, name, 1)
    go(who, name, query=query, when=when)  # warms what is kept in memory
    with django_assert_max_num_queries(60) as few:
        go(who, name, query=query, when=when)
    _rows_for(world, name, 4)
    with django_assert_max_num_queries(60) as many:
        page = go(who, name, query=query, when=when)
    assert page.status_code == 200
    assert len(many.captured_queries) == len(few.captured_queries)


def _rows_for(world, name, people):
    if name in ("reviews", "reviewed"):
        group = make_group(world, people)
        if name == "reviewed":
            from tests.approvals.test_routes import give

            give(world, "shi-shenhe", group, "PRELIMINARY")
        return
    if name == "reports":
        from tests.approvals.test_routes import give

        give(world, "shi-shenhe", make_group(world, people, kind="RENEWAL"), "CITY_REVIEW")
        return
    group = make_group(world, people, state="CLEARED")
    take_exam(world, group)
    if name == "deciding":
        reconciled(world, group)
    elif name in ("decisions", "certificates"):
        granted(world, group)
    else:
        from approvals.licences import acceptance
        from tests.approvals.licensing_steps import submitted

        batch = submitted(world, group)
        acceptance.accept(actor=world.user("sheng-shouli"), now=SUBMITTED, applicant_ids=ids_of(batch))


def test_the_queue_goes_on_behind_its_last_row(go, world):
    early = make_group(world, 30, exam_on=EXAM)
    late = make_group(world, 30, exam_on=EXAM.replace(month=11, day=20))
    waiting = make_group(world, 1, assigned=False)
    first = go("shi-shenhe", "reviews")
    rows = [line.application.pk for line in first.context["lines"]]
    assert rows == (early.ids + late.ids)[:50]
    following = go("shi-shenhe", "reviews", query=first.context["page"].next_url)
    rows = [line.application.pk for line in following.context["lines"]]
    assert rows == [*late.ids[20:], *waiting.ids]
    assert ExamApplication.objects.count() == 61


def test_the_parts_of_an_institution_are_paged(go, world, monkeypatch):
    groups = [make_group(world, 1) for _ in range(3)]
    monkeypatch.setattr("certification.paging.keyset_page.__kwdefaults__", {"size": 2})
    first = go("jigou", "dossiers").context
    second = go("jigou", "dossiers", query=first["page"].next_url).context
    shown = [plan for context in (first, second) for _dossier, plan in context["parts"]]
    assert shown == [group.plan for group in reversed(groups)]
    assert second["page"].next_url == ""


def test_a_confirmation_says_where_it_stands(go, world):
    group = make_group(world, 1, state="CLEARED")
    take_exam(world, group)
    page = text_of(go("shi-kaowu", "licence_prepare", group.session.pk, when=RELEASED))
    assert '<a href="/approvals/licences/">发证许可申请</a>' in page
    assert '<span aria-current="page">生成发证许可申请</span>' in page
    dossier = Dossier.objects.get(session=group.session)
    page = text_of(go("shi-kaowu", "dossier_seal", dossier.pk, when=RELEASED))
    assert f'<a href="{reverse("approvals:dossier", args=[dossier.pk])}">{dossier.number}</a>' in page
