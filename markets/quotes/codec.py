"""The copy's bytes: JSON with every decimal as a string. Short keys would save little; readable ones are read in an incident."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

from markets.composite.rules import Constituent
from markets.composite.states import CompositeState, Reason
from markets.quotes.view import CompositeView, MarketView, VenueQuote
from venues.books import BookState, Level


def encode(view: MarketView) -> bytes:
    c = view.composite
    composite = {
        "price": _text(c.price),
        "state": c.state,
        "confidence": _text(c.confidence),
        "as_of": _moment(c.as_of),
        "pair_differs": c.pair_differs,
        "paused_until": _moment(c.paused_until),
        "band": _text(c.band),
        "volatility": _text(c.volatility),
        "constituents": [_constituent(part) for part in c.constituents],
    }
    body = {
        "symbol": view.symbol,
        "sequence": view.sequence,
        "as_of": _moment(view.as_of),
        "composite": composite,
        "venues": [_venue(v) for v in view.venues],
    }
    return json.dumps(body, separators=(",", ":")).encode()


def decode(copy: bytes) -> MarketView:
    body = json.loads(copy)
    c = body["composite"]
    return MarketView(
        symbol=body["symbol"],
        sequence=body["sequence"],
        as_of=datetime.fromisoformat(body["as_of"]),
        composite=CompositeView(
            price=_number(c["price"]),
            state=CompositeState(c["state"]),
            confidence=_number(c["confidence"]),
            as_of=_time(c["as_of"]),
            pair_differs=c["pair_differs"],
            paused_until=_time(c["paused_until"]),
            band=Decimal(c["band"]),
            volatility=_number(c.get("volatility")),
            constituents=tuple(_read_constituent(part) for part in c["constituents"]),
        ),
        venues=tuple(_read_venue(v) for v in body["venues"]),
    )


def _constituent(c: Constituent) -> dict[str, Any]:
    return {
        "venue": c.venue,
        "mid": _text(c.mid),
        "weight": _text(c.weight),
        "used": c.used,
        "reason": c.reason,
        "deviation": _text(c.deviation),
        "sequence": c.sequence,
    }


def _read_constituent(c: dict[str, Any]) -> Constituent:
    return Constituent(
        venue=c["venue"],
        mid=_number(c["mid"]),
        weight=Decimal(c["weight"]),
        used=c["used"],
        reason=None if c["reason"] is None else Reason(c["reason"]),
        deviation=_number(c["deviation"]),
        sequence=c["sequence"],
    )


def _venue(v: VenueQuote) -> dict[str, Any]:
    return {
        "venue": v.venue,
        "state": v.state,
        "bids": _levels(v.bids),
        "asks": _levels(v.asks),
        "last": _text(v.last),
        "as_of": _moment(v.as_of),
        "max_age_s": v.max_age_s,
        "sequence": v.sequence,
        "tradable": v.tradable,
    }


def _read_venue(v: dict[str, Any]) -> VenueQuote:
    return VenueQuote(
        venue=v["venue"],
        state=BookState(v["state"]),
        bids=_read_levels(v["bids"]),
        asks=_read_levels(v["asks"]),
        last=_number(v["last"]),
        as_of=_time(v["as_of"]),
        max_age_s=v["max_age_s"],
        sequence=v["sequence"],
        tradable=v["tradable"],
    )


def _levels(levels: tuple[Level, ...]) -> list[list[str]]:
    return [[format(price, "f"), format(quantity, "f")] for price, quantity in levels]


def _read_levels(levels: list[list[str]]) -> tuple[Level, ...]:
    return tuple((Decimal(price), Decimal(quantity)) for price, quantity in levels)


def _text(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _moment(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat()


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
