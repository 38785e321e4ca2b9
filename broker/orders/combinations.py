"""Which fields of an order make sense together: one row per order type, and the few rules that look across.

A field that is neither needed nor possible is refused rather than ignored: a stop price that does nothing is a customer's loss waiting to
happen. Pure; prices, sizes and the market are looked at elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from broker.orders.errors import InvalidCombination
from broker.orders.states import WAITING, OrderType, TimeInForce
from broker.orders.wishes import Wish

MOST_TRAIL = Decimal("0.5")


@dataclass(frozen=True, slots=True)
class Shape:
    """Fields that a type needs and may have beside those, and how long it may wait."""

    needs: frozenset[str]
    may: frozenset[str]
    times: frozenset[TimeInForce]


def _shape(needs: str, may: str, times: str) -> Shape:
    return Shape(frozenset(needs.split()), frozenset(may.split()), frozenset(TimeInForce(t) for t in times.split()))


SHAPES: dict[OrderType, Shape] = {
    OrderType.MARKET: _shape("", "quantity quote_quantity expected_price twap", "ioc fok"),
    OrderType.LIMIT: _shape(
        "quantity limit_price", "expected_price expires_at post_only display_quantity twap", "gtc gtd ioc fok"
    ),
    OrderType.STOP: _shape("quantity stop_price", "expires_at", "gtc gtd"),
    OrderType.STOP_LIMIT: _shape("quantity stop_price limit_price", "expires_at display_quantity", "gtc gtd"),
    OrderType.TAKE_PROFIT: _shape("quantity stop_price", "limit_price expires_at display_quantity", "gtc gtd"),
    OrderType.TRAILING_STOP: _shape("quantity trail", "expires_at", "gtc gtd"),
}
_FIELDS = (
    "quantity", "quote_quantity", "limit_price", "stop_price", "trail", "expires_at", "post_only", "display_quantity", "twap",
    "expected_price",
)  # fmt: skip


def check(wish: Wish) -> None:
    """Refuse what makes no sense.

    Raises:
        InvalidCombination: which field, and why; `field` names it for programs.
    """
    kind = OrderType(wish.type)
    shape = SHAPES[kind]
    given = {field for field in _FIELDS if _given(wish, field)}
    for field in sorted(shape.needs - given):
        raise InvalidCombination(f"a {_words(kind)} order needs {field}", field=field)
    for field in sorted(given - shape.needs - shape.may):
        raise InvalidCombination(f"a {_words(kind)} order has no {field}", field=field)
    if kind is OrderType.MARKET and ("quantity" in given) == ("quote_quantity" in given):
        raise InvalidCombination("give either quantity or quote_quantity", field="quantity")
    _check_time(wish, shape)
    _check_trail(wish)
    _check_post_only(wish)
    _check_iceberg(wish)
    _check_twap(wish)


def _given(wish: Wish, field: str) -> bool:
    value = getattr(wish, field)
    return value is not None and value is not False


def _words(kind: OrderType) -> str:
    return kind.value.replace("_", "-")


def _check_time(wish: Wish, shape: Shape) -> None:
    time = TimeInForce(wish.time_in_force)
    if wish.twap is not None:
        shape = SHAPES[OrderType.STOP]  # whatever it trades by, a TWAP lasts as long as its slices
    if time not in shape.times:
        allowed = ", ".join(sorted(t.value for t in shape.times))
        raise InvalidCombination(f"time_in_force of this order is one of: {allowed}", field="time_in_force")
    if (time is TimeInForce.GTD) != (wish.expires_at is not None):
        raise InvalidCombination("expires_at and time_in_force gtd belong together", field="expires_at")


def _check_trail(wish: Wish) -> None:
    if wish.trail is None:
        return
    amount, fraction = wish.trail.amount, wish.trail.fraction
    if (amount is None) == (fraction is None):
        raise InvalidCombination("a trail is either an amount or a fraction", field="trail")
    if (amount is not None and amount <= 0) or (fraction is not None and not 0 < fraction <= MOST_TRAIL):
        raise InvalidCombination("a trail is an amount above 0, or a fraction up to 0.5", field="trail")


def _check_post_only(wish: Wish) -> None:
    if wish.post_only and (wish.time_in_force not in WAITING or wish.twap is not None):
        raise InvalidCombination("a post-only order waits: gtc or gtd, and no slices", field="post_only")


def _check_iceberg(wish: Wish) -> None:
    if wish.display_quantity is None:
        return
    assert wish.quantity is not None
    if wish.twap is not None or wish.limit_price is None or wish.time_in_force not in WAITING:
        raise InvalidCombination(
            "only an order that waits at a limit is shown in parts: gtc or gtd", field="display_quantity"
        )
    if wish.display_quantity > wish.quantity:
        raise InvalidCombination("display_quantity is a part of quantity", field="display_quantity")


def _check_twap(wish: Wish) -> None:
    if wish.twap is None:
        return
    if wish.quantity is None:
        raise InvalidCombination("slices are made of a quantity", field="twap")
    if wish.expires_at is not None:
        raise InvalidCombination("a TWAP ends with its last slice", field="expires_at")
