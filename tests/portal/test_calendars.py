"""工作日历维护: entering, correcting, previewing and publishing on screen; a year for everybody to read."""

from datetime import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from certification.clock import SHANGHAI
from certification.deadlines.calendars.table import written
from certification.records.models import StoredFile
from certification.workdays.models import CalendarEdition
from tests.workdays.notices import NEXT, TEXTS

NEW = "/calendar/editions/new/"
DECEMBER = datetime(2026, 12, 2, 9, 0, tzinfo=SHANGHAI)


@pytest.fixture
def administrator(client_of, at):
    at(DECEMBER)
    return client_of("guanli")


def draft_of(response) -> CalendarEdition:
    assert response.status_code == 302, response.content.decode()
    return CalendarEdition.objects.get(pk=response.url.rstrip("/").rpartition("/")[2])


@pytest.fixture
def draft(administrator) -> CalendarEdition:
    return draft_of(administrator.post(NEW, {"year": 2027, "text": NEXT}))


def text_of(response) -> str:
    return response.content.decode()


def test_the_list_says_which_year_is_missing(administrator):
    page = text_of(administrator.get("/calendar/editions/"))
    assert "2027年的放假通知尚未载入" in page
    assert "国务院办公厅关于2026年部分节假日安排的通知" in page


def test_the_home_page_says_it_from_december(administrator, client_of):
    assert "录入2027年放假通知" in text_of(administrator.get("/"))
    assert "录入2027年放假通知" not in text_of(client_of("sheng-fuze").get("/"))


def test_a_notice_becomes_a_draft_with_months_and_check(administrator, draft):
    page = text_of(administrator.get(f"/calendar/editions/{draft.pk}/"))
    assert draft.status == "DRAFT"
    assert "不含2027年，请对照通知原文" in page
    assert page.count('<table class="month">') == 12
    assert "国办发明电〔2026〕99号" in page


def test_differences_to_the_independent_source_are_shown(administrator):
    text = TEXTS[2026].replace("10月10日（周六）上班", "10月11日（周日）上班")
    edition = draft_of(administrator.post(NEW, {"year": 2026, "text": text}))
    page = text_of(administrator.get(f"/calendar/editions/{edition.pk}/"))
    assert "有 2 日不同" in page
    assert "上班（国庆节）" in page


def test_every_contradiction_is_listed_and_the_text_is_kept(administrator):
    text = NEXT.replace("2月20日（周六）", "2月22日（周六）").replace("6月9日（周三）", "6月10日（周三）")
    response = administrator.post(NEW, {"year": 2027, "text": text, "title": "我的标题2027年"})
    page = text_of(response)
    assert response.status_code == 422
    for said in ("写作周六，实为周一", "不是周六、周日", "写作周三，实为周四", "法定放假日（端午节）"):
        assert said in page
    assert "2月22日（周六）上班" in page
    assert "我的标题2027年" in page
    assert not CalendarEdition.objects.filter(status="DRAFT").exists()


@pytest.mark.parametrize("year", ["1900", "9999", "0", "-5", "二〇二七", "", "99999999999999999999"])
def test_a_year_that_cannot_be_is_an_error_of_the_form(administrator, year):
    response = administrator.post(NEW, {"year": year, "text": NEXT})
    assert response.status_code == 422
    assert NEXT.splitlines()[3] in text_of(response)


@pytest.mark.parametrize(
    "text", ["", "\x00", "<script>", "2月30日", "日期,类型\n,", "日期,类型,节日\n9999-12-31,放假,x"]
)
def test_nonsense_is_refused_and_never_an_error(administrator, text):
    assert administrator.post(NEW, {"year": 2027, "text": text}).status_code == 422


def test_a_csv_and_the_notice_itself(administrator, draft, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    table = written(draft.days.values_list("date", "kind", "name")).encode("gb18030")
    files = {"table": SimpleUploadedFile("2027.csv", table)}
    head = {"year": 2027, "title": "2027年放假通知", "dated_on": "2026-11-20"}
    edition = draft_of(administrator.post(NEW, {**head, **files}))
    assert edition.digest == draft.digest
    wrong = {"notice_file": SimpleUploadedFile("notice.pdf", b"MZ not a pdf")}
    address = f"/calendar/editions/{edition.pk}/edit/"
    assert administrator.post(address, {**head, "text": edition.source_text, **wrong}).status_code == 422
    assert not StoredFile.objects.exists()


def test_a_draft_is_changed(administrator, draft):
    address = f"/calendar/editions/{draft.pk}/edit/"
    assert "农历除夕" in text_of(administrator.get(address))
    administrator.post(address, {"year": 2027, "text": NEXT.replace("2月20日", "2月27日")})
    draft.refresh_from_db()
    assert draft.days.filter(date="2027-02-27", kind="MAKEUP").exists()


def test_preview_then_publishing(administrator, draft, client_of):
    address = f"/calendar/editions/{draft.pk}/publish/"
    response = administrator.get(address)
    assert "确认发布" in text_of(response)
    fingerprint = response.context["preview"].fingerprint
    refused = administrator.post(address, {"fingerprint": "x"})
    assert (refused.status_code, "预览之后情况有变化" in text_of(refused)) == (422, True)
    assert administrator.post(address, {"fingerprint": fingerprint}, follow=True).status_code == 200
    draft.refresh_from_db()
    assert draft.status == "PUBLISHED"
    assert "没有重复发布" in text_of(administrator.get(address, follow=True))
    page = text_of(client_of("jigou").get("/calendar/2027/"))
    assert ("春节" in page, "均为暂定" in page) == (True, False)


def test_the_preview_has_pages(administrator, draft):
    response = administrator.get(f"/calendar/editions/{draft.pk}/publish/?from=50")
    assert response.status_code == 200
    assert administrator.get(f"/calendar/editions/{draft.pk}/publish/?from=x").status_code == 400


def test_a_correction_begins_as_a_copy(administrator):
    published = CalendarEdition.objects.get(year=2026)
    response = administrator.post(f"/calendar/editions/{published.pk}/correct/")
    assert response.url.endswith("/edit/")
    assert "2026-02-15,2026-02-23,放假,春节" in text_of(administrator.get(response.url))
    assert CalendarEdition.objects.filter(year=2026, status="DRAFT").count() == 1
    assert "不能修改" in text_of(administrator.get(f"/calendar/editions/{published.pk}/edit/", follow=True))


def test_the_number_of_queries_does_not_grow_with_the_editions(administrator, django_assert_max_num_queries):
    for _times in range(5):
        administrator.post(NEW, {"year": 2027, "text": NEXT})
    with django_assert_max_num_queries(15):
        administrator.get("/calendar/editions/")


@pytest.mark.parametrize("year", [1, 1969, 2131, 9999])
def test_a_year_outside_any_calendar_is_not_there(client_of, year):
    assert client_of("jigou").get(f"/calendar/{year}/").status_code == 404


@pytest.mark.parametrize("login", ["jigou", "sheng-fuze", "shenji"])
def test_others_keep_out(client_of, login):
    assert client_of(login).get("/calendar/editions/").status_code == 403
    assert client_of(login).get(NEW).status_code == 403


@pytest.mark.parametrize("day", ["0001-01-01", "1900-01-01", "1969-12-31", "2130-12-31", "9999-12-31"])
def test_a_date_outside_any_calendar_typed_anywhere_is_an_answer_of_the_page(client_of, day):
    filer, officer = client_of("jigou"), client_of("shi-kaowu")
    plan = {"class_start": day, "class_end": day, "wished_exam_on": day, "submit": "yes"}
    answers = [
        filer.get("/deadlines/calculate/", {"event": day, "rule": "plan_filing"}),
        filer.get("/deadlines/planner/", {"kind": "INITIAL", "category": "TWO", "class_start": day, "exam_on": day}),
        filer.post("/training/plans/new/", plan),
        filer.get("/training/plans/", {"starts_from": day, "starts_until": day}),
        officer.post("/exams/sessions/announce/", {"theory_day": day, "practical_day": day}),
    ]
    assert [answer.status_code for answer in answers if answer.status_code not in (200, 400, 422)] == []


def test_a_draft_is_discarded_after_being_asked_and_stays_on_record(administrator, draft):
    url = f"/calendar/editions/{draft.pk}/discard/"
    assert "作废2027年工作日历的草稿" in text_of(administrator.get(url))
    assert administrator.post(url).status_code == 302
    draft.refresh_from_db()
    assert (draft.status, draft.source_text, draft.days.exists()) == ("DISCARDED", NEXT.strip(), True)
    shown = text_of(administrator.get(f"/calendar/editions/{draft.pk}/"))
    assert "这份草稿已作废" in shown
    assert "预览并发布" not in shown
    assert administrator.get(f"/calendar/editions/{draft.pk}/publish/").status_code == 302
    assert administrator.post(url).status_code == 422
