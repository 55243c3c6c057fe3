"""What notices are about, and the record of it on the page of a case."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.template import Context, Template
from django.test.utils import CaptureQueriesContext

from certification.notices import told
from certification.notices.models import Notice, NoticeSubject
from certification.notices.reading import mark_read
from certification.notices.sending import Message, notify, send
from certification.notices.subjects import Cases
from certification.organisations.models import Organisation, OrganisationKind, RoleAssignment, Territory, User
from certification.organisations.roles import Role
from tests.notices.conftest import NOW


@pytest.fixture
def institutions(centre) -> list[Organisation]:
    """Cases here: any row can be one."""
    city = Territory.objects.create(code="370100", name="青屏市")
    return [
        Organisation.objects.create(
            kind=OrganisationKind.TRAINING_INSTITUTION, name=f"机构{n}", short_name=f"机构{n}", territory=city
        )
        for n in range(3)
    ]


def filer(institution: Organisation, username: str, role: Role = Role.INSTITUTION_FILER) -> User:
    user = User.objects.create(username=username, organisation=institution)
    RoleAssignment.objects.create(user=user, role=role, valid_from=date(2023, 4, 1), granted_by=user)
    return user


def subjects_of(notice: Notice) -> list[tuple[type, int]]:
    return [(type(row.subject), row.subject_id) for row in notice.subjects.order_by("pk")]


# Writing


def test_a_notice_names_rows_and_ids_each_once(person, institutions):
    first, second, third = institutions
    ids = Cases(Organisation, [second.pk, third.pk, third.pk])
    (notice,) = notify([person()], title="退回", about=[first, first, ids], now=NOW)
    assert subjects_of(notice) == [(Organisation, row.pk) for row in institutions]


def test_one_case_may_stand_alone(person, institutions):
    (notice,) = notify([person()], title="退回", about=institutions[1], now=NOW)
    assert subjects_of(notice) == [(Organisation, institutions[1].pk)]


def test_as_many_statements_for_many_as_for_one(person, institutions, django_assert_num_queries):
    users = [person(f"user{n}") for n in range(20)]
    told.of(users[0], institutions[0])  # reads the content types
    with django_assert_num_queries(3):
        notify(users[:1], title="一", about=institutions[0], now=NOW)
    with django_assert_num_queries(3):
        notify(users, title="多", about=Cases(Organisation, range(1, 501)), now=NOW)
    assert NoticeSubject.objects.count() == 1 + 20 * 500


def test_what_is_about_no_case_costs_no_statement(person, django_assert_num_queries):
    user = person()
    with django_assert_num_queries(2):
        send([Message(user.pk, "一"), Message(user.pk, "二")], now=NOW)
    assert not NoticeSubject.objects.exists()


def test_each_message_is_about_its_own(person, institutions):
    user = person()
    made = send([Message(user.pk, str(row), about=row) for row in institutions], now=NOW)
    assert [row.title for row in made] == [str(row.subjects.get().subject) for row in made]


def test_the_database_keeps_a_case_once(person, institutions):
    (notice,) = notify([person()], title="退回", about=institutions[0], now=NOW)
    row = notice.subjects.get()
    row.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


# The record of a case


def test_the_record_says_who_was_told_and_when_it_was_read(person, institutions):
    case, other, _third = institutions
    users = [person("shen"), person("li")]
    notify(users, title="先", about=case, now=NOW)
    notify(users[:1], title="后", about=[case, other], now=NOW + timedelta(hours=1))
    notify(users, title="别的", about=other, now=NOW)
    read = Notice.objects.get(title="先", recipient=users[0])
    mark_read(actor=users[0], now=NOW + timedelta(hours=2), notice=read)
    found = told.of(users[0], case)
    assert [(one.title, len(one.notices), one.read) for one in found.entries] == [("后", 1, False), ("先", 2, False)]
    assert (found.count, found.unread, found.only, found.cut) == (3, 2, "", False)


def test_a_notice_about_several_cases_stands_with_each(person, institutions):
    user = person()
    notify([user], title="退回", about=institutions, now=NOW)
    assert [told.of(user, case).count for case in institutions] == [1, 1, 1]


def test_an_institution_is_shown_what_its_own_people_got(person, institutions):
    case, other, _third = institutions
    mine, colleague, stranger = filer(case, "a"), filer(case, "b"), filer(other, "c")
    notify([mine, colleague, stranger, person()], title="退回", about=case, now=NOW)
    found = told.of(mine, case)
    assert {notice.recipient for one in found.entries for notice in one.notices} == {mine, colleague}
    assert found.only == "本单位人员"


@pytest.mark.parametrize("role", [Role.EXAMINER, Role.WINDOW_CLERK, Role.ADMINISTRATOR])
def test_whoever_works_on_no_case_is_shown_what_came_to_themselves(institutions, role):
    case = institutions[0]
    mine = filer(case, "a", role)
    notify([mine, filer(case, "b")], title="考务安排", about=case, now=NOW)
    found = told.of(mine, case)
    assert [notice.recipient for one in found.entries for notice in one.notices] == [mine]


def test_offices_are_shown_all_of_it(person, institutions):
    case = institutions[0]
    notify([filer(case, "a"), filer(case, "b"), person()], title="退回", about=case, now=NOW)
    for reader in (filer(institutions[1], "c", Role.CITY_REVIEWER), person("auditor", Role.AUDITOR)):
        assert (told.of(reader, case).count, told.of(reader, case).only) == (3, "")


def test_one_query_for_one_and_for_fifty(person, institutions):
    users = [person(f"user{n}") for n in range(50)]
    counts = []
    for reader, those in ((users[0], users[:1]), (users[1], users)):
        notify(those, title="退回", about=institutions[0], now=NOW)
        reader.roles_on(NOW.date())
        told.of(reader, institutions[0])
        with CaptureQueriesContext(connection) as queries:
            _shown(told.of(reader, institutions[0]))
        counts.append(len([query for query in queries if "clockoffset" not in query["sql"]]))
    assert counts == [1, 1]


def test_a_long_record_is_cut_and_says_so(person, institutions, monkeypatch):
    monkeypatch.setattr(told, "SHOWN", 3)
    user = person()
    for hour in range(5):
        notify([user], title=f"第{hour}条", about=institutions[0], now=NOW + timedelta(hours=hour))
    found = told.of(user, institutions[0])
    assert [one.title for one in found.entries] == ["第4条", "第3条", "第2条"]
    assert found.cut
    assert "只列最近 3 条" in _shown(found)


def test_nobody_told_shows_nothing(person, institutions):
    assert _shown(told.of(person(), institutions[0])) == ""


def test_what_is_told_is_escaped(person, institutions):
    user = person()
    notify([user], title="<b>退回</b>", about=institutions[0], now=NOW)
    page = _shown(told.of(user, institutions[0]))
    assert "&lt;b&gt;退回" in page
    assert "1 条站内通知，1 条未读" in page


def _shown(record: told.Record) -> str:
    return Template("{% load components %}{% told record %}").render(Context({"record": record}))
