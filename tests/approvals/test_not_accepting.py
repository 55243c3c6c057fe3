"""Not accepting a licence application (不予受理): named grounds, a letter with remedies, served with evidence, and the
person may be applied for anew."""

import io

import pytest
from django.urls import reverse
from pypdf import PdfReader

from approvals import claims
from approvals.dossiers import completeness, opening
from approvals.dossiers.opening import plans_in
from approvals.dossiers.sections.contents import contents
from approvals.licences import acceptance, deciding, letters, licensing, not_accepting, serving
from approvals.models import BarCase, Decision, LicenceApplicant, ServiceEvent
from certification.deadlines import ledger
from certification.deadlines.models import Deadline
from certification.notices.models import Notice
from certification.organisations import separation
from certification.organisations.models import User
from certification.organisations.separation import Capacity
from certification.people.models import Bar
from certification.refusals import Incomplete, NotPermitted, Refusal, SeparationBreach, WrongState
from exams.models import StaffAssignment
from tests.approvals.cases import TODAY, make_group, take_exam
from tests.approvals.licensing_steps import DECIDED, SERVED, SUBMITTED, ids_of, submitted
from tests.approvals.test_public import shown
from tests.factories import at as moment
from tests.factories import working_day
from training.class_checks import subject_of

pytestmark = pytest.mark.django_db
BACKEND = "certification.organisations.backends.AccountBackend"
FALSE = {"ground": "FALSE", "facts": "照片系他人。", "reasons": "提供虚假材料申请许可。"}
NOT_OURS = FALSE | {"ground": "NOT_OURS", "apply_to": "云岭省交通运输厅"}


@pytest.fixture
def group(world):
    made = make_group(world, 2, state="CLEARED")
    take_exam(world, made)
    return made


@pytest.fixture
def batch(world, group):
    return submitted(world, group)


def not_accept(world, pk, *, who="sheng-shouli", now=SUBMITTED, **said) -> Decision:
    return not_accepting.not_accept(actor=world.user(who), now=now, applicant_id=pk, **(FALSE | said))


def text_of(content: bytes) -> str:
    return "".join("".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(content)).pages)


def test_it_is_decided_in_writing_with_number_facts_basis_reasons_and_remedies(world, group, batch):
    first, second = ids_of(batch)
    decision = not_accept(world, first)
    row = LicenceApplicant.objects.get(pk=first)
    assert (row.state, row.accepted_at) == ("NOT_ACCEPTED", None)
    assert (decision.outcome, decision.number) == ("NOT_ACCEPTED", "云应急特种不受〔2026〕1号")
    said = text_of(letters.render(decision))
    for words in (
        "不予受理决定书",
        group.applications[0].person.document_number,
        FALSE["facts"],
        "第七十八条",
        FALSE["reasons"],
        "60日内",
        "6个月内",
        "2026年11月3日",
        "印章",
    ):
        assert words in said
    assert LicenceApplicant.objects.get(pk=second).state == "SUBMITTED"
    (told,) = Notice.objects.filter(title__startswith="不予受理", recipient=world.user("shi-kaowu"))
    assert decision.number in told.body


def test_its_clocks_end_and_that_of_service_begins(world, batch):
    first, second = LicenceApplicant.objects.filter(batch=batch).order_by("pk")
    not_accept(world, first.pk)
    assert ledger.find("acceptance", first).met_at == SUBMITTED
    assert ledger.find("decision", first) is None
    assert ledger.find("service", first).due_on == working_day(SUBMITTED.date(), 10)
    assert ledger.find("decision", second) is not None


def test_where_it_is_for_another_authority_that_is_named(world, batch):
    first, _second = ids_of(batch)
    with pytest.raises(Incomplete) as refused:
        not_accept(world, first, **NOT_OURS | {"apply_to": " "})
    assert [problem.field for problem in refused.value.problems] == ["apply_to"]
    decision = not_accept(world, first, **NOT_OURS)
    assert "请你向云岭省交通运输厅提出申请" in text_of(letters.render(decision))
    assert not_accept(world, ids_of(batch)[1], apply_to="某机关").apply_to == ""


@pytest.mark.parametrize("missing", ["ground", "facts", "reasons"])
def test_nothing_is_left_out(world, batch, missing):
    with pytest.raises(Incomplete) as refused:
        not_accept(world, ids_of(batch)[0], **{missing: " "})
    assert [problem.field for problem in refused.value.problems] == [missing]
    assert not Decision.objects.exists()


def test_only_the_acceptance_clerk_and_only_before_acceptance(world, batch):
    first, second = ids_of(batch)
    for who in ("sheng-shenpi", "shi-kaowu", "sheng-fuze"):
        with pytest.raises(NotPermitted):
            not_accept(world, first, who=who)
    acceptance.accept(actor=world.user("sheng-shouli"), now=SUBMITTED, applicant_ids=[first])
    with pytest.raises(WrongState):
        not_accept(world, first)
    not_accept(world, second)
    with pytest.raises(WrongState):
        not_accept(world, second)
    (result,) = acceptance.accept(actor=world.user("sheng-shouli"), now=SUBMITTED, applicant_ids=[second])
    assert isinstance(result.refusal, WrongState)


def test_whom_silence_has_accepted_is_not_turned_away(world, batch):
    with pytest.raises(Refusal) as refused:
        not_accept(world, ids_of(batch)[0], now=moment(working_day(SUBMITTED.date(), 6)))
    assert refused.value.code == "deemed_accepted"


@pytest.mark.django_db(transaction=True)
def test_accepted_and_not_accepted_at_once_is_one_of_the_two(at_once, world):
    group = make_group(world, 1, state="CLEARED")
    take_exam(world, group)
    (pk,) = ids_of(submitted(world, group))
    clerk = world.user("sheng-shouli")
    at_once(
        lambda: not_accept(world, pk),
        lambda: acceptance.accept(actor=clerk, now=SUBMITTED, applicant_ids=[pk]),
        lambda: not_accept(world, pk),
    )
    row = LicenceApplicant.objects.get()
    assert Decision.objects.count() == (1 if row.state == "NOT_ACCEPTED" else 0)
    assert row.state in ("NOT_ACCEPTED", "ACCEPTED")


def test_who_trains_or_is_kept_away_does_not_judge_and_who_judged_has_accepted(world, group, batch):
    first, _second = LicenceApplicant.objects.filter(batch=batch).order_by("pk")
    person = group.applications[0].person
    clerk = world.user("sheng-shouli")
    before, clerk.person = clerk.person, person
    clerk.save()
    with pytest.raises(SeparationBreach):
        not_accept(world, first.pk)
    clerk.person = before
    clerk.save()
    not_accept(world, first.pk)
    acted = separation.acted(LicenceApplicant, Capacity.ACCEPTS, [first.pk])
    assert acted[first.pk] == {before.pk}
    assert not separation.acted(LicenceApplicant, Capacity.DECIDES, [first.pk])[first.pk]
    assert not StaffAssignment.objects.filter(person=before).exists()


def test_it_bars_nobody_and_offers_to_propose_it(world, client, at, batch):
    first, _second = ids_of(batch)
    not_accept(world, first)
    assert not Bar.objects.exists()
    assert not BarCase.objects.exists()
    at(SUBMITTED)
    client.force_login(world.user("sheng-shouli"), backend=BACKEND)
    page = client.get(reverse("approvals:applicant", args=[first])).content.decode()
    application = LicenceApplicant.objects.get(pk=first).candidate.application_id
    address = f"{reverse('approvals:bar_propose')}?application={application}&amp;ground=FALSE_MATERIAL"
    assert address in page
    form = client.get(address.replace("&amp;", "&")).content.decode()
    assert 'value="FALSE_MATERIAL"' in form
    assert "checked" in form


def test_the_clerk_s_way_through_the_page(world, client, at, batch):
    first, _second = ids_of(batch)
    at(SUBMITTED)
    client.force_login(world.user("sheng-shouli"), backend=BACKEND)
    address = reverse("approvals:not_accept", args=[first])
    assert address in client.get(reverse("approvals:applicant", args=[first])).content.decode()
    answer = client.post(address, NOT_OURS | {"apply_to": "", "facts": "属于交通运输部门职权。"})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "请写明应当向何机关申请" in page.replace("不属于本机关职权范围的，", "")
    assert "属于交通运输部门职权。" in page
    assert client.post(address, NOT_OURS).url == reverse("approvals:applicant", args=[first])
    page = client.get(reverse("approvals:applicant", args=[first])).content.decode()
    assert "云应急特种不受〔2026〕1号" in page
    assert "应当向云岭省交通运输厅申请" in page
    assert address not in page
    listed = client.get(reverse("approvals:decisions") + "?served=no").content.decode()
    assert "云应急特种不受〔2026〕1号" in listed
    deciding_page = client.get(reverse("approvals:acceptance")).content.decode()
    assert str(LicenceApplicant.objects.get(pk=first)) not in deciding_page


@pytest.mark.parametrize("how", ["bulk", "signed", "online"])
def test_it_is_served_with_evidence_once_and_stays_not_accepted(world, batch, how):
    first, second = ids_of(batch)
    decision = not_accept(world, first)

    def serve():
        if how == "bulk":
            said = {"decision_ids": [decision.pk], "method": "POSTED", "evidence": "EMS1"}
            (result,) = serving.serve(actor=world.user("sheng-shouli"), now=SERVED, **said)
            if result.refusal:
                raise result.refusal
        elif how == "signed":
            said = {"decision_id": decision.pk, "signatory": "本人", "signed_on": SERVED.date()}
            serving.sign_for(actor=world.user("jigou"), now=SERVED, **said)
        else:
            serving.sign_online(actor=User.objects.system(), now=SERVED, decision_id=decision.pk)

    serve()
    row = LicenceApplicant.objects.get(pk=first)
    assert row.state == "NOT_ACCEPTED"
    assert ledger.find("service", row).met_at == SERVED
    if how == "online":
        serve()
    else:
        with pytest.raises(WrongState):
            serve()
    assert ServiceEvent.objects.filter(decision=decision, kind="SIGNED").count() == 1


def test_the_person_is_applied_for_anew_only_where_named(world, group, batch):
    first, second = ids_of(batch)
    not_accept(world, first)
    candidate = LicenceApplicant.objects.get(pk=first).candidate
    officer = world.user("shi-kaowu")
    with pytest.raises(Refusal) as refused:
        licensing.prepare(actor=officer, now=DECIDED, session_id=group.session.pk)
    assert refused.value.code == "nobody"
    assert licensing.sessions_to_apply(officer) == []
    other = LicenceApplicant.objects.get(pk=second).candidate_id
    with pytest.raises(WrongState) as refused:
        licensing.prepare(actor=officer, now=DECIDED, session_id=group.session.pk, again=[candidate.pk, other])
    assert refused.value.code == "applied_already"
    anew = licensing.prepare(actor=officer, now=DECIDED, session_id=group.session.pk, again=[candidate.pk])
    (row,) = LicenceApplicant.objects.filter(batch=anew)
    assert row.candidate == candidate
    assert ledger.find("licence_submission", row).anchor_on == DECIDED.date()
    licensing.submit(actor=officer, now=DECIDED, batch_id=anew.pk, receipt_number="PT9")
    (result,) = acceptance.accept(actor=world.user("sheng-shouli"), now=DECIDED, applicant_ids=[row.pk])
    assert result.ok, result.refusal
    with pytest.raises(WrongState):
        licensing.prepare(actor=officer, now=DECIDED, session_id=group.session.pk, again=[candidate.pk])


@pytest.mark.django_db(transaction=True)
def test_applied_for_anew_twice_at_once_is_one_application(at_once, world):
    group = make_group(world, 1, state="CLEARED")
    take_exam(world, group)
    (pk,) = ids_of(submitted(world, group))
    not_accept(world, pk)
    again = [LicenceApplicant.objects.get(pk=pk).candidate_id]

    def prepare():
        officer = world.user("shi-kaowu")
        return licensing.prepare(actor=officer, now=DECIDED, session_id=group.session.pk, again=again)

    answers = at_once(prepare, prepare)
    assert [answer.code for answer in answers if isinstance(answer, Refusal)] == ["applied_already"]
    assert LicenceApplicant.objects.standing().count() == 1


def test_the_organiser_finds_the_way_on_its_own_page(world, client, at, group, batch):
    first, _second = ids_of(batch)
    not_accept(world, first)
    row = LicenceApplicant.objects.get(pk=first)
    at(DECIDED)
    client.force_login(world.user("shi-kaowu"), backend=BACKEND)
    page = client.get(reverse("approvals:applicant", args=[first])).content.decode()
    address = f"{reverse('approvals:licence_prepare', args=[group.session.pk])}?again={row.candidate_id}"
    assert address in page
    asked = client.get(address).content.decode()
    assert "再次申请的人员" in asked
    assert "checked" in asked
    assert client.post(address, {"again": [row.candidate_id]}).status_code == 302
    assert LicenceApplicant.objects.filter(candidate=row.candidate).count() == 2
    assert "再次申请发证" not in client.get(reverse("approvals:applicant", args=[first])).content.decode()
    assert client.get(reverse("approvals:licences")).status_code == 200


def test_nothing_holds_the_person_to_it(world, group, batch):
    first, _second = ids_of(batch)
    person = group.applications[0].person
    other = make_group(world, 1).plan
    assert claims.elsewhere([person.pk], subject_of(other, TODAY))
    not_accept(world, first)
    assert not claims.elsewhere([person.pk], subject_of(other, TODAY))


def test_the_dossier_waits_for_nobody_who_was_not_accepted_and_holds_the_decision(world, group, batch):
    first, second = ids_of(batch)
    decision = not_accept(world, first)
    not_accept(world, second)
    letters.write_missing()
    assert opening.unfinished(group.session) == []
    plans = list(plans_in(group.session))
    entries = {row.title: row for row in completeness.check(group.session, plans, whole=True)}
    assert entries["许可决定"].complete
    assert entries["许可决定书"].complete
    assert entries["送达"].missing.startswith("缺2人")
    found = contents(group.session, plans, whole=True, masked=True)
    sections = {row.key: row for row in found.sections}
    assert [row[2:4] for row in sections["decisions"].rows][0] == [decision.number, "不予受理"]
    assert "不予受理" in [row[1] for row in sections["log"].rows]
    assert [paper for paper in found.papers if decision.number in paper.title]


def test_the_public_page_tells_it_and_keeps_the_letter_when_the_person_applies_anew(world, client, at, group, batch):
    first, _second = ids_of(batch)
    decision = not_accept(world, first)
    row = LicenceApplicant.objects.get(pk=first)
    licensing.prepare(actor=world.user("shi-kaowu"), now=DECIDED, session_id=group.session.pk, again=[row.candidate_id])
    at(DECIDED)
    page = shown(client, group.applications[0].person)
    assert "不予受理" in page
    assert reverse("public:sign", args=[decision.pk]) in page
    assert "正在提交发证许可申请" in page
    assert group.applications[1].person.name not in page


def test_nobody_who_was_not_accepted_is_decided_on(world, batch):
    first, _second = ids_of(batch)
    not_accept(world, first)
    (result,) = deciding.grant(actor=world.user("sheng-shenpi"), now=DECIDED, applicant_ids=[first])
    assert not result.ok
    assert not Deadline.objects.unmet().of("decision_statutory", [LicenceApplicant.objects.get(pk=first)]).exists()
