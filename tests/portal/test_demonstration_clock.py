"""The 演示时钟: a day at a time with the jobs of every day, one step for two clicks, never in production."""

from datetime import timedelta

import pytest

from certification import clock
from certification.portal import day_jobs
from certification.portal.demonstration_clock import step_one_day, step_one_hour, step_to
from certification.refusals import WrongState

pytestmark = pytest.mark.django_db


@pytest.fixture
def jobs(monkeypatch):
    ran = []
    monkeypatch.setattr(day_jobs, "scheduled", lambda: [{"task": "note", "crontab": "30 2 * * *"}])
    monkeypatch.setattr(day_jobs, "recorded_jobs", lambda: {"note": lambda: ran.append(clock.today())})
    return ran


def test_a_step_runs_the_jobs_of_every_day_passed(jobs):
    today = clock.today()
    assert step_to(today + timedelta(days=3), shown=today) == today + timedelta(days=3)
    assert jobs == [today + timedelta(days=n) for n in (1, 2, 3)]
    assert clock.today() == today + timedelta(days=3)


def test_the_second_of_two_clicks_does_not_step(jobs):
    today = clock.today()
    step_one_day(shown=today)
    with pytest.raises(WrongState):
        step_one_day(shown=today)
    assert clock.today() == today + timedelta(days=1)
    assert len(jobs) == 1


def test_a_day_is_reached_in_the_morning_and_goes_on_by_the_hour(client_of, jobs):
    today = clock.today()
    step_one_day(shown=today)
    assert (clock.now().hour, clock.now().minute) == (8, 30)
    client, tomorrow = client_of("jigou"), today + timedelta(days=1)
    data = {"step": "hour", "from_day": tomorrow.isoformat(), "next": "/"}
    assert "09:30" in client.post("/clock/step/", data, follow=True).content.decode()
    assert (clock.now().hour, len(jobs)) == (9, 1)
    for _ in range(14):
        step_one_hour(shown=tomorrow)
    assert (clock.today(), clock.now().hour) == (tomorrow, 23)
    assert step_one_hour(shown=tomorrow) == tomorrow + timedelta(days=1)
    assert (clock.now().hour, len(jobs)) == (8, 2)


def test_the_button_steps_and_returns_to_its_page(client_of, jobs):
    today = clock.today()
    data = {"step": "day", "from_day": today.isoformat(), "next": "/rules/"}
    client = client_of("jigou")
    assert client.post("/clock/step/", data).url == "/rules/"
    assert clock.today() == today + timedelta(days=1)
    assert "刚刚已被前进" in client.post("/clock/step/", data, follow=True).content.decode()
    assert clock.today() == today + timedelta(days=1)


def test_without_a_deadline_in_sight_the_button_says_so(client_of, jobs):
    data = {"step": "deadline", "from_day": clock.today().isoformat(), "next": "https://elsewhere.example/"}
    response = client_of("guanli").post("/clock/step/", data, follow=True)
    assert "没有您可见的" in response.content.decode()
    assert response.redirect_chain[0][0] == "/", "it does not leave the site"


def test_a_chosen_day_is_reached_day_by_day(client_of, jobs):
    today, client = clock.today(), client_of("jigou")
    data = {"step": "date", "from_day": today.isoformat(), "to_day": (today + timedelta(days=9)).isoformat()}
    client.post("/clock/step/", data)
    assert clock.today() == today + timedelta(days=9)
    assert len(jobs) == 9


@pytest.mark.parametrize("days", [-1, 0, 93])
def test_a_chosen_day_is_ahead_and_not_too_far(client_of, jobs, days):
    today = clock.today()
    data = {"step": "date", "from_day": today.isoformat(), "to_day": (today + timedelta(days=days)).isoformat()}
    assert "一次最多 92 天" in client_of("jigou").post("/clock/step/", data, follow=True).content.decode()
    data["to_day"] = "明天"
    assert "请先选择" in client_of("jigou").post("/clock/step/", data, follow=True).content.decode()
    assert (clock.today(), jobs) == (today, [])


def test_production_has_no_such_button(client_of, jobs, settings):
    client = client_of("jigou")
    settings.CLOCK_MAY_MOVE = False
    assert client.post("/clock/step/", {"from_day": "2026-01-01"}).status_code == 404
    assert "演示时钟" not in client.get("/").content.decode()


def test_a_broken_day_is_a_bad_request(client_of):
    assert client_of("jigou").post("/clock/step/", {"from_day": "x"}).status_code == 400


def test_the_clock_is_read_once_a_request(django_assert_num_queries):
    with django_assert_num_queries(1), clock.held():
        clock.today()
        clock.today()
