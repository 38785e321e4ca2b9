"""Does what we booked equal what the venues did? Order by order, by the client order id that both sides know."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from rivermouth.prove.stack import Client, Stack

VENUES = ("binance", "bitfinex", "kraken", "okx")


@dataclass(frozen=True, slots=True)
class Agreement:
    """Differences between the venues' lists and our orders; all must be empty."""

    venue_orders: int
    doubled: list[str]
    unowned: list[str]
    missing: list[str]
    different: list[str]

    @property
    def holds(self) -> bool:
        return not (self.doubled or self.unowned or self.missing or self.different)

    def text(self) -> str:
        parts = {"doubled": self.doubled, "unowned": self.unowned, "missing": self.missing, "different": self.different}
        return ", ".join(f"{name} {len(ids)} {ids[:3]}" for name, ids in parts.items() if ids) or "agree"


def all_orders(client: Client) -> list[Any]:
    """Every order of a customer, page by page."""
    orders: list[Any] = []
    cursor = None
    while True:
        page = client.get("/v1/orders?limit=200" + (f"&cursor={cursor}" if cursor else ""))
        orders += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return orders


def compare(stack: Stack, customers: Sequence[Client]) -> Agreement:
    """Compare every venue order that any venue knows with every child of these customers' orders."""
    ours: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for client in customers:
        for order in all_orders(client):
            for child in order["venue_orders"]:  # one that serves several orders shows each its own share
                ours[child["venue"], child["client_order_id"]] += Decimal(child["filled_quantity"])
    theirs: dict[tuple[str, str], Any] = {}
    seen: Counter[tuple[str, str]] = Counter()
    for venue in VENUES:
        for order in stack.venue_orders(venue):
            key = (venue, str(order["client_order_id"]))
            theirs[key] = order
            seen[key] += 1
    different = [
        f"{key}: venue {theirs[key]['filled_quantity']}, ours {filled}"
        for key, filled in ours.items()
        if key in theirs and Decimal(theirs[key]["filled_quantity"]) != filled
    ]
    filled_nowhere = [str(key) for key, filled in ours.items() if key not in theirs and filled > 0]
    return Agreement(
        venue_orders=len(theirs),
        doubled=[str(k) for k, n in seen.items() if n > 1],
        unowned=[str(k) for k in theirs if k not in ours],
        missing=filled_nowhere,
        different=different,
    )


def wait_until_quiet(customers: Sequence[Client], *, within_s: float) -> list[Any]:
    """Wait until no order of these customers is on its way; returns those that still are when the time is up."""
    deadline = time.monotonic() + within_s
    while True:
        busy = [
            o
            for c in customers
            for s in ("accepted", "working", "triggered")
            for o in c.get(f"/v1/orders?status={s}&limit=200")["items"]
        ]
        if not busy or time.monotonic() > deadline:
            return busy
        time.sleep(0.2)
