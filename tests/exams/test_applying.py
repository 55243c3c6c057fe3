"""Applying: complete, in time, once, and nothing lost where it is refused (rules 2.5, 2.7, 2.8, 7)."""

from datetime import date

import pytest

from certification.catalogue.models import ApplicationKind
from certification.deadlines import ledger
from certification.deadlines.sweep import sweep
from certification.people.models import Bar
from certification.refusals import Incomplete, TooLate, WrongState
from exams.applications import applying
from exams.materials.attaching import WrongFile
from exams.models import ApplicationBatch, Candidate, ExamApplication, Material
from exams.sessions.assigning import pool
from exams.states import ApplicationState as A
from exams.states import CandidateState
from tests.exams.conftest import CLASS_START, PHOTO, TODAY, picture
from tests.factories import at as moment

# Five working days before 2026-04-15 (Wednesday): 04-08; 04-06 is the holiday of Qingming.
LAST_DAY = date(2026, 4, 8)


def submit(bench, rows, now):
    return applying.submit_applications(actor=bench.user("jigou"), now=now, application_ids=[row.pk for row in rows])


def test_one_draft_for_each_trainee_and_none_twice(bench):
    plan = bench.plan(size=3)
    assert len(bench.drafts(plan, papers=False)) == 3
    assert bench.drafts(plan, papers=False) == []


def test_the_last_minute_is_in_time_and_the_next_is_not(bench):
    session = bench.session()
    first, second = bench.drafts(bench.plan(size=2), session)
    (made,) = submit(bench, [first], moment(LAST_DAY, 23, 59))
    (refused,) = submit(bench, [second], moment(date(2026, 4, 9), 0, 0))
    assert made.ok
    assert isinstance(refused.refusal, TooLate)
    assert refused.refusal.due_on == LAST_DAY
    assert refused.refusal.clause
    second.refresh_from_db()
    assert second.state == A.DRAFT
    assert Material.objects.filter(application=second).count() == 6


def test_renewals_are_due_by_class_start_that_day_included(bench):
    first, second = bench.drafts(bench.plan(ApplicationKind.RENEWAL, size=2))
    (made,) = submit(bench, [first], moment(CLASS_START, 23, 59))
    (refused,) = submit(bench, [second], moment(date(2026, 3, 17), 0, 0))
    assert made.ok
    assert made.row.state == A.CITY_REVIEW
    assert isinstance(refused.refusal, TooLate)


def test_a_missed_day_takes_the_draft_off_its_session_and_keeps_the_papers(bench, at):
    session = bench.session()
    (draft,) = bench.drafts(bench.plan(size=1), session)
    at(moment(date(2026, 4, 9)))
    swept = sweep(now=moment(date(2026, 4, 9)))
    assert swept.failed == []
    draft.refresh_from_db()
    assert draft.wished_session is None
    assert draft.state == A.DRAFT
    assert Material.objects.filter(application=draft).count() == 6


def test_incomplete_rows_are_named_and_the_rest_goes_on(bench):
    session = bench.session()
    drafts = bench.drafts(bench.plan(size=3), session, papers=False)
    bench.give_papers(drafts[:1], now=moment(TODAY))
    results = submit(bench, drafts, moment(TODAY))
    assert [result.ok for result in results] == [True, False, False]
    assert isinstance(results[1].refusal, Incomplete)
    assert {problem.field for problem in results[1].refusal.problems} == {
        "PHOTO",
        "IDENTITY_CARD",
        "DIPLOMA",
        "HEALTH_COMMITMENT",
        "CONSENT",
        "HOURS_PROOF",
    }
    assert ApplicationBatch.objects.count() == 1
    assert ledger.find("materials_initial", drafts[0]).met_at is not None
    assert ledger.find("materials_initial", drafts[1]).met_at is None


def test_a_session_takes_no_more_than_its_capacity(bench):
    session = bench.session(capacity=2)
    results = submit(bench, bench.drafts(bench.plan(size=3), session), moment(TODAY))
    assert [result.ok for result in results] == [True, True, False]
    assert results[2].refusal.code == "session_full"
    assert Candidate.objects.filter(session=session).count() == 2


def test_who_is_barred_is_not_scheduled(bench):
    session = bench.session()
    (draft,) = bench.drafts(bench.plan(size=1), session)
    Bar.objects.create(
        person=draft.person,
        ground="FALSE_MATERIAL",
        reason="学历证书伪造",
        barred_from=TODAY,
        barred_until=date(2027, 3, 8),
        imposed_by=bench.user("sheng-fuze"),
        imposed_at=moment(TODAY),
    )
    (result,) = submit(bench, [draft], moment(TODAY))
    assert result.refusal.code == "barred"


def test_nobody_applies_twice_for_the_same_job_type_anywhere(bench):
    session = bench.session()
    plan = bench.plan(size=1)
    (draft,) = bench.drafts(plan, session)
    other = bench.plan(size=1, institution=bench.world.other_institution)
    trainee = other.trainees.get()
    trainee.person = draft.person
    trainee.save()
    (result,) = applying.build_applications(actor=bench.user("lanxi-jigou"), now=moment(TODAY), plan_id=other.pk)
    assert result.refusal.code == "already_open"


def test_the_second_click_changes_nothing(bench):
    session = bench.session()
    rows = bench.submitted(bench.plan(size=2), session)
    again = submit(bench, rows, moment(TODAY))
    assert all(isinstance(result.refusal, WrongState) for result in again)
    assert ApplicationBatch.objects.count() == 1
    assert Candidate.objects.count() == 2


def test_two_submissions_at_once_make_one(bench, at_once):
    session = bench.session()
    drafts = bench.drafts(bench.plan(size=3), session)
    first, second = at_once(*[lambda: submit(bench, drafts, moment(TODAY))] * 2)
    done = [result.ok for result in first + second]
    assert done.count(True) == 3
    assert Candidate.objects.count() == 3
    assert ApplicationBatch.objects.count() == 1


def test_two_institutions_at_once_do_not_overfill_a_session(bench, at_once):
    session = bench.session(capacity=3)
    one = bench.drafts(bench.plan(size=2), session)
    other = bench.drafts(bench.plan(size=2), session)
    outcomes = at_once(lambda: submit(bench, one, moment(TODAY)), lambda: submit(bench, other, moment(TODAY)))
    assert sum(result.ok for results in outcomes for result in results) == 3
    assert Candidate.objects.filter(session=session).count() == 3


def test_a_photo_is_judged_by_its_content(bench):
    (draft,) = bench.drafts(bench.plan(size=1), papers=False)

    def attach(content, kind="PHOTO"):
        return applying.attach_material(
            actor=bench.user("jigou"),
            now=moment(TODAY),
            application_id=draft.pk,
            kind=kind,
            content=content,
            name="照片.jpg",
        )

    with pytest.raises(WrongFile, match="像素"):
        attach(picture(100, 100))
    with pytest.raises(Incomplete):
        attach(b"<html><script>alert(1)</script></html>")
    assert attach(PHOTO).file.media_type == "image/jpeg"
    assert not attach(PHOTO).is_new
    assert Material.objects.filter(application=draft).count() == 1
    attach(picture(colour="#ccddee"))
    assert Material.objects.filter(application=draft, kind="PHOTO", replaced_at__isnull=True).count() == 1
    assert Material.objects.filter(application=draft, kind="PHOTO").count() == 2


def test_a_correction_goes_back_to_who_asked_and_keeps_the_first_receipt(bench):
    session = bench.session()
    (row,) = bench.submitted(bench.plan(size=1), session)
    bench.move("forward", [row])
    bench.move("return_to_filer", [row], by="sheng-shenhe", reason="照片不清晰")
    answered = applying.answer_correction(
        actor=bench.user("jigou"), now=moment(date(2026, 4, 13)), application_id=row.pk
    )
    assert answered.state == A.FINAL_REVIEW
    assert answered.first_submitted_at == moment(TODAY)
    assert Candidate.objects.get().state == CandidateState.LISTED


def test_a_late_correction_goes_on_but_waits_in_the_pool(bench):
    session = bench.session()
    (row,) = bench.submitted(bench.plan(size=1), session)
    bench.move("return_to_filer", [row], reason="照片不清晰")
    # The city's own day is three working days before the exam: 2026-04-10.
    answered = applying.answer_correction(
        actor=bench.user("jigou"), now=moment(date(2026, 4, 11)), application_id=row.pk
    )
    assert answered.state == A.PRELIMINARY_REVIEW
    assert Candidate.objects.get().state == CandidateState.MOVED
    assert list(pool(bench.world.bureau, today=TODAY)) == [row]


def test_withdrawing_frees_the_place_and_the_person(bench):
    session = bench.session(capacity=1)
    plan = bench.plan(size=1)
    (row,) = bench.submitted(plan, session)
    applying.withdraw_applications(
        actor=bench.user("jigou"), now=moment(TODAY), application_ids=[row.pk], reason="放弃"
    )
    assert Candidate.objects.get().state == CandidateState.WITHDRAWN
    assert len(bench.submitted(plan, session)) == 1
    assert ExamApplication.objects.count() == 2
