"""The workbook that goes back for a long file: made by the background, offered when it is ready, let go of with what it
says. And uploads that nobody saves."""

import io
from datetime import timedelta

import openpyxl
import pytest
from django.urls import reverse

from certification import clock
from certification.imports import receiving, undecided, workbooks, working
from certification.imports.models import Import
from certification.records import accesses
from certification.records.models import StoredFile, TransitionLog
from tests.imports.conftest import as_file, row, sheet


@pytest.fixture
def filer(client, world):
    client.force_login(world.user("jigou"))
    return client


@pytest.fixture
def long(world, upload, monkeypatch):
    """An import of three rows, one wrong, where three rows are many."""
    monkeypatch.setattr(working, "AT_ONCE_ROWS", 2)
    people = world.invented(3)
    rows = [row(one) for one in people]
    rows[1][2] = "138"
    return upload(rows)


def page(filer, import_, name="detail"):
    return filer.get(reverse(f"imports:{name}", args=[import_.uuid]))


def test_it_is_made_after_the_check_and_offered_when_it_is_there(filer, long):
    assert (long.state, long.workbook_wanted, long.workbook) == ("CHECKED", True, None)
    text = page(filer, long).content.decode()
    assert "正在制作核对结果" in text
    assert 'hx-select="#workbook"' in text
    assert page(filer, long, "workbook").status_code == 302
    assert workbooks.work() == {"checked": 0, "saved": 0, "returned": 1}
    long.refresh_from_db()
    assert (long.workbook_wanted, long.stage, long.token) == (False, "", None)
    assert "下载核对结果" in page(filer, long).content.decode()
    book = openpyxl.load_workbook(io.BytesIO(page(filer, long, "workbook").content))
    assert "手机号" in book.active["E3"].value
    (line,) = TransitionLog.objects.filter(name=accesses.TAKE_OUT)
    assert line.detail["what"] == "人员核对结果"
    assert workbooks.work()["returned"] == 0


def test_the_page_that_asks_again_is_not_reloaded_whole(filer, long):
    address = reverse("imports:detail", args=[long.uuid])
    asked = filer.get(address, headers={"HX-Request": "true", "HX-Target": "workbook"})
    assert "HX-Refresh" not in asked.headers
    assert 'id="workbook"' in asked.content.decode()


def test_a_correction_lets_go_of_it_and_overtakes_who_makes_it(world, filer, long, monkeypatch):
    workbooks.work()
    long.refresh_from_db()
    stored = long.workbook
    correction = sheet([row(world.invented()[0])])
    receiving.correct(actor=world.user("jigou"), import_uuid=long.uuid, content=correction, name="改正.xlsx")
    long.refresh_from_db()
    assert (long.workbook, StoredFile.objects.filter(pk=stored.pk).exists()) == (None, False)
    working.work_on(long.pk)

    def overtaken(import_, progress):
        receiving.drop_rows(actor=world.user("jigou"), import_uuid=long.uuid, rows=[3])
        return b"PK"

    monkeypatch.setattr("certification.imports.returning.workbook", overtaken)
    assert workbooks.make_next() == 1
    long.refresh_from_db()
    assert (long.state, long.workbook) == ("WAITING", None)


def test_saving_goes_before_it(world, filer, upload, monkeypatch):
    monkeypatch.setattr(working, "AT_ONCE_ROWS", 2)
    done = []

    def end(step, **values):
        def run(_import):
            done.append(step)
            Import.objects.update(taken_at=None, **values)

        return run

    monkeypatch.setattr(working, "_do", end("check", state="CHECKED"))
    monkeypatch.setattr(workbooks, "_make", end("make", workbook_wanted=False))
    first = upload([row(one) for one in world.invented(1)])
    Import.objects.filter(pk=first.pk).update(state="WAITING", workbook_wanted=True, taken_at=None)
    workbooks.work()
    assert done[-2:] == ["check", "make"]


def test_one_that_cannot_be_made_is_given_up_and_asked_for_again(filer, long):
    Import.objects.filter(pk=long.pk).update(attempts=working.ATTEMPTS)
    workbooks.work()
    long.refresh_from_db()
    assert (long.workbook, long.workbook_wanted) == (None, False)
    assert "制作核对结果" in page(filer, long).content.decode()
    filer.post(reverse("imports:workbook", args=[long.uuid]))
    long.refresh_from_db()
    assert long.workbook is not None


def test_a_killed_worker_leaves_it_to_the_next(long, monkeypatch, settings):
    settings.JOB_SILENCE_SECONDS = -60

    def killed(import_, progress):
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr("certification.imports.returning.workbook", killed)
        with pytest.raises(SystemExit):
            workbooks.make_next()
    assert workbooks.make_next() == 1
    long.refresh_from_db()
    assert long.workbook is not None


def test_what_nobody_saves_is_given_up_after_its_days_and_the_page_says_so(filer, long, settings, at):
    workbooks.work()
    long.refresh_from_db()
    until = undecided.keeps_until(long)
    assert until == clock.day_of(long.checked_at) + timedelta(days=settings.IMPORT_UNDECIDED_DAYS)
    assert "没有保存的上传保留至" in page(filer, long).content.decode()
    assert undecided.give_up(clock.end_of(until) - timedelta(seconds=1)) == {"given_up": 0, "cleared": 0}
    assert undecided.give_up(clock.end_of(until)) == {"given_up": 1, "cleared": 0}
    assert undecided.give_up(clock.end_of(until)) == {"given_up": 0, "cleared": 0}
    long.refresh_from_db()
    assert (long.state, bytes(long.report), long.workbook) == ("DISCARDED", b"", None)
    assert StoredFile.objects.filter(pk=long.files.get().file_id).exists()
    shown = page(filer, long).content.decode()
    assert "30 日内没有保存，已自动放弃" in shown
    assert "人员.xlsx" in shown
    assert TransitionLog.objects.get(name="give_up").actor.is_system


def test_what_was_given_up_by_hand_is_cleared_and_what_is_being_checked_stays(world, upload, settings):
    people = world.invented(2)
    discarded, checking = upload([row(people[0])]), upload([row(people[1])])
    receiving.discard(actor=world.user("jigou"), import_uuid=discarded.uuid)
    Import.objects.filter(pk=checking.pk).update(state="WAITING")
    later = clock.now() + timedelta(days=settings.IMPORT_UNDECIDED_DAYS + 2)
    assert undecided.give_up(later) == {"given_up": 0, "cleared": 1}
    discarded.refresh_from_db()
    assert bytes(discarded.report) == b""


def test_nobody_elses_workbook_is_asked_for(world, client, long):
    client.force_login(world.user("lanxi-jigou"))
    assert client.post(reverse("imports:workbook", args=[long.uuid])).status_code == 404
    assert client.post(reverse("imports:correct", args=[long.uuid]), {"file": as_file(b"x")}).status_code == 404
