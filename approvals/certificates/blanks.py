"""Blank cards (空白证件) of a window: received with their serial numbers, used, handed over, spoilt. A row for each, so
that what was received is at any time what is in stock, printed, handed over and spoilt."""

import re
from dataclasses import dataclass

from django.db.models import Count, Sum
from simple_history.utils import bulk_create_with_history

from approvals.models import CardBlank, CardDelivery, CardRequest
from approvals.states import BLANK, BlankState, CardState
from certification.organisations import access
from certification.organisations.models import Organisation, OrganisationKind
from certification.refusals import Incomplete, NotPermitted, Problem, WrongState
from certification.workflow import activity, apply_one, lock

ACTION = "approvals.handle_cards"
AT_MOST = 5000
_SERIAL = re.compile(r"^([0-9A-Z-]*?)(\d{1,12})$")


@dataclass(frozen=True)
class Balance:
    """What a window received and where it is. ``delivered`` is what the deliveries say, the states what the blanks say,
    ``open_requests`` how many cards are printed and wait by the register of requests."""

    window: Organisation
    delivered: int
    in_stock: int
    printed: int
    handed_over: int
    spoiled: int
    open_requests: int

    @property
    def total(self) -> int:
        return self.in_stock + self.printed + self.handed_over + self.spoiled

    @property
    def reconciles(self) -> bool:
        """Whether both registers say the same."""
        return self.delivered == self.total and self.printed == self.open_requests


@activity
def receive(*, actor, now, first_number: str, count: int, source: str) -> CardDelivery:
    """Take ``count`` blanks with consecutive serial numbers from ``first_number`` into the stock of the actor's window.

    Raises NotPermitted, and Incomplete for a number that cannot be counted on, too many, or serials that are on record
    already, wherever.
    """
    access.require(actor, ACTION)
    window = window_of(actor)
    numbers = _numbers(plain_number(first_number), count, source)
    taken = CardBlank.objects.filter(number__in=numbers).order_by("number").first()
    if taken is not None:
        raise Incomplete(
            [Problem(f"流水号{taken.number}已经登记过。", code="registered", field="first_number", value=taken.number)]
        )
    delivery = CardDelivery.objects.create(
        window=window,
        first_number=numbers[0],
        last_number=numbers[-1],
        count=count,
        source=source.strip(),
        received_by=actor,
        received_at=now,
    )
    rows = [CardBlank(window=window, delivery=delivery, number=number) for number in numbers]
    bulk_create_with_history(rows, CardBlank, default_user=actor, default_date=now)
    return delivery


@activity
def spoil(*, actor, now, number: str, reason: str) -> CardBlank:
    """A blank in stock is no good (damaged, misprinted serial); raises Incomplete, WrongState."""
    access.require(actor, ACTION)
    reason = required(reason, "请写明作废的原因。")
    blank = in_stock(window_of(actor).pk, plain_number(number), field="number")
    return _spoil(blank, reason, actor=actor, now=now)


def window_of(actor) -> Organisation:
    """The window at which the actor works; raises NotPermitted."""
    window = actor.organisation
    if window is None or window.kind != OrganisationKind.WINDOW:
        raise NotPermitted("实体证书由窗口办理。", clause="方案三（五）")
    return window


def required(text: str, message: str) -> str:
    """``text`` without the blanks around it; raises Incomplete with ``message`` for the field ``reason``."""
    if not text.strip():
        raise Incomplete([Problem(message, code="required", field="reason")])
    return text.strip()


def plain_number(text: str) -> str:
    """A number as it is kept: no blanks, capital letters."""
    return "".join(text.split()).upper()


def in_stock(window_id: int, number: str, *, field: str = "card_number") -> CardBlank:
    """The blank ``number`` in the window's stock, locked; raises Incomplete for ``field``."""
    found = lock(CardBlank.objects.filter(window=window_id, number=number))
    if not found or found[0].state != BlankState.IN_STOCK:
        said = f"已经使用（{found[0].get_state_display()}）" if found else "不在本窗口的库存中"
        raise Incomplete(
            [
                Problem(
                    f"卡片流水号{number}{said}。",
                    code="card_number_used" if found else "not_in_stock",
                    field=field,
                    value=number,
                    advice="请核对卡片上的流水号；新领的空白证件先登记入库。",
                )
            ]
        )
    return found[0]


def next_number(window: Organisation) -> str:
    """The lowest serial number in stock; "" where there is none."""
    rows = CardBlank.objects.filter(window=window, state=BlankState.IN_STOCK).order_by("number")
    return rows.values_list("number", flat=True).first() or ""


def use(blank: CardBlank, request: CardRequest, *, actor, now) -> None:
    """A locked blank becomes the card of ``request``. Part of an activity."""

    def change(row: CardBlank) -> None:
        row.request, row.printed_at, row.printed_by = request, now, actor

    fields = ("request", "printed_at", "printed_by")
    apply_one(BLANK, "use", blank, actor=actor, now=now, change=change, fields=fields)


def hand_over(request: CardRequest, *, actor, now) -> None:
    """The card of ``request`` left the window. Part of an activity."""
    for blank in lock(CardBlank.objects.filter(request=request, state=BlankState.PRINTED)):
        apply_one(BLANK, "hand_over", blank, actor=actor, now=now, change=_ended(now), fields=("ended_at",))


def spoil_of(request: CardRequest, reason: str, *, actor, now) -> None:
    """The card that was printed for ``request`` is no good. Part of an activity."""
    for blank in lock(CardBlank.objects.filter(request=request, state=BlankState.PRINTED)):
        _spoil(blank, reason, actor=actor, now=now)


def balances(user) -> list[Balance]:
    """The balance of every window that ``user`` may see and that received blanks; a fixed number of queries."""
    delivered = dict(
        CardDelivery.objects.visible_to(user).order_by().values_list("window").annotate(total=Sum("count"))
    )
    states: dict[int, dict[str, int]] = {}
    counted = CardBlank.objects.visible_to(user).order_by().values_list("window", "state").annotate(total=Count("pk"))
    for window_id, state, total in counted:
        states.setdefault(window_id, {})[state] = total
    waiting = dict(
        CardRequest.objects.filter(window__in=list(delivered), state=CardState.PRINTED)
        .order_by()
        .values_list("window")
        .annotate(total=Count("pk"))
    )
    windows = Organisation.objects.filter(pk__in=list(delivered)).order_by("name")
    return [
        Balance(
            window,
            delivered[window.pk],
            *(states.get(window.pk, {}).get(state, 0) for state in BlankState.values),
            waiting.get(window.pk, 0),
        )
        for window in windows
    ]


def _spoil(blank: CardBlank, reason: str, *, actor, now) -> CardBlank:
    if blank.state not in BLANK["spoil"].sources:
        raise WrongState(f"卡片{blank}{blank.get_state_display()}，不能作废。")

    def change(row: CardBlank) -> None:
        row.spoiled_reason, row.ended_at = reason[:200], now

    fields = ("spoiled_reason", "ended_at")
    return apply_one(BLANK, "spoil", blank, actor=actor, now=now, reason=reason, change=change, fields=fields)


def _ended(now):
    def change(row: CardBlank) -> None:
        row.ended_at = now

    return change


def _numbers(first: str, count: int, source: str) -> list[str]:
    problems = []
    parsed = _SERIAL.match(first)
    if not parsed:
        problems.append(Problem("起始流水号应以数字结尾，例如 YL2026000001。", field="first_number", value=first))
    if not 0 < count <= AT_MOST:
        problems.append(Problem(f"每次入库1至{AT_MOST}张。", field="count", value=str(count)))
    if not source.strip():
        problems.append(Problem("请填写来源（发放单位、交接单号）。", code="required", field="source"))
    if parsed and 0 < count <= AT_MOST and len(str(int(parsed[2]) + count - 1)) > len(parsed[2]):
        problems.append(Problem("流水号的位数不够这么多张。", field="count", value=str(count)))
    if problems:
        raise Incomplete(problems)
    width, start = len(parsed[2]), int(parsed[2])
    return [f"{parsed[1]}{start + place:0{width}d}" for place in range(count)]
