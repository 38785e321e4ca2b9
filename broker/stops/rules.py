"""When a stop is reached, and how far beyond it may be traded. Pure decimals.

What is watched depends on the market: in mode `last` the last price of the order's venue (for `best` of any venue that may be traded on),
in mode `executable` the composite, which one venue alone cannot move. Either must come from a price we trade on and lie inside the
composite's band: a wick on one venue reaches nothing.

A sell's stop and a buy's take-profit wait for a falling price, the others for a rising one; touching is reaching. A trailing stop
follows the best price since it was accepted and never goes back.
"""

from __future__ import annotations

from decimal import Decimal

from broker.orders.rules import protection_edge
from broker.orders.states import OrderType
from kernel.money import ceil_to, floor_to
from markets.composite.states import CompositeState
from markets.instruments.states import Trigger
from markets.quotes.service import MarketView

REACH = Decimal("0.05")  # how far beyond its stop a buy may cost at most; that is held when it is accepted


def waits_for_rise(*, side: str, kind: str) -> bool:
    return (side == "buy") != (kind == OrderType.TAKE_PROFIT)


def watched_price(view: MarketView, *, venue: str, mode: Trigger, rising: bool) -> Decimal | None:
    """The price that stops are compared with; None when nothing may be believed now."""
    if mode is Trigger.EXECUTABLE:
        composite = view.composite
        known = composite.state in {CompositeState.NORMAL, CompositeState.DEGRADED} and not composite.pair_differs
        return composite.price if known else None
    prices = [
        quote.last
        for quote in view.tradable(venue)
        if quote.last is not None and view.composite.inside_band(quote.last)
    ]
    if not prices:
        return None
    return max(prices) if rising else min(prices)


def evidence(view: MarketView, *, mode: Trigger) -> tuple[int, ...]:
    """What the watched price was made of; a second look at the same books is no second tick."""
    if mode is Trigger.EXECUTABLE:
        return tuple(part.sequence for part in view.composite.constituents)
    return tuple(quote.sequence for quote in view.venues)


def reached(price: Decimal, stop: Decimal, *, rising: bool) -> bool:
    return price >= stop if rising else price <= stop


def trailing_stop(best: Decimal, *, amount: Decimal | None, fraction: Decimal | None, rising: bool) -> Decimal:
    """Where a trailing stop stands behind its best price."""
    if amount is None:
        assert fraction is not None
        amount = best * fraction
    return best + amount if rising else best - amount


def worst_price(stop: Decimal, *, side: str, tick: Decimal) -> Decimal:
    """The price that an order without a limit never passes, known when it is accepted: for the hold of a buy."""
    if side == "buy":
        return floor_to(stop * (1 + REACH), tick)
    return max(ceil_to(stop * (1 - REACH), tick), tick)


def worst_price_now(view: MarketView, *, agreed: Decimal, side: str, tick: Decimal) -> Decimal:
    """The protection of a stop that has been reached: the band of this moment, for a buy no more than what is held.

    A sell holds coins, not a price: after a gap it goes at the market that there is.
    """
    edge = protection_edge(view, side=side, tick=tick)
    return min(agreed, edge) if side == "buy" else edge
