"""The pages: what was typed stays, late filing offers the earliest date, uploads of every sort, scope, query counts."""

import io
import zipfile
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from certification.records.models import StoredFile, TransitionLog
from certification.spreadsheets.writing import workbook
from tests.factories import at as moment
from tests.training.conftest import FILED_ON, record
from tests.training.test_acknowledging import CountQueries
from training.models import PlanReceipt, Roster, Trainee, TrainingPlan
from training.plans import acknowledging, filing
from training.plans.plan_entry import typed_of
from training.rosters import submitting
from training.rosters.roster_columns import roster_columns
from training.states import PlanState

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def today(at):
    """The clock stands at 10:00 on 2 March 2026, the day on which plans are filed."""
    return at(moment(FILED_ON))


@pytest.fixture
def client_of(world, today):
    """``client_of("jigou")``: a browser in which this person is logged in."""

    def make(username):
        client = Client()
        client.force_login(world.user(username), backend="certification.organisations.backends.AccountBackend")
        return client

    return make


@pytest.fixture
def filer(client_of):
    return client_of("jigou")


@pytest.fixture
def typed(world, teachers):
    """The form as somebody fills it in."""
    values = {
        "kind": "INITIAL",
        "job_type": world.job_type(),
        "class_start": date(2026, 4, 20),
        "class_end": date(2026, 5, 15),
        "capacity": 30,
        "onsite_hours": 120,
        "online_hours": 40,
        "venue": "测试路 1 号",
    }
    return typed_of(values, teachers)


def upload(client, plan, content, name="名单.xlsx"):
    file = SimpleUploadedFile(name, content, content_type=XLSX)
    return client.post(reverse("training:roster_upload", args=[plan.pk]), {"file": file})


def sheet(people, **changes):
    columns = roster_columns(date(2026, 3, 2))
    rows = [
        [one.name, None, one.number, "高中", "13800000000", "测试公司", "电工", changes.get("job_type"), None]
        for one in people
    ]
    return workbook([column.name for column in columns], rows, text_columns=["身份证号码", "手机号"])


def test_from_an_empty_form_to_a_filed_plan(filer, typed):
    answer = filer.post(reverse("training:plan_create"), {**typed, "submit": "yes"})
    plan = TrainingPlan.objects.get()
    assert answer.url == reverse("training:plan_file", args=[plan.pk])
    page = filer.get(answer.url).content.decode()
    assert "青屏市应急管理局" in page
    assert "共 2 份回执" in page
    assert "4月9日 周四 24:00 前" in page
    filed = filer.post(answer.url, follow=True)
    assert "BB-2026-0001、BB-2026-0002" in filed.content.decode()
    assert "报备回执" in filed.content.decode()


def test_what_was_typed_is_kept_with_an_error_at_each_field(filer):
    typed = {"capacity": "很多", "class_start": "四月", "venue": "测试路", "teacher_name_1": "李某", "submit": "yes"}
    answer = filer.post(reverse("training:plan_create"), typed)
    assert answer.status_code == 422
    form = answer.context["form"]
    assert {"capacity", "class_start", "kind", "job_type", "teacher_number_1"} <= set(form.errors)
    page = filer.get(reverse("training:plan_edit", args=[TrainingPlan.objects.get().pk])).content.decode()
    assert 'value="很多"' in page
    assert 'value="测试路"' in page


def test_the_same_form_sent_twice_makes_one_draft(filer, typed):
    page = filer.get(reverse("training:plan_create"))
    key = page.context["form"]["entry_key"].value()
    for _each in range(2):
        filer.post(reverse("training:plan_create"), {**typed, "entry_key": key})
    assert TrainingPlan.objects.count() == 1


def test_too_late_shows_clause_due_date_and_one_click_to_the_earliest_start(filer, world, typed):
    typed["class_start"] = "2026-03-05"
    answer = filer.post(reverse("training:plan_create"), {**typed, "submit": "yes"}, follow=True)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "方案三（一）" in page
    assert "2026年2月" in page
    link = reverse("training:plan_edit", args=[TrainingPlan.objects.get().pk]) + "?class_start=2026-03-11"
    assert link in page
    form = filer.get(link).context["form"]
    assert form["class_start"].value() == "2026-03-11"
    assert form["class_end"].value() == "2026-05-21"
    refused = filer.post(reverse("training:plan_file", args=[TrainingPlan.objects.get().pk]))
    assert refused.status_code == 422
    assert not PlanReceipt.objects.exists()


def test_filing_twice_in_the_browser_acts_once(filer, draft):
    url = reverse("training:plan_file", args=[draft().pk])
    filer.post(url)
    again = filer.post(url, follow=True)
    assert "没有重复报备" in again.content.decode()
    assert PlanReceipt.objects.count() == 2


def test_returning_and_filing_again_shows_what_changed(filer, client_of, plan):
    receipt = plan.receipts.first()
    reviewer = client_of("sheng-shenhe")
    url = reverse("training:receipt_return", args=[receipt.pk])
    assert reviewer.get(url).status_code == 200
    assert reviewer.post(url, {"reason": ""}).status_code == 422
    reviewer.post(url, {"reason": "教师不足"})
    edit = reverse("training:plan_edit", args=[plan.pk])
    form = filer.get(edit)
    assert "教师不足" in form.content.decode()
    changed = {**form.context["form"].initial, "venue": "新教室", "submit": "yes"}
    answer = filer.post(edit, changed)
    plan.refresh_from_db()
    assert plan.venue != "新教室"
    assert "新教室" in filer.get(answer.url).content.decode()
    filer.post(answer.url)
    plan.refresh_from_db()
    assert (plan.venue, plan.version, plan.state) == ("新教室", 2, PlanState.FILED)


def test_bulk_acknowledging_answers_per_row(client_of, world, draft):
    plans = [filing.file_plan(actor=world.user("jigou"), now=moment(FILED_ON), plan_id=draft().pk) for _ in range(3)]
    city = client_of("shi-shenhe")
    listed = city.get(reverse("training:plan_list"), {"answer": "RECEIVED"})
    assert len(listed.context["rows"]) == 3
    mine = list(PlanReceipt.objects.filter(recipient=world.bureau).order_by("pk").values_list("pk", flat=True))
    city.post(reverse("training:receipt_acknowledge", args=[mine[0]]))
    answer = city.post(reverse("training:acknowledge_many"), {"receipt": mine})
    assert (answer.context["done"], answer.context["left"]) == (2, 1)
    assert TrainingPlan.objects.get(pk=plans[2].pk).state == PlanState.ACKNOWLEDGED


def test_filters_live_in_the_address(client_of, plan, draft):
    city = client_of("shi-shenhe")
    url = reverse("training:plan_list")
    for query, expected in (
        ({"state": "FILED", "kind": "INITIAL", "group": "01"}, 1),
        ({"state": "RETURNED"}, 0),
        ({"starts_from": "2026-04-21"}, 0),
        ({"institution": "青屏"}, 1),
        ({"state": "nonsense", "starts_from": "x"}, 1),
    ):
        assert len(city.get(url, query).context["rows"]) == expected, query


def test_a_roster_from_template_to_receipts(filer, world, plan):
    template = filer.get(reverse("training:roster_template", args=[plan.pk]))
    assert template["Content-Type"] == XLSX
    answer = upload(filer, plan, sheet(world.invented(5)))
    assert answer.status_code == 302
    assert not Roster.objects.exists()
    preview = filer.get(answer.url)
    assert "新增 5，变更 0，不变 0，有误 0，移除 0" in preview.content.decode()
    submitted = filer.post(f"{answer.url}save/", follow=True)
    text = submitted.content.decode()
    assert "MD-2026-0001、MD-2026-0002" in text
    assert "下一步：安排课程表，并在“考试申报”中为学员申报考试。" in text
    assert f'<a href="{reverse("training:schedule", args=[plan.pk])}">安排课程表</a>' in text
    filer.post(f"{answer.url}save/")
    assert Roster.objects.count() == 1
    assert Trainee.objects.filter(plan=plan).count() == 5


def test_the_same_file_uploaded_again_is_told(filer, world, plan):
    content = sheet(world.invented(2))
    filer.post(f"{upload(filer, plan, content).url}save/")
    again = upload(filer, plan, content)
    assert "没有重复提交" in filer.get(again.url).content.decode()
    assert StoredFile.objects.count() == 1


def test_errors_come_as_a_table_and_nothing_is_submitted(filer, world, plan):
    people = world.invented(2)
    columns = ["姓名", "身份证号", "学历", "手机"]
    rows = [
        [people[0].name, people[0].number, "高中", "13800000000"],
        [people[0].name, people[0].number, "高中", "138"],
        ["", "110105194912310021", "博士后", "13800000000"],
    ]
    answer = filer.get(upload(filer, plan, workbook(columns, rows, text_columns=["身份证号"])).url)
    page = answer.content.decode()
    found = {(problem.row, problem.code) for problem in answer.context["report"].problems}
    assert found >= {(3, "duplicate"), (3, "phone"), (4, "required"), (4, "check_digit"), (4, "choice")}
    assert "与第 2 行是同一人" in page
    assert "报送名单" not in page
    assert not Roster.objects.exists()
    assert not Trainee.objects.exists()


def _bomb():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 200_000_000)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "空.xlsx", None),
        (b"\x89PNG\r\n\x1a\n" + b"0" * 100, "图.xlsx", "wrong_type"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 600, "旧.xls", "old_format"),
        (b"PK\x03\x04" + b"0" * 100, "坏.xlsx", "damaged"),
        (b"<html><table></table></html>", "网页.xls", "wrong_type"),
        ("甲,乙\n1,2\n".encode(), "别的.csv", "no_header"),
    ],
)
def test_what_is_no_roster_is_refused_whole_with_a_reason(filer, plan, content, name, code):
    answer = upload(filer, plan, content, name)
    assert answer.status_code == 422
    if code:
        assert answer.context["refusal"].code == code
    assert not StoredFile.objects.exists()


def test_bombs_and_huge_files_are_refused(filer, plan, settings):
    assert upload(filer, plan, _bomb()).status_code == 422
    settings.UPLOAD_MAX_BYTES = 1000
    answer = upload(filer, plan, b"PK\x03\x04" + b"0" * 2000)
    assert answer.context["refusal"].code == "too_large"
    assert not StoredFile.objects.exists()


def test_a_csv_of_the_field_is_read(filer, world, plan):
    lines = ["姓名,身份证号,学历,联系电话", *(f"{one.name},{one.number},高中,13800000000" for one in world.invented(2))]
    answer = upload(filer, plan, "\n".join(lines).encode("gb18030"), "名单.csv")
    filer.post(f"{answer.url}save/")
    assert Roster.objects.get().file.media_type == "text/csv"


def test_identity_numbers_are_masked_until_asked_for_and_that_is_logged(filer, world, plan):
    one = world.invented()[0]
    submitting.submit_roster(
        actor=world.user("jigou"), now=moment(FILED_ON, 11), plan_id=plan.pk, records=[record(4, one)]
    )
    trainee = Trainee.objects.get()
    for url in (reverse("training:roster", args=[plan.pk]), reverse("training:trainee", args=[trainee.pk])):
        assert one.number not in filer.get(url).content.decode()
    assert not TransitionLog.objects.filter(name="reveal_number").exists()
    shown = filer.post(reverse("training:trainee_number", args=[trainee.pk]))
    assert one.number in shown.content.decode()
    assert TransitionLog.objects.get(name="reveal_number").actor == world.user("jigou")


def test_another_s_cases_answer_404(client_of, world, plan):
    submitting.submit_roster(
        actor=world.user("jigou"), now=moment(FILED_ON, 11), plan_id=plan.pk, records=[record(4, world.invented()[0])]
    )
    trainee, receipt = Trainee.objects.get(), plan.receipts.get(recipient=world.bureau)
    stranger, other_city = client_of("lanxi-jigou"), client_of("lanxi-shenhe")
    of_plan = ("plan_detail", "plan_edit", "plan_file", "plan_withdraw", "roster", "roster_template")
    for name in of_plan:
        assert stranger.get(reverse(f"training:{name}", args=[plan.pk])).status_code == 404, name
    assert upload(stranger, plan, b"x").status_code == 404
    assert stranger.get(reverse("training:trainee", args=[trainee.pk])).status_code == 404
    assert stranger.post(reverse("training:trainee_number", args=[trainee.pk])).status_code == 404
    for name in ("receipt_acknowledge", "receipt_return", "receipt_reject"):
        assert other_city.post(reverse(f"training:{name}", args=[receipt.pk]), {"reason": "x"}).status_code == 404
    assert client_of("shi-shenhe").get(reverse("training:plan_edit", args=[plan.pk])).status_code == 403
    assert client_of("guanli").get(reverse("training:plan_list")).status_code == 403


@pytest.mark.parametrize("username", ["jigou", "shi-shenhe", "sheng-shenhe"])
@pytest.mark.parametrize("name", ["plan_list", "roster_list"])
def test_lists_take_the_same_queries_for_one_row_and_many(client_of, world, draft, username, name):
    client = client_of(username)
    counts = []
    for number in (1, 1, 4):
        for _each in range(number):
            filing.file_plan(actor=world.user("jigou"), now=moment(FILED_ON), plan_id=draft().pk)
        with CountQueries() as counted:
            assert client.get(reverse(f"training:{name}")).status_code == 200
        counts.append(counted.number)
    assert counts[-2] == counts[-1]


def test_the_home_page_says_what_is_to_do(client_of, world, plan, draft):
    draft()
    home = client_of("jigou").get(reverse("portal:home")).content.decode()
    assert "提交培训计划草稿" in home
    assert "报送学员名单" in home
    assert "签收培训计划" in client_of("shi-shenhe").get(reverse("portal:home")).content.decode()
    assert "签收培训计划" in client_of("sheng-shenhe").get(reverse("portal:home")).content.decode()


def test_search_finds_plans_receipts_and_people_in_scope(client_of, world, plan):
    one = world.invented()[0]
    submitting.submit_roster(
        actor=world.user("jigou"), now=moment(FILED_ON, 11), plan_id=plan.pk, records=[record(4, one)]
    )
    for text in ("BB-2026-0001", "MD-2026-", plan.number, one.name, one.number[:10]):
        page = client_of("jigou").get(reverse("portal:search"), {"q": text}).content.decode()
        assert "/training/" in page.split('class="main')[1], text
        assert one.number not in page
    assert one.name not in client_of("lanxi-jigou").get(reverse("portal:search"), {"q": one.number}).content.decode()


def test_the_roster_list_tells_missing_from_submitted(filer, world, plan, draft, records):
    filing.file_plan(actor=world.user("jigou"), now=moment(FILED_ON), plan_id=draft().pk)
    for hour in (11, 12):
        submitting.submit_roster(
            actor=world.user("jigou"), now=moment(FILED_ON, hour), plan_id=plan.pk, records=records(2)
        )
    url = reverse("training:roster_list")
    listed = {
        which: [row[0] for row in filer.get(url, {"roster": which}).context["rows"]]
        for which in ("submitted", "missing")
    }
    assert listed["submitted"] == [plan]
    assert len(listed["missing"]) == 1
    assert listed["missing"] != [plan]


def test_the_list_to_answer_leaves_out_what_was_withdrawn_or_rejected(client_of, world, draft):
    plans = [filing.file_plan(actor=world.user("jigou"), now=moment(FILED_ON), plan_id=draft().pk) for _ in range(3)]
    filing.withdraw_plan(actor=world.user("jigou"), now=moment(FILED_ON), plan_id=plans[0].pk, reason="不办了")
    receipt = PlanReceipt.objects.get(plan=plans[1], recipient=world.centre)
    acknowledging.reject(actor=world.user("sheng-shenhe"), now=moment(FILED_ON), receipt_id=receipt.pk, reason="不符")
    city = client_of("shi-shenhe")
    listed = city.get(reverse("training:plan_list"), {"answer": "to_answer"})
    assert [row.plan for row in listed.context["rows"]] == [plans[2]]
    assert "?answer=to_answer" in city.get(reverse("portal:home")).content.decode()


def test_what_is_left_out_is_named(filer):
    page = filer.post(reverse("training:plan_create"), {"submit": "yes"}).content.decode()
    assert "请填写“开班日期”。" in page
    assert "请选择“操作项目”。" in page
    assert "这个字段是必填项" not in page


def test_overseers_see_figures_that_count_the_rows_they_open(client_of, plan):
    for name in ("shi-jianguan", "shi-fuze", "sheng-xunkao", "shenji"):
        client = client_of(name)
        figures = {line.title: line for line in client.get(reverse("portal:home")).context["figures"]}
        line = figures["待开班的班级"]
        assert line.count == len(client.get(line.url).context["rows"]) == 1, name
        assert figures["培训中的班级"].count == 0
        assert figures["未报学员名单的班级"].count == 1
    assert client_of("shi-shenhe").get(reverse("portal:home")).context["figures"] == []
