"""A venue's grid from ccxt's market structure; what the venue does not state is taken from our own table."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from venues.exchanges import our_symbol
from venues.grids import GRIDS, Grid

_DIGITS_VENUE = "bitfinex"


def grid_of(venue: str, market: Mapping[str, Any]) -> Grid:
    """The grid of one market, its numbers being strings or None."""
    known = GRIDS.get((venue, our_symbol(market["symbol"])))
    limits, precision = market["limits"], market["precision"]
    counted = venue == _DIGITS_VENUE
    step = Decimal(1).scaleb(-int(precision["amount"])) if counted else Decimal(str(precision["amount"]))
    return Grid(
        tick=None if counted else Decimal(str(precision["price"])),
        significant_digits=int(precision["price"]) if counted else None,
        step=step,
        min_quantity=_number(limits["amount"].get("min"), known.min_quantity if known else step),
        min_notional=_number(limits["cost"].get("min"), known.min_notional if known else Decimal(0)),
    )


def _number(text: object, otherwise: Decimal) -> Decimal:
    return otherwise if text is None else Decimal(str(text))
