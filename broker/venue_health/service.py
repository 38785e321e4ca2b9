"""Each venue beside the others. The engine that owns a venue's lane tells how its breakers stand once a second; the rest is read."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from broker.execution.children import lane_of
from broker.venue_health import queries
from kernel import cache, clock, db, ids
from kernel.db import AnyRow
from markets.instruments import service as instruments
from markets.quotes import service as quotes
from markets.quotes.errors import QuotesUnavailable
from venues.accounts import configured_venues
from venues.books import BookState
from venues.health import VenueHealth

WINDOW = timedelta(minutes=5)
KEPT_S = 10  # a copy older than this is of an engine that is gone


@dataclass(frozen=True, slots=True)
class Feed:
    symbol: str
    state: BookState
    age_ms: int | None


@dataclass(frozen=True, slots=True)
class BreakerStanding:
    operation: str
    state: str


@dataclass(frozen=True, slots=True)
class Standing:
    venue: str
    open: bool | None
    paused_s: int | None
    breakers: list[BreakerStanding]
    told_at: datetime | None
    feeds: list[Feed]
    lane: AnyRow


def _key(tenant: UUID, venue: str) -> str:
    return f"rm:venue-health:{tenant}:{venue}"


def tell(tenant: UUID, health: VenueHealth, *, ready: bool) -> None:
    """What the process that owns the lane knows; a copy, and losing it loses nothing."""
    told = {
        "open": ready,
        "paused_s": health.paused_s(),
        "breakers": {name: state.value for name, state in health.states().items()},
        "at": clock.wall().isoformat(),
    }
    cache.client().set(_key(tenant, health.venue), orjson.dumps(told), ex=KEPT_S)


def standings(tenant: UUID) -> tuple[list[Standing], datetime]:
    """Every venue in use, and the moment (wall time)."""
    venues, now = configured_venues(), clock.wall()
    lanes = {venue: lane_of(tenant, venue) for venue in venues}
    with db.read_only(tenant=tenant) as tx:
        calls = queries.calls(tx, list(lanes.values()), since=ids.floor(now - WINDOW))
    feeds = _feeds(now)
    return [_standing(tenant, venue, feeds.get(venue, []), calls[lanes[venue]]) for venue in venues], now


def _standing(tenant: UUID, venue: str, feeds: list[Feed], calls: AnyRow) -> Standing:
    copy = cache.get(_key(tenant, venue))
    told: dict[str, Any] = {} if copy is None else orjson.loads(copy)
    return Standing(
        venue=venue,
        open=told.get("open"),
        paused_s=math.ceil(told["paused_s"]) if told else None,
        breakers=[BreakerStanding(name, state) for name, state in sorted(told.get("breakers", {}).items())],
        told_at=datetime.fromisoformat(told["at"]).astimezone(UTC) if told else None,
        feeds=feeds,
        lane=calls,
    )


def _feeds(now: datetime) -> dict[str, list[Feed]]:
    found: dict[str, list[Feed]] = {}
    for market in instruments.list_markets():
        try:
            view = quotes.load(market.symbol)
        except QuotesUnavailable:
            continue
        for quote in view.venues:
            feed = Feed(market.symbol, quote.state, quote.age_ms(now))
            found.setdefault(quote.venue, []).append(feed)
    return found
