"""All or nothing: one venue that shows the whole quantity within the limit gets it as its own fill-or-kill, or nobody does.

A fill-or-kill split over venues could end half done, for no exchange waits for another; so it is never split. Among the venues that
show enough the cheapest counts, its fee included. What a venue kills may go whole to the next one.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from broker.routing.rules import BEST, GridOf, Leg, Plan, Room, require_venue, walk
from kernel.errors import NotFound
from kernel.money import canonical
from markets.quotes.service import MarketView, VenueQuote
from venues.capabilities import CAPABILITIES
from venues.fees import fee_on_top_in_quote, taker_fee
from venues.grids import default_grid


def plan(
    view: MarketView,
    *,
    side: str,
    quantity: Decimal,
    worst_price: Decimal,
    venue: str = BEST,
    without: frozenset[str] = frozenset(),
    room: Mapping[str, Room] | None = None,
    grid_of: GridOf = default_grid,
) -> Plan:
    """One leg for all of it, or none. `worst_price` is net of our markup."""
    require_venue(venue)
    dry = frozenset(name for name, funds in (room or {}).items() if funds.usable <= 0)
    seen: list[dict[str, str | None]] = []
    legs: list[Leg] = []
    for quote in view.tradable(venue):
        leg = _leg(view, quote, side, quantity, worst_price, grid_of)
        barred = quote.venue in without | dry
        seen.append({"venue": quote.venue, "reason": "refused_before" if barred else None if leg else "not_whole"})
        if leg is not None and not barred:
            legs.append(leg)
    legs.sort(key=lambda leg: (_cost(leg, side), leg.venue))
    chosen = tuple(legs[:1])
    evidence = {
        "sequence": view.sequence,
        "as_of": view.as_of.isoformat(),
        "side": side,
        "quantity": canonical(quantity),
        "worst_price": canonical(worst_price),
        "venue": venue,
        "whole": True,
        "composite": view.summary(),
        "chosen": chosen[0].venue if chosen else None,
        "venues": seen,
    }
    return Plan(legs=chosen, residual=Decimal(0) if chosen else quantity, evidence=evidence)


def _leg(
    view: MarketView, quote: VenueQuote, side: str, quantity: Decimal, worst_price: Decimal, grid_of: GridOf
) -> Leg | None:
    row = CAPABILITIES.get(quote.venue)
    levels = quote.opposite(side)
    if row is None or not row.fill_or_kill or not levels or not view.composite.inside_band(levels[0][0]):
        return None
    try:
        grid = grid_of(quote.venue, view.symbol)
    except NotFound:
        return None
    limit_price = grid.protective_limit(side, worst_price)
    if limit_price <= 0 or grid.floor_quantity(quantity) != quantity or grid.too_small(quantity, limit_price):
        return None
    walked = walk(levels, side=side, quantity=quantity, worst_price=limit_price, fee=taker_fee(quote.venue))
    if walked.depth < quantity:
        return None
    return Leg(
        venue=quote.venue,
        quantity=quantity,
        limit_price=limit_price,
        venue_fee_rate=fee_on_top_in_quote(quote.venue),
        effective_price=walked.effective_price,
        seen=levels[0][0],
    )


def _cost(leg: Leg, side: str) -> Decimal:
    cost = leg.effective_price or Decimal(0)
    return cost if side == "buy" else -cost
