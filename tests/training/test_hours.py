"""Hours: attendance and online hours against what is required; proofs made of them."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from certification.refusals import Incomplete, TooLate
from certification.spreadsheets.columns import read_records
from certification.spreadsheets.writing import workbook
from tests.factories import at
from tests.training.classes import FIRST_DAY, LAST_DAY
from training.hours import online_hours, proofs
from training.hours.online_columns import online_columns
from training.hours.reckoning import NOTHING, Hours, _Measure, hours_of
from training.lessons.signing_in import Mark, NothingChanged
from training.models import HoursProof, LessonPart, OnlineHours, OnlineImport, Presence, TrainingPlan

SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
EVENING = at(LAST_DAY, 19)


def report(running, rows, *, platform="某平台", reason="", now=EVENING, name="学时.xlsx"):
    columns = online_columns(LAST_DAY)
    content = workbook([column.name for column in columns], rows, text_columns=["身份证号码"])
    return online_hours.import_online_hours(
        actor=running.filer,
        now=now,
        plan_id=running.plan.pk,
        platform=platform,
        records=read_records(content, name, columns).records,
        content=content,
        name=name,
        media_type=SHEET,
        reason=reason,
    )


def line(trainee, hours, began=FIRST_DAY, ended=LAST_DAY):
    return [trainee.person.name, trainee.person.document_number, hours, began, ended]


def test_hours_come_from_sign_in_and_platforms(running):
    theory, practical = running.lessons(running.entry(), running.entry(start=13, part="PRACTICAL"))
    one, two, three = running.trainees
    running.sign(theory, {two.pk: Mark("LATE"), three.pk: Mark("ABSENT")})
    running.sign(practical, {three.pk: Mark("LEAVE")})
    report(running, [line(one, 12), line(two, 50)])
    found = hours_of([trainee.pk for trainee in running.trainees])
    assert (found[one.pk].onsite, found[one.pk].practical, found[one.pk].online) == (8, 4, 12)
    # Late counts; online counts up to what was filed.
    assert (found[two.pk].onsite, found[two.pk].online, found[two.pk].reported) == (8, 40, 50)
    assert (found[three.pk].total, found[three.pk].share) == (0, 0)
    assert found[one.pk].required == 148
    assert found[one.pk].says == "缺 128 学时，缺实操 56 学时"
    assert not found[one.pk].complete


def test_hours_ask_the_database_as_often_for_fifty_as_for_one(running, django_assert_num_queries):
    running.sign(running.lessons()[0])
    ids = [trainee.pk for trainee in running.trainees]
    hours_of(ids[:1])
    with django_assert_num_queries(3):
        hours_of(ids[:1])
    with django_assert_num_queries(3):
        hours_of(ids * 20)


def test_every_row_of_a_report_says_what_is_wrong_and_nothing_is_kept(running, world):
    one, two, _three = running.trainees
    stranger = world.persons(1)[0]
    rows = [
        line(one, 10, FIRST_DAY, date(2026, 4, 25)),
        line(one, 10, date(2026, 4, 25), LAST_DAY),
        [stranger.name, stranger.document_number, 8, FIRST_DAY, LAST_DAY],
        line(two, 8, date(2026, 4, 19), LAST_DAY),
        line(two, 20, date(2026, 4, 21), date(2026, 4, 22)),
        line(two, 8, date(2026, 5, 2), date(2026, 5, 1)),
        line(two, 0),
    ]
    with pytest.raises(Incomplete) as refused:
        report(running, rows)
    assert {(problem.row, problem.code) for problem in refused.value.problems} == {
        (3, "duplicate"),
        (4, "not_in_class"),
        (5, "outside"),
        (6, "per_day"),
        (6, "duplicate"),
        (7, "dates"),
        (8, "hours"),
    }
    assert not OnlineImport.objects.exists()


def test_a_later_report_of_a_platform_replaces_the_earlier_with_a_reason(running):
    one = running.trainees[0]
    report(running, [line(one, 12)])
    with pytest.raises(Incomplete):
        report(running, [line(one, 16)])
    with pytest.raises(NothingChanged):
        report(running, [line(one, 12)], reason="同一文件")
    again = report(running, [line(one, 16)], reason="平台补传")
    assert (again.version, OnlineHours.objects.count()) == (2, 2)
    assert hours_of([one.pk])[one.pk].reported == 16
    with pytest.raises(Incomplete) as refused:
        report(running, [line(one, 4)], platform="另一平台")
    assert [problem.code for problem in refused.value.problems] == ["duplicate"]
    with pytest.raises(TooLate):
        report(running, [line(one, 20)], reason="再补", now=at(date(2026, 5, 23)))


def complete(running):
    """Enough for everybody: the filed hours made small, all signed, so that 12 hours are the class."""
    TrainingPlan.objects.filter(pk=running.plan.pk).update(kind="RENEWAL", onsite_hours=8, online_hours=0)
    running.plan.refresh_from_db()
    for lesson in running.lessons(running.entry(), running.entry(start=13)):
        running.sign(lesson, {running.trainees[-1].pk: Mark("ABSENT")})


def test_a_proof_is_made_where_the_hours_are_complete_and_refused_by_name_where_not(running):
    complete(running)
    ids = [trainee.pk for trainee in running.trainees]
    results = proofs.issue_proofs(actor=running.filer, now=EVENING, trainee_ids=ids)
    assert [result.ok for result in results] == [True, True, False]
    refusal = results[-1].refusal
    assert refusal.code == "hours_missing"
    assert "缺 8 学时" in refusal.message
    first = results[0].detail["proof"]
    assert (first.number, first.required, first.completed) == ("XS-2026-00001", 8, 8)
    with first.file.file.open("rb") as kept:
        content = kept.read()
    assert content.startswith(b"%PDF-")
    assert proofs.together([proofs.printable().get(pk=first.pk)]) == content
    again = proofs.issue_proofs(actor=running.filer, now=EVENING + timedelta(hours=1), trainee_ids=ids[:1])
    assert again[0].detail["proof"].pk == first.pk
    assert HoursProof.objects.count() == 2


def test_corrected_hours_make_a_new_proof_and_keep_the_old(running):
    complete(running)
    (extra,) = running.lessons(running.entry(date(2026, 4, 21)))
    one = running.trainees[0]
    proofs.issue_proofs(actor=running.filer, now=EVENING, trainee_ids=[one.pk])
    running.sign(extra)
    (result,) = proofs.issue_proofs(actor=running.filer, now=EVENING, trainee_ids=[one.pk])
    assert result.detail["proof"].completed == 12
    assert HoursProof.objects.filter(trainee=one, replaced_at__isnull=False).count() == 1


def test_all_proofs_in_one_file(running):
    complete(running)
    proofs.issue_proofs(actor=running.filer, now=EVENING, trainee_ids=[row.pk for row in running.trainees])
    import io

    from pypdf import PdfReader

    rows = list(proofs.printable().order_by("number"))
    assert len(PdfReader(io.BytesIO(proofs.together(rows))).pages) == 2


tenths = st.integers(0, 400).map(lambda number: Decimal(number) / 10)
attended = st.dictionaries(
    st.tuples(st.sampled_from(LessonPart.values), st.sampled_from(Presence.values)), tenths, max_size=8
)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(attended=attended, reported=tenths)
def test_sums_of_hours_hold_whatever_was_attended(running, attended, reported):
    hours = _Measure(running.plan).hours(attended, reported)
    there = [found for (_part, presence), found in attended.items() if presence in ("PRESENT", "LATE")]
    assert hours.onsite == sum(there, NOTHING)
    assert NOTHING <= hours.practical <= hours.onsite
    assert hours.online == min(reported, running.plan.online_hours)
    assert hours.total == hours.onsite + hours.online
    assert hours.complete == (hours.total >= 148 and hours.practical >= 60)
    assert hours.complete == (hours.says == "")
    assert 0 <= hours.online_share <= 100
    assert (hours.share >= 100) == (hours.total >= hours.required)


def test_a_share_below_hundred_is_never_rounded_up():
    hours = Hours(Decimal(148), NOTHING, Decimal("147.9"), NOTHING, NOTHING, NOTHING, Decimal(148))
    assert (hours.share, hours.complete) == (99, False)
