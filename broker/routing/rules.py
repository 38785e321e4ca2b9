"""Choosing a venue: the cheapest single one, its fee counted in, that shows enough quantity within the worst price; else the deepest.

A named venue is the same code with one venue. The result is a plan: legs that are all sent, each as IOC at the worst price on the
venue's grid, never beyond it; a better price is the venue's to give. Whoever finds a venue short of funds plans again without it.
What was seen of every venue, and why it was passed over, is kept as evidence of best execution.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from kernel.errors import NotFound
from kernel.money import canonical
from markets.quotes.errors import UnknownVenue
from markets.quotes.service import MarketView, VenueQuote
from venues.accounts import VENUES
from venues.books import Level
from venues.fees import fee_on_top_in_quote, taker_fee
from venues.grids import default_grid

ZERO = Decimal(0)
BEST = "best"


class Grid(Protocol):
    """What a venue accepts: the part that routing needs."""

    def protective_limit(self, side: str, price: Decimal) -> Decimal: ...
    def floor_quantity(self, quantity: Decimal) -> Decimal: ...
    def too_small(self, quantity: Decimal, price: Decimal) -> bool: ...


GridOf = Callable[[str, str], Grid]


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """Our funds at a venue in the asset that an order spends: what is usable, and the line below which treasury is warned."""

    usable: Decimal
    warning_line: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One IOC as it would be sent. `seen` is the best price it was planned on."""

    venue: str
    quantity: Decimal
    limit_price: Decimal
    venue_fee_rate: Decimal  # charged in quote on top of the cost; 0 where the fee comes out of what is received
    effective_price: Decimal | None
    seen: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Legs that are all to be sent, none when nothing can be done now; `residual` is what they leave. `evidence` is JSON."""

    legs: tuple[Leg, ...]
    residual: Decimal
    evidence: dict[str, Any]


Replan = Callable[[frozenset[str]], Plan]
"""The same order planned again without the venues named; pure and in memory, no I/O."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """Taking levels up to a limit: how much there is, and what a unit costs on average with the venue's fee."""

    depth: Decimal
    effective_price: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Looked:
    """One venue looked at: a possible leg and whether the venue shows `enough` for all of it, or the reason why it is none."""

    venue: str
    quote: VenueQuote
    walk: Walk | None = None
    leg: Leg | None = None
    enough: bool = False
    reason: str | None = None


def require_venue(venue: str) -> None:
    """Deny a venue that we do not trade on.

    Raises:
        UnknownVenue: neither `best` nor one of ours.
    """
    if venue != BEST and venue not in VENUES:
        raise UnknownVenue(venue=venue)


def within(price: Decimal, worst: Decimal, side: str) -> bool:
    """Whether a price is no worse than another for somebody of this side."""
    return price <= worst if side == "buy" else price >= worst


def walk(levels: tuple[Level, ...], *, side: str, quantity: Decimal, worst_price: Decimal, fee: Decimal) -> Walk:
    """Take levels in order until `quantity` is reached or the price is worse than `worst_price`; depth counts all that is within."""
    depth = taken = cost = ZERO
    for price, size in levels:
        if not within(price, worst_price, side):
            break
        depth += size
        part = min(size, quantity - taken)
        taken += part
        cost += part * price
    if taken == 0:
        return Walk(depth=depth, effective_price=None)
    average = cost / taken
    return Walk(depth=depth, effective_price=average * (1 + fee) if side == "buy" else average * (1 - fee))


def plan(
    view: MarketView,
    *,
    side: str,
    quantity: Decimal,
    worst_price: Decimal,
    venue: str = BEST,
    without: frozenset[str] = frozenset(),
    room: Mapping[str, Room] | None = None,
    even_without_depth: bool = False,
    grid_of: GridOf = default_grid,
) -> Plan:
    """Plan one round of an order. `worst_price` is net of our markup.

    Args:
        without: venues that have just refused this order, or that are short of funds.
        room: what we could spend at each venue; None when nobody knows.
        even_without_depth: a trigger on the last price starts an order at the limit although no level shows that price.
    """
    require_venue(venue)
    dry = frozenset(name for name, funds in (room or {}).items() if funds.usable <= 0)
    without = without | dry
    open_to_us = {quote.venue for quote in view.tradable(venue)} - without
    looked = [
        _look(view, quote, side, quantity, worst_price, even_without_depth, grid_of)
        if quote.venue in open_to_us
        else _Looked(venue=quote.venue, quote=quote, reason=_barred(view, quote, venue, without))
        for quote in view.venues
    ]
    ranked = sorted((each for each in looked if each.leg is not None), key=lambda each: _rank(each, side))
    legs = tuple(each.leg for each in ranked[:1] if each.leg is not None)
    return Plan(
        legs=legs,
        residual=quantity - sum((leg.quantity for leg in legs), ZERO),
        evidence=_evidence(
            view, side=side, quantity=quantity, worst_price=worst_price, venue=venue, looked=looked, ranked=ranked
        ),
    )


def _look(
    view: MarketView,
    quote: VenueQuote,
    side: str,
    quantity: Decimal,
    worst_price: Decimal,
    even_without_depth: bool,
    grid_of: GridOf,
) -> _Looked:
    levels = quote.opposite(side)
    best_price = levels[0][0] if levels else None
    try:
        grid = grid_of(quote.venue, view.symbol)
    except NotFound:
        return _Looked(venue=quote.venue, quote=quote, reason="not_listed")
    limit_price, size = grid.protective_limit(side, worst_price), grid.floor_quantity(quantity)
    if limit_price <= 0 or grid.too_small(size, limit_price):
        return _Looked(venue=quote.venue, quote=quote, reason="too_small")
    if best_price is not None and not view.composite.inside_band(best_price):
        return _Looked(venue=quote.venue, quote=quote, reason="outside_band")
    walked = walk(levels, side=side, quantity=size, worst_price=limit_price, fee=taker_fee(quote.venue))
    if walked.depth == 0 and not even_without_depth:
        return _Looked(venue=quote.venue, quote=quote, walk=walked, reason="no_depth")
    leg = Leg(
        venue=quote.venue,
        quantity=size,
        limit_price=limit_price,
        venue_fee_rate=fee_on_top_in_quote(quote.venue),
        effective_price=walked.effective_price,
        seen=limit_price if best_price is None else best_price,
    )
    return _Looked(venue=quote.venue, quote=quote, walk=walked, leg=leg, enough=walked.depth >= size)


def _barred(view: MarketView, quote: VenueQuote, venue: str, without: frozenset[str]) -> str:
    if venue not in {BEST, quote.venue}:
        return "not_asked_for"
    if quote.venue in without:
        return "refused_before"
    if quote.tradable:
        return "single_source"
    part = next((c for c in view.composite.constituents if c.venue == quote.venue), None)
    return part.reason.value if part is not None and part.reason is not None else "halted"


def _rank(each: _Looked, side: str) -> tuple[bool, Decimal, str]:
    """Enough depth by cost, then the rest by depth; the name settles ties so that a plan can be computed again."""
    assert each.walk is not None
    if not each.enough:
        return True, -each.walk.depth, each.venue
    cost = each.walk.effective_price or ZERO
    return False, cost if side == "buy" else -cost, each.venue


def _evidence(
    view: MarketView,
    *,
    side: str,
    quantity: Decimal,
    worst_price: Decimal,
    venue: str,
    looked: list[_Looked],
    ranked: list[_Looked],
) -> dict[str, Any]:
    """What is stored with the order; decimals as strings."""
    ranks = {each.venue: i for i, each in enumerate(ranked)}
    return {
        "sequence": view.sequence,
        "as_of": view.as_of.isoformat(),
        "side": side,
        "quantity": canonical(quantity),
        "worst_price": canonical(worst_price),
        "venue": venue,
        "composite": view.summary(),
        "chosen": ranked[0].venue if ranked else None,
        "venues": [_seen(each, side, ranks.get(each.venue)) for each in looked],
    }


def _seen(each: _Looked, side: str, rank: int | None) -> dict[str, Any]:
    levels = each.quote.opposite(side)
    effective = each.walk.effective_price if each.walk is not None else None
    return {
        "venue": each.venue,
        "state": each.quote.state.value,
        "sequence": each.quote.sequence,
        "as_of": None if each.quote.as_of is None else each.quote.as_of.isoformat(),
        "price": canonical(levels[0][0]) if levels else None,
        "effective_price": None if effective is None else canonical(effective.quantize(Decimal("1e-12"))),
        "depth": canonical(each.walk.depth) if each.walk is not None else None,
        "limit_price": canonical(each.leg.limit_price) if each.leg is not None else None,
        "rank": rank,
        "reason": None if rank == 0 else each.reason or ("dearer" if each.enough else "too_shallow"),
    }
