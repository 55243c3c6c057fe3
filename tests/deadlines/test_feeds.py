"""The calendar link: secret, revocable, scoped to what its owner may see today, stable when a date moves."""

import logging
from datetime import date, timedelta

import pytest
from icalendar import Calendar

from certification.deadlines import ledger
from certification.deadlines.calendar_feeds.feeds import create_feed, revoke_feed
from certification.deadlines.calendar_feeds.log import WithoutTokens
from certification.deadlines.models import CalendarFeed, Deadline
from certification.organisations.models import RoleAssignment
from certification.organisations.roles import Role
from tests.deadlines.conftest import NOW
from tests.deadlines.reminding import DUE

# The clock of the tests is the machine's unless it is put somewhere: see the fixture at.


@pytest.fixture(autouse=True)
def _now(at):
    at(NOW)


def events(client, token: str) -> list:
    answer = client.get(f"/feeds/{token}.ics")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    return Calendar.from_ical(answer.content).walk("VEVENT")


def test_an_event_stands_on_the_due_day_with_title_clause_and_link(client, opened, people, settings):
    settings.SITE_URL = "https://certification.example"
    deadline = opened()
    token = create_feed(actor=people["filer"])
    (event,) = events(client, token)
    assert event.decoded("dtstart") == DUE
    assert event.decoded("dtend") == DUE + timedelta(days=1)
    assert str(event["summary"]) == f"培训计划报备截止：{deadline.subject}"
    assert "方案三（一）" in str(event["description"])
    assert str(event["url"]) == f"https://certification.example/deadlines/{deadline.pk}/"
    assert event["status"] == "CONFIRMED"


def test_a_moved_date_moves_the_event(client, opened, people, organisations):
    deadline = opened()
    token = create_feed(actor=people["filer"])
    (before,) = events(client, token)
    ledger.open_deadline(
        "plan_filing",
        deadline.subject,
        event_on=date(2026, 5, 25),
        responsible=organisations["school"],
        institution=organisations["school"],
        organiser=organisations["bureau"],
        now=NOW,
    )
    (after,) = events(client, token)
    assert before["uid"] == after["uid"]
    assert after["sequence"] > before["sequence"]
    assert after.decoded("dtstart") > before.decoded("dtstart")


def test_what_is_done_goes_and_what_is_provisional_says_so(client, opened, people):
    done, later = opened(), opened(event_on=date(2027, 1, 12))
    ledger.meet("plan_filing", [done.subject], now=NOW, actor=people["filer"])
    (event,) = events(client, create_feed(actor=people["filer"]))
    assert "（暂定）" in str(event["summary"])
    assert event["status"] == "TENTATIVE"
    assert event.decoded("dtstart") == later.due_on


def test_only_what_the_owners_organisation_has_to_do(client, opened, people, account):
    opened()
    opened("preliminary_review", by="bureau")
    titles = {
        name: [str(event["summary"]) for event in events(client, create_feed(actor=user))]
        for name, user in {**people, "other": account("other", Role.INSTITUTION_FILER)}.items()
    }
    assert [title.partition("：")[0] for title in titles["filer"]] == ["培训计划报备截止"]
    assert [title.partition("：")[0] for title in titles["reviewer"]] == ["报送初审结果截止"]
    assert titles["centre_reviewer"] == titles["other"] == []


def test_the_link_ends_with_revocation_replacement_account_and_role(client, opened, people):
    opened()
    filer, head = people["filer"], people["head"]
    first = create_feed(actor=filer)
    second = create_feed(actor=filer)
    assert client.get(f"/feeds/{first}.ics").status_code == 404
    assert client.get(f"/feeds/{second}.ics").status_code == 200
    revoke_feed(actor=filer)
    assert client.get(f"/feeds/{second}.ics").status_code == 404
    third = create_feed(actor=filer)
    filer.is_active = False
    filer.save()
    assert client.get(f"/feeds/{third}.ics").status_code == 404
    token = create_feed(actor=head)
    RoleAssignment.objects.filter(user=head).update(valid_until=NOW.date() - timedelta(days=1))
    assert client.get(f"/feeds/{token}.ics").status_code == 404
    assert client.get("/feeds/unknown.ics").status_code == 404


def test_the_token_is_long_and_is_stored_nowhere(opened, people):
    token = create_feed(actor=people["filer"])
    assert len(token) >= 43
    stored = str(list(CalendarFeed.objects.values())) + str(list(CalendarFeed.history.values()))
    assert token not in stored


def test_an_unchanged_calendar_is_not_sent_again(client, opened, people):
    deadline = opened()
    token = create_feed(actor=people["filer"])
    etag = client.get(f"/feeds/{token}.ics")["ETag"]
    assert client.get(f"/feeds/{token}.ics", headers={"If-None-Match": etag}).status_code == 304
    ledger.meet("plan_filing", [deadline.subject], now=NOW, actor=people["filer"])
    assert client.get(f"/feeds/{token}.ics", headers={"If-None-Match": etag}).status_code == 200


def test_the_number_of_queries_does_not_grow(client, many_opened, people, django_assert_max_num_queries):
    token = create_feed(actor=people["filer"])
    many_opened(60)
    client.get(f"/feeds/{token}.ics")
    with django_assert_max_num_queries(7):
        client.get(f"/feeds/{token}.ics")
    assert Deadline.objects.count() == 60


def test_the_page_shows_the_address_once(client, people):
    client.force_login(people["filer"], backend="certification.organisations.backends.AccountBackend")
    made = client.post("/deadlines/feed/create/")
    assert "/feeds/" in made.content.decode()
    assert made["Cache-Control"] == "no-store"
    page = client.get("/deadlines/feed/").content.decode()
    assert "/feeds/" not in page
    assert "正在使用" in page
    assert client.post("/deadlines/feed/revoke/").status_code == 302
    assert "还没有订阅链接" in client.get("/deadlines/feed/").content.decode()


def test_no_log_holds_a_token(client, people):
    class Heard(logging.Handler):
        def __init__(self):
            super().__init__()
            self.lines = []
            self.addFilter(WithoutTokens())

        def emit(self, record):
            self.lines.append(record.getMessage())

    heard = Heard()
    root = logging.getLogger()
    root.addHandler(heard)
    try:
        client.get("/feeds/secret-token_1.ics")
        logging.getLogger("django.request").warning("%(r)s", {"r": "GET /feeds/secret-token_1.ics HTTP/1.1"})
    finally:
        root.removeHandler(heard)
    assert heard.lines
    assert not any("secret" in line for line in heard.lines)
    assert any("/feeds/••••" in line for line in heard.lines)
    guarded = logging.getLogger("gunicorn.access").filters
    assert any(isinstance(each, WithoutTokens) for each in guarded)
