"""What a fill is worth: amounts of several assets at their marks, and an asset's position at average cost. Pure decimals.

A mark is what one unit of an asset is worth in the reporting currency. Worths are kept to twelve decimals.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from kernel.money import half_even_to_scale

REPORTING = "USDT"
WORTH_SCALE = 12
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Price:
    """What one `base` costs in `quote`."""

    base: str
    quote: str
    price: Decimal


def marks(prices: Iterable[Price]) -> dict[str, Decimal]:
    """Every asset that a chain of prices leads to the reporting currency; the shortest chain, in the order of the prices."""
    known, waiting = {REPORTING: Decimal(1)}, list(prices)
    while True:
        found = dict(known)
        for price in waiting:
            if price.price <= 0:
                continue
            if price.quote in known:
                found.setdefault(price.base, half_even_to_scale(price.price * known[price.quote], WORTH_SCALE))
            elif price.base in known:
                found.setdefault(price.quote, half_even_to_scale(known[price.base] / price.price, WORTH_SCALE))
        found = {asset: mark for asset, mark in found.items() if mark > 0}
        if len(found) == len(known):
            return found
        known = found


def worth(amount: Decimal, mark: Decimal) -> Decimal:
    return half_even_to_scale(amount * mark, WORTH_SCALE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """A booked fill as accounting sees it. `owner` is `house` where no customer could take it."""

    owner: str
    side: str
    base: str
    quote: str
    quantity: Decimal
    venue_cost: Decimal
    customer_cost: Decimal
    customer_fee: Decimal
    venue_fee: Decimal
    fee_asset: str

    @property
    def trade_fee(self) -> Decimal:
        return self.customer_fee if self.owner == "customer" else ZERO

    @property
    def spread(self) -> Decimal:
        if self.owner != "customer":
            return ZERO
        return self.customer_cost - self.venue_cost if self.side == "buy" else self.venue_cost - self.customer_cost


@dataclass(frozen=True, slots=True)
class Flow:
    """What came to the house (plus) or left it, and its worth then."""

    asset: str
    quantity: Decimal
    worth: Decimal


def flows(fill: Fill, known: Mapping[str, Decimal]) -> list[Flow]:
    """What a fill changed in the house's own assets; what has no mark yet counts as worth nothing."""
    moved: dict[str, Decimal] = {fill.quote: fill.trade_fee + fill.spread}
    if fill.owner != "customer":
        sign = 1 if fill.side == "buy" else -1
        moved[fill.base] = sign * fill.quantity
        moved[fill.quote] -= sign * fill.venue_cost
    moved[fill.fee_asset] = moved.get(fill.fee_asset, ZERO) - fill.venue_fee
    return [Flow(asset, amount, worth(amount, known.get(asset, ZERO))) for asset, amount in moved.items() if amount]


@dataclass(frozen=True, slots=True)
class Position:
    """Quantity of an asset, its average cost as a whole (both negative when short), and what was realised on it so far."""

    quantity: Decimal = ZERO
    cost: Decimal = ZERO
    realised: Decimal = ZERO

    def unrealised(self, mark: Decimal) -> Decimal:
        return worth(self.quantity, mark) - self.cost


def take(position: Position, flow: Flow) -> Position:
    """Average cost: what adds to a position adds its cost, what reduces it realises the difference, through zero it begins anew."""
    before, quantity = position.quantity, flow.quantity
    if before * quantity >= 0:
        return replace(position, quantity=before + quantity, cost=position.cost + flow.worth)
    closing = min(abs(before), abs(quantity))
    cost_closed = half_even_to_scale(position.cost * closing / abs(before), WORTH_SCALE)
    worth_closed = half_even_to_scale(flow.worth * closing / abs(quantity), WORTH_SCALE)
    return Position(
        quantity=before + quantity,
        cost=position.cost - cost_closed + flow.worth - worth_closed,
        realised=position.realised - cost_closed - worth_closed,
    )
