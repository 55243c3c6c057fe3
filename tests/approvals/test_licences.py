"""From passed candidates to served decisions: the platform file, the check, numbers, certificates, letters."""

import io
from dataclasses import replace
from datetime import date

import pytest
from django.urls import reverse
from openpyxl import load_workbook
from pypdf import PdfReader

from approvals import claims
from approvals.licences import acceptance, deciding, letters, licensing, serving
from approvals.models import Decision, LicenceApplicant, PlatformSending
from approvals.reviews.recording import record_provincial_review
from approvals.reviews.reviewing import review
from approvals.todo import _to_submit
from certification.deadlines import ledger
from certification.deadlines.models import Deadline
from certification.people import bars
from certification.people.models import Certificate
from certification.refusals import Incomplete, NotPermitted, Refusal, SeparationBreach, WrongState
from certification.rulebook import lookup
from certification.rulebook.models import Rule
from exams.models import Candidate, Result
from tests.approvals.cases import NOW, TODAY, content_of, make_group, take_exam
from tests.approvals.correction_steps import answer_items, asks
from tests.approvals.licensing_steps import (
    DECIDED,
    RELEASED,
    SUBMITTED,
    granted,
    ids_of,
    reconciled,
    refused,
    served,
    submitted,
)
from tests.factories import working_day
from training.class_checks import subject_of

pytestmark = pytest.mark.django_db


def sat(world, people=1, passed=None, **kwargs):
    group = make_group(world, people, state="CLEARED", **kwargs)
    take_exam(world, group, passed=passed)
    return group


def test_the_platform_file_holds_the_passed_by_the_column_map(world):
    group = sat(world, 3, passed=2)
    batch = licensing.prepare(actor=world.user("shi-kaowu"), now=RELEASED, session_id=group.session.pk)
    rows = list(load_workbook(io.BytesIO(content_of(batch.platform_file))).active.iter_rows(values_only=True))
    assert rows[0][:5] == ("序号", "姓名", "性别", "证件类型", "证件号码")
    assert len(rows) == 3
    person = group.applications[0].person
    first = dict(zip(rows[0], rows[1], strict=True))
    assert (first["姓名"], first["证件号码"], first["理论成绩"], first["申请类型"]) == (
        person.name,
        person.document_number,
        "88.5",
        "初领",
    )
    assert first["照片文件名"] == f"{person.document_number}.jpg"
    assert ledger.find("licence_submission", LicenceApplicant.objects.first()) is not None
    with pytest.raises(Refusal, match="没有待申请"):
        licensing.prepare(actor=world.user("shi-kaowu"), now=RELEASED, session_id=group.session.pk)


def test_what_changed_since_it_was_prepared_is_not_sent_before_the_file_is_made_anew(world, client, at):
    group = sat(world, 2)
    officer = world.user("shi-kaowu")
    batch = licensing.prepare(actor=officer, now=RELEASED, session_id=group.session.pk)
    stays, leaves = LicenceApplicant.objects.filter(batch=batch).order_by("pk")
    Result.objects.filter(candidate=stays.candidate, part="THEORY").update(score=91)
    Candidate.objects.filter(pk=leaves.candidate_id).update(state="FAILED")
    with pytest.raises(WrongState) as refusal:
        licensing.submit(actor=officer, now=RELEASED, batch_id=batch.pk, receipt_number="1")
    assert refusal.value.code == "outdated"
    at(RELEASED)
    client.force_login(officer, backend="certification.organisations.backends.AccountBackend")
    page = reverse("approvals:licence", args=[batch.pk])
    assert f"{stays}：理论成绩有变化" in client.get(page).content.decode()
    assert client.post(reverse("approvals:licence_prepare_again", args=[batch.pk])).url == page
    assert "理论成绩有变化" not in client.get(page).content.decode()
    batch.refresh_from_db()
    rows = list(load_workbook(io.BytesIO(content_of(batch.platform_file))).active.iter_rows(values_only=True))
    assert [dict(zip(rows[0], row, strict=True))["理论成绩"] for row in rows[1:]] == ["91"]
    assert ids_of(batch) == [stays.pk]
    assert not Deadline.objects.open().of(licensing.SUBMISSION, [leaves]).exists()
    licensing.submit(actor=officer, now=RELEASED, batch_id=batch.pk, receipt_number="1")
    with pytest.raises(WrongState):
        licensing.prepare_again(actor=officer, now=RELEASED, batch_id=batch.pk)


def test_nothing_is_sent_where_nobody_passes_any_more(world):
    group = sat(world, 1)
    officer = world.user("shi-kaowu")
    batch = licensing.prepare(actor=officer, now=RELEASED, session_id=group.session.pk)
    Candidate.objects.update(state="FAILED")
    licensing.prepare_again(actor=officer, now=RELEASED, batch_id=batch.pk)
    with pytest.raises(WrongState) as refusal:
        licensing.submit(actor=officer, now=RELEASED, batch_id=batch.pk, receipt_number="1")
    assert refusal.value.code == "nobody"
    assert not [todo for todo in _to_submit(officer, RELEASED) if todo.subject == batch.number]


def test_submission_opens_the_clocks_of_each_person(world):
    batch = submitted(world, sat(world, 2))
    sending = PlatformSending.objects.get()
    assert (sending.receipt_number, sending.headcount) == ("PT2026-1", 2)
    for row in LicenceApplicant.objects.filter(batch=batch):
        assert ledger.find("decision", row).due_on == working_day(SUBMITTED.date(), 10)
        assert ledger.find("acceptance", row).due_on == working_day(SUBMITTED.date(), 5)
        assert ledger.find("licence_submission", row).met_at == SUBMITTED
    with pytest.raises(WrongState):
        licensing.submit(actor=world.user("shi-kaowu"), now=SUBMITTED, batch_id=batch.pk, receipt_number="PT2026-2")


def test_a_receipt_number_is_needed_and_another_city_may_not(world):
    group = sat(world)
    batch = licensing.prepare(actor=world.user("shi-kaowu"), now=RELEASED, session_id=group.session.pk)
    with pytest.raises(Incomplete):
        licensing.submit(actor=world.user("shi-kaowu"), now=SUBMITTED, batch_id=batch.pk, receipt_number=" ")
    with pytest.raises(type(batch).DoesNotExist):
        licensing.submit(actor=world.user("lanxi-kaowu"), now=SUBMITTED, batch_id=batch.pk, receipt_number="1")
    with pytest.raises(NotPermitted):
        licensing.submit(actor=world.user("sheng-kaowu"), now=SUBMITTED, batch_id=batch.pk, receipt_number="1")


def test_a_correction_stops_the_clocks_and_its_answer_starts_them_anew(world):
    batch = submitted(world, sat(world, 2))
    first, second = ids_of(batch)
    clerk = world.user("sheng-shouli")
    acceptance.ask_correction(
        actor=clerk, now=SUBMITTED, applicant_ids=[first], items=asks("照片不符", field="照片文件名")
    )
    row = LicenceApplicant.objects.get(pk=first)
    assert row.state == "CORRECTION"
    assert ledger.find("decision", row) is None
    (early,) = licensing.send_again(
        actor=world.user("shi-kaowu"), now=DECIDED, applicant_ids=[first], receipt_number="PT2", reason="已换照片"
    )
    assert early.refusal.code == "not_answered"
    answer_items(world.user("shi-kaowu"), row, DECIDED)
    licensing.send_again(
        actor=world.user("shi-kaowu"), now=DECIDED, applicant_ids=[first], receipt_number="PT2", reason="已换照片"
    )
    row.refresh_from_db()
    assert (row.state, row.received_at) == ("SUBMITTED", DECIDED)
    assert ledger.find("decision", row).due_on == working_day(DECIDED.date(), 10)
    assert PlatformSending.objects.count() == 2
    assert LicenceApplicant.objects.get(pk=second).state == "SUBMITTED"


def test_differences_keep_from_the_decision_until_sent_again(world):
    group = sat(world, 2)
    batch = submitted(world, group)
    clerk = world.user("sheng-shouli")
    ids = ids_of(batch)
    acceptance.accept(actor=clerk, now=SUBMITTED, applicant_ids=ids)
    person = group.applications[0].person
    person.name = "改名后"
    person.save()
    results = acceptance.reconcile(actor=clerk, now=SUBMITTED, applicant_ids=ids)
    assert [len(result.detail["differences"]) for result in results] == [1, 0]
    refused = deciding.grant(actor=world.user("sheng-shenpi"), now=DECIDED, applicant_ids=ids)
    assert [result.ok for result in refused] == [False, True]
    (again,) = licensing.send_again(
        actor=world.user("shi-kaowu"), now=DECIDED, applicant_ids=ids[:1], receipt_number="PT2", reason="姓名更正"
    )
    assert again.ok
    (result,) = acceptance.reconcile(actor=clerk, now=DECIDED, applicant_ids=ids[:1])
    assert result.row.state == "RECONCILED"


def test_a_changed_score_is_found(world):
    group = sat(world)
    batch = submitted(world, group)
    clerk = world.user("sheng-shouli")
    acceptance.accept(actor=clerk, now=SUBMITTED, applicant_ids=ids_of(batch))
    result = Result.objects.filter(part="THEORY").get()
    result.score = 79
    result.passed = False
    result.save()
    (found,) = acceptance.reconcile(actor=clerk, now=SUBMITTED, applicant_ids=ids_of(batch))
    assert [one["field"] for one in found.detail["differences"]] == ["理论成绩", "理论成绩"]
    assert found.row.state == "ACCEPTED"


def test_grants_are_numbered_and_certificates_registered(world):
    group = sat(world, 3)
    batch = granted(world, group)
    decisions = list(Decision.objects.filter(applicant__batch=batch).order_by("pk"))
    assert [decision.number for decision in decisions] == [f"云应急特种许准〔2026〕{n}号" for n in (1, 2, 3)]
    certificate = decisions[0].certificate
    assert certificate.number == f"T{group.applications[0].person.document_number}"
    assert certificate.valid_from == DECIDED.date()
    assert certificate.review_due_on == date(2029, 11, 4)
    row = LicenceApplicant.objects.get(pk=decisions[0].applicant_id)
    assert ledger.find("decision", row).met_at == DECIDED
    assert ledger.find("service", row).due_on == working_day(DECIDED.date(), 10)


def test_renewal_replaces_and_periodic_review_is_noted(world):
    renewal = sat(world, 1, kind="RENEWAL")
    review = sat(world, 1, kind="PERIODIC_REVIEW")
    for group in (renewal, review):
        record_provincial_review(actor=world.user("sheng-shenhe"), now=NOW, application_ids=group.ids)
        granted(world, group)
    old, new = Certificate.objects.filter(person=renewal.applications[0].person).order_by("pk")
    assert (old.state, new.replaces_id, new.first_issued_on) == ("REPLACED", old.pk, old.first_issued_on)
    noted = Certificate.objects.get(person=review.applications[0].person)
    assert noted.reviewed_on == DECIDED.date()


def test_a_certificate_is_renewed_once_though_two_cases_began_with_it(world):
    first = sat(world, 1, kind="RENEWAL")
    second = sat(world, 1, kind="RENEWAL", persons=[first.applications[0].person])
    for group in (first, second):
        record_provincial_review(actor=world.user("sheng-shenhe"), now=NOW, application_ids=group.ids)
    later = reconciled(world, second)
    granted(world, first)
    results = deciding.grant(actor=world.user("sheng-shenpi"), now=DECIDED, applicant_ids=ids_of(later))
    assert [(result.ok, result.refusal.code) for result in results] == [(False, "certificate_gone")]


def test_who_waits_for_a_licence_is_claimed_for_its_job_type_until_the_decision(world):
    group = sat(world, 1)
    person = group.applications[0].person
    other = subject_of(make_group(world, 1).plan, TODAY)
    elsewhere = replace(other, institution_id=world.other_institution.pk)
    another_job_type = subject_of(make_group(world, 1, job_type="0102").plan, TODAY)
    reconciled(world, group)
    assert claims.elsewhere([person.pk], other) == {person.pk: "本机构的发证许可申请（已核对）"}
    assert claims.elsewhere([person.pk], elsewhere) == {person.pk: "本省其他培训机构的发证许可申请"}
    assert claims.elsewhere([person.pk], another_job_type) == {}
    assert claims.elsewhere([person.pk], subject_of(group.plan, TODAY)) == {}
    LicenceApplicant.objects.update(state="GRANTED")
    assert claims.elsewhere([person.pk], other) == {}


def test_without_the_provincial_record_nobody_reaches_a_grant(world):
    group = sat(world, 2, kind="RENEWAL")
    record_provincial_review(actor=world.user("sheng-shenhe"), now=NOW, application_ids=group.ids[:1])
    batch = reconciled(world, group)
    results = deciding.grant(actor=world.user("sheng-shenpi"), now=DECIDED, applicant_ids=ids_of(batch))
    assert [result.refusal and result.refusal.code for result in results] == [None, "provincial_record_missing"]


def test_an_edition_may_do_without_the_provincial_record(world):
    group = sat(world, 1, kind="RENEWAL")
    Rule.objects.filter(edition__code="1", code="objection").update(values={"required_before_decision": False})
    lookup.forget()
    try:
        batch = reconciled(world, group)
        (result,) = deciding.grant(actor=world.user("sheng-shenpi"), now=DECIDED, applicant_ids=ids_of(batch))
        assert result.ok
    finally:
        lookup.forget()


def test_refusal_needs_facts_basis_and_reasons_and_tells_the_remedies(world):
    batch = reconciled(world, sat(world))
    (pk,) = ids_of(batch)
    maker = world.user("sheng-shenpi")
    with pytest.raises(Incomplete) as caught:
        deciding.refuse(actor=maker, now=DECIDED, applicant_id=pk, facts="查明", basis="", reasons=" ")
    assert [problem.field for problem in caught.value.problems] == ["basis", "reasons"]
    decision = refused(world, pk)
    assert decision.number == "云应急特种不许〔2026〕1号"
    assert decision.certificate is None
    stored = letters.write_letter(actor=maker, now=DECIDED, decision_id=decision.pk)
    assert letters.write_letter(actor=maker, now=DECIDED, decision_id=decision.pk) == stored
    content = content_of(stored)
    fresh = Decision.objects.select_related(*letters.RELATED).get(pk=decision.pk)
    assert letters.render(fresh) == content
    text = "".join("".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(content)).pages)
    for expected in (
        "云岭省应急管理厅",
        "60日内向云岭省人民政府申请行政复议",
        "网上渠道：云岭省行政复议网上申请平台",
        "6个月内",
        "学历证书系伪造",
        "第七十八条",
    ):
        assert expected in text


def test_service_makes_the_letter_and_keeps_the_evidence(world):
    batch = served(world, sat(world, 2))
    for decision in Decision.objects.filter(applicant__batch=batch):
        assert decision.letter is not None
        assert decision.service_evidence == "回证第1号"
    again = serving.serve(
        actor=world.user("sheng-shouli"),
        now=DECIDED,
        decision_ids=list(Decision.objects.values_list("pk", flat=True)),
        method="HANDED_OVER",
        evidence="x",
    )
    assert [result.refusal.code for result in again] == ["wrong_state", "wrong_state"]


def test_the_decision_maker_did_not_review(world):
    group = make_group(world, 1, job_type="0901")
    maker = world.user("sheng-shenpi")
    reviewer = world.user("sheng-shenhe")
    reviewer.person = maker.person  # another account of the same person
    reviewer.save()
    review(actor=reviewer, now=NOW, application_ids=group.ids, stage="DIRECT", outcome="PASS")
    take_exam(world, group)
    batch = reconciled(world, group)
    (result,) = deciding.grant(actor=maker, now=DECIDED, applicant_ids=ids_of(batch))
    assert isinstance(result.refusal, SeparationBreach)
    with pytest.raises(SeparationBreach):
        deciding.refuse(actor=maker, now=DECIDED, applicant_id=ids_of(batch)[0], facts="a", basis="b", reasons="c")
    (result,) = deciding.grant(actor=world.user("sheng-shenpi2"), now=DECIDED, applicant_ids=ids_of(batch))
    assert result.ok


def test_a_second_correction_is_refused(world):
    batch = submitted(world, sat(world, 2))
    first, second = ids_of(batch)
    clerk = world.user("sheng-shouli")
    acceptance.ask_correction(
        actor=clerk, now=SUBMITTED, applicant_ids=[first], items=asks("照片不符", field="照片文件名")
    )
    answer_items(world.user("shi-kaowu"), LicenceApplicant.objects.get(pk=first), DECIDED)
    licensing.send_again(
        actor=world.user("shi-kaowu"), now=DECIDED, applicant_ids=[first], receipt_number="PT2", reason="已换照片"
    )
    again, new = acceptance.ask_correction(
        actor=clerk, now=DECIDED, applicant_ids=[first, second], items=asks("还缺一份")
    )
    assert (again.refusal.code, "第三十二条" in again.refusal.clause) == ("once_only", True)
    assert new.ok
    assert LicenceApplicant.objects.get(pk=first).state == "SUBMITTED"
    (accepted,) = acceptance.accept(actor=clerk, now=DECIDED, applicant_ids=[first])
    assert accepted.ok


def test_a_prepared_application_tells_who_prepared_it(world, client, at):
    batch = licensing.prepare(actor=world.user("shi-kaowu"), now=RELEASED, session_id=sat(world).session.pk)
    at(RELEASED)
    client.force_login(world.user("shi-kaowu"))
    page = client.get(reverse("approvals:licence", args=[batch.pk]))
    assert [entry.title for entry in page.context["entries"]] == ["生成发证许可申请"]


def test_who_is_barred_is_left_out_of_the_licence_application_until_the_bar_is_over(world, client, at):
    group = sat(world, 2)
    barred = group.applications[0].person
    bar = bars.impose(
        actor=world.user("sheng-fuze"), now=RELEASED, person=barred, ground="FALSE_MATERIAL", reason="伪造", months=12
    )
    at(RELEASED)
    client.force_login(world.user("shi-kaowu"))
    page = client.get(reverse("approvals:licence_prepare", args=[group.session.pk])).content.decode()
    assert f"{barred.name}在禁考期内" in page
    batch = licensing.prepare(actor=world.user("shi-kaowu"), now=RELEASED, session_id=group.session.pk)
    assert [row.candidate.application_id for row in batch.applicants.all()] == group.ids[1:]
    with pytest.raises(Refusal) as refused:
        licensing.prepare(actor=world.user("shi-kaowu"), now=RELEASED, session_id=group.session.pk)
    assert refused.value.code == "barred"
    bars.lift(actor=world.user("sheng-fuze"), now=RELEASED, bar=bar, reason="复议撤销")
    rest = licensing.prepare(actor=world.user("shi-kaowu"), now=RELEASED, session_id=group.session.pk)
    assert [row.candidate.application_id for row in rest.applicants.all()] == group.ids[:1]
