"""Errands: done once by whoever takes them, begun again after a kill, and what goes wrong is told and recorded."""

import errno
from datetime import timedelta

import pytest
from django.conf import settings
from django.db.models import F

from certification.documents.rendering import html_to_pdf
from certification.jobs import errands
from certification.jobs.models import Errand, ErrandState, JobRun, Outcome
from certification.jobs.tasks import work
from certification.organisations.models import Organisation
from certification.refusals import DiskFull, Refusal
from tests.factories import BUILT_AT

pytestmark = pytest.mark.django_db
KIND = "tests.kind"


@pytest.fixture
def ask(world):
    """Register what is to be done and ask for it about the first organisation."""

    def ask(do, subject=None) -> Errand:
        errands.register(errands.Kind(KIND, "试办", do))
        case = subject or Organisation.objects.order_by("pk").first()
        return errands.ask(KIND, case, actor=world.user("jigou"), now=BUILT_AT, why="试")

    yield ask
    errands._kinds.pop(KIND, None)


def fresh(errand: Errand) -> Errand:
    return Errand.objects.get(pk=errand.pk)


def test_it_is_done_with_progress_and_what_came_of_it_is_kept(ask):
    def do(errand, progress):
        progress("第一步", 1, 4)
        stored = fresh(errand)
        assert (stored.stage, stored.percent, stored.at_work) == ("第一步", 25, True)
        return {"pages": 3, "why": errand.given["why"]}

    errand = ask(do)
    assert work() == {"done": 1, "refused": 0}
    assert (fresh(errand).state, fresh(errand).result) == (ErrandState.DONE, {"pages": 3, "why": "试"})
    assert work() == {"done": 0, "refused": 0}


def test_what_is_asked_for_already_is_not_asked_for_twice(ask):
    assert ask(lambda *_: {}).pk == ask(lambda *_: {}).pk
    work()
    assert Errand.objects.count() == 1
    ask(lambda *_: {})
    assert Errand.objects.count() == 2


def test_it_is_done_in_the_name_of_who_asked_and_of_whom_they_acted_for(ask, world):
    deputy, absent = world.user("jigou"), world.user("jigou2")
    seen = []
    errand = ask(lambda errand, _progress: seen.append((errand.actor, errand.actor.acting_for)) or {})
    work()
    assert seen == [(deputy, None)]
    deputy.acting_for = absent
    errands.ask(KIND, errand.subject, actor=deputy, now=BUILT_AT)
    work()
    assert seen[1:] == [(deputy, absent)]


def test_a_refusal_is_told_to_who_asked_and_is_no_failure_of_the_job(ask):
    def do(*_):
        raise Refusal("还有人未办结。", code="unfinished", clause="方案四（二）", advice="请稍后。")

    errand = ask(do)
    assert work() == {"done": 0, "refused": 1}
    refusal = errands.refusal_of(fresh(errand))
    assert (refusal.message, refusal.code, refusal.advice) == ("还有人未办结。", "unfinished", "请稍后。")
    assert JobRun.objects.get().outcome == Outcome.DONE


def test_a_full_disk_is_told_to_who_asked_and_stands_in_the_jobs_page(ask):
    def do(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    errand = ask(do)
    with pytest.raises(DiskFull):
        work()
    assert "磁盘空间不足" in str(errands.refusal_of(fresh(errand)))
    run = JobRun.objects.get()
    assert (run.outcome, "磁盘空间不足" in run.error) == (Outcome.FAILED, True)


def test_a_missing_typeface_is_told_and_stands_in_the_jobs_page(ask, settings, tmp_path):
    from certification.documents import rendering

    settings.DOCUMENT_TYPEFACES = {"Document FangSong": str(tmp_path / "simfang.ttf")}
    rendering.forget_typefaces()
    errand = ask(lambda *_: {"bytes": len(html_to_pdf("<p>一</p>"))})
    try:
        with pytest.raises(Refusal, match="Document FangSong"):
            work()
    finally:
        del settings.DOCUMENT_TYPEFACES
        rendering.forget_typefaces()
    refusal = errands.refusal_of(fresh(errand))
    assert (refusal.code, "simfang.ttf" in refusal.message) == ("typeface_missing", True)
    run = JobRun.objects.get()
    assert (run.outcome, "TypefaceMissing" in run.error) == (Outcome.FAILED, True)


def test_one_that_fails_does_not_keep_the_others_waiting_and_is_tried_three_times(ask, world):
    tried = []

    def do(errand, _progress):
        tried.append(errand.subject_id)
        if errand.subject_id == first:
            raise ValueError("wrong")
        return {}

    cases = list(Organisation.objects.order_by("pk")[:2])
    first = cases[0].pk
    wrong, right = (ask(do, case) for case in cases)
    for _ in range(errands.ATTEMPTS):
        with pytest.raises(ValueError, match="wrong"):
            work()
        assert fresh(wrong).at_work
        assert fresh(right).state == ErrandState.DONE
        _silent_for_long(wrong)
    with pytest.raises(Refusal, match="多次"):
        work()
    assert errands.refusal_of(fresh(wrong)).advice
    assert tried == [cases[0].pk, cases[1].pk, cases[0].pk, cases[0].pk]


def test_what_a_killed_worker_had_is_taken_after_its_silence_and_it_can_no_more_end_it(ask):
    def do(errand, progress):
        if errand.attempts == 1:
            # Killed, or held up so long that another took over: that one does it to the end.
            _silent_for_long(errand)
            assert errands.work() == {"done": 1, "refused": 0}
            progress("接着办理")
        return {"attempt": errand.attempts}

    errand = ask(do)
    assert work() == {"done": 0, "refused": 0}
    assert (fresh(errand).state, fresh(errand).result) == (ErrandState.DONE, {"attempt": 2})


def _silent_for_long(errand: Errand) -> None:
    silence = timedelta(seconds=settings.JOB_SILENCE_SECONDS + 1)
    Errand.objects.filter(pk=errand.pk).update(taken_at=F("taken_at") - silence)
