"""Service of decisions with evidence: seen, opened, signed for, by which side; receipts numbered without a gap."""

import errno
import io
from datetime import timedelta

import pytest
from django.core.files.storage import FileSystemStorage
from django.urls import reverse
from pypdf import PdfReader

from approvals.endings import ending
from approvals.licences import service_papers, serving
from approvals.licences.letters import RELATED
from approvals.models import Decision, EndingCase, ServiceEvent
from certification.deadlines import ledger
from certification.documents import rendering
from certification.documents.typefaces import TypefaceMissing
from certification.organisations.models import User
from certification.refusals import DiskFull, Incomplete, NotPermitted, WrongState
from exams.materials import specimens
from tests.approvals.cases import make_group, take_exam
from tests.approvals.licensing_steps import DECIDED, SERVED, granted

pytestmark = pytest.mark.django_db


@pytest.fixture
def decision(world) -> Decision:
    return _decisions(world, 1)[0]


def _decisions(world, people):
    group = make_group(world, people, state="CLEARED")
    take_exam(world, group)
    granted(world, group)
    return list(Decision.objects.order_by("pk"))


def _signed(world, decision, by="jigou", **said):
    values = {"signatory": "本人", "signed_on": SERVED.date(), **said}
    return serving.sign_for(actor=world.user(by), now=SERVED, decision_id=decision.pk, **values)


def test_the_institution_hands_the_letter_over_against_signature(world, decision):
    _signed(world, decision, file=("回证.jpg", specimens.scan("送达回证", "签收")))
    decision.refresh_from_db()
    assert (decision.service_method, decision.served_at) == ("THROUGH_INSTITUTION", SERVED)
    assert decision.letter is not None
    event = ServiceEvent.objects.get()
    assert (str(event), event.receipt_number) == ("由培训机构转交，本人签收", "云应急特种送〔2026〕1号")
    assert event.file.name == "回证.jpg"
    assert decision.applicant.state == "SERVED"
    assert ledger.find("service", decision.applicant).met_at == SERVED
    with pytest.raises(WrongState):
        _signed(world, decision)
    assert ServiceEvent.objects.count() == 1


def test_a_signature_needs_a_name_and_a_day_since_the_decision(world, decision):
    for said in (
        {"signatory": " "},
        {"signed_on": None},
        {"signed_on": DECIDED.date() - timedelta(days=1)},
        {"signed_on": SERVED.date() + timedelta(days=1)},
    ):
        with pytest.raises(Incomplete):
            _signed(world, decision, **said)


def test_it_is_served_on_the_day_of_the_signature_whenever_that_is_noted(world, decision):
    later = SERVED + timedelta(days=40)
    found = serving.sign_for(
        actor=world.user("jigou"), now=later, decision_id=decision.pk, signatory="本人", signed_on=SERVED.date()
    )
    deadline = ledger.find("service", decision.applicant)
    assert found.served_at.astimezone(SERVED.tzinfo).date() == SERVED.date()
    assert (deadline.met_at, deadline.met_late) == (found.served_at, False)
    assert ServiceEvent.objects.get().at == found.served_at


def test_the_office_says_how_and_when_many_letters_arrived(world):
    decisions = _decisions(world, 2)
    clerk, now = world.user("sheng-shouli"), SERVED + timedelta(days=3)

    def serve(*rows, **said):
        said = {"method": "POSTED", "evidence": "EMS 1", "served_on": SERVED.date(), **said}
        return serving.serve(actor=clerk, now=now, decision_ids=[row.pk for row in rows], **said)

    with pytest.raises(Incomplete):
        serve(*decisions, served_on=now.date() + timedelta(days=1))
    (early,) = serve(decisions[0], served_on=DECIDED.date() - timedelta(days=1))
    assert early.refusal.code == "out_of_range"
    assert all(result.ok for result in serve(*decisions))
    events = ServiceEvent.objects.select_related("decision")
    assert {str(event) for event in events} == {"邮寄送达"}
    assert {event.decision.served_at.astimezone(SERVED.tzinfo).date() for event in events} == {SERVED.date()}


def test_others_sign_for_nobody(world, decision):
    with pytest.raises(Decision.DoesNotExist):
        _signed(world, decision, by="jigou2")
    with pytest.raises(NotPermitted):
        _signed(world, decision, by="shi-kaowu")


def test_signing_online_twice_gives_one_receipt(world, decision):
    system = User.objects.system()
    for _ in range(2):
        found = serving.sign_online(actor=system, now=SERVED, decision_id=decision.pk)
    assert found.service_method == "ONLINE"
    assert [(row.side, row.receipt_number) for row in ServiceEvent.objects.all()] == [
        ("APPLICANT", "云应急特种送〔2026〕1号")
    ]


@pytest.mark.django_db(transaction=True)
def test_applicant_and_institution_at_once_serve_once(world, at_once):
    (decision,) = _decisions(world, 1)
    system = User.objects.system()
    at_once(
        lambda: serving.sign_online(actor=system, now=SERVED, decision_id=decision.pk),
        lambda: _signed(world, decision),
    )
    assert ServiceEvent.objects.filter(kind="SIGNED").count() == 1


def test_what_the_institution_saw_and_opened_is_kept_once(world, decision, client, at):
    at(SERVED)
    for by in ("jigou", "sheng-shouli", "jigou"):
        client.force_login(world.user(by))
        assert client.get(reverse("approvals:service", args=[decision.pk])).status_code == 200
        assert client.get(reverse("approvals:letter", args=[decision.pk])).status_code == 302
    assert [str(row) for row in ServiceEvent.objects.all()] == ["培训机构查看决定", "培训机构打开决定书"]


def test_the_page_registers_a_signature_and_keeps_what_was_typed(world, decision, client, at):
    at(SERVED)
    client.force_login(world.user("jigou"))
    url = reverse("approvals:service_sign", args=[decision.pk])
    wrong = client.post(url, {"signatory": "某人", "signed_on": "2020-01-01"})
    assert wrong.status_code == 422
    assert "某人" in wrong.content.decode()
    assert client.post(url, {"signatory": "某人", "signed_on": f"{SERVED:%Y-%m-%d}"}).status_code == 302
    page = client.get(reverse("approvals:service", args=[decision.pk])).content.decode()
    assert "云应急特种送〔2026〕1号" in page
    assert "登记签收</h2>" not in page


def test_the_receipt_names_letter_and_person(world, decision, client, at):
    at(SERVED)
    client.force_login(world.user("jigou"))
    answer = client.get(reverse("approvals:service_paper", args=[decision.pk]))
    assert answer["Content-Type"] == "application/pdf"
    fresh = Decision.objects.select_related(*RELATED).get()
    content = service_papers.render(fresh)
    text = "".join(PdfReader(io.BytesIO(content)).pages[0].extract_text().split())
    person = fresh.applicant.candidate.application.person
    for expected in ("送达回证", decision.number, person.name, person.document_number):
        assert expected in text
    assert service_papers.render(fresh) == content


def test_a_missing_typeface_and_a_full_disk_are_told_and_nobody_is_served(decision, settings, tmp_path, monkeypatch):
    system = User.objects.system()
    settings.DOCUMENT_TYPEFACES = {"Document FangSong": str(tmp_path / "simfang.ttf")}
    rendering.forget_typefaces()
    try:
        with pytest.raises(TypefaceMissing, match="simfang.ttf"):
            serving.sign_online(actor=system, now=SERVED, decision_id=decision.pk)
    finally:
        del settings.DOCUMENT_TYPEFACES
        rendering.forget_typefaces()

    def full(*_given, **_more):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(FileSystemStorage, "_save", full)
    with pytest.raises(DiskFull, match="磁盘空间不足"):
        serving.sign_online(actor=system, now=SERVED, decision_id=decision.pk)
    decision.refresh_from_db()
    assert (decision.served_at, decision.letter_id, decision.applicant.state) == (None, None, "GRANTED")
    assert not ServiceEvent.objects.exists()


@pytest.fixture
def ended(world, decision) -> EndingCase:
    """A certificate that its holder had cancelled, decided."""
    case = ending.propose(
        actor=world.user("sheng-shouli"),
        now=SERVED,
        certificate_id=decision.certificate_id,
        ground="REQUEST",
        facts="本人书面申请注销。",
        evidence="注销申请书",
    )
    return ending.decide(actor=world.user("sheng-shenpi2"), now=SERVED, case_id=case.pk, opinion="同意")


def test_the_decision_that_ended_a_certificate_is_served_by_the_same_means(world, ended, client, at):
    at(SERVED)
    with pytest.raises(NotPermitted):
        serving.sign_for_ending(
            actor=world.user("jigou"), now=SERVED, case_id=ended.pk, signatory="本人", signed_on=SERVED.date()
        )
    client.force_login(world.user("sheng-shouli"))
    url = reverse("approvals:ending_sign", args=[ended.pk])
    wrong = client.post(url, {"signatory": "某人", "signed_on": "2020-01-01"})
    assert wrong.status_code == 422
    assert "某人" in wrong.content.decode()
    assert client.post(url, {"signatory": "某人", "signed_on": f"{SERVED:%Y-%m-%d}"}).status_code == 302
    again = client.post(url, {"signatory": "某人", "signed_on": f"{SERVED:%Y-%m-%d}"})
    assert "不能重复登记" in again.content.decode()
    ended.refresh_from_db()
    assert (ended.served_at, ended.letter is not None) == (SERVED, True)
    event = ServiceEvent.objects.get()
    assert (event.ending, event.decision, event.receipt_number) == (ended, None, "云应急特种送〔2026〕1号")
    page = client.get(reverse("approvals:ending", args=[ended.pk])).content.decode()
    assert "云应急特种送〔2026〕1号" in page
    assert "登记签收</h2>" not in page
    receipt = client.get(reverse("approvals:ending_receipt", args=[ended.pk]))
    text = "".join(PdfReader(io.BytesIO(receipt.content)).pages[0].extract_text().split())
    assert "注销特种作业操作证决定书" in text
    assert ended.number in text


def test_the_holder_sees_opens_and_signs_for_the_end_of_a_certificate(ended, client, at):
    at(SERVED)
    person = ended.certificate.person
    client.get("/query/")
    given = {"name": person.name, "document_number": person.document_number, "answer": client.session["lookup_sum"]}
    assert client.post("/query/", given).status_code == 302
    page = client.get("/query/").content.decode()
    assert (ended.number in page, "已注销" in page, "有效期至" in page) == (True, True, False)
    letter, sign, receipt = (
        reverse(f"public:ending_{name}", args=[ended.pk]) for name in ("letter", "sign", "receipt")
    )
    assert client.get(letter).url == sign
    assert client.get(receipt).status_code == 404
    assert "注销你的" in client.get(sign).content.decode()
    assert [client.post(sign, {"agree": "on"}).status_code for _twice in range(2)] == [302, 302]
    assert b"".join(client.get(letter).streaming_content).startswith(b"%PDF")
    assert client.get(receipt).content.startswith(b"%PDF")
    assert [str(row) for row in ended.service_events.all()] == ["本人查看决定", "本人签收", "本人打开决定书"]


@pytest.mark.django_db(transaction=True)
def test_holder_and_authority_at_once_serve_an_ending_once(world, at_once):
    (decision,) = _decisions(world, 1)
    case = ending.propose(
        actor=world.user("sheng-shouli"),
        now=SERVED,
        certificate_id=decision.certificate_id,
        ground="REQUEST",
        facts="本人书面申请注销。",
        evidence="注销申请书",
    )
    ending.decide(actor=world.user("sheng-shenpi2"), now=SERVED, case_id=case.pk, opinion="同意")
    given = {"signatory": "本人", "signed_on": SERVED.date()}
    at_once(
        lambda: serving.sign_ending_online(actor=User.objects.system(), now=SERVED, case_id=case.pk),
        lambda: serving.sign_for_ending(actor=world.user("sheng-shouli"), now=SERVED, case_id=case.pk, **given),
    )
    assert ServiceEvent.objects.filter(kind="SIGNED").count() == 1
