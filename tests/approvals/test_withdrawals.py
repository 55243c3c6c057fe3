"""Applications that end without a decision: withdrawn in writing, or a correction that was not answered in time."""

import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pypdf import PdfReader

from approvals.clocks import clock_papers, extending, pausing
from approvals.corrections import answering
from approvals.dossiers import completeness, opening
from approvals.dossiers.opening import plans_in
from approvals.dossiers.sections.contents import contents
from approvals.licences import acceptance, deciding, licensing, withdrawals
from approvals.models import (
    ClockNotice,
    CorrectionNotice,
    DecisionProposal,
    ExtensionProposal,
    LicenceApplicant,
    Withdrawal,
)
from approvals.todo import _lapsed
from certification import clock
from certification.deadlines import ledger
from certification.deadlines.models import Deadline, Pause
from certification.notices.models import Notice
from certification.organisations import separation
from certification.organisations.separation import Capacity
from certification.records.models import TransitionLog
from certification.refusals import Incomplete, NotPermitted, Refusal, WrongState
from certification.rulebook.models import Rule
from exams.materials import specimens
from exams.models import Result
from tests.approvals.cases import make_group, take_exam
from tests.approvals.correction_steps import answer_items, asks
from tests.approvals.licensing_steps import DECIDED, SUBMITTED, granted, ids_of, reconciled, submitted
from tests.approvals.test_public import shown
from tests.factories import at as moment
from tests.factories import working_day

pytestmark = pytest.mark.django_db
BACKEND = "certification.organisations.backends.AccountBackend"
SIGNED = ("撤回申请.jpg", specimens.scan("撤回申请"))


def last_day():
    """Of the setting, for what was asked when the applications were handed in."""
    return working_day(SUBMITTED.date(), 20)


def after():
    return moment(working_day(SUBMITTED.date(), 21))


@pytest.fixture
def group(world):
    made = make_group(world, 2, state="CLEARED")
    take_exam(world, made)
    return made


def withdraw(world, pk, *, who="shi-kaowu", now=DECIDED, **said) -> Withdrawal:
    given = {"asked_on": now.date(), "reason": "本人转岗。", "file": SIGNED} | said
    return withdrawals.withdraw(actor=world.user(who), now=now, applicant_id=pk, **given)


def ask(world, ids) -> None:
    items = asks("照片不符", field="照片文件名")
    results = acceptance.ask_correction(actor=world.user("sheng-shouli"), now=SUBMITTED, applicant_ids=ids, items=items)
    assert all(result.ok for result in results)


def lapse(world, ids, *, who="sheng-shouli", now=None):
    return withdrawals.lapse(actor=world.user(who), now=now or after(), applicant_ids=ids)


def text_of(content: bytes) -> str:
    return "".join("".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(content)).pages)


# The applicant withdraws


@pytest.mark.parametrize("who", ["shi-kaowu", "sheng-shouli"])
def test_the_organiser_or_the_clerk_puts_it_on_record_with_the_signed_paper(world, group, who):
    first, second = ids_of(submitted(world, group))
    withdrawal = withdraw(world, first, who=who)
    row = LicenceApplicant.objects.get(pk=first)
    assert row.state == "WITHDRAWN"
    assert (withdrawal.kind, withdrawal.file.owner, withdrawal.file.name) == ("ASKED", withdrawal, "撤回申请.jpg")
    assert TransitionLog.objects.about(row).get(name="withdraw").reason == "本人转岗。"
    assert not Deadline.objects.unmet().of(None, [row]).exists()
    assert ledger.find("licence_submission", row).met_at == SUBMITTED
    assert LicenceApplicant.objects.get(pk=second).state == "SUBMITTED"
    assert Result.objects.filter(candidate=row.candidate, passed=True).count() == 2
    titles = Notice.objects.filter(title__startswith="发证许可申请终止办理")
    assert {notice.recipient.username for notice in titles} >= {"shi-kaowu", "jigou"}
    told = Notice.objects.filter(title__startswith="撤回发证许可申请", recipient=world.user("sheng-shouli"))
    assert told.exists() == (who == "shi-kaowu")


def test_the_applicant_has_a_paper_of_it(world, group):
    first, _second = ids_of(submitted(world, group))
    notice = withdraw(world, first).notice
    assert (notice.kind, notice.number) == ("ENDED", "云应急特种许告〔2026〕1号")
    said = text_of(clock_papers.render(notice))
    for words in ("终止办理告知书", group.applications[0].person.name, "2026年11月5日申请撤回", "本人转岗。", "收到"):
        assert words in said
    assert "行政复议" not in said


@pytest.mark.parametrize("missing", ["asked_on", "reason", "file"])
def test_day_reason_and_paper_are_needed(world, group, missing):
    first, _second = ids_of(submitted(world, group))
    with pytest.raises(Incomplete) as refused:
        withdraw(world, first, **{missing: " " if missing == "reason" else None})
    assert [problem.field for problem in refused.value.problems] == [missing]
    assert LicenceApplicant.objects.get(pk=first).state == "SUBMITTED"


@pytest.mark.parametrize("days", [-9, 1])
def test_the_day_lies_between_application_and_today(world, group, days):
    first, _second = ids_of(submitted(world, group))
    with pytest.raises(Incomplete) as refused:
        withdraw(world, first, asked_on=DECIDED.date() + timedelta(days=days))
    assert refused.value.problems[0].code == "out_of_range"


def test_what_is_no_picture_and_no_pdf_is_refused_and_nothing_kept(world, group):
    first, _second = ids_of(submitted(world, group))
    with pytest.raises(Refusal):
        withdraw(world, first, file=("撤回.exe", b"MZ\x90"))
    assert not Withdrawal.objects.exists()
    assert LicenceApplicant.objects.get(pk=first).state == "SUBMITTED"


def test_neither_another_organiser_nor_who_decides_may(world, group):
    first, _second = ids_of(submitted(world, group))
    for who in ("sheng-kaowu", "sheng-shenpi", "jigou"):
        with pytest.raises(NotPermitted):
            withdraw(world, first, who=who)
    with pytest.raises(LicenceApplicant.DoesNotExist):
        withdraw(world, first, who="lanxi-kaowu")


def test_not_once_it_is_decided_nor_twice(world, group):
    first, second = ids_of(reconciled(world, group))
    withdraw(world, first)
    with pytest.raises(WrongState):
        withdraw(world, first)
    deciding.grant(actor=world.user("sheng-shenpi"), now=DECIDED, applicant_ids=[second])
    with pytest.raises(WrongState):
        withdraw(world, second)
    assert Withdrawal.objects.count() == 1


def test_not_before_it_was_handed_in(world, group):
    batch = licensing.prepare(actor=world.user("shi-kaowu"), now=SUBMITTED, session_id=group.session.pk)
    with pytest.raises(WrongState):
        withdraw(world, ids_of(batch)[0])


@pytest.mark.django_db(transaction=True)
def test_withdrawn_and_granted_at_once_is_one_of_the_two(at_once, world):
    group = make_group(world, 1, state="CLEARED")
    take_exam(world, group)
    (pk,) = ids_of(reconciled(world, group))
    at_once(
        lambda: withdraw(world, pk),
        lambda: deciding.grant(actor=world.user("sheng-shenpi"), now=DECIDED, applicant_ids=[pk]),
        lambda: withdraw(world, pk),
    )
    state = LicenceApplicant.objects.get().state
    assert (state, Withdrawal.objects.count()) in (("WITHDRAWN", 1), ("GRANTED", 0))


def test_what_waits_about_it_ends_with_it(world, group):
    first, second = ids_of(reconciled(world, group))
    decider = world.user("sheng-shenpi")
    texts = {"facts": "事实", "basis": "依据", "reasons": "理由"}
    deciding.refuse(actor=decider, now=DECIDED, applicant_id=first, **texts)
    extending.propose(actor=decider, now=DECIDED, applicant_ids=[first], reason="需要核实")
    pausing.pause(
        actor=decider,
        now=DECIDED,
        applicant_ids=[second],
        kind=Pause.Kind.HEARING,
        reason="要求听证",
        expected_on=DECIDED.date(),
    )
    for pk in (first, second):
        withdraw(world, pk)
    assert DecisionProposal.objects.get().state == "WITHDRAWN"
    assert ExtensionProposal.objects.get().state == "LAPSED"
    assert Pause.objects.get().ends_on == DECIDED.date()
    assert not Deadline.objects.unmet().filter(rule__code__in=["decision", "decision_statutory"]).exists()
    row = LicenceApplicant.objects.get(pk=first)
    assert ledger.find("acceptance", row).met_at == SUBMITTED
    (result,) = pausing.pause(
        actor=decider,
        now=DECIDED,
        applicant_ids=[first],
        kind=Pause.Kind.HEARING,
        reason="听证",
        expected_on=last_day(),
    )
    assert "申请已经办结" in str(result.refusal)


def test_while_a_correction_waits_it_ends_too(world, group):
    first, _second = ids_of(submitted(world, group))
    ask(world, [first])
    withdraw(world, first)
    assert CorrectionNotice.objects.get().state == "ENDED"


def test_the_person_may_be_applied_for_anew(world, group):
    first, _second = ids_of(submitted(world, group))
    withdraw(world, first)
    candidate = LicenceApplicant.objects.get(pk=first).candidate_id
    anew = licensing.prepare(actor=world.user("shi-kaowu"), now=DECIDED, session_id=group.session.pk, again=[candidate])
    assert ids_of(anew) != [first]


def test_the_way_through_the_page_keeps_what_was_typed(world, client, at, group):
    first, _second = ids_of(submitted(world, group))
    at(DECIDED)
    client.force_login(world.user("shi-kaowu"), backend=BACKEND)
    address = reverse("approvals:licence_withdraw", args=[first])
    back = reverse("approvals:applicant", args=[first])
    assert address in client.get(back).content.decode()
    asked = client.post(address, {"asked_on": "2026-11-05", "reason": "本人转岗。"})
    assert asked.status_code == 422
    assert "本人转岗。" in asked.content.decode()
    upload = SimpleUploadedFile(SIGNED[0], SIGNED[1], content_type="image/jpeg")
    answer = client.post(address, {"asked_on": "2026-11-05", "reason": "本人转岗。", "file": upload})
    assert answer.url == back
    page = client.get(back).content.decode()
    assert "申请人撤回申请" in page
    assert "撤回申请.jpg" in page
    assert address not in page
    clocks = client.get(reverse("approvals:clocks", args=[first])).content.decode()
    assert "终止办理告知书" in clocks
    assert "不再计算" in clocks


def test_the_public_page_tells_it(world, client, at, group):
    first, _second = ids_of(submitted(world, group))
    withdraw(world, first)
    at(DECIDED)
    page = shown(client, group.applications[0].person)
    assert "发证许可申请已撤回" in page
    assert "本人转岗" not in page


def test_the_dossier_waits_for_nobody_who_withdrew_and_holds_the_paper(world, group):
    first, second = ids_of(submitted(world, group))
    withdrawal = withdraw(world, first)
    ask(world, [second])
    lapse(world, [second])
    clock_papers.write_missing()
    assert opening.unfinished(group.session) == []
    plans = list(plans_in(group.session))
    entries = {row.title: row for row in completeness.check(group.session, plans, whole=True)}
    assert not any(entries[title].missing for title in ("许可决定", "许可决定书", "送达"))
    found = contents(group.session, plans, whole=True, masked=True)
    sections = {row.key: row for row in found.sections}
    rows = [dict(zip(sections["withdrawals"].columns, row, strict=True)) for row in sections["withdrawals"].rows]
    assert [row["事由"] for row in rows] == ["申请人撤回申请", "逾期未补正，视为撤回申请"]
    assert rows[0]["文件校验值"] == withdrawal.file.sha256
    assert rows[1]["补正通知书"] == CorrectionNotice.objects.get().number
    assert [paper.file for paper in found.papers if paper.folder == "withdrawals"] == [withdrawal.file]
    assert sum("终止办理告知书" in paper.title for paper in found.papers) == 2


# A correction that was not answered


def test_it_lapses_only_by_somebody_and_only_after_the_days_of_the_setting(world, group):
    first, second = ids_of(submitted(world, group))
    ask(world, [first, second])
    (early,) = lapse(world, [first], now=moment(last_day()))
    assert early.refusal.code == "not_lapsed"
    assert LicenceApplicant.objects.get(pk=first).state == "CORRECTION"
    (result,) = lapse(world, [first])
    assert result.ok, result.refusal
    row = LicenceApplicant.objects.get(pk=first)
    withdrawal = row.withdrawal
    assert (row.state, withdrawal.kind, withdrawal.due_on) == ("WITHDRAWN", "LAPSED", last_day())
    assert withdrawal.correction.state == "ENDED"
    assert LicenceApplicant.objects.get(pk=second).state == "CORRECTION"
    said = text_of(clock_papers.render(withdrawal.notice))
    for words in ("视为撤回", withdrawal.correction.number, "行政复议"):
        assert words in said
    assert [again.ok for again in lapse(world, [first])] == [False]
    assert separation.acted(LicenceApplicant, Capacity.ACCEPTS, [first])[first]


def test_the_days_are_those_of_the_edition(world, group):
    first, _second = ids_of(submitted(world, group))
    ask(world, [first])
    Rule.objects.filter(area="decision", code="correction_lapse").update(values={"working_days": 30})
    from certification.rulebook import lookup

    lookup.forget()
    (result,) = lapse(world, [first])
    assert result.refusal.code == "not_lapsed"


def test_an_answer_in_time_stands(world, group):
    first, _second = ids_of(submitted(world, group))
    ask(world, [first])
    officer, row = world.user("shi-kaowu"), LicenceApplicant.objects.get(pk=first)
    answer_items(officer, row, DECIDED)
    licensing.send_again(actor=officer, now=DECIDED, applicant_ids=[first], receipt_number="PT2", reason="已换")
    (result,) = lapse(world, [first])
    assert isinstance(result.refusal, WrongState)


@pytest.mark.django_db(transaction=True)
def test_answered_and_lapsed_at_once_is_one_of_the_two(at_once, world):
    group = make_group(world, 1, state="CLEARED")
    take_exam(world, group)
    (pk,) = ids_of(submitted(world, group))
    ask(world, [pk])
    officer = world.user("shi-kaowu")
    answer_items(officer, LicenceApplicant.objects.get(), DECIDED)
    at_once(
        lambda: licensing.send_again(actor=officer, now=after(), applicant_ids=[pk], receipt_number="PT2", reason="x"),
        lambda: lapse(world, [pk]),
        lambda: lapse(world, [pk]),
    )
    state = LicenceApplicant.objects.get().state
    assert (state, Withdrawal.objects.count()) in (("WITHDRAWN", 1), ("SUBMITTED", 0))
    assert CorrectionNotice.objects.get().state == ("ENDED" if state == "WITHDRAWN" else "ANSWERED")


def test_who_does_not_accept_does_not_end_it(world, group):
    first, _second = ids_of(submitted(world, group))
    ask(world, [first])
    for who in ("shi-kaowu", "sheng-shenpi"):
        with pytest.raises(NotPermitted):
            lapse(world, [first], who=who)


def test_more_people_take_no_more_queries(world):
    counts = []
    for people in (1, 9):
        group = make_group(world, people, state="CLEARED")
        take_exam(world, group)
        ids = ids_of(submitted(world, group))
        ask(world, ids)
        with CaptureQueriesContext(connection) as queries:
            assert all(result.ok for result in lapse(world, ids))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_clerk_sees_who_may_be_ended_and_is_shown_before_it_happens(world, client, at, group):
    first, second = ids_of(submitted(world, group))
    ask(world, [first, second])
    clerk = world.user("sheng-shouli")
    assert list(_lapsed(clerk, moment(last_day()))) == []
    at(after())
    (line,) = _lapsed(clerk, clock.now())
    assert line.count == 2
    client.force_login(clerk, backend=BACKEND)
    page = client.get(line.url).content.decode()
    assert page.count("逾期未补正") >= 2
    address = reverse("approvals:lapse")
    asked = client.post(address, {"ids": [first]}).content.decode()
    assert "以下 1 人" in asked
    assert ">登记视为撤回<" in asked
    assert "0/1 项" in asked
    assert LicenceApplicant.objects.get(pk=first).state == "CORRECTION"
    done = client.post(address, {"ids": [first], "confirmed": "1"}).content.decode()
    assert "已登记视为撤回" in done
    assert LicenceApplicant.objects.get(pk=first).state == "WITHDRAWN"
    notice = CorrectionNotice.objects.get(applicant=first)
    with pytest.raises(Refusal):
        answering.save(actor=world.user("shi-kaowu"), now=after(), notice_id=notice.pk, given={})


def test_what_is_shown_before_it_happens_says_who_is_left_out(world, client, at, group):
    first, second = ids_of(submitted(world, group))
    ask(world, [first])
    at(DECIDED)
    client.force_login(world.user("sheng-shouli"), backend=BACKEND)
    asked = client.post(reverse("approvals:lapse"), {"ids": [first, second]}).content.decode()
    assert "尚未逾期" in asked
    assert "没有等待答复的补正通知" in asked
    assert ">登记视为撤回<" not in asked
    assert client.post(reverse("approvals:lapse"), {}).status_code == 302


def test_nothing_of_it_touches_who_was_granted(world, group):
    granted(world, group)
    assert not ClockNotice.objects.exists()
    assert not Withdrawal.objects.exists()
