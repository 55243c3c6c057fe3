"""Scores from files, the second reading, what the exam day says, and the list of differences (rules 4.3, 8)."""

from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from certification.imports.models import Import
from certification.imports.states import ImportState
from certification.refusals import Incomplete, SeparationBreach
from certification.rulebook import lookup
from certification.rulebook.models import Rule
from certification.spreadsheets.writing import workbook
from exams.models import Attendance, Part, Result, ResultReading, SignIn
from exams.scores import day_records, importing, results, standing
from exams.scores.day_records import DayRecord, Said
from exams.scores.rows import Row
from tests.exams.conftest import EXAM_ON, TODAY
from tests.factories import at as moment

EVENING = moment(EXAM_ON, 18)


@pytest.fixture
def held(bench, at):
    session = bench.ready(size=3)
    bench.held(session)
    session.refresh_from_db()
    at(EVENING)
    return session


@pytest.fixture
def day(monkeypatch):
    """What the records of the exam day say, as sign-in and incidents would tell it."""
    said: dict = {}
    monkeypatch.setattr(day_records, "of", lambda session: dict(said))
    return said


def theory_file(rows) -> bytes:
    return workbook(["准考证号", "姓名", "理论成绩", "缺考"], rows, text_columns=["准考证号"])


def send(client, session, content: bytes, *, part="theory", name="results_upload"):
    file = SimpleUploadedFile("成绩.xlsx", content)
    response = client.post(reverse(f"exams:{name}", args=[session.pk, part]), {"file": file})
    assert response.status_code == 302, response.content.decode()[-2000:]
    return Import.objects.order_by("-pk").first()


def save(client, import_):
    return client.post(reverse("imports:save", args=[import_.uuid]))


def page(client, session) -> str:
    return client.get(reverse("exams:results", args=[session.pk])).content.decode()


def test_every_mistake_of_a_file_is_named_and_only_the_corrected_rows_go_up_again(bench, held, browse):
    one, two, three = bench.candidates(held)
    clerk = browse("shi-luru")
    rows = [
        [one.ticket_number, str(one), 85, ""],
        [two.ticket_number, "张冠李", 101, ""],
        [three.ticket_number, str(three), 60, "是"],
        ["999", "无此人", 70, ""],
    ]
    import_ = send(clerk, held, theory_file(rows))
    assert import_.state == ImportState.CHECKED
    assert import_.counts["WRONG"] == 3
    text = clerk.get(reverse("imports:detail", args=[import_.uuid])).content.decode()
    assert "不一致" in text
    assert "缺考不应有成绩" in text
    assert "没有这个准考证号" in text
    save(clerk, import_)
    assert not Result.objects.exists()
    again = theory_file([[two.ticket_number, str(two), 79.5, ""], [three.ticket_number, str(three), "", "是"]])
    clerk.post(reverse("imports:correct", args=[import_.uuid]), {"file": SimpleUploadedFile("改正.xlsx", again)})
    clerk.post(reverse("imports:drop", args=[import_.uuid]), {"row": [5]})
    save(clerk, import_)
    import_.refresh_from_db()
    assert import_.state == ImportState.SAVED
    kept = {row.candidate_id: row for row in Result.objects.all()}
    assert kept[one.pk].passed
    assert kept[two.pk].score == Decimal("79.5")
    assert not kept[two.pk].passed
    assert kept[three.pk].absent
    assert {row.entered_by for row in kept.values()} == {bench.user("shi-luru")}


def test_above_the_usual_share_of_a_subject_is_pointed_out_where_the_job_types_own_is_not_known(bench, held, browse):
    rule = Rule.objects.get(edition=lookup.edition_on(TODAY), area="examination", code="practical")
    rule.values["by_job_type"] = {}
    rule.save()
    lookup.forget()
    one, *_others = candidates = bench.candidates(held)
    bench.enter(held, Part.THEORY, [Row(row.pk, score=Decimal(90)) for row in candidates])
    bench.check(held, Part.THEORY)
    columns = ["准考证号", "姓名", "科目一", "科目二", "K3", "K4", "实操成绩"]
    rows = [[one.ticket_number, str(one), 25, 35, 15, 20, 95]]
    import_ = send(browse("shi-luru"), held, workbook(columns, rows, text_columns=["准考证号"]), part="practical")
    assert (import_.counts["WRONG"], import_.counts["warnings"]) == (0, 1)


def test_practical_files_have_subjects_with_their_points_and_a_veto(bench, held, browse):
    one, two, three = candidates = bench.candidates(held)
    bench.enter(held, Part.THEORY, [Row(row.pk, score=Decimal(90)) for row in candidates])
    bench.check(held, Part.THEORY)
    columns = ["准考证号", "姓名", "科目一", "科目二", "K3", "K4", "实操成绩", "否决项", "抽题"]
    rows = [
        [one.ticket_number, str(one), 20, 35, 17, 18, "", "", "K1-3、K2-7"],
        [two.ticket_number, str(two), 20, 40, 20, 20, 100, "是", ""],
        [three.ticket_number, str(three), 20.5, 40, 20, "", "", "", ""],
    ]
    clerk = browse("shi-luru")
    import_ = send(clerk, held, workbook(columns, rows, text_columns=["准考证号"]), part="practical")
    assert import_.counts["WRONG"] == 1
    shown = clerk.get(reverse("imports:detail", args=[import_.uuid])).content.decode()
    assert f"{three}：K1 为 20.5 分，超过该科目的 20 分。" in shown
    rows[2][2], rows[2][5] = 20, 10
    import_ = send(clerk, held, workbook(columns, rows, text_columns=["准考证号"]), part="practical")
    save(clerk, import_)
    kept = {row.candidate_id: row for row in Result.objects.filter(part=Part.PRACTICAL)}
    assert (kept[one.pk].score, kept[one.pk].passed, kept[one.pk].drawn) == (90, True, "K1-3、K2-7")
    assert (kept[two.pk].veto, kept[two.pk].passed) == (True, False)
    assert kept[three.pk].score == 90
    typed = {
        f"candidate-{one.pk}-{code}": points
        for code, points in zip(("K1", "K2", "K3", "K4"), (95, 2, 1, 2), strict=True)
    }
    url = reverse("exams:results_enter", args=[held.pk, "practical"])
    refused = clerk.post(url, typed)
    assert refused.status_code == 422
    assert f"{one}：K1 超过该科目的 20 分。" in refused.content.decode()
    typed |= {f"candidate-{one.pk}-{code}": points for code, points in (("K1", 20), ("K2", 40), ("K3", 15), ("K4", 20))}
    assert clerk.post(url, typed).status_code == 302
    corrected = Result.objects.get(candidate=one, part=Part.PRACTICAL)
    assert (corrected.score, corrected.drawn) == (95, "K1-3、K2-7")


def test_a_file_judged_before_somebody_else_entered_is_judged_again(bench, held, browse):
    candidates = bench.candidates(held)
    clerk = browse("shi-luru")
    import_ = send(clerk, held, theory_file([[row.ticket_number, str(row), 85, ""] for row in candidates]))
    bench.enter(held, Part.THEORY, [Row(candidates[0].pk, score=Decimal(70))])
    save(clerk, import_)
    import_.refresh_from_db()
    assert import_.state == ImportState.CHECKED
    assert Result.objects.get().score == 70
    assert import_.counts["CHANGED"] == 1
    save(clerk, import_)
    assert Result.objects.filter(score=85).count() == 3


def listed(client, session, part: str) -> tuple[list[str], list[tuple]]:
    """The head of the workbook to fill in, and ticket and absence of each row."""
    response = client.get(reverse("exams:results_template", args=[session.pk, part]))
    head, *rows = openpyxl.load_workbook(BytesIO(response.content)).worksheets[0].iter_rows(values_only=True)
    return list(head), [(row[0], row[-1]) for row in rows if row[0]]


def test_the_template_lists_who_was_admitted(bench, held, browse):
    head, rows = listed(browse("shi-luru"), held, "practical")
    assert head[:7] == ["*准考证号", "*姓名", "证件号码", "K1", "K2", "K3", "K4"]
    assert rows == [(row.ticket_number, None) for row in bench.candidates(held)]


def test_the_template_for_practice_leaves_out_who_has_not_passed_the_theory(bench, held, browse):
    """So that the system's own workbook, filled in and sent back, has no row that is refused."""
    passed, failed, absent = bench.candidates(held)
    rows = [Row(passed.pk, score=Decimal(85)), Row(failed.pk, score=Decimal(60)), Row(absent.pk, absent=True)]
    bench.enter(held, Part.THEORY, rows)
    assert listed(browse("shi-luru"), held, "practical")[1] == [(passed.ticket_number, None)]


def test_the_template_says_who_did_not_come(bench, held, browse):
    away, *others = bench.candidates(held)
    place = held.parts.get(part=Part.THEORY)
    SignIn.objects.create(
        candidate=away,
        part=place,
        use=away.seats.get(part=place).use,
        outcome=Attendance.ABSENT,
        recorded_by=bench.user("shi-jiankao"),
        recorded_at=EVENING,
    )
    rows = listed(browse("shi-luru"), held, "theory")[1]
    assert rows == [(away.ticket_number, "是"), *((row.ticket_number, None) for row in others)]


def test_the_checkers_own_reading_makes_the_list_of_differences(bench, held, browse):
    candidates = bench.candidates(held)
    bench.enter(held, Part.THEORY, [Row(row.pk, score=Decimal(85)) for row in candidates])
    checker = browse("shi-fuhe")
    scores = (85, 58, 85)
    rows = [[row.ticket_number, str(row), score, ""] for row, score in zip(candidates, scores, strict=True)]
    import_ = send(checker, held, theory_file(rows), name="results_read")
    save(checker, import_)
    assert f"{candidates[1]}（{candidates[1].ticket_number}）理论：成绩录入85，复核人核对58" in page(checker, held)
    with pytest.raises(Incomplete) as refused:
        bench.check(held, Part.THEORY, now=EVENING)
    assert [problem.code for problem in refused.value.problems] == ["reading"]
    bench.enter(held, Part.THEORY, [Row(candidates[1].pk, score=Decimal(58))], now=EVENING)
    assert "85 → 58" in page(checker, held)
    bench.check(held, Part.THEORY, now=EVENING)
    assert ResultReading.objects.count() == 3


def test_who_entered_does_not_read_the_second_time(bench, held):
    from certification.organisations.accounts import grant_role
    from certification.organisations.roles import Role

    candidates = bench.candidates(held)
    bench.enter(held, Part.THEORY, [Row(row.pk, score=Decimal(85)) for row in candidates])
    clerk = bench.user("shi-luru")
    grant_role(actor=bench.user("guanli"), now=EVENING, user=clerk, role=Role.CITY_RESULTS_CHECKER)
    with pytest.raises(SeparationBreach):
        importing.read_second(
            actor=bench.user("shi-luru"),
            now=EVENING,
            session_id=held.pk,
            part=Part.THEORY,
            rows=[Row(candidates[0].pk)],
        )


def test_scores_respect_who_came_and_whose_score_is_cancelled(bench, held, day):
    one, two, three = bench.candidates(held)
    day[one.pk, "THEORY"] = DayRecord(Said.PRESENT)
    day[two.pk, "THEORY"] = DayRecord(Said.ABSENT)
    day[three.pk, "THEORY"] = DayRecord(Said.CANCELLED, "替考")
    with pytest.raises(Incomplete) as refused:
        bench.enter(held, Part.THEORY, [Row(one.pk, absent=True), Row(two.pk, score=Decimal(80)), Row(three.pk)])
    assert {problem.code for problem in refused.value.problems} == {"signed_in", "not_in_room"}
    rows = [Row(one.pk, score=Decimal(50)), Row(two.pk, absent=True), Row(three.pk, score=Decimal(95))]
    bench.enter(held, Part.THEORY, rows)
    cancelled = Result.objects.get(candidate=three)
    assert (cancelled.cancelled, cancelled.passed) == (True, False)
    bench.check(held, Part.THEORY)
    bench.release(held)
    assert [row.state for row in bench.candidates(held)] == ["FAILED", "ABSENT", "FAILED"]


def test_a_decision_after_the_entry_stands_in_the_way_until_the_score_follows_it(bench, held, day):
    candidates = bench.candidates(held)
    bench.enter(held, Part.THEORY, [Row(row.pk, score=Decimal(50)) for row in candidates])
    bench.check(held, Part.THEORY)
    day[candidates[0].pk, "THEORY"] = DayRecord(Said.CANCELLED, "抄袭")
    assert [problem.code for problem in standing.differences(held)] == ["cancelled"]
    with pytest.raises(Incomplete):
        bench.release(held)
    results.send_back(
        actor=bench.user("shi-fuhe"), now=EVENING, session_id=held.pk, part=Part.THEORY, reason="违纪处理取消成绩"
    )
    bench.enter(held, Part.THEORY, [Row(candidates[0].pk)], now=EVENING)
    bench.check(held, Part.THEORY, now=EVENING)
    bench.release(held, now=EVENING)
    assert Result.objects.get(candidate=candidates[0]).score is None
    day.clear()
    assert [problem.code for problem in standing.differences(held)] == ["not_cancelled"]
