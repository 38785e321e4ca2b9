"""A wish that waits for something other than its limit, checked against instrument and market: stops, and slices by the clock.

A ticket has everything that accepting an order needs: exact sizes, the price that no fill may pass, the columns of its kind, and where
it could go right now. Making one looks at the market's copy and at no row of the customer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from broker.algos import rules as slicing
from broker.orders import errors, rules
from broker.orders.states import RestsIn
from broker.orders.wishes import Wish
from broker.routing import rules as routing
from broker.stops import rules as stops
from kernel import clock
from markets.instruments.service import Instrument
from markets.quotes.service import MarketView
from payments.assets import service as assets

LONGEST = timedelta(days=366)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A wish checked against instrument and market: exact sizes, the price no fill may pass, and where it could go right now."""

    instrument: Instrument
    quantity: Decimal
    protect_price: Decimal
    fee_rate: Decimal
    hold_asset: str
    hold_amount: Decimal
    plan: routing.Plan | None  # None: rests in our own book
    replan: routing.Replan
    columns: Mapping[str, Any] = field(default_factory=dict)
    slices: tuple[slicing.Slice, ...] = ()
    maker_rate: Decimal | None = None


def stop(wish: Wish, instrument: Instrument, view: MarketView, fee_rate: Decimal) -> Ticket:
    """A stop rests in the stop book until its price is reached; one that stands there already is denied.

    Raises:
        WouldTrigger: the price is beyond the stop.
        MarketHalted: nobody knows where the price is.
    """
    assert wish.quantity is not None
    routing.require_venue(wish.venue)
    rising = stops.waits_for_rise(side=wish.side, kind=wish.type)
    price = stops.watched_price(view, venue=wish.venue, mode=instrument.trigger, rising=rising)
    if price is None:
        raise errors.MarketHalted("there is no price that a stop could be compared with")
    level, columns = _level(wish, instrument, price, rising=rising)
    if stops.reached(price, level, rising=rising):
        raise errors.WouldTrigger(price=format(price.normalize(), "f"))
    if wish.limit_price is not None:
        rules.check_limit_price(wish.limit_price, instrument=instrument)
    protect = wish.limit_price or stops.worst_price(level, side=wish.side, tick=instrument.tick)
    rules.check_size(wish.quantity, price=protect, instrument=instrument)
    return _resting(wish, instrument, fee_rate, protect, {**columns, "rests_in": RestsIn.STOPS.value})


def _level(
    wish: Wish, instrument: Instrument, price: Decimal, *, rising: bool
) -> tuple[Decimal, dict[str, Decimal | None]]:
    """Where the stop stands now, and what is stored of it."""
    if wish.trail is None:
        assert wish.stop_price is not None
        rules.check_limit_price(wish.stop_price, instrument=instrument)
        return wish.stop_price, {"stop_price": wish.stop_price}
    trail = wish.trail
    level = stops.trailing_stop(price, amount=trail.amount, fraction=trail.fraction, rising=rising)
    if level <= 0:
        raise errors.InvalidPrice("the trail is longer than the price is high")
    if abs(price - level) < instrument.tick:
        raise errors.InvalidPrice(f"the trail is shorter than {instrument.tick}: any tick would start the order")
    return level, {"trail_amount": trail.amount, "trail_fraction": trail.fraction, "trail_best": price}


def twap(wish: Wish, instrument: Instrument, view: MarketView, fee_rate: Decimal) -> Ticket:
    """An order in slices by the clock. Without a limit it never pays more than the reach beyond the price at its acceptance.

    Raises:
        InvalidSchedule: a slice would be too small to be an order.
        MarketHalted: there is no price for an order without a limit.
    """
    assert wish.twap is not None
    assert wish.quantity is not None
    routing.require_venue(wish.venue)
    if wish.limit_price is None:
        rules.require_price(view, venue=wish.venue, now=clock.wall())
        assert view.composite.price is not None
        protect = stops.worst_price(view.composite.price, side=wish.side, tick=instrument.tick)
    else:
        rules.check_limit_price(wish.limit_price, instrument=instrument)
        protect = wish.limit_price
    rules.check_size(wish.quantity, price=protect, instrument=instrument)
    made = slicing.schedule(
        wish.quantity, duration=timedelta(seconds=wish.twap.duration_s), slices=wish.twap.slices, lot=instrument.lot
    )
    if slicing.smallest(made) * protect < instrument.min_notional:
        raise errors.InvalidSchedule(f"each slice must be worth at least {instrument.min_notional} {instrument.quote}")
    return _resting(
        wish, instrument, fee_rate, protect, {"rests_in": RestsIn.CLOCK.value, "slices_left": len(made)}, slices=made
    )


def _resting(
    wish: Wish,
    instrument: Instrument,
    fee_rate: Decimal,
    protect: Decimal,
    columns: Mapping[str, Any],
    *,
    slices: tuple[slicing.Slice, ...] = (),
) -> Ticket:
    assert wish.quantity is not None
    amount, asset = rules.hold_size(
        side=wish.side, quantity=wish.quantity, price=protect, fee_rate=fee_rate, instrument=instrument, scale=assets.scale
    )  # fmt: skip
    return Ticket(
        instrument=instrument,
        quantity=wish.quantity,
        protect_price=protect,
        fee_rate=fee_rate,
        hold_asset=asset,
        hold_amount=amount,
        plan=None,
        replan=lambda _without: nowhere(wish.quantity or Decimal(0)),
        columns={**columns, **terms(wish, instrument)},
        slices=slices,
    )


def terms(wish: Wish, instrument: Instrument) -> dict[str, Any]:
    """Columns that any order may have."""
    if wish.display_quantity is not None:
        rules.check_part(wish.display_quantity, price=wish.limit_price or Decimal(0), instrument=instrument)
    return {
        "post_only": wish.post_only,
        "display_quantity": wish.display_quantity,
        "expires_at": wish.expires_at,
    }


def nowhere(quantity: Decimal) -> routing.Plan:
    return routing.Plan(legs=(), residual=quantity, evidence={})
