"""Accounting of fills, a moment after they were booked and apart from the path of orders: revenue, cost, volumes, positions.

A fill carries a mark of having been accounted, set in the transaction that writes its line; so each counts once, in whatever order
transactions commit, and a database that was restored goes on where it stood. Worths use the marks known at that moment.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from broker.revenue import queries, rules
from broker.revenue.rules import REPORTING, Position, Price
from kernel import clock, db
from kernel.db import AnyRow, Tx
from kernel.errors import InvalidRequest
from markets.composite.states import CompositeState
from markets.instruments import service as instruments
from markets.quotes import service as quotes
from markets.quotes.errors import QuotesUnavailable

AT_ONCE = 1_000
LONGEST = timedelta(days=366)
COMPOSITE = "composite"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Revenue of a period. `waiting`: fills whose lines are not written yet; `as_of` is business time."""

    groups: Sequence[AnyRow]
    totals: AnyRow
    assets: Sequence[AnyRow]
    unbooked: Sequence[AnyRow]
    waiting: int
    as_of: datetime


def refresh_marks() -> Mapping[str, Decimal]:
    """Take the composites of all markets as marks; a halted market keeps its last one. Reads Valkey before its transaction opens."""
    at, prices = clock.wall(), []
    for instrument in instruments.list_markets():
        try:
            composite = quotes.load(instrument.symbol).composite
        except QuotesUnavailable:
            continue
        if composite.price is not None and composite.state is not CompositeState.HALT:
            prices.append(Price(instrument.base, instrument.quote, composite.price))
    found = rules.marks(prices)
    note_marks(found, source=COMPOSITE, at=at)
    return found


def note_marks(marks: Mapping[str, Decimal], *, source: str, at: datetime) -> None:
    """Keep prices in the reporting currency; the latest one of an asset is its mark."""
    with db.transaction() as tx:
        queries.put_marks(tx, marks, source=source, at=at)


def assets_to_ask() -> list[str]:
    """Assets in which venues took fees and for which we make no price ourselves. Only the engine may."""
    with db.read_only() as tx:
        return queries.assets_without_mark(tx, own=COMPOSITE)


def marks_of(tx: Tx) -> dict[str, Decimal]:
    """The last known marks; the reporting currency is always worth one."""
    return {row.asset: row.price for row in queries.marks(tx)} | {REPORTING: Decimal(1)}


def account_waiting() -> int:
    """Account every fill that can be valued; returns how many. Only the engine may."""
    done = 0
    with db.read_only() as tx:
        tenants = queries.tenants_waiting(tx, limit=10 * AT_ONCE)
    for tenant in tenants:
        while batch := db.retrying(lambda tenant=tenant: _account(tenant)):  # type: ignore[misc]
            done += batch
    if done:
        with db.transaction() as tx:
            queries.value_late_fees(tx)
    return done


def _account(tenant: UUID) -> int:
    with db.transaction(tenant=tenant) as tx:
        marks = marks_of(tx)
        rows = queries.lock_waiting(tx, quotes=list(marks), limit=AT_ONCE)
        if rows:
            _write(tx, rows, marks)
    return len(rows)


def _write(tx: Tx, rows: Sequence[AnyRow], marks: Mapping[str, Decimal]) -> None:
    held, lines = queries.positions(tx), []
    customers: defaultdict[tuple[UUID, date], tuple[Decimal, int]] = defaultdict(lambda: (Decimal(0), 0))
    venues: defaultdict[tuple[str, date], tuple[Decimal, int]] = defaultdict(lambda: (Decimal(0), 0))
    for row in rows:
        fill = _fill(row)
        for flow in rules.flows(fill, marks):
            held[flow.asset] = rules.take(held.get(flow.asset, Position()), flow)
        line = _line(row, fill, marks)
        lines.append(line)
        day = row.booked_at.astimezone(UTC).date()
        volume, fills = venues[row.venue, day]
        venues[row.venue, day] = (volume + line["volume"], fills + 1)
        if fill.owner == "customer":
            volume, fills = customers[row.owner_id, day]
            customers[row.owner_id, day] = (volume + line["volume"], fills + 1)
    queries.insert_revenue(tx, lines)
    queries.add_customer_volumes(tx, customers)
    queries.add_venue_volumes(tx, venues)
    queries.put_positions(tx, held)
    queries.mark_accounted(tx, [row.id for row in rows])


def _fill(row: AnyRow) -> rules.Fill:
    return rules.Fill(
        owner=row.owner, side=row.side, base=row.base_asset, quote=row.quote_asset, quantity=row.quantity,
        venue_cost=row.venue_cost, customer_cost=row.customer_cost, customer_fee=row.customer_fee, venue_fee=row.venue_fee,
        fee_asset=row.venue_fee_asset,
    )  # fmt: skip


def _line(row: AnyRow, fill: rules.Fill, marks: Mapping[str, Decimal]) -> dict[str, Any]:
    quote_mark, fee_mark = marks[fill.quote], marks.get(fill.fee_asset)
    return {
        "fill_id": row.id, "order_id": row.order_id, "customer_id": row.owner_id, "owner": fill.owner, "venue": row.venue,
        "symbol": row.symbol, "side": fill.side, "booked_at": row.booked_at, "quantity": fill.quantity,
        "venue_cost": fill.venue_cost, "quote_asset": fill.quote, "trade_fee": fill.trade_fee, "spread": fill.spread,
        "fee_asset": fill.fee_asset, "venue_fee": fill.venue_fee, "quote_mark": quote_mark, "fee_mark": fee_mark,
        "volume": rules.worth(fill.venue_cost, quote_mark), "trade_fee_value": rules.worth(fill.trade_fee, quote_mark),
        "spread_value": rules.worth(fill.spread, quote_mark),
        "venue_fee_value": _fee_worth(fill.venue_fee, fee_mark),
    }  # fmt: skip


def _fee_worth(fee: Decimal, mark: Decimal | None) -> Decimal | None:
    if fee == 0:
        return Decimal(0)
    return None if mark is None else rules.worth(fee, mark)


def report(
    tenant: UUID,
    *,
    by: str,
    start: datetime,
    end: datetime,
    order: UUID | None = None,
    after: str = "",
    limit: int = 200,
) -> Report:
    """Revenue, cost and volume of [start, end) by order, venue, symbol or day, beside what the ledger's accounts say.

    Raises:
        InvalidRequest: the period is empty or longer than a year.
    """
    if not timedelta(0) < end - start <= LONGEST:
        raise InvalidRequest("a period begins before it ends and lasts a year at most")
    with db.read_only(tenant=tenant, repeatable=True) as tx:
        return Report(
            groups=queries.grouped(tx, by=by, start=start, end=end, order=order, after=after, limit=limit),
            totals=queries.totals(tx, start=start, end=end),
            assets=queries.by_asset(tx, start=start, end=end),
            unbooked=queries.unbooked_fees(tx, start=start, end=end),
            waiting=queries.waiting(tx),
            as_of=tx.now,
        )
