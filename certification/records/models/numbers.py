"""Gap-free document numbers per series and year."""

from django.db import models, transaction


class NumberSeries(models.Model):
    """The last number given out in one series of one year."""

    series = models.CharField(max_length=40)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = "文号序列"
        verbose_name_plural = "文号序列"
        constraints = [models.UniqueConstraint(fields=["series", "year"], name="number_series_once")]

    def __str__(self) -> str:
        return f"{self.series} {self.year} {self.last}"


def next_numbers(series: str, year: int, count: int = 1) -> range:
    """Take ``count`` consecutive numbers of ``series`` in ``year``, in one statement.

    Must run inside the transaction that uses them: the counter's row stays locked until it commits, and a
    roll-back gives the numbers back, so that none is ever missing or given twice.
    """
    connection = transaction.get_connection()
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("document numbers are taken inside the transaction that uses them")
    table = connection.ops.quote_name(NumberSeries._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} AS kept (series, year, last) VALUES (%s, %s, %s)"
            " ON CONFLICT (series, year) DO UPDATE SET last = kept.last + excluded.last RETURNING last",
            [series, year, count],
        )
        (last,) = cursor.fetchone()
    return range(last - count + 1, last + 1)


def next_number(series: str, year: int) -> int:
    """Take the next number of ``series`` in ``year``; see ``next_numbers``."""
    return next_numbers(series, year)[0]
