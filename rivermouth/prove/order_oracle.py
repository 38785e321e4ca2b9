"""The venues as oracle of the order desk: every execution they made is exactly one of ours, and nothing else is.

Asked past the product: the venues through the simulator's own door, our books in one snapshot of the database.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import httpx
import psycopg
from psycopg.rows import namedtuple_row

from kernel import roles
from rivermouth.prove.order_flows import DEPTH, LEVELS, SYMBOL
from rivermouth.prove.stack import Stack

VENUES = ("binance", "okx", "kraken", "bitfinex")
SETTLE_S = 60.0

_CHILDREN = (
    """SELECT venue, client_order_id, status, quantity, filled_quantity FROM broker.venue_orders WHERE id > %s"""
)
_EXECUTIONS = """
SELECT v.venue, v.client_order_id, e.trade_id, e.price, e.quantity, e.venue_fee_asset,
       (SELECT coalesce(sum(f.quantity), 0) FROM broker.fills f
         WHERE (f.tenant_id, f.venue, f.symbol, f.trade_id) = (e.tenant_id, e.venue, e.symbol, e.trade_id)) AS sliced
  FROM broker.executions e JOIN broker.venue_orders v ON v.id = e.child_id WHERE v.id > %s"""
_LEFT_OVER = {
    "orders at work": "SELECT count(*) FROM broker.orders WHERE status IN ('accepted', 'triggered', 'working')",
    "calls open": "SELECT count(*) FROM kernel.calls WHERE state IN ('intent', 'sent', 'unknown', 'manual')",
    "venue orders open": "SELECT count(*) FROM broker.venue_orders WHERE status IN ('intent', 'unknown', 'open', 'partially_filled')",
    "reserved at venues": "SELECT count(*) FROM wallet_bridge.funds WHERE reserved <> 0",
    "slices of the house": "SELECT count(*) FROM broker.fills WHERE owner <> 'customer'",
    # One hold per order, or per pair: a sale holds what is left to sell, a purchase at least what its worst price asks for.
    "holds off": """
        SELECT count(*) FROM (
            SELECT h.amount - h.captured - h.freed AS held, h.state, o.side, max(o.quantity - o.filled_quantity) AS wanted,
                   max((o.quantity - o.filled_quantity) * o.protect_price) AS worth
              FROM broker.orders o JOIN payments.holds h ON h.hold_id = o.hold_id WHERE o.status = 'resting'
             GROUP BY h.hold_id, h.amount, h.captured, h.freed, h.state, o.side) resting
         WHERE state <> 'open' OR CASE WHEN side = 'sell' THEN held <> wanted ELSE held < round(worth, 2) END""",
    "holds of nobody": """
        SELECT count(*) FROM payments.holds h WHERE h.state = 'open' AND h.kind = 'order'
           AND NOT EXISTS (SELECT 1 FROM broker.orders o WHERE o.hold_id = h.hold_id
                              AND o.status IN ('accepted', 'triggered', 'working', 'resting'))""",
}


class SimulatorDoor:
    """The simulator's control routes."""

    def __init__(self, stack: Stack) -> None:
        self._http = httpx.Client(base_url=stack.urls()["simulator"], timeout=60.0)

    def orders(self, venue: str, *, newest: int) -> list[Any]:
        return list(self._http.get(f"/control/venues/{venue}/orders?limit={newest}").raise_for_status().json()["items"])

    def last(self, venue: str) -> int:
        """The venue's number of the newest order that it accepted; it counts them one by one."""
        newest = self.orders(venue, newest=1)
        return int(newest[0]["venue_order_id"]) if newest else 0

    def thin(self, symbol: str = SYMBOL) -> None:
        """Few levels with little each, at all venues: whoever wants more must go to several."""
        body = {"symbol": symbol, "venue": "all", "depth": DEPTH, "levels": LEVELS}
        self._http.post("/control/books", json=body).raise_for_status()

    def refill(self, price: str, symbol: str = SYMBOL) -> None:
        self._http.post("/control/prices", json={"symbol": symbol, "price": price}).raise_for_status()

    def close(self) -> None:
        self._http.close()


@dataclass(slots=True)
class Verdict:
    """What does not agree; empty when everything does."""

    wrong: list[str] = field(default_factory=list)
    venue_orders: int = 0
    executions: int = 0
    spread: int = 0  # orders that went to several venues

    @property
    def holds(self) -> bool:
        return not self.wrong

    def text(self) -> str:
        return "; ".join(self.wrong[:4]) or f"{self.executions} executions agree"


class Oracle:
    """Compares what was new since the last time; `everything` starts from the beginning."""

    def __init__(self, stack: Stack) -> None:
        self._stack, self.door = stack, SimulatorDoor(stack)
        self._connection: psycopg.Connection[Any] | None = None
        self._marks: dict[str, int] = dict.fromkeys(VENUES, 0)
        self._after = "00000000-0000-0000-0000-000000000000"
        self.mark()

    def close(self) -> None:
        self.door.close()
        if self._connection is not None:
            self._connection.close()

    def mark(self) -> None:
        """What comes now belongs to the next comparison."""
        self._marks = {venue: self.door.last(venue) for venue in VENUES}
        newest = self._rows("SELECT max(id::text) AS id FROM broker.venue_orders")[0].id
        self._after = newest or self._after

    def everything(self) -> None:
        self._marks = dict.fromkeys(VENUES, 0)
        self._after = "00000000-0000-0000-0000-000000000000"

    def _rows(self, sql: str, *values: Any) -> list[Any]:
        if self._connection is None or self._connection.closed:
            self._connection = psycopg.connect(
                roles.conninfo(self._stack.urls()["engine"]), autocommit=True, row_factory=namedtuple_row
            )
        return list(self._connection.execute(sql, values or None).fetchall())

    def resting(self) -> int:
        return int(self._rows("SELECT count(*) AS n FROM broker.orders WHERE status = 'resting'")[0].n)

    def at_work(self) -> int:
        return int(self._rows(_LEFT_OVER["orders at work"])[0][0]) + int(self._rows(_LEFT_OVER["calls open"])[0][0])

    def compare(self) -> Verdict:
        """Orders one to one by client order id, executions one to one by trade id, and nothing left over."""
        verdict = Verdict()
        theirs: dict[tuple[str, str], Any] = {}
        seen: Counter[tuple[str, str]] = Counter()
        for venue in VENUES:
            newest = self.door.last(venue) - self._marks[venue]
            for order in self.door.orders(venue, newest=newest) if newest else []:
                key = venue, str(order["client_order_id"])
                theirs[key] = order
                seen[key] += 1
        ours = {(row.venue, row.client_order_id): row for row in self._rows(_CHILDREN, self._after)}
        verdict.venue_orders = len(theirs)
        _note(verdict, "doubled", [key for key, times in seen.items() if times > 1])
        _note(verdict, "not ours", [key for key in theirs if key not in ours])
        _note(verdict, "never there", [k for k, row in ours.items() if row.filled_quantity and k not in theirs])
        _note(verdict, "ended otherwise", [k for k, row in ours.items() if k in theirs and _differs(row, theirs[k])])
        self._compare_executions(verdict, theirs)
        for name, sql in _LEFT_OVER.items():
            found = int(self._rows(sql)[0][0])
            if found:
                verdict.wrong.append(f"{name}: {found}")
        spread = """SELECT count(*) AS n FROM (SELECT a.order_id FROM broker.allocations a JOIN broker.venue_orders v ON v.id = a.child_id
                     WHERE v.id > %s GROUP BY a.order_id HAVING count(DISTINCT v.venue) > 1) several"""
        verdict.spread = int(self._rows(spread, self._after)[0].n)
        return verdict

    def _compare_executions(self, verdict: Verdict, theirs: dict[tuple[str, str], Any]) -> None:
        told = Counter(
            (venue, coid, str(fill["trade_id"]), Decimal(fill["price"]), Decimal(fill["quantity"]))
            for (venue, coid), order in theirs.items()
            for fill in order["fills"]
        )
        rows = self._rows(_EXECUTIONS, self._after)
        booked = Counter(
            (row.venue, row.client_order_id, _number(row.venue, row.trade_id), row.price, row.quantity) for row in rows
        )
        verdict.executions = sum(told.values())
        _note(verdict, "lost fills", sorted((told - booked).elements()))
        _note(verdict, "invented fills", sorted((booked - told).elements()))
        _note(verdict, "slices are not the trade", [row.trade_id for row in rows if row.sliced != row.quantity])


def _number(venue: str, trade_id: str) -> str:
    """The simulator's own number of a trade: we name the market where a venue counts per market, Kraken writes its ids in letters."""
    if venue == "kraken":
        return str(int(trade_id.removeprefix("T").replace("-", ""), 36))
    return trade_id.rpartition(":")[2]


def _differs(row: Any, order: Any) -> bool:
    if Decimal(order["filled_quantity"]) != row.filled_quantity:
        return True
    return row.status in {"refused", "not_placed"}  # the venue has it although we believe that it never had


def _note(verdict: Verdict, name: str, found: list[Any]) -> None:
    if found:
        verdict.wrong.append(f"{name} {len(found)}: {found[:2]}")


def wait_for(holds: Callable[[], bool], *, within_s: float, every_s: float = 0.2) -> bool:
    deadline = time.monotonic() + within_s
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(every_s)
    return True
