"""Merging the venues' books. Levels of different venues are never added up: each keeps the name of who offers it.

`net` orders by what a level costs with the venue's fee, which decides where an order should go; plain order is what people read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from heapq import merge
from itertools import islice
from operator import attrgetter

from venues.books import Level
from venues.fees import taker_fee


@dataclass(frozen=True, slots=True)
class OfferedLevel:
    """So much at this price, and who offers it."""

    price: Decimal
    quantity: Decimal
    venue: str
    rank: Decimal


def effective_price(price: Decimal, *, side: str, fee: Decimal) -> Decimal:
    """What a unit costs with the fee when buying, or brings without it when selling."""
    return price * (1 + fee) if side == "buy" else price * (1 - fee)


def consolidate(
    books: Mapping[str, Iterable[Level]], *, side: str, net: bool = False, depth: int = 50
) -> list[OfferedLevel]:
    """The best `depth` levels for somebody who wants to `side`: asks for a buyer, bids for a seller."""
    sign = 1 if side == "buy" else -1

    def ranked(venue: str, levels: Iterable[Level]) -> Iterable[OfferedLevel]:
        fee = taker_fee(venue) if net else Decimal(0)
        for price, quantity in levels:
            yield OfferedLevel(price, quantity, venue, sign * effective_price(price, side=side, fee=fee))

    return list(
        islice(merge(*(ranked(v, levels) for v, levels in sorted(books.items())), key=attrgetter("rank")), depth)
    )
