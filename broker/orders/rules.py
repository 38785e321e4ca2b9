"""The arithmetic of orders: protection, sizes, holds, and what one venue fill costs whom. Pure decimals.

A fill rounds towards the limit's safe side, so that no sequence of partial fills can cost a customer more than quantity × limit, nor a
hold of `hold_size` run short. Source: reference "broker", postings and sizes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from broker.fees.rules import next_fee
from broker.orders import errors
from kernel.errors import DomainError
from kernel.money import ceil_to, ceil_to_scale, floor_to, floor_to_scale, half_even_to_scale
from markets.composite.states import CompositeState
from markets.instruments.service import Instrument
from markets.quotes.service import MarketView, VenueQuote
from venues.fees import taker_fee

SIZING_SLACK = Decimal("0.001")  # sizing by quote leaves room for the price to move between look and fill
MOST_NOTIONAL = Decimal("1e24")  # no order of people; keeps every product far below the ledger's bound


class PriceChanged(DomainError):
    """The price is worse than the one you expected; look again."""

    code = "price_changed"
    status = 409


@dataclass(frozen=True, slots=True)
class FillAmounts:
    """One fill in quote units: the venue's cost, the customer's price, cost and fee, and what remains with us (may be a rounding unit)."""

    venue_cost: Decimal
    customer_price: Decimal
    customer_cost: Decimal
    customer_fee: Decimal
    spread: Decimal


@dataclass(frozen=True, slots=True)
class Size:
    """A quantity in base and the price that no fill may pass."""

    quantity: Decimal
    limit_price: Decimal


def require_price(view: MarketView, *, venue: str, now: datetime) -> None:
    """Deny market orders where no trustworthy price stands behind them."""
    state = view.composite.state
    if view.composite.price is None or state is CompositeState.HALT:
        raise errors.MarketHalted
    if state is CompositeState.SINGLE and venue == "best":
        raise errors.MarketHalted("only one venue shows a price: name it")
    if state is CompositeState.DEGRADED and venue == "best" and view.composite.pair_differs:
        raise errors.MarketHalted("two venues are left and they differ by more than 1 %: name one")
    if view.composite.paused_until is not None and view.composite.paused_until > now:
        raise errors.MarketHalted("the price has just jumped; try again in some seconds")
    if not view.tradable(venue):
        raise errors.VenueUnavailable


def protection_edge(view: MarketView, *, side: str, tick: Decimal) -> Decimal:
    """The worst price of a market order: the band (2 %, wider after a jump) beyond the composite, on our grid."""
    assert view.composite.price is not None
    if side == "buy":
        return floor_to(view.composite.price * (1 + view.composite.band), tick)
    return ceil_to(view.composite.price * (1 - view.composite.band), tick)


def inside_band(limit: Decimal, *, view: MarketView, side: str, tick: Decimal) -> Decimal:
    """A customer's limit as far as the protection band allows; the limit itself where there is no composite."""
    if view.composite.price is None:
        return limit
    edge = protection_edge(view, side=side, tick=tick)
    return min(limit, edge) if side == "buy" else max(limit, edge)


def venue_limit(limit: Decimal, *, side: str, markup: Decimal) -> Decimal:
    """What the venue may charge at most (pay at least), so that with our markup the customer's limit is never passed."""
    return limit / (1 + markup) if side == "buy" else limit / (1 - markup)


def with_markup(price: Decimal, *, side: str, markup: Decimal) -> Decimal:
    return price * (1 + markup) if side == "buy" else price * (1 - markup)


def executable_price(view: MarketView, *, side: str, venue: str, markup: Decimal) -> Decimal | None:
    """The best price a customer could have right now at this venue, or anywhere for `best`."""
    prices = [p for v in view.tradable(venue) if (p := v.ask if side == "buy" else v.bid) is not None]
    if not prices:
        return None
    return with_markup(min(prices) if side == "buy" else max(prices), side=side, markup=markup)


def check_price(*, expected: Decimal, tolerance: Decimal, current: Decimal, side: str) -> None:
    """Refuse only when it became worse."""
    worse = current > expected * (1 + tolerance) if side == "buy" else current < expected * (1 - tolerance)
    if worse:
        raise PriceChanged(current=format(current.normalize(), "f"))


def check_size(quantity: Decimal, *, price: Decimal, instrument: Instrument) -> None:
    if quantity % instrument.lot != 0:
        raise errors.InvalidQuantity(f"the quantity must be a multiple of {instrument.lot}")
    if quantity <= 0 or quantity * price < instrument.min_notional:
        raise errors.InvalidQuantity(f"the order must be worth at least {instrument.min_notional} {instrument.quote}")
    if quantity * price > MOST_NOTIONAL:
        raise errors.InvalidQuantity("the order is too large")


def check_part(quantity: Decimal, *, price: Decimal, instrument: Instrument) -> None:
    """What is shown of an iceberg is sent as an order of its own, so it must be fit for one."""
    if quantity % instrument.lot != 0:
        raise errors.InvalidQuantity(f"display_quantity must be a multiple of {instrument.lot}")
    if quantity * price < instrument.min_notional:
        raise errors.InvalidQuantity(
            f"display_quantity must be worth at least {instrument.min_notional} {instrument.quote}"
        )


def check_limit_price(price: Decimal, *, instrument: Instrument) -> None:
    if price % instrument.tick != 0:
        raise errors.InvalidPrice(f"the price must be a multiple of {instrument.tick}")


def size_by_quote(
    view: MarketView, *, quote_quantity: Decimal, instrument: Instrument, fee_rate: Decimal, venue: str, edge: Decimal
) -> Size:
    """How much base `quote_quantity` buys, our fee included, where routing would go; the limit sees to it that it is never exceeded.

    Raises:
        NoLiquidity: no venue shows anything inside the band.
        InvalidQuantity: it does not buy one lot.
    """
    budget = quote_quantity / ((1 + fee_rate) * (1 + instrument.markup) * (1 + SIZING_SLACK))
    worst = venue_limit(edge, side="buy", markup=instrument.markup)
    bought = _buyable(view.tradable(venue), budget=budget, worst=worst)
    if bought == 0:
        raise errors.NoLiquidity
    quantity = floor_to(bought, instrument.lot)
    if quantity == 0:
        raise errors.InvalidQuantity(f"that does not buy {instrument.lot} {instrument.base}")
    limit = floor_to(quote_quantity / (quantity * (1 + fee_rate)), instrument.tick)
    return Size(quantity, min(limit, edge))


def size_to_receive(
    view: MarketView, *, quote_quantity: Decimal, instrument: Instrument, fee_rate: Decimal, venue: str, edge: Decimal
) -> Decimal:
    """How much base to sell so that about `quote_quantity` comes in, our fee taken off, at the bids as they are now.

    The most that is sold is what the best single venue needs for it; where no venue shows enough, what the deepest one shows.

    Raises:
        NoLiquidity: no venue shows anything inside the band.
        InvalidQuantity: it is worth less than one lot.
    """
    wanted = quote_quantity / ((1 - fee_rate) * (1 - instrument.markup))
    worst = venue_limit(edge, side="sell", markup=instrument.markup)
    sizes = [_sellable(v, wanted=wanted, worst=worst) for v in view.tradable(venue)]
    enough = [quantity for quantity, whole in sizes if whole]
    sold = min(enough) if enough else max((quantity for quantity, _ in sizes), default=Decimal(0))
    if sold == 0:
        raise errors.NoLiquidity
    quantity = floor_to(sold, instrument.lot)
    if quantity == 0:
        raise errors.InvalidQuantity(f"that is less than {instrument.lot} {instrument.base}")
    return quantity


def _sellable(venue: VenueQuote, *, wanted: Decimal, worst: Decimal) -> tuple[Decimal, bool]:
    """What must be sold into the bids to receive `wanted`, and whether the bids reach that far."""
    sold = received = Decimal(0)
    for price, size in venue.bids:
        if price < worst:
            break
        if received + price * size >= wanted:
            return sold + (wanted - received) / price, True
        sold, received = sold + size, received + price * size
    return sold, False


def _buyable(venues: Sequence[VenueQuote], *, budget: Decimal, worst: Decimal) -> Decimal:
    """The most that can be bought at one limit in the order of routing's merge, which counts the venues' fees in.

    All of it must be payable at the worst level touched, for that becomes the limit.
    """
    levels = [
        (price * (1 + taker_fee(v.venue)), price, size) for v in venues for price, size in v.asks if price <= worst
    ]
    most = depth = touched = Decimal(0)
    for _, price, size in sorted(levels):
        depth, touched = depth + size, max(touched, price)
        most = max(most, min(depth, budget / touched))
        if depth >= budget / touched:
            break
    return most


def hold_size(
    *,
    side: str,
    quantity: Decimal,
    price: Decimal,
    fee_rate: Decimal,
    instrument: Instrument,
    scale: Callable[[str], int],
) -> tuple[Decimal, str]:
    """What is held for an order and in which asset: a buy's worst cost with the fee, rounded up; a sell's quantity."""
    if side == "sell":
        return quantity, instrument.base
    return ceil_to_scale(quantity * price * (1 + fee_rate), scale(instrument.quote)), instrument.quote


def fill_amounts(
    *,
    side: str,
    quantity: Decimal,
    venue_price: Decimal,
    limit_price: Decimal,
    markup: Decimal,
    fill_mode: str,
    fee_rate: Decimal,
    filled_cost: Decimal,
    fee_so_far: Decimal,
    quote_scale: int,
    fee_extra: Decimal = Decimal(0),
) -> FillAmounts:
    """Split one venue fill between venue, customer and us.

    Args:
        limit_price: the customer's limit or the edge of the protection band; the customer's price never passes it.
        fill_mode: `pass_through` (the venue's price with our markup) or `touch` (the limit; the improvement is ours).
        filled_cost, fee_so_far: the order's sums before this fill.
        fee_extra: what earlier fills cost more than `fee_rate` on them.
    """
    price = limit_price if fill_mode == "touch" else with_markup(venue_price, side=side, markup=markup)
    price = min(price, limit_price) if side == "buy" else max(price, limit_price)
    cost = half_even_to_scale(quantity * price, quote_scale)
    if side == "buy":
        cost = min(cost, floor_to_scale(quantity * limit_price, quote_scale))
    else:
        cost = max(cost, ceil_to_scale(quantity * limit_price, quote_scale))
    venue_cost = half_even_to_scale(quantity * venue_price, quote_scale)
    return FillAmounts(
        venue_cost=venue_cost,
        customer_price=price,
        customer_cost=cost,
        customer_fee=next_fee(
            rate=fee_rate, cost_so_far=filled_cost, cost=cost, fee_so_far=fee_so_far, scale=quote_scale, extra=fee_extra
        ),
        spread=cost - venue_cost if side == "buy" else venue_cost - cost,
    )
