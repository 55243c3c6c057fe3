"""The public look-up (方案四（四）): who sees what, no guessing, no enumeration, the letter against a receipt."""

import re
from datetime import date

import pytest
from axes.models import AccessAttempt
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from approvals.certificates import electronic
from approvals.models import Decision, ServiceEvent
from approvals.public import challenges, seeing
from certification.people.models import Person
from certification.portal import login_limits
from certification.portal.client_address import client_address
from certification.records import accesses
from certification.workdays.wording import plain_day
from exams.incidents import deciding
from exams.models import ExamApplication, ExamSession, Result
from exams.scores import rechecks
from tests.approvals.cases import NOW, make_group, take_exam
from tests.approvals.licensing_steps import DECIDED, SERVED, SUBMITTED, granted, submitted
from tests.approvals.test_void_scores import reported, voided
from tests.factories import at as moment

pytestmark = pytest.mark.django_db
URL = "/query/"
# What differs from page to page: tokens, and the sum that is asked.
CHANGING = r"""csrfmiddlewaretoken" value="[^"]+|X-CSRFToken": "[^"]+|[一二三四五六七八九]加.等"""


@pytest.fixture
def person(world, at):
    """Somebody whose decision is made and not served."""
    group = make_group(world, 1, state="CLEARED")
    take_exam(world, group)
    granted(world, group)
    at(SERVED)
    return group.applications[0].person


def ask(client, name, number, *, answer=None):
    client.get(URL)
    expected = client.session[challenges.KEY]
    given = {"name": name, "document_number": number, "answer": expected if answer is None else answer}
    return client.post(URL, given)


def shown(client, person):
    assert ask(client, person.name, person.document_number).status_code == 302
    return client.get(URL).content.decode()


def test_name_number_and_challenge_show_the_case_with_a_masked_number(client, person):
    page = shown(client, person)
    assert "准予许可" in page
    assert "88.5" in page
    assert person.masked_number in page
    assert person.document_number not in page
    staff = ("sheng", "审核人", "眩晕")
    assert not [word for word in staff if word in page]
    (line,) = accesses.lines([accesses.LOOK_UP])
    assert (line.subject_id, line.detail["address"]) == (person.pk, "127.0.0.1")


def test_a_wrong_name_and_an_unknown_number_are_answered_alike(client, person, django_assert_num_queries):
    pages = []
    for name, number in (("某某", person.document_number), (person.name, "990101199001010017")):
        answer = ask(client, name, number)
        assert answer.status_code == 422
        text = re.sub(CHANGING, "", answer.content.decode())
        pages.append(text.replace(name, "").replace(number, ""))
    assert pages[0] == pages[1]
    for name, number in (("某某", person.document_number), (person.name, "990101199001010017")):
        with django_assert_num_queries(1):
            assert seeing.find(name, number) is None


@pytest.mark.parametrize(
    ("registered", "typed"),
    [("John Smith", "John  Smith"), ("阿依·古丽", "阿依 • 古丽"), ("张三", "张 三"), ("John Smith", "Ｊohn Smith")],
)
def test_a_name_is_read_as_the_register_reads_it(client, person, registered, typed):
    Person.objects.filter(pk=person.pk).update(name=registered)
    assert ask(client, f"{typed}某", person.document_number).status_code == 422
    spaced = f"{person.document_number[:6]} {person.document_number[6:].lower()}"
    assert ask(client, typed, spaced).status_code == 302


def test_people_of_the_register_who_never_applied_are_not_told_of(client, world, at):
    at(NOW)
    known = world.persons(1)[0]
    assert ask(client, known.name, known.document_number).status_code == 422


def test_the_challenge_is_asked_once(client, person):
    assert ask(client, person.name, person.document_number, answer="99").status_code == 422
    client.get(URL)
    given = {"name": person.name, "document_number": person.document_number, "answer": client.session[challenges.KEY]}
    assert client.post(URL, given).status_code == 302
    client.post(URL, {"leave": "1"})
    assert client.post(URL, given).status_code == 422
    session = client.session
    session.pop(challenges.KEY, None)
    assert challenges.answered(session, "5") is False
    question = challenges.ask(session)
    assert question.endswith("等于几")
    expected = session[challenges.KEY]
    assert challenges.answered(session, f" {expected} ")
    assert not challenges.answered(session, str(expected))


def test_guessing_locks_out_the_address_and_nobody_else(client, person, settings):
    settings.AXES_ENABLED = True
    for place in range(5):
        # However it is written, it is one number.
        number = person.document_number[:place] + " " + person.document_number[place:]
        assert ask(client, "某某", number).status_code == 422
    locked = ask(client, person.name, person.document_number)
    assert locked.status_code == 429
    assert "已暂停查询" in locked.content.decode()
    # The owner, elsewhere, is not kept out by what a stranger did.
    client.defaults["REMOTE_ADDR"] = "10.0.0.9"
    assert ask(client, person.name, person.document_number).status_code == 302


def test_trying_many_numbers_locks_the_address(client, person, settings, monkeypatch):
    settings.AXES_ENABLED = True
    monkeypatch.setattr(login_limits, "ADDRESS_FAILURES", 3)
    for last in range(3):
        assert ask(client, "某某", f"99010119900101001{last}").status_code == 422
    assert ask(client, person.name, person.document_number).status_code == 429


def test_what_fails_the_challenge_is_not_counted(client, person, settings):
    settings.AXES_ENABLED = True
    for _ in range(6):
        assert ask(client, "某某", person.document_number, answer="99").status_code == 422
    assert not AccessAttempt.objects.exists()
    assert ask(client, person.name, person.document_number).status_code == 302


@pytest.mark.parametrize(
    ("proxies", "passed", "address"),
    [
        (0, "1.1.1.1", "10.0.0.1"),
        (1, "6.6.6.6, 1.1.1.1", "1.1.1.1"),
        (2, "6.6.6.6, 1.1.1.1, 10.0.0.2", "1.1.1.1"),
        (1, "", "10.0.0.1"),
    ],
)
def test_behind_proxies_the_address_is_what_they_saw(rf, settings, proxies, passed, address):
    settings.TRUSTED_PROXIES = proxies
    request = rf.get("/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=passed)
    assert client_address(request) == address


def test_the_number_stays_out_of_what_axes_keeps(client, person, settings):
    settings.AXES_ENABLED = True
    ask(client, "某某", person.document_number)
    kept = [f"{row.username} {row.post_data} {row.get_data} {row.path_info}" for row in AccessAttempt.objects.all()]
    assert len(kept) == 2
    assert not [line for line in kept if person.document_number in line or "某某" in line]


def test_the_view_ends_by_itself_and_at_once_when_left(client, person, at):
    assert "结束查询" in shown(client, person)
    client.post(URL, {"leave": "1"})
    assert "证件号码" in client.get(URL).content.decode()
    shown(client, person)
    at(SERVED + seeing.LASTS * 2)
    assert "结束查询" not in client.get(URL).content.decode()


def test_the_letter_is_signed_for_then_shown_and_the_receipt_is_evidence(client, person, world):
    decision = Decision.objects.get()
    letter, sign = (reverse(f"public:{name}", args=[decision.pk]) for name in ("letter", "sign"))
    receipt = reverse("public:receipt", args=[decision.pk])
    assert [client.get(url).status_code for url in (letter, sign, receipt)] == [404, 404, 404]
    shown(client, person)
    assert client.get(letter).url == sign
    assert client.get(receipt).status_code == 404
    assert "不愿网上签收" in client.get(sign).content.decode()
    assert client.post(sign, {}).status_code == 422
    assert client.post(sign, {"agree": "on"}).status_code == 302
    assert client.post(sign, {"agree": "on"}).status_code == 302
    decision.refresh_from_db()
    assert (decision.service_method, decision.served_at) == ("ONLINE", SERVED)
    assert b"".join(client.get(letter).streaming_content).startswith(b"%PDF")
    assert client.get(receipt).content.startswith(b"%PDF")
    assert [str(row) for row in ServiceEvent.objects.all()] == ["本人查看决定", "本人签收", "本人打开决定书"]
    client.force_login(world.user("sheng-shouli"))
    page = client.get(reverse("approvals:service", args=[decision.pk])).content.decode()
    assert "云应急特种送〔2026〕1号" in page


def test_nobody_sees_anothers_letter_or_ticket(client, world, at):
    groups = [make_group(world, 1, state="CLEARED") for _ in range(2)]
    others = []
    for group in groups:
        (candidate,) = take_exam(world, group)
        granted(world, group)
        others.append(candidate)
    at(SERVED)
    shown(client, groups[0].applications[0].person)
    other = Decision.objects.get(applicant__candidate=others[1])
    urls = [reverse(f"public:{name}", args=[other.pk]) for name in ("letter", "sign", "receipt")]
    urls.append(reverse("public:ticket", args=[others[1].pk]))
    assert [client.get(url).status_code for url in urls] == [404] * 4


def test_what_is_not_released_is_not_told(client, world, at):
    group = make_group(world, 1, state="CLEARED")
    take_exam(world, group)
    ExamSession.objects.filter(pk=group.session.pk).update(state="HELD")
    Result.objects.update(state="CHECKED")
    at(DECIDED)
    page = shown(client, group.applications[0].person)
    assert "成绩待公布" in page
    assert "88.5" not in page


def test_progress_before_the_decision(client, world, at):
    group = make_group(world, 1, state="CLEARED")
    take_exam(world, group)
    submitted(world, group)
    at(DECIDED)
    assert "待受理" in shown(client, group.applications[0].person)


def test_as_many_queries_for_many_cases_as_for_one(world, at):
    persons = world.persons(1)
    for job_type in ("0101", "0102"):
        group = make_group(world, 1, state="CLEARED", job_type=job_type, persons=persons)
        take_exam(world, group)
        granted(world, group)
    at(SERVED)
    seeing.cases_of(persons[0])  # The rules of the edition and the calendar are read once for all.
    with CaptureQueriesContext(connection) as two:
        assert len(seeing.cases_of(persons[0])) == 2
    ExamApplication.objects.filter(pk=group.ids[0]).update(state="DRAFT")
    with CaptureQueriesContext(connection) as one:
        assert len(seeing.cases_of(persons[0])) == 1
    assert len(one) == len(two)


def test_the_guide_draws_codes_for_the_official_pages_only(client, world, at):
    at(NOW)
    page = client.get(reverse("public:guide")).content.decode()
    assert page.count('class="code"') == len(electronic.guide(NOW.date()).places) == 2
    for place in electronic.guide(NOW.date()).places:
        assert re.match(r"https://(\w+\.)*mem\.gov\.cn/", place.address)
        assert place.address in page


class TestScores:
    """Released scores, those that an incident cancelled, and what can be asked for against either."""

    @pytest.fixture
    def group(self, world):
        found = make_group(world, 1, state="CLEARED")
        take_exam(world, found)
        return found

    def test_a_recheck_is_asked_for_through_the_institution_as_long_as_it_can_be(self, client, group, at):
        person, result = group.applications[0].person, Result.objects.filter(part="THEORY").get()
        last = rechecks.last_day(result)
        at(moment(last))
        assert f"{plain_day(last)}前（含当日）通过培训机构申请复核" in shown(client, person)
        at(moment(last + date.resolution))
        assert "申请复核" not in shown(client, person)

    def test_a_cancelled_score_says_so_with_the_decision_and_the_days_for_a_review(self, client, world, group, at):
        person = group.applications[0].person
        incident = voided(world, reported(world, group))
        # Found before the score was ever entered: there is none to show.
        Result.objects.filter(part="THEORY").update(score=None)
        at(moment(incident.decided_at.date()))
        assert "可以自被告知处理决定之日起15日内向考试组织单位申请复核" in shown(client, person)
        officer, told_on = world.user("shi-kaowu"), incident.decided_at.date()
        incident = deciding.tell(
            actor=officer, now=moment(told_on, 18), incident_id=incident.pk, told_on=told_on, told_how="当面告知"
        )
        at(moment(incident.review_until))
        page = shown(client, person)
        assert page.count("成绩取消") == 2
        assert "None" not in page
        assert f"{incident.act_text}：本场次全部成绩无效" in page
        assert f"{plain_day(incident.review_until)}前（含当日）向考试组织单位申请复核" in page
        staff = (incident.description, incident.statement, incident.proposal, incident.decision, "通过培训机构申请复核")
        assert not [word for word in (*staff, incident.decided_by.person.name) if word in page]
        at(moment(incident.review_until + date.resolution))
        assert "申请复核" not in shown(client, person)

    def test_what_is_not_decided_is_not_shown(self, client, world, group, at):
        incident = reported(world, group)
        at(SUBMITTED)
        assert incident.act_text not in shown(client, group.applications[0].person)
