"""What a dossier says of each case in it: every step, every clock, who signed what (rules 10)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from approvals.bars import bar_papers, proposing
from approvals.bars import deciding as imposing
from approvals.clocks import pausing
from approvals.corrections import answering, correction_papers
from approvals.dossiers.sections.contents import contents
from approvals.endings import ending, ending_papers
from approvals.models import CorrectionNotice, EndingCase, LicenceApplicant
from approvals.reviews import preparing, reviewing
from certification.deadlines import ledger
from certification.deadlines.models import Deadline, Reminder
from certification.deadlines.reminding.reminders import remind
from certification.notices.models import Notice
from certification.notices.sending import notify
from certification.organisations.models import User
from certification.people.models import Certificate
from certification.records import accesses
from certification.records.models import TransitionLog
from certification.workflow import log
from exams.incidents import reporting
from exams.materials import specimens
from exams.models import ExamPlan
from exams.sessions.listing import list_in_session
from tests.approvals.cases import EXAM, NOW, make_group, take_exam
from tests.approvals.correction_steps import asks
from tests.approvals.licensing_steps import DECIDED, SERVED, SUBMITTED, granted, ids_of, reconciled, served
from tests.factories import at, working_day

pytestmark = pytest.mark.django_db
MORNING = at(EXAM, 9)


@pytest.fixture
def group(world):
    made = make_group(world, 2, state="CLEARED")
    take_exam(world, made)
    return made


def rows_of(group, key, *, inside=True, column="事项") -> list[dict[str, str]]:
    """The rows of one table, each as heading → cell."""
    found = contents(group.session, [group.plan], whole=True, masked=True, inside=inside)
    (section,) = [section for section in found.sections if section.key == key]
    return [dict(zip(section.columns, row, strict=True)) for row in section.rows]


def steps_of(group, key, about, **how) -> list[str]:
    return [row["环节"] for row in rows_of(group, key, **how) if about in row["事项"]]


# Steps


def test_the_log_of_a_class_holds_the_steps_of_its_plan_its_people_and_their_licences(world, group):
    served(world, group)
    log([group.plan], "acknowledge", actor=world.user("shi-shenhe"), now=NOW, reason="符合要求")
    (plan,) = [row for row in rows_of(group, "log") if row["事项"] == f"培训计划 {group.plan.number}"]
    assert (plan["办理人"], plan["说明"]) == (str(world.user("shi-shenhe")), "符合要求")
    application = group.applications[0]
    steps = steps_of(group, "log", f"发证许可 {application.number} {application.person.name}")
    assert steps == ["提交", "受理", "核对成绩和名单", "准予许可", "送达"]
    assert steps_of(group, "log", f"操作证 {application.person.name}") == ["核发"]
    times = [_as_numbers(row["时间"]) for row in rows_of(group, "log")]
    assert times == sorted(times)


def _as_numbers(text: str) -> list[int]:
    return [int(part) for part in "".join(c if c.isdigit() else " " for c in text).split()]


def test_what_passes_between_officials_stands_in_a_log_of_its_own(world, group):
    granted(world, group)
    row = LicenceApplicant.objects.order_by("pk").first()
    log([row], "propose_decision", actor=world.user("sheng-shenpi"), now=DECIDED, detail={"outcome": "GRANTED"})
    assert steps_of(group, "inside_log", "发证许可") == ["拟办：准予许可"]
    assert "拟办：准予许可" not in steps_of(group, "log", "发证许可")
    assert rows_of(group, "inside_log", inside=False) == []
    assert rows_of(group, "log", inside=False) == rows_of(group, "log")


def test_the_log_of_the_session_holds_its_exam_plan_and_its_incidents(world, group):
    plan = ExamPlan.objects.get()
    log([plan], "return", actor=world.user("sheng-kaowu"), now=NOW, reason="人数不符")
    officer = world.user("shi-kaowu")
    said = {"description": "停电十分钟。", "happened_at": MORNING, "act": "system"}
    incident = reporting.report(actor=officer, now=MORNING + timedelta(hours=1), session_id=group.session.pk, **said)
    steps = rows_of(group, "session_log")
    assert [row["说明"] for row in steps if row["事项"] == f"考试计划 {plan.number}"] == ["人数不符"]
    assert [row["环节"] for row in steps if row["事项"] == f"异常情况 {incident.number}"] == ["报告"]


def test_who_acted_for_whom_stands_in_the_log(world, group):
    absent = world.user("sheng-shenpi")
    log([group.plan], "acknowledge", actor=world.user("shi-shenhe"), now=NOW)
    TransitionLog.objects.filter(name="acknowledge").update(on_behalf_of=absent)
    (row,) = [row for row in rows_of(group, "log") if row["事项"].startswith("培训计划")]
    assert f" 代 {absent}" in row["办理人"]


def test_that_somebody_looked_is_no_step_of_a_dossier(world, group):
    accesses.reveal(group.applications[0], actor=world.user("shi-shenhe"), now=NOW)
    assert "查看完整证件号码" not in str(rows_of(group, "log"))


# Clocks


def test_every_clock_of_a_class_stands_in_the_dossier(world, group):
    organiser, institution = group.plan.organiser, group.plan.institution
    for rule in ("plan_filing", "roster"):
        parties = {"responsible": institution, "institution": institution, "organiser": organiser}
        ledger.open_deadline(rule, group.plan, event_on=group.plan.class_start, now=NOW, **parties)
    served(world, group)
    found = rows_of(group, "deadlines")
    plan = f"培训计划 {group.plan.number}"
    assert len({row["规则"] for row in found if row["事项"] == plan}) == 2
    application = group.applications[0]
    mine = [row for row in found if row["事项"] == f"发证许可 {application.number} {application.person.name}"]
    assert {row["规则"] for row in mine} == {
        "提交发证许可申请",
        "受理或者一次性告知补正",
        "作出许可决定（承诺时限）",
        "作出许可决定（法定时限）",
        "送达许可决定",
    }
    assert all(row["办结时间"] for row in mine)
    assert rows_of(group, "deadlines", inside=False) == found


def test_what_held_a_clock_and_what_was_granted_on_top_stands_beside_it(world, group):
    ids = ids_of(reconciled(world, group))
    given = {"kind": "HEARING", "reason": "申请人要求听证。", "expected_on": working_day(SUBMITTED.date(), 5)}
    pausing.pause(actor=world.user("sheng-shenpi"), now=SUBMITTED, applicant_ids=ids[:1], **given)
    row = LicenceApplicant.objects.get(pk=ids[0])
    statutory = ledger.find("decision_statutory", row)
    Deadline.objects.filter(pk=statutory.pk).update(extension_days=10)
    mine = [found for found in rows_of(group, "deadlines") if found["中止计算"]]
    assert mine
    assert {found["事项"] for found in mine} == {
        f"发证许可 {row.candidate.application.number} {row.candidate.application.person.name}"
    }
    assert all("听证" in found["中止计算"] and "未恢复" in found["中止计算"] for found in mine)
    assert [found["延长（工作日）"] for found in mine if found["延长（工作日）"]] == ["10"]


def test_the_clocks_of_the_session_stand_in_its_own_part(world, group):
    plan = ExamPlan.objects.get()
    organiser = group.session.organiser
    for rule, case in (("exam_plan", plan), ("results_release", group.session)):
        given = {"responsible": organiser, "organiser": organiser, "now": NOW}
        ledger.open_deadline(rule, case, event_on=group.session.starts_on, **given)
    found = rows_of(group, "session_deadlines")
    assert {row["事项"] for row in found} == {f"考试计划 {plan.number}", f"场次 {group.session.number}"}


# Signatures


def test_who_accepted_and_who_compared_is_named_with_whom_they_acted_for(world, group):
    reconciled(world, group)
    absent = world.user("sheng-shenpi")
    LicenceApplicant.objects.update(accepted_on_behalf_of=absent)
    clerk = world.user("sheng-shouli")
    assert {(row["受理人"], row["核对人"]) for row in rows_of(group, "licences")} == {
        (f"{clerk} 代 {absent}", str(clerk))
    }


# Letters and notices


def papers_of(group, folder) -> list[str]:
    found = contents(group.session, [group.plan], whole=True, masked=True)
    return [paper.title for paper in found.papers if paper.folder == folder]


def test_a_correction_notice_is_kept_with_whom_it_reached_and_when(world):
    group = make_group(world)
    asked = {"stage": "PRELIMINARY", "outcome": "RETURN", "items": asks("照片不清晰")}
    reviewing.review(actor=world.user("shi-shenhe"), now=NOW, application_ids=group.ids, **asked)
    notice = CorrectionNotice.objects.get()
    correction_papers.write_letter(actor=world.user("shi-shenhe"), now=NOW, notice_id=notice.pk)
    answering.note_seen(actor=world.user("jigou"), now=NOW + timedelta(hours=1), notice_id=notice.pk)
    assert [notice.number in title for title in papers_of(group, "corrections")] == [True]
    (row,) = rows_of(group, "notices")
    assert (row["文号"], row["送达对象"]) == (notice.number, str(group.plan.institution))
    assert row["查收"] == f"2026年10月19日 11:00 {world.user('jigou')}"
    assert row["下载"] == ""


def test_a_bar_is_kept_with_its_letter_and_evidence_among_the_authorities(world, group):
    files = [("核验函.jpg", specimens.scan("核验函"))]
    said = {"ground": "FALSE_MATERIAL", "reason": "学历证书系伪造", "evidence": "学校核验函", "files": files}
    person = group.applications[0].person_id
    case = proposing.propose(actor=world.user("shi-shenhe"), now=SERVED, person_id=person, **said)
    case = imposing.impose(actor=world.user("sheng-fuze"), now=SERVED, case_id=case.pk, reason="证据确凿")
    bar_papers.write_missing()
    titles = papers_of(group, "bars")
    assert len(titles) == 2
    assert titles[0].startswith(case.number)
    (row,) = rows_of(group, "bars")
    people = (str(world.user("shi-shenhe")), str(world.user("sheng-fuze")))
    assert (row["文号"], row["提请人"], row["作出人"]) == (case.number, *people)
    shown = contents(group.session, [group.plan], whole=False, masked=True, inside=False)
    assert [paper for paper in shown.papers if paper.folder == "bars"] == []
    assert rows_of(group, "bars", inside=False) == []


def test_an_ended_certificate_is_kept_with_the_notice_before_it_and_its_decision(world, group):
    granted(world, group)
    clerk, head = world.user("sheng-shouli"), world.user("sheng-fuze")
    certificate = Certificate.objects.order_by("pk").first()
    said = {"ground": "FRAUD", "facts": "考试由他人代考。", "evidence": "监控录像"}
    case = ending.propose(actor=clerk, now=SERVED, certificate_id=certificate.pk, **said)
    ending.tell(actor=clerk, now=SERVED, case_id=case.pk)
    ending.hear(actor=clerk, now=SERVED, case_id=case.pk, hearing_asked=False, statement="本人承认")
    case = ending.decide(actor=head, now=SERVED + timedelta(days=20), case_id=case.pk, opinion="同意")
    ending_papers.write_missing()
    assert [ending_papers.archive_notices(EndingCase.objects.all()) for _twice in range(2)] == [1, 0]
    titles = papers_of(group, "endings")
    assert ["告知书" in title for title in titles] == [False, True]
    assert case.number in titles[0]
    assert case.notice_number in titles[1]
    (row,) = rows_of(group, "endings")
    assert (row["提请"].split()[-1], row["决定"].split()[-1]) == (str(clerk), str(head))
    assert (row["陈述申辩和听证"], row["种类和事由"][:3]) == ("本人承认", "撤销：")
    assert row["告知"].startswith(f"{case.notice_number}；2026年11月9日 10:00；可以要求听证至")
    assert rows_of(group, "endings", inside=False) == []


def test_hand_overs_stand_in_the_part_of_the_class_that_was_handed_over(world):
    group = make_group(world, 3)
    reviewer = world.user("shi-shenhe")
    for ids, how in (
        (group.ids[:2], {"outcome": "PASS"}),
        (group.ids[2:], {"outcome": "RETURN", "items": asks("照片不清晰")}),
    ):
        preparing.prepare(actor=reviewer, now=NOW, application_ids=ids, stage="PRELIMINARY", **how)
    preparing.hand_over(actor=reviewer, now=NOW)
    found = rows_of(group, "handovers")
    assert {(row["接收单位"], row["本班人数"]) for row in found} == {
        (str(world.centre), "2"),
        (str(group.plan.institution), "1"),
    }
    shown = rows_of(group, "handovers", inside=False)
    assert [row["接收单位"] for row in shown] == [str(group.plan.institution)]


def test_reminders_stand_once_for_each_notice_with_when_it_was_opened(world, group):
    reconciled(world, group)
    remind(now=at(working_day(SUBMITTED.date(), 8), 9))
    notice = Reminder.objects.filter(recipient=world.user("sheng-fuze"), deadline__rule__code="decision").first().notice
    Notice.objects.filter(pk=notice.pk).update(read_at=SERVED)
    rows = [row for row in rows_of(group, "reminders") if row["规则"] == "作出许可决定（承诺时限）"]
    (mine,) = [row for row in rows if row["收件人"] == world.user("sheng-fuze").person.name]
    assert (mine["事项数"], mine["时点"]) == ("2", "提前2个工作日")
    assert mine["打开时间"].startswith("2026年")
    assert all(row["发出时间"] for row in rows)
    assert rows_of(group, "reminders", inside=False) == []


# Inboxes


def test_a_notice_stands_in_the_part_of_the_class_that_it_is_about(world):
    group = make_group(world, 3)
    asked = {"stage": "PRELIMINARY", "outcome": "RETURN", "items": asks("照片不清晰")}
    reviewing.review(actor=world.user("shi-shenhe"), now=NOW, application_ids=group.ids, **asked)
    filer = world.user("jigou")
    (mine,) = [row for row in rows_of(group, "inbox") if row["收件人"] == filer.person.name]
    first = group.applications[0]
    assert (mine["单位"], mine["事项"]) == (str(filer.organisation), f"{first.number} {first.person.name}等 3 项")
    assert mine["标题"].startswith("考试申报退回补正：")
    assert (mine["时间"], mine["阅读时间"]) == ("2026年10月19日 10:00", "")
    Notice.objects.filter(recipient=filer).update(read_at=NOW + timedelta(hours=1))
    assert [row["阅读时间"] for row in rows_of(group, "inbox", inside=False)] == ["2026年10月19日 11:00"]


def test_an_institution_is_shown_what_its_own_people_got(world, group):
    own, officer, stranger = world.user("jigou"), world.user("sheng-shenhe"), world.user("lanxi-jigou")
    about = [group.plan, *group.applications]
    notify([own, officer, stranger], title="核查情况", about=about, now=NOW)
    notify([officer, stranger], title="内部情况", about=group.applications[:1], now=NOW)
    notify([own, officer], title="禁考提请", about=group.session, now=NOW)
    everything = rows_of(group, "inbox")
    assert [row["标题"] for row in everything] == ["核查情况"] * 3 + ["内部情况"] * 2 + ["禁考提请"]
    shown = rows_of(group, "inbox", inside=False)
    assert [(row["标题"], row["收件人"]) for row in shown] == [
        ("核查情况", own.person.name),
        ("禁考提请", own.person.name),
    ]
    assert rows_of(group, "session_inbox", inside=False) == []


def test_another_class_s_notices_are_not_in_the_part_of_this_one(world, group):
    other = make_group(world, 1, institution=world.other_institution, assigned=False)
    list_in_session(other.applications, group.session, actor=world.user("shi-kaowu"), now=NOW)
    for each, who in ((group, "jigou"), (other, "lanxi-jigou")):
        notify([world.user(who)], title=f"关于{each.plan.number}", about=each.applications, now=NOW)
    for inside in (True, False):
        both = contents(group.session, [group.plan, other.plan], whole=False, masked=True, inside=inside)
        tables = {section.plan: section.rows for section in both.sections if section.key == "inbox"}
        assert {plan: [row[1] for row in rows] for plan, rows in tables.items()} == {
            each.plan: [f"关于{each.plan.number}"] for each in (group, other)
        }


def test_the_session_s_part_holds_what_was_told_about_session_plan_and_incidents(world, group):
    officer, plan = world.user("shi-kaowu"), ExamPlan.objects.get()
    said = {"description": "停电十分钟。", "happened_at": MORNING, "act": "system"}
    incident = reporting.report(actor=officer, now=MORNING + timedelta(hours=1), session_id=group.session.pk, **said)
    notify([officer], title="场次情况", about=[group.session, plan], now=NOW)
    found = {(row["标题"], row["事项"]) for row in rows_of(group, "session_inbox")}
    assert ("场次情况", f"场次 {group.session.number}、考试计划 {plan.number}") in found
    assert f"异常情况 {incident.number}" in {about for _title, about in found}


# Cost


def test_fifty_notices_take_as_many_queries_as_one(world, group):
    counts = []
    users = list(User.objects.filter(organisation=world.institution, person__isnull=False))
    contents(group.session, [group.plan], whole=True, masked=False)  # warms what is kept in memory
    for number in (1, 50):
        for each in range(number):
            notify(users, title=f"第{each}条", about=[group.plan, *group.applications], now=NOW)
        with CaptureQueriesContext(connection) as queries:
            contents(group.session, [group.plan], whole=True, masked=False)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_more_people_take_no_more_queries(world):
    counts = []
    for people in (2, 8):
        group = make_group(world, people, state="CLEARED")
        take_exam(world, group)
        served(world, group)
        with CaptureQueriesContext(connection) as queries:
            contents(group.session, [group.plan], whole=True, masked=False)
        counts.append(len(queries))
    assert counts[0] == counts[1]
