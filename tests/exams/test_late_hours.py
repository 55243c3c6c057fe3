"""The late slot of the hours proof: plain to institution, city and organiser; confirmed, or sent back with a reason."""

from datetime import date

import pytest
from django.urls import reverse

from certification.catalogue.models import ApplicationKind
from certification.deadlines import ledger
from certification.deadlines.sweep import sweep
from certification.notices.models import Notice
from certification.refusals import Incomplete, TooLate
from exams.applications import applying
from exams.materials import hours
from exams.materials.hours import Slot
from exams.models import Candidate, Material
from exams.sessions import assigning
from tests.exams.conftest import EXAM_ON, PHOTO, TODAY, picture
from tests.factories import at as moment

# One working day before Wednesday 2026-04-15.
LAST_DAY = date(2026, 4, 14)


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def row(bench):
    """A renewal that passed on condition and sits in a session."""
    session = bench.session()
    (application,) = bench.submitted(bench.plan(ApplicationKind.RENEWAL, size=1))
    bench.move("clear", [application], conditional=lambda _application: True)
    assigning.assign_to_session(
        actor=bench.user("shi-kaowu"), now=moment(TODAY), application_ids=[application.pk], session_id=session.pk
    )
    application.refresh_from_db()
    return application


def prove(bench, row, *, now=None, content=PHOTO):
    return applying.attach_material(
        actor=bench.user("jigou"),
        now=now or moment(LAST_DAY, 23, 59),
        application_id=row.pk,
        kind="HOURS_PROOF",
        content=content,
        name="学时.jpg",
    )


def slot(row) -> hours.LateHours:
    row.refresh_from_db()
    return hours.late_hours([row])[row.pk]


def seen(client, bench, username, name, *args) -> str:
    client.force_login(bench.user(username))
    return client.get(reverse(name, args=args)).content.decode()


def test_owed_handed_in_confirmed(client, bench, row):
    assert slot(row).state == Slot.OWED
    assert slot(row).deadline.due_on == LAST_DAY
    for username in ("jigou", "shi-shenhe", "shi-kaowu"):
        assert "待补" in seen(client, bench, username, "exams:application_detail", row.pk)
    assert "待补" in seen(client, bench, "jigou", "exams:class_applications", row.plan_id)
    prove(bench, row)
    assert slot(row).state == Slot.HANDED_IN
    assert "待考试组织单位确认" in seen(client, bench, "jigou", "exams:application_detail", row.pk)
    hours.confirm_hours(actor=bench.user("shi-kaowu"), now=moment(EXAM_ON, 8), application_ids=[row.pk])
    assert slot(row).state == Slot.CONFIRMED


def test_sent_back_with_a_reason_it_is_owed_again_by_the_same_day(client, bench, row):
    prove(bench, row, now=moment(date(2026, 4, 10)))
    assert ledger.find("hours_proof", row).met_at is not None
    client.force_login(bench.user("shi-kaowu"))
    page = reverse("exams:hours_confirm")
    assert client.post(page, {"application": row.pk, "act": "reject"}).status_code == 422
    assert client.post(page, {"application": row.pk, "act": "reject", "reason": "未盖章"}).status_code == 302
    found = slot(row)
    assert (found.state, found.rejected) == (Slot.OWED, "未盖章")
    assert ledger.find("hours_proof", row).met_at is None
    assert Notice.objects.filter(recipient=bench.user("jigou"), title__startswith="学时证明被退回").exists()
    assert "上次提交被退回：未盖章" in seen(client, bench, "jigou", "exams:application_detail", row.pk)
    assert Material.objects.filter(application=row, kind="HOURS_PROOF").count() == 1
    prove(bench, row, content=picture(400, 300))
    assert slot(row).state == Slot.HANDED_IN


def test_sent_back_after_its_day_it_is_missed_at_once_and_nobody_is_told_to_hand_it_in_again(bench, row, at):
    prove(bench, row, now=moment(date(2026, 4, 10)))
    now = moment(EXAM_ON, 6)
    at(now)
    hours.reject_hours(actor=bench.user("shi-kaowu"), now=now, application_ids=[row.pk], reason="未盖章")
    assert slot(row).state == Slot.MISSED
    notice = Notice.objects.get(recipient=bench.user("jigou"), title__startswith="学时证明被退回")
    assert "期限已过" in notice.body
    assert "重新提交" not in notice.body


def test_nothing_to_send_back_and_no_reason(bench, row):
    officer = bench.user("shi-kaowu")
    with pytest.raises(Incomplete):
        hours.reject_hours(actor=officer, now=moment(TODAY), application_ids=[row.pk], reason=" ")
    (result,) = hours.reject_hours(actor=officer, now=moment(TODAY), application_ids=[row.pk], reason="未盖章")
    assert isinstance(result.refusal, Incomplete)


def test_missed_is_said_and_takes_off_admission(client, bench, row, at):
    at(moment(EXAM_ON, 0, 1))
    assert sweep(now=moment(EXAM_ON, 0, 1)).failed == []
    assert slot(row).state == Slot.MISSED
    assert "逾期未交，不准考" in seen(client, bench, "jigou", "exams:application_detail", row.pk)
    with pytest.raises(TooLate):
        prove(bench, row, now=moment(EXAM_ON, 7))
    assert Candidate.objects.get(application=row).state != "ADMITTED"
