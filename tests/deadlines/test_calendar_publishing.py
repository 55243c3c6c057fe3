"""Publishing a calendar: the preview is the result, in one transaction, once, and told to whom it concerns."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from certification.clock import SHANGHAI
from certification.deadlines import ledger
from certification.deadlines.calendars.entry import Entry, correct, save_draft
from certification.deadlines.calendars.publishing import preview, publish
from certification.deadlines.explaining.explanation import explain_deadline
from certification.deadlines.models import Deadline
from certification.notices.models import Notice
from certification.organisations.roles import Role
from certification.records.models import TransitionLog
from certification.refusals import NotPermitted, WrongState
from certification.workdays.models import CalendarEdition
from tests.workdays.notices import NEXT, TEXTS

NOW = datetime(2026, 11, 25, 10, 0, tzinfo=SHANGHAI)
ENTRY = Entry(year=2027, text=NEXT)


@pytest.fixture
def administrator(account):
    return account("centre", Role.ADMINISTRATOR)


@pytest.fixture
def filer(account):
    return account("school", Role.INSTITUTION_FILER)


@pytest.fixture
def open_plan(organisations, case):
    def make(class_start: date, *, school: str = "school", now=NOW) -> Deadline:
        return ledger.open_deadline(
            "plan_filing",
            case(),
            event_on=class_start,
            responsible=organisations[school],
            institution=organisations[school],
            now=now,
        )

    return make


@pytest.fixture
def draft(administrator):
    return save_draft(entry=ENTRY, actor=administrator, now=NOW)


def published(edition, administrator, now=NOW):
    return publish(
        edition_id=edition.pk, fingerprint=preview(edition, now=now).fingerprint, actor=administrator, now=now
    )


def stored() -> list[tuple]:
    return list(Deadline.objects.order_by("pk").values_list("pk", "due_on", "provisional", "version"))


def test_the_preview_changes_nothing_and_is_what_happens(open_plan, draft, administrator):
    rows = [open_plan(date(2027, 2, day)) for day in (15, 17, 23, 24)] + [open_plan(date(2026, 12, 25))]
    before = {row.pk: row.due_on for row in rows}
    untouched = stored()
    foreseen = preview(draft, now=NOW)
    assert stored() == untouched
    done = published(draft, administrator)
    after = dict(Deadline.objects.values_list("pk", "due_on"))
    moved = {pk for pk in before if before[pk] != after[pk]}
    assert len(moved) == foreseen.change.moved == done.moves.count > 0
    assert {line.move.due_after for line in foreseen.lines} >= {after[pk] for pk in moved}
    assert not Deadline.objects.filter(provisional=True).exists()


def test_who_is_affected_is_counted_by_organisation(open_plan, draft):
    for _times in range(3):
        open_plan(date(2027, 2, 23))
    open_plan(date(2027, 2, 23), school="other")
    numbers = {name: change.moved for name, change in preview(draft, now=NOW).by_organisation}
    assert numbers == {"北市学校": 3, "南市学校": 1}


def test_each_account_is_told_once_how_many_of_its_own(open_plan, draft, administrator, filer, account):
    other = account("other", Role.INSTITUTION_FILER)
    account("school", Role.AUDITOR)
    for _times in range(3):
        open_plan(date(2027, 2, 23))
    open_plan(date(2027, 2, 23), school="other")
    assert published(draft, administrator).notified == 2
    told = {notice.recipient_id: notice.title for notice in Notice.objects.all()}
    assert told == {
        filer.pk: "2027年工作日历已发布：您经办的时限3 项的截止日期变动",
        other.pk: "2027年工作日历已发布：您经办的时限1 项的截止日期变动",
    }


def test_nobody_is_told_where_nothing_moves(draft, administrator, open_plan):
    open_plan(date(2026, 12, 25))
    assert published(draft, administrator).notified == 0
    assert not Notice.objects.exists()


def corrected(administrator):
    """A correction of 2026 by which 30 December is off."""
    draft = correct(edition_id=CalendarEdition.objects.get(year=2026).pk, actor=administrator, now=NOW)
    text = TEXTS[2026].replace("七、国庆节", "七、调整：12月30日（周三）放假1天，不调休。\n八、国庆节")
    return save_draft(entry=Entry(2026, text), edition_id=draft.pk, actor=administrator, now=NOW)


def test_what_becomes_late_is_said_and_is_late(administrator, filer, case):
    """Five working days before 31 December: the 24th, and with the 30th off the 23rd."""
    row = ledger.open_deadline(
        "materials_initial", case(), event_on=date(2026, 12, 31), responsible=filer.organisation, now=NOW
    )
    now = datetime(2026, 12, 24, 10, 0, tzinfo=SHANGHAI)
    edition = corrected(administrator)
    foreseen = preview(edition, now=now)
    assert (foreseen.replaces.year, foreseen.change.moved, foreseen.change.late) == (2026, 1, 1)
    assert not Deadline.objects.overdue(now.date()).exists()
    assert published(edition, administrator, now).moves.late == 1
    row.refresh_from_db()
    assert (row.due_on, row.state_at(now)) == (date(2026, 12, 23), Deadline.State.OVERDUE)
    told = Notice.objects.get(recipient=filer)
    assert (told.urgent, "1 项按新日历已经逾期" in told.title) == (True, True)
    assert "逾期特批" in told.body


def test_a_corrected_year_supersedes_and_old_dates_stay_explained(open_plan, administrator):
    met = open_plan(date(2026, 12, 31))
    ledger.meet("plan_filing", [met.subject], now=NOW, actor=administrator)
    old = CalendarEdition.objects.get(year=2026)
    due_before = Deadline.objects.get(pk=met.pk).due_on
    edition = corrected(administrator)
    published(edition, administrator)
    old.refresh_from_db()
    assert (old.status, CalendarEdition.objects.get(pk=edition.pk).status) == ("SUPERSEDED", "PUBLISHED")
    row = Deadline.objects.get(pk=met.pk)
    explained = explain_deadline(row)
    assert explained.due_on == row.due_on == due_before
    assert [notice.key for notice in explained.notices] == [str(old.pk)]


def test_a_change_after_the_preview_is_refused_with_nothing_done(open_plan, draft, administrator):
    confirmed = preview(draft, now=NOW).fingerprint
    open_plan(date(2027, 2, 23))
    before = stored()
    with pytest.raises(WrongState, match="预览之后情况有变化"):
        publish(edition_id=draft.pk, fingerprint=confirmed, actor=administrator, now=NOW)
    assert stored() == before
    assert CalendarEdition.objects.get(pk=draft.pk).is_draft


def test_a_draft_changed_after_the_preview_is_refused(draft, administrator):
    confirmed = preview(draft, now=NOW).fingerprint
    text = NEXT.replace("2月20日（周六）", "2月27日（周六）")
    save_draft(entry=replace(ENTRY, text=text), edition_id=draft.pk, actor=administrator, now=NOW)
    with pytest.raises(WrongState, match="预览之后情况有变化"):
        publish(edition_id=draft.pk, fingerprint=confirmed, actor=administrator, now=NOW)


def test_published_once_only(draft, administrator):
    published(draft, administrator)
    with pytest.raises(WrongState, match="没有重复发布"):
        publish(edition_id=draft.pk, fingerprint="", actor=administrator, now=NOW)


def test_administrators_alone(draft, account):
    head = account("centre", Role.PROVINCIAL_HEAD)
    with pytest.raises(NotPermitted):
        publish(edition_id=draft.pk, fingerprint=preview(draft, now=NOW).fingerprint, actor=head, now=NOW)


def test_it_is_logged_with_its_numbers(open_plan, draft, administrator):
    open_plan(date(2027, 2, 23))
    published(draft, administrator)
    line = TransitionLog.objects.about(draft).get(name="publish")
    assert line.actor == administrator
    assert line.detail["moved"] == 1


def test_an_edition_that_nothing_touches_needs_few_queries(open_plan, draft, django_assert_max_num_queries):
    for number in range(6):
        open_plan(date(2027, 2, 15 + number))
    with django_assert_max_num_queries(12):
        preview(draft, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_two_at_once_publish_one_edition_once(at_once, draft, administrator, open_plan):
    open_plan(date(2027, 2, 23))
    confirmed = preview(draft, now=NOW).fingerprint

    def run():
        return publish(edition_id=draft.pk, fingerprint=confirmed, actor=administrator, now=NOW)

    results = at_once(run, run)
    assert sorted(type(result).__name__ for result in results) == ["Published", "WrongState"]
    assert TransitionLog.objects.about(draft).filter(name="publish").count() == 1
    assert Deadline.objects.get().version == 2


@pytest.mark.django_db(transaction=True)
def test_two_drafts_of_one_year_at_once_leave_one_published(at_once, draft, administrator, open_plan):
    open_plan(date(2027, 2, 23))
    text = NEXT.replace("2月20日（周六）", "2月27日（周六）")
    second = save_draft(entry=replace(ENTRY, text=text), actor=administrator, now=NOW)
    confirmed = {one.pk: preview(one, now=NOW).fingerprint for one in (draft, second)}

    def run(edition):
        return lambda: publish(edition_id=edition.pk, fingerprint=confirmed[edition.pk], actor=administrator, now=NOW)

    results = at_once(run(draft), run(second))
    assert sorted(type(result).__name__ for result in results) == ["Published", "WrongState"]
    assert CalendarEdition.objects.filter(year=2027, status="PUBLISHED").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_deadline_opened_while_a_calendar_is_published_is_counted_by_it(at_once, draft, administrator, open_plan):
    confirmed = preview(draft, now=NOW).fingerprint
    results = at_once(
        lambda: publish(edition_id=draft.pk, fingerprint=confirmed, actor=administrator, now=NOW),
        lambda: open_plan(date(2027, 2, 23)),
    )
    row = Deadline.objects.get()
    if type(results[0]).__name__ == "Published":
        assert row.calendar_signature.split()[-1] == f"2027:{draft.pk}"
    else:
        # The deadline was there first: what was confirmed is no longer what would happen.
        assert isinstance(results[0], WrongState)
