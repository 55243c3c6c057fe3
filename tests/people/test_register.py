import threading

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from certification.people.models import Person
from certification.people.register import find_or_register, find_or_register_all
from tests.people.conftest import NOW, data


def queries(people, actor) -> int:
    with CaptureQueriesContext(connection) as captured:
        find_or_register_all(people, now=NOW, actor=actor)
    return len(captured)


def test_new_persons_are_written_with_history_in_the_name_of_the_actor(actor):
    results = find_or_register_all([data(1), data(2), data(1)], now=NOW, actor=actor)
    assert [result.created for result in results] == [True, True, True]
    assert results[0].person.pk == results[2].person.pk
    (line,) = results[0].person.history.all()
    assert (line.history_type, line.history_user, line.history_date) == ("+", actor, NOW)


def test_known_persons_are_found_and_brought_up_to_date_and_keep_their_name(actor):
    find_or_register_all([data(1)], now=NOW, actor=actor)
    (again,) = find_or_register_all([data(1, name="王一", phone="13900000009", education="")], now=NOW, actor=actor)
    assert not again.created
    assert again.person.name == "王001"
    assert "王一" in again.warnings[0]
    person = Person.objects.get()
    assert (person.phone, person.education) == ("13900000009", "SENIOR_HIGH")
    assert person.history.count() == 2


def test_nothing_new_writes_nothing(actor):
    find_or_register_all([data(1)], now=NOW, actor=actor)
    (again,) = find_or_register_all([data(1)], now=NOW, actor=actor)
    assert again.warnings == []
    assert Person.history.count() == 1


def test_singly_and_with_other_documents(actor):
    first = find_or_register(
        document_type="PASSPORT", document_number="E1", name="A", sex="M", birth_date=NOW.date(), now=NOW, actor=actor
    )
    card = find_or_register(document_number="E1", name="A", sex="M", birth_date=NOW.date(), now=NOW, actor=actor)
    assert first.created
    assert card.created
    assert first.person.pk != card.person.pk


def test_a_thousand_persons_need_no_more_queries_than_two(actor):
    few = queries([data(1), data(2)], actor)
    many = queries([data(number) for number in range(3, 1000)], actor)
    # SQLite takes so many parameters at a time; PostgreSQL takes all.
    assert many <= few + (0 if connection.vendor == "postgresql" else 997 // 40)
    assert Person.history.count() == Person.objects.count() == 999
    changed = queries([data(number, phone="13900000000") for number in range(1, 3)], actor)
    again = queries([data(number, phone="13900000000") for number in range(3, 250)], actor)
    assert again <= changed + (0 if connection.vendor == "postgresql" else 247 // 20)


@pytest.mark.django_db(transaction=True)
def test_two_filings_with_the_same_new_person_share_one_record():
    if connection.vendor != "postgresql":
        pytest.skip("two writers at once need PostgreSQL")
    from certification.organisations.models import User

    actor = User.objects.create(username="banshiyuan")
    first_has_written, found = threading.Event(), []

    def second():
        try:
            first_has_written.wait(10)
            found.extend(find_or_register_all([data(2), data(1)], now=NOW, actor=actor))
        finally:
            connection.close()

    thread = threading.Thread(target=second)
    thread.start()
    with transaction.atomic():
        (mine,) = find_or_register_all([data(1)], now=NOW, actor=actor)
        first_has_written.set()
        thread.join(0.5)
    thread.join(10)
    assert [result.created for result in found] == [True, False]
    assert found[1].person.pk == mine.person.pk
    assert Person.history.count() == 2
