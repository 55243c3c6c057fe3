"""Document numbers: consecutive per series and year, given back by a roll-back, never twice (PostgreSQL)."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from certification.records.models.numbers import NumberSeries, next_number, next_numbers


@pytest.mark.django_db
def test_each_series_and_year_counts_for_itself():
    assert [next_number("A", 2026), next_number("A", 2026), next_number("B", 2026), next_number("A", 2027)] == [
        1,
        2,
        1,
        1,
    ]
    assert list(next_numbers("A", 2026, 3)) == [3, 4, 5]


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_no_number_is_given():
    with pytest.raises(transaction.TransactionManagementError):
        next_number("A", 2026)


@pytest.mark.django_db(transaction=True)
def test_two_connections_with_roll_backs_leave_no_gap_and_no_double():
    def take(attempt: int) -> int | None:
        try:
            with transaction.atomic():
                number = next_number("A", 2026)
                if attempt % 3 == 0:
                    raise RuntimeError("rolled back")
                return number
        except RuntimeError:
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=4) as pool:
        given = [number for number in pool.map(take, range(30)) if number is not None]
    assert sorted(given) == list(range(1, 21))
    assert NumberSeries.objects.get(series="A", year=2026).last == 20
