"""Planning one round of an order: which venues, how much at each, at which limit, and why.

What a venue offers is its book within the order's worst price on the venue's grid, its fee, a skew that spares funds near their warning
line, and a haircut that grows with the age of the quote; `split` decides. The result is a plan: legs that are all sent at once, each an
IOC at the worst level it touches, so that no venue is swept deeper than another would have been cheaper. A named venue is the same code
with one venue; nothing is cheaper elsewhere then, and it gets the whole order at the order's own limit. Whoever finds a venue short of
funds plans again without it. What was seen of every venue, and why it was passed over, is kept as evidence of best execution.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from broker.routing import split
from broker.routing.split import ONE, ZERO, Offer, Problem, Split
from kernel.errors import NotFound
from kernel.money import canonical, floor_to
from markets.quotes.errors import UnknownVenue
from markets.quotes.service import MarketView, VenueQuote
from venues.accounts import VENUES
from venues.books import Level
from venues.capabilities import CAPABILITIES
from venues.fees import fee_on_top_in_quote, taker_fee
from venues.grids import Grid, default_grid

BEST = "best"
HAIRCUT = Decimal("0.8")  # of what a fresh quote displays; half of that at the age where the quote turns stale
MIN_SAVING_BPS = Decimal(1)  # what one more venue must save of the order's worth
MOST_SKEW = Decimal("0.0005")  # at the warning line and below
SKEW_BEGINS = 3  # so many warning lines of usable funds carry no skew any more
_FINE = Decimal("1e-12")

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
class Short:
    """A venue that would have got more of the order, had our funds there sufficed."""

    venue: str
    needed: Decimal
    usable: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Legs that are all to be sent, none when nothing can be done now; `residual` is what they leave. `evidence` is JSON.

    `problem` is what `solved` needs to find the same legs again.
    """

    legs: tuple[Leg, ...]
    residual: Decimal
    evidence: dict[str, Any]
    short: tuple[Short, ...] = ()
    problem: Problem | None = field(default=None, repr=False)


Replan = Callable[[frozenset[str]], Plan]
"""The same order planned again without the venues named; pure and in memory, no I/O."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """Taking levels up to a limit: how much there is, and what a unit costs on average with the venue's fee."""

    depth: Decimal
    effective_price: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Looked:
    """One venue looked at: what it offers, or the reason why it is not asked."""

    quote: VenueQuote
    walk: Walk | None = None
    offer: Offer | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What a plan is asked for."""

    side: str
    quantity: Decimal
    worst_price: Decimal
    venue: str
    room: Mapping[str, Room]
    even_without_depth: bool
    whole: bool
    grid_of: GridOf


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
        if taken < quantity:
            part = min(size, quantity - taken)
            taken += part
            cost += part * price
    if taken == 0:
        return Walk(depth=depth, effective_price=None)
    average = cost / taken
    return Walk(depth=depth, effective_price=average * (1 + fee) if side == "buy" else average * (1 - fee))


def haircut(quote: VenueQuote, at: datetime) -> Decimal:
    """How much of a displayed size may be counted on: less the older the quote is."""
    age = Decimal(quote.age_ms(at) or 0) / 1000
    stale_at = Decimal(str(quote.max_age_s))
    return (HAIRCUT * (1 - min(age / stale_at, ONE) / 2)).quantize(Decimal("0.001"))


def skew(room: Room | None) -> Decimal:
    """What spending here counts on top of the price: nothing while funds are plenty, rising to the most at the warning line."""
    if room is None or room.warning_line <= 0:
        return ZERO
    plenty = SKEW_BEGINS * room.warning_line
    missing = (plenty - room.usable) / (plenty - room.warning_line)
    return (MOST_SKEW * min(max(missing, ZERO), ONE)).quantize(Decimal("1e-8"))


def closing(view: MarketView, closed: frozenset[str]) -> MarketView:
    """The view where nothing is traded at some venues: their breaker is open, or somebody said no."""
    if not closed:
        return view
    return replace(
        view, venues=tuple(replace(q, tradable=False) if q.venue in closed else q for q in view.venues)
    )  # fmt: skip


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
    whole: bool = False,
    min_saving_bps: Decimal = MIN_SAVING_BPS,
    grid_of: GridOf = default_grid,
) -> Plan:
    """Plan one round of an order. `worst_price` is net of our markup.

    Args:
        without: venues that have just refused this order, or that are short of funds.
        room: what we could spend at each venue. It guides `best` only: the reservation decides, and where nothing at all can be paid
            the plan is made as if all could, so that the reservation finds the shortage and treasury hears of it.
        even_without_depth: a trigger on the last price starts an order at the limit although no level shows that price.
        whole: all or nothing. No exchange waits for another, so a split could end half done: one venue gets all of it, at the order's
            own limit and as the venue's own fill-or-kill, or nobody does.
    """
    require_venue(venue)
    asked = _Asked(
        side=side, quantity=quantity, worst_price=worst_price, venue=venue, room=(room or {}) if venue == BEST else {},
        even_without_depth=even_without_depth, whole=whole, grid_of=grid_of,
    )  # fmt: skip
    open_to_us = {quote.venue for quote in view.tradable(venue)} - without
    looked = [
        _look(view, quote, asked)
        if quote.venue in open_to_us
        else _Looked(quote=quote, reason=_barred(view, quote, venue, without))
        for quote in view.venues
    ]
    problem = Problem(
        side=side,
        quantity=quantity,
        min_saving_bps=min_saving_bps,
        offers=tuple(each.offer for each in looked if each.offer is not None),
        named=venue != BEST,
        blind=_blind(looked, view, asked),
        whole=whole,
    )
    found, legs = solved(problem)
    short = _short(problem) if _funds_bind(problem) else ()
    if not legs and any(offer.usable is not None for offer in problem.offers):
        problem = replace(problem, offers=tuple(replace(offer, usable=None) for offer in problem.offers))
        found, legs = solved(problem)
    return Plan(
        legs=legs,
        residual=quantity - sum((leg.quantity for leg in legs), ZERO),
        evidence=_evidence(view, asked, looked, found, legs),
        short=short,
        problem=problem,
    )


def _funds_bind(problem: Problem) -> bool:
    """Whether any venue shows more than we could pay for there."""
    return any(
        offer.usable is not None
        and split.affordable(offer, problem.side) < min(sum((size for _, size in offer.levels), ZERO), problem.quantity)
        for offer in problem.offers
    )


def _short(problem: Problem) -> tuple[Short, ...]:
    """Where the order would have gone with endless funds, and what is missing there."""
    usable = {offer.venue: offer.usable for offer in problem.offers}
    free = replace(problem, offers=tuple(replace(offer, usable=None) for offer in problem.offers))
    found = []
    for leg in solved(free)[1]:
        worst = leg.quantity * leg.limit_price * (1 + leg.venue_fee_rate)
        needed, has = worst if problem.side == "buy" else leg.quantity, usable[leg.venue]
        if has is not None and needed > has:
            found.append(Short(venue=leg.venue, needed=needed, usable=has))
    return tuple(found)


def solved(problem: Problem) -> tuple[Split, tuple[Leg, ...]]:
    """The legs of a problem: the same ones whenever it is solved."""
    found = split.solve(problem)
    offers = {offer.venue: offer for offer in problem.offers}
    legs = tuple(
        Leg(
            venue=part.venue,
            quantity=part.quantity,
            limit_price=part.limit_price,
            venue_fee_rate=offers[part.venue].fee_on_top,
            effective_price=part.effective / part.quantity,
            seen=offers[part.venue].levels[0][0],
        )
        for part in found.parts
    )
    if problem.named or problem.whole:
        legs = tuple(_whole(leg, offers[leg.venue], problem) for leg in legs)
    if legs or problem.blind is None:
        return found, legs
    offer = offers[problem.blind]
    leg = Leg(
        venue=offer.venue,
        quantity=floor_to(problem.quantity, offer.grid.step),
        limit_price=offer.worst_limit,
        venue_fee_rate=offer.fee_on_top,
        effective_price=None,
        seen=offer.worst_limit if offer.best is None else offer.best,
    )
    return found, (leg,)


def _whole(leg: Leg, offer: Offer, problem: Problem) -> Leg:
    """All of the order at its own limit: what is displayed may not be all there is."""
    return replace(leg, quantity=floor_to(problem.quantity, offer.grid.step), limit_price=offer.worst_limit)


def _look(view: MarketView, quote: VenueQuote, asked: _Asked) -> _Looked:
    levels, side = quote.opposite(asked.side), asked.side
    best_price = levels[0][0] if levels else None
    if asked.whole and not _fills_or_kills(quote.venue):
        return _Looked(quote=quote, reason="no_fill_or_kill")
    try:
        grid = asked.grid_of(quote.venue, view.symbol)
    except NotFound:
        return _Looked(quote=quote, reason="not_listed")
    limit_price, size = grid.protective_limit(side, asked.worst_price), grid.floor_quantity(asked.quantity)
    if limit_price <= 0 or grid.too_small(size, limit_price):
        return _Looked(quote=quote, reason="too_small")
    if best_price is not None and not view.composite.inside_band(best_price):
        return _Looked(quote=quote, reason="outside_band")
    fee, room = taker_fee(quote.venue), asked.room.get(quote.venue)
    walked = walk(levels, side=side, quantity=asked.quantity, worst_price=limit_price, fee=fee)
    if walked.depth == 0 and not asked.even_without_depth:
        return _Looked(quote=quote, walk=walked, reason="no_depth")
    cut = haircut(quote, view.as_of)
    offer = Offer(
        venue=quote.venue,
        levels=_needed(levels, side=side, worst=limit_price, until=asked.quantity / cut),
        worst_limit=limit_price,
        best=best_price,
        fee=fee,
        fee_on_top=fee_on_top_in_quote(quote.venue),
        skew=skew(room),
        haircut=cut,
        usable=None if room is None else max(room.usable, ZERO),
        grid=grid,
    )
    return _Looked(quote=quote, walk=walked, offer=offer)


def _fills_or_kills(venue: str) -> bool:
    row = CAPABILITIES.get(venue)
    return row is not None and row.fill_or_kill


def _needed(levels: tuple[Level, ...], *, side: str, worst: Decimal, until: Decimal) -> tuple[Level, ...]:
    """The levels that one venue could need for all of the order: nothing behind them can matter."""
    depth = ZERO
    for i, (price, size) in enumerate(levels):
        if depth >= until or not within(price, worst, side):
            return levels[:i]
        depth += size
    return levels


def _blind(looked: list[_Looked], view: MarketView, asked: _Asked) -> str | None:
    """Where an order goes that nobody shows depth for: who shows nothing may have it, who shows worse has not."""
    if not asked.even_without_depth:
        return None
    offers = [each.offer for each in looked if each.offer is not None]
    price = view.composite.price or ZERO

    def rank(offer: Offer) -> tuple[bool, Decimal, str]:
        return offer.best is not None, ZERO if offer.best is None else abs(offer.best - price), offer.venue

    return min(offers, key=rank).venue if offers else None


def _barred(view: MarketView, quote: VenueQuote, venue: str, without: frozenset[str]) -> str:
    if venue not in {BEST, quote.venue}:
        return "not_asked_for"
    if quote.venue in without:
        return "refused_before"
    if quote.tradable:
        return "single_source"
    part = next((c for c in view.composite.constituents if c.venue == quote.venue), None)
    return part.reason.value if part is not None and part.reason is not None else "halted"


def _evidence(
    view: MarketView, asked: _Asked, looked: list[_Looked], found: Split, legs: tuple[Leg, ...]
) -> dict[str, Any]:
    """What is stored with the order; decimals as strings."""
    by_venue = {leg.venue: leg for leg in legs}
    single = found.single
    saving = None
    if single is not None and single.quantity == found.filled:
        better = single.effective - found.effective
        saving = canonical(better if asked.side == "buy" else -better)
    return {
        "sequence": view.sequence,
        "as_of": view.as_of.isoformat(),
        "symbol": view.symbol,
        "side": asked.side,
        "quantity": canonical(asked.quantity),
        "worst_price": canonical(asked.worst_price),
        "venue": asked.venue,
        "whole": asked.whole,
        "composite": view.summary(),
        "chosen": [leg.venue for leg in legs],
        "planned_quantity": canonical(found.filled),
        "planned_cost": canonical(found.cost),
        "planned_effective_cost": canonical(found.effective),
        "best_single": None
        if single is None
        else {
            "venue": single.venue,
            "quantity": canonical(single.quantity),
            "cost": canonical(single.cost),
            "effective_cost": canonical(single.effective),
        },
        "saving": saving,
        "venues": [_seen(each, asked, found, by_venue.get(each.quote.venue)) for each in looked],
    }


def _seen(each: _Looked, asked: _Asked, found: Split, leg: Leg | None) -> dict[str, Any]:
    quote, levels = each.quote, each.quote.opposite(asked.side)
    effective = each.walk.effective_price if each.walk is not None else None
    return {
        "venue": quote.venue,
        "state": quote.state.value,
        "sequence": quote.sequence,
        "as_of": None if quote.as_of is None else quote.as_of.isoformat(),
        "price": canonical(levels[0][0]) if levels else None,
        "effective_price": None if effective is None else canonical(effective.quantize(_FINE)),
        "depth": canonical(each.walk.depth) if each.walk is not None else None,
        "haircut": None if each.offer is None else canonical(each.offer.haircut),
        "skew": None if each.offer is None else canonical(each.offer.skew),
        "quantity": None if leg is None else canonical(leg.quantity),
        "limit_price": None if leg is None else canonical(leg.limit_price),
        "reason": None if leg is not None else _passed_over(each, found, asked),
    }


def _passed_over(each: _Looked, found: Split, asked: _Asked) -> str:
    offer = each.offer
    if offer is None or not offer.levels:
        return each.reason or "no_depth"
    if asked.whole and (each.walk is None or each.walk.depth < asked.quantity):
        return "not_whole"
    wanted = found.wanted.get(offer.venue)
    if wanted is not None:
        small = offer.grid.too_small(offer.grid.floor_quantity(wanted), offer.levels[0][0])
        return "part_too_small" if small else "saves_too_little"
    if offer.usable is not None and offer.grid.too_small(
        offer.grid.floor_quantity(min(split.affordable(offer, found.side), sum((s for _, s in offer.levels), ZERO))),
        offer.levels[0][0],
    ):
        return "short_of_funds"
    return "dearer"
