"""The planner's page: its state is its address, for everybody who plans, on any day."""

import pytest
from django.urls import reverse

from certification.catalogue.loading import load_catalogue
from certification.catalogue.models import JobType
from certification.deadlines.planning import starts
from certification.organisations.roles import Role
from tests.deadlines.conftest import NOW

BACKEND = "certification.organisations.backends.AccountBackend"
WISH = {"kind": "INITIAL", "category": "TWO", "class_start": "2026-09-07", "class_end": "2026-09-18"}
WISH["exam_on"] = "2026-10-09"


@pytest.fixture
def page_of(client, account, at):
    at(NOW)

    def get(organisation: str = "school", role: str = Role.INSTITUTION_FILER, **query):
        client.force_login(account(organisation, role), backend=BACKEND)
        return client.get(reverse("deadlines:planner"), query)

    return get


@pytest.fixture(autouse=True)
def _catalogue(db):
    load_catalogue()


@pytest.mark.parametrize(
    ("organisation", "role", "status"),
    [
        ("school", Role.INSTITUTION_FILER, 200),
        ("bureau", Role.CITY_EXAM_OFFICER, 200),
        ("centre", Role.PROVINCIAL_HEAD, 200),
        ("bureau", Role.INVIGILATOR, 403),
        ("centre", Role.ADMINISTRATOR, 403),
    ],
)
def test_open_to_those_who_plan(page_of, organisation, role, status):
    assert page_of(organisation, role).status_code == status


def test_every_due_date_with_tier_clause_and_line(page_of):
    page = page_of(**WISH).content.decode()
    for text in (
        "2026年8月27日（周四）",
        "2026年9月24日（周四）",
        "开考日期 10月9日（周五）前第 5 个工作日 = 9月24日（周四）24:00；其间不计：国庆节 7 天、中秋节 3 天",
        "设区市应急管理部门",
        "依据方案三（二）1",
        "2026年9月",
        "国庆节",
    ):
        assert text in page
    assert "不能依法办理</p>" not in page


def test_red_and_the_earliest_days_with_one_click(page_of):
    page = page_of(kind="INITIAL", category="TWO", class_start="2026-04-24", class_end="2026-04-28").content.decode()
    assert "已过，不能依法办理" in page
    assert "class_start=2026-04-29&amp;class_end=2026-05-03" in page
    assert "exam_on=2026-05-08" in page


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"class_start": "2026-05-11", "class_end": "2026-05-10"}, "结班日期不能早于开班日期"),
        ({"class_start": "2026-05-11", "exam_on": "2026-05-10"}, "考试日期不能早于开班日期"),
        ({"class_start": "1960-01-01"}, "超过三年"),
        ({"class_start": "9999-12-31"}, "超过三年"),
        ({"class_start": "x"}, "class_start"),
        ({"today": "2026-04-19"}, "不能早于今天"),
        ({"kind": "NONE"}, "kind"),
        ({"job_type": "7000000"}, "job_type"),
    ],
)
def test_bad_input_is_said_at_the_field(page_of, query, said):
    response = page_of(**query)
    assert response.status_code == 422
    assert said in response.content.decode()


def test_a_year_without_a_notice_is_marked(page_of, settings):
    settings.DEMONSTRATION_CALENDAR = False
    page = page_of(kind="RENEWAL", category="ONE", class_start="2027-03-01", exam_on="2027-03-10").content.decode()
    assert "含暂定日期" in page
    assert "暂定：2027年尚无放假通知" in page


def test_a_job_type_decides_the_category(page_of):
    job_type = JobType.objects.filter(group__category="ONE", group__edition__active=True).first()
    page = page_of(**WISH, job_type=job_type.pk).content.decode()
    assert f"{job_type}（第一类）" in page


def test_what_can_be_started_is_offered_by_right(page_of, monkeypatch):
    monkeypatch.setattr(starts, "_registered", {})
    starts.register("据此新建", "deadlines.plan", lambda planned: f"/x/?on={planned.wish.exam_on}")
    starts.register("缺条件", "deadlines.plan", lambda planned: "")
    starts.register("无权限", "portal.administer", lambda planned: "/y/")
    page = page_of(**WISH).content.decode()
    assert "/x/?on=2026-10-09" in page
    assert "缺条件" not in page
    assert "无权限" not in page


def test_the_number_of_queries_does_not_depend_on_the_plan(page_of, client, django_assert_max_num_queries):
    page_of()
    address = reverse("deadlines:planner")
    client.get(address, WISH)
    with django_assert_max_num_queries(16) as few:
        client.get(address)
    with django_assert_max_num_queries(len(few) + 2):
        client.get(address, WISH)
