"""Both ways of writing many rows leave the same rows and the same history behind."""

from datetime import date

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from certification.organisations.models import User
from certification.people.models import Person, RegisterImport
from certification.records import bulk
from tests.people.conftest import NOW

NUMBERS = range(1, 6)


@pytest.fixture
def actor(db):
    return User.objects.create(username="banshiyuan")


@pytest.fixture(params=["fast", "plain"])
def way(request, monkeypatch):
    """The database's own way, and the plain one on the same database."""
    if request.param == "plain":
        monkeypatch.setattr(bulk, "connection", _Plain())
    elif connection.vendor != "postgresql":
        pytest.skip("COPY needs PostgreSQL")
    return request.param


class _Plain:
    vendor = "another"

    def __getattr__(self, name):
        return getattr(connection, name)


def _people() -> list[Person]:
    return [
        Person(
            document_number=f"E{number}",
            document_type="PASSPORT",
            name="制表\t符\\和\n换行" if number == 1 else f"王{number}",
            sex="M",
            birth_date=date(1990, 3, number),
            created_at=NOW,
        )
        for number in NUMBERS
    ]


def test_created_rows_and_their_history(actor, way):
    rows = bulk.create(_people(), actor=actor, at=NOW, reason="导入")
    kept = {person.document_number: person for person in Person.objects.all()}
    assert [kept[row.document_number].pk for row in rows] == [row.pk for row in rows]
    assert kept["E1"].name == "制表\t符\\和\n换行"
    assert kept["E2"].created_at == NOW
    for line in Person.history.all():
        assert (line.history_type, line.history_user, line.history_date) == ("+", actor, NOW)
        assert line.history_change_reason == "导入"
        assert line.instance.phone == ""
    assert Person.history.count() == len(NUMBERS)
    rows[0].phone = "1"
    rows[0].save()
    assert Person.objects.get(pk=rows[0].pk).phone == "1", "the row knows that it is stored"


def test_values_alone_leave_the_same_rows_and_history(actor, way):
    names = ("name", "document_type", "document_number", "sex", "birth_date", "created_at")
    values = [tuple(getattr(person, name) for name in names) for person in _people()]
    bulk.insert(Person, names, values, actor=actor, at=NOW, reason="导入")
    assert list(Person.objects.order_by("document_number").values_list(*names)) == values
    told = Person.history.order_by("document_number")
    assert list(told.values_list("id", "phone")) == list(Person.objects.order_by("pk").values_list("id", "phone"))
    assert {(line.history_type, line.history_user, line.history_change_reason) for line in told} == {
        ("+", actor, "导入")
    }


def test_changed_rows_and_their_history(actor, way):
    rows = list(bulk.create(_people(), actor=actor, at=NOW))
    for row in rows[:3]:
        row.name, row.birth_date = f"李{row.pk}", date(1991, 1, 1)
    bulk.update(rows[:3], ["name", "birth_date"], actor=actor, at=NOW, reason="更正")
    assert Person.objects.filter(name__startswith="李", birth_date=date(1991, 1, 1)).count() == 3
    changes = Person.history.filter(history_type="~")
    assert {line.name for line in changes} == {row.name for row in rows[:3]}
    assert {line.history_change_reason for line in changes} == {"更正"}


@pytest.mark.parametrize("names", [["李一", "李一", "李一"], ["李一", "李二", "李三"]], ids=["alike", "each its own"])
def test_a_step_writes_what_it_says_and_its_history(actor, names):
    rows = list(bulk.create(_people(), actor=actor, at=NOW))
    others = {row.pk: row.name for row in rows[3:]}
    for row, name in zip(rows, names, strict=False):
        row.name, row.employer = name, "不写"
    with CaptureQueriesContext(connection) as queries:
        bulk.change(rows[:3], ["name"], actor=actor, at=NOW, reason="更正")
    assert len([query for query in queries if "SAVEPOINT" not in query["sql"]]) == 2
    kept = dict(Person.objects.values_list("pk", "name"))
    assert kept == others | {row.pk: name for row, name in zip(rows, names, strict=False)}
    assert not Person.objects.filter(employer="不写").exists()
    changes = Person.history.filter(history_type="~").order_by("id")
    assert [(line.id, line.name) for line in changes] == [(row.pk, row.name) for row in rows[:3]]
    assert {(line.history_user, line.history_date, line.history_change_reason) for line in changes} == {
        (actor, NOW, "更正")
    }


def test_values_that_a_database_keeps_differently(actor, way):
    """JSON, foreign keys, nothing at all."""
    another = User.objects.create(username="another")
    said = {"uploaded_by": actor, "uploaded_at": NOW, "saved_by": actor, "saved_at": NOW, "rows": 1}
    rows = [RegisterImport(name=f"{number}.xlsx", counts={"new": number}, **said) for number in NUMBERS]
    bulk.create(rows, actor=actor, at=NOW)
    for row in rows:
        row.counts, row.uploaded_by, row.file = {"wrong": [row.name]}, another, None
    bulk.update(rows, ["counts", "uploaded_by", "file"], actor=actor, at=NOW)
    kept = RegisterImport.objects.get(pk=rows[0].pk)
    assert kept.counts == {"wrong": ["1.xlsx"]}
    assert (kept.uploaded_by, kept.file) == (another, None)
    assert RegisterImport.history.filter(history_type="~").count() == len(NUMBERS)


def test_a_row_that_may_not_be_refuses_all(actor, way):
    rows = _people()
    rows[-1].document_number = rows[0].document_number
    with pytest.raises(IntegrityError):
        bulk.create(rows, actor=actor, at=NOW)
    assert not Person.objects.exists()
    assert not Person.history.exists()


def test_nothing_to_write_asks_nothing(actor, way):
    with CaptureQueriesContext(connection) as queries:
        bulk.create([], actor=actor, at=NOW)
        bulk.update([], ["name"], actor=actor, at=NOW)
        bulk.change([], ["name"], actor=actor, at=NOW)
    assert not [query for query in queries if "SAVEPOINT" not in query["sql"]]


def test_among_finds_what_in_finds(actor, way):
    bulk.create(_people(), actor=actor, at=NOW)
    found = bulk.among(Person.objects.filter(sex="M"), "document_number", ["E1", "E3", "E9"])
    assert {person.document_number for person in found} == {"E1", "E3"}
    assert list(bulk.among(Person.objects.all(), "id", [])) == []


def test_a_built_row_is_like_any_other(actor):
    build = bulk.builder(Person, "document_number", "name", "birth_date", "created_at")
    row = build("E7", "王七", date(1990, 1, 7), NOW)
    assert (row.document_type, row.phone, row.pk) == ("IDENTITY_CARD", "", None)
    row.sex = "M"
    row.save()
    assert Person.objects.get().name == "王七"
