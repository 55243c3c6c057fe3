"""The home page: what is mine to do by due date, what I wait for, figures; and the frame around every page."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from certification.portal import todo
from certification.portal.todo import Todo


@pytest.fixture
def providers(monkeypatch):
    monkeypatch.setattr(todo, "PROVIDERS", [])
    return todo.register


def test_a_stranger_is_sent_to_the_login(client, db):
    response = client.get("/")
    assert response.status_code == 302
    assert response.url == "/login/?next=/"


def test_lines_stand_by_due_date_and_those_without_last(client_of, providers):
    providers(lambda user, now: [Todo("无时限的事项", "/a/"), Todo("较晚的事项", "/b/", due_on=date(2026, 12, 1))])
    providers(lambda user, now: [Todo("较早的事项", "/c/", due_on=date(2026, 11, 30), count=0)])
    page = client_of("jigou").get("/").content.decode()
    assert page.index("较早的事项") < page.index("较晚的事项") < page.index("无时限的事项")


def test_waiting_and_figures_stand_under_their_own_headings(client_of, providers):
    providers(
        lambda user, now: [Todo("待审计划", "/a/", kind="waiting"), Todo("本月报备", "/b/", kind="figure", count=0)]
    )
    page = client_of("jigou").get("/").content.decode()
    assert "现在没有需要您办理的事项" in page
    assert page.index("等待他方办理") < page.index("待审计划") < page.index("本月报备")
    assert '<span class="figure-count">0</span>' in page, "zero is a value"


def test_providers_are_asked_for_this_account_only(client_of, providers, world):
    asked = []
    providers(lambda user, now: asked.append(user.username) or [])
    client_of("jigou").get("/")
    assert asked == ["jigou"]


def test_the_navigation_shows_only_places_that_are_open(client_of):
    assert "系统管理" not in client_of("jigou").get("/").content.decode()
    assert "系统管理" in client_of("guanli").get("/").content.decode()


def test_the_frame_costs_at_most_four_queries(client_of, providers):
    client = client_of("jigou")
    client.get("/")
    with CaptureQueriesContext(connection) as queries:
        client.get("/")
    session_and_user = 2
    assert len(queries) - session_and_user <= 4


def test_an_unknown_address_answers_404_in_chinese(client_of):
    response = client_of("jigou").get("/no-such-page/")
    assert response.status_code == 404
    assert "没有此页" in response.content.decode()


def test_a_missing_right_answers_403_with_the_roles_that_may(client_of):
    response = client_of("jigou").get("/components/")
    assert response.status_code == 403
    assert "系统管理员" in response.content.decode()


def test_health_names_what_works(client, db):
    response = client.get("/health/")
    assert response.json()["Database"] == "OK"
    assert "127.0.0.1" not in response.content.decode()


def test_the_administrator_sees_what_there_is_to_keep(client_of):
    client = client_of("guanli")
    for line in client.get("/").context["figures"]:
        listed = client.get(line.url)
        assert listed.status_code == 200
        count = len(listed.context["editions"]) if "editions" in listed.context else listed.context["cl"].result_count
        assert count == line.count, line.title
