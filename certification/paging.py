"""Keyset pages: the next page begins behind the last row shown, so that no page costs a COUNT or an OFFSET."""

from dataclasses import dataclass

from django.core import signing
from django.core.exceptions import BadRequest
from django.db.models import F
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan

PAGE_SIZE = 50


@dataclass(frozen=True)
class Page:
    """One page of rows and the addresses of its neighbours ("" where there is none)."""

    rows: list
    previous_url: str
    next_url: str

    def __iter__(self):
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def keyset_page(request, queryset, order: tuple[str, ...], *, size: int = PAGE_SIZE) -> Page:
    """The page of ``queryset`` that ``request`` asks for with ``?after=`` or ``?before=``.

    ``order`` names columns of the model or annotations of the queryset, none of them nullable, the last one unique,
    all ascending (``("due_on", "pk")``) or all descending (``("-created_at", "-pk")``): the condition is one
    row-value comparison.
    """
    descending = order[0].startswith("-")
    if any(name.startswith("-") != descending for name in order):
        raise ValueError("a keyset goes in one direction")
    names = [name.lstrip("-") for name in order]
    backwards = "before" in request.GET
    mark = request.GET.get("before") or request.GET.get("after")
    if mark:
        queryset = queryset.filter(_beyond(queryset, names, mark, upwards=descending == backwards))
    taken = list(queryset.order_by(*(_ordering(name, descending != backwards) for name in names))[: size + 1])
    more = len(taken) > size
    rows = taken[:size]
    if backwards:
        rows.reverse()
    has_previous = more if backwards else bool(mark)
    has_next = bool(mark) if backwards else more
    return Page(
        rows,
        _address(request, "before", rows[0], names) if rows and has_previous else "",
        _address(request, "after", rows[-1], names) if rows and has_next else "",
    )


def _ordering(name: str, descending: bool) -> str:
    return f"-{name}" if descending else name


def _beyond(queryset, names: list[str], mark: str, *, upwards: bool):
    columns = Tuple(*(F(name) for name in names))
    lookup = TupleGreaterThan if upwards else TupleLessThan
    return lookup(columns, tuple(_values(queryset, names, mark)))


def _values(queryset, names: list[str], mark: str) -> list:
    try:
        texts = signing.loads(mark, salt="keyset")
    except signing.BadSignature:
        raise BadRequest("页码无效") from None
    fields = [_field(queryset, name) for name in names]
    return [field.to_python(text) for field, text in zip(fields, texts, strict=True)]


def _field(queryset, name: str):
    if name in queryset.query.annotations:
        return queryset.query.annotations[name].output_field
    return queryset.model._meta.pk if name == "pk" else queryset.model._meta.get_field(name)


def _address(request, direction: str, row, names: list[str]) -> str:
    query = request.GET.copy()
    query.pop("after", None)
    query.pop("before", None)
    query[direction] = signing.dumps([str(getattr(row, name)) for name in names], salt="keyset")
    return f"?{query.urlencode()}"
