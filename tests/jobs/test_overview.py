"""后台任务: what ran, what is late, and a run out of turn."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

from certification.jobs import overview
from certification.jobs.models import BeatLease, JobRun, Outcome
from certification.jobs.overview import Standing
from certification.jobs.running import running
from certification.jobs.scheduling import load_schedule
from certification.portal import running_jobs
from certification.records.models import TransitionLog
from certification.refusals import NotPermitted, WrongState

pytestmark = pytest.mark.django_db

SWEEP = "deadlines.sweep"


@pytest.fixture
def world(world):
    load_schedule()
    return world


def ended(minutes_ago: float, outcome: Outcome = Outcome.DONE, job: str = SWEEP, **values) -> JobRun:
    at = timezone.now() - timedelta(minutes=minutes_ago)
    return JobRun.objects.create(job=job, outcome=outcome, started_at=at, seen_at=at, finished_at=at, **values)


def standing() -> Standing:
    return overview.find(SWEEP).standing


def test_a_job_is_late_after_twice_its_interval(world):
    assert standing() == Standing.NEVER
    ended(19)
    assert standing() == Standing.WELL
    JobRun.objects.update(finished_at=timezone.now() - timedelta(minutes=21))
    assert standing() == Standing.LATE
    PeriodicTask.objects.filter(task=SWEEP).update(enabled=False)
    assert standing() == Standing.OFF


def test_a_job_that_beat_sends_and_nobody_does_is_late(world):
    PeriodicTask.objects.filter(task=SWEEP).update(total_run_count=3)
    assert standing() == Standing.LATE


def test_the_last_end_shows_until_it_is_done_again(world):
    ended(12)
    ended(2, Outcome.FAILED, error="ValueError: x")
    assert standing() == Standing.FAILED
    ended(1)
    assert standing() == Standing.WELL
    long_ago = timezone.now() - timedelta(seconds=90)
    JobRun.objects.create(job=SWEEP, started_at=timezone.now() - timedelta(seconds=30), seen_at=long_ago)
    assert standing() == Standing.ABANDONED
    JobRun.objects.create(job=SWEEP, started_at=timezone.now(), seen_at=timezone.now())
    assert standing() == Standing.RUNNING


def test_what_a_run_did_is_said_in_words(world):
    run = ended(1, summary={"recounted": 0, "breached": 3, "failed": 0})
    assert overview.find(SWEEP).did(run) == "标记逾期 3"
    assert overview.find(SWEEP).did(ended(1, summary={"breached": 0})) == "无需处理"


def test_every_number_that_a_job_gives_has_a_name(world):
    for job in overview.jobs():
        assert job.counts, job.code


def test_a_run_out_of_turn_is_asked_for_once(world, monkeypatch):
    woken = []
    monkeypatch.setattr(running_jobs, "wake", woken.append)
    run = running_jobs.run_now(actor=world.user("guanli"), name=SWEEP)
    assert (run.outcome, run.requested_by.username) == (Outcome.WAITING, "guanli")
    assert TransitionLog.objects.about(run).get().name == "run_now"
    assert standing() == Standing.WAITING
    with pytest.raises(WrongState, match="已登记"):
        running_jobs.run_now(actor=world.user("guanli"), name=SWEEP)
    with running(SWEEP):
        assert standing() == Standing.RUNNING
        with pytest.raises(WrongState, match="正在执行"):
            running_jobs.run_now(actor=world.user("guanli"), name=SWEEP)
    run.refresh_from_db()
    assert run.outcome == Outcome.DONE


def test_only_administrators_and_only_known_jobs(world):
    with pytest.raises(NotPermitted):
        running_jobs.run_now(actor=world.user("sheng-fuze"), name=SWEEP)
    with pytest.raises(LookupError):
        running_jobs.run_now(actor=world.user("guanli"), name="celery.backend_cleanup")


@pytest.mark.django_db(transaction=True)
def test_the_button_runs_it_and_the_page_shows_it(world, client):
    client.force_login(world.user("guanli"), backend="certification.organisations.backends.AccountBackend")
    assert "已登记执行" in client.post(f"/jobs/{SWEEP}/run/", follow=True).content.decode()
    page = client.get(f"/jobs/{SWEEP}/").content.decode()
    assert "登记立即运行" in page
    assert "无需处理" in page
    assert JobRun.objects.filter(job=SWEEP).get().outcome == Outcome.DONE
    assert client.post("/jobs/no.such/run/").status_code == 404
    assert client.get("/jobs/no.such/").status_code == 404


def test_the_number_of_queries_does_not_grow_with_the_runs(world, client, django_assert_max_num_queries):
    client.force_login(world.user("guanli"), backend="certification.organisations.backends.AccountBackend")
    for minutes in range(60):
        ended(minutes, job=SWEEP if minutes % 2 else "notices.deliver", requested_by=world.user("guanli"))
    with django_assert_max_num_queries(20):
        assert client.get("/jobs/").status_code == 200
    with django_assert_max_num_queries(20):
        assert client.get(f"/jobs/{SWEEP}/").status_code == 200


def test_home_says_what_is_late_failed_or_dead(world):
    guanli, now = world.user("guanli"), timezone.now()
    assert running_jobs.lines(guanli, now) == []
    ended(1, Outcome.FAILED)
    ended(60, job="notices.deliver")
    old = now - timedelta(hours=1)
    BeatLease.objects.create(holder="a:1", since=old, expires_at=old)
    (line,) = running_jobs.lines(guanli, now)
    assert line.subject == "调度进程没有运行，1 项延误，1 项上次失败"
    assert line.count == 2
    assert running_jobs.lines(world.user("sheng-fuze"), now) == []


def test_the_page_says_whether_beat_is_alive(world, client):
    client.force_login(world.user("guanli"), backend="certification.organisations.backends.AccountBackend")
    assert "调度进程尚未启动" in client.get("/jobs/").content.decode()
    BeatLease.hold("host:1", 30)
    assert "调度进程正在运行" in client.get("/jobs/").content.decode()
    BeatLease.objects.update(expires_at=timezone.now() - timedelta(minutes=5))
    assert "调度进程没有运行" in client.get("/jobs/").content.decode()
