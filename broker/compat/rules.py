"""Pure translation of books: what the venues offer, as one book that a bot can read."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from kernel.money import ceil_to, floor_to

Level = tuple[Decimal, Decimal]


def customer_levels(levels: Iterable[Level], *, side: str, markup: Decimal, tick: Decimal) -> list[Level]:
    """Best first, at the prices a customer would see, on our grid; what falls on one price is one level.

    Args:
        side: `bids` or `asks`.
    """
    merged: dict[Decimal, Decimal] = {}
    for price, quantity in levels:
        shown = floor_to(price * (1 - markup), tick) if side == "bids" else ceil_to(price * (1 + markup), tick)
        if shown > 0:
            merged[shown] = merged.get(shown, Decimal(0)) + quantity
    return sorted(merged.items(), reverse=side == "bids")


def uncross(bids: list[Level], asks: list[Level]) -> tuple[list[Level], list[Level]]:
    """Venues overlap now and then: one bids what another asks. Bots take a crossed book for a broken one, so what overlaps is left out.

    Both sides lose the same quantity, as if the overlap had traded. What remains is worse than what can be had, never better.
    """
    bids, asks = list(bids), list(asks)
    while bids and asks and bids[0][0] >= asks[0][0]:
        (bid, wanted), (ask, offered) = bids[0], asks[0]
        overlap = min(wanted, offered)
        bids[0], asks[0] = (bid, wanted - overlap), (ask, offered - overlap)
        if bids[0][1] == 0:
            bids.pop(0)
        if asks[0][1] == 0:
            asks.pop(0)
    return bids, asks
