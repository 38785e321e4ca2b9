"""The limit book at size: reading a million resting orders after a change of hands, and 50,000 orders that one tick starts.

Reading is measured beside COPY of the same columns to nowhere, in the same database. For the triggers the whole path runs except the
wire: collect, one plan per transaction, allocations, and the booking of the venue's report, one fill per venue order.
"""

from __future__ import annotations

import gc
import os
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import psycopg

from bench.trigger import BTC, NOW, _view
from broker.book import queries, service
from broker.book.limit_book import LimitBook
from broker.execution import service as execution
from broker.orders.queries import Order
from broker.routing.rules import Leg, Plan
from kernel import db, roles
from kernel.calls.outcomes import Done
from kernel.embedded import Postgres, socket_directory
from kernel.ids import uuid7
from payments.accounts import service as accounts
from rivermouth import migrate
from rivermouth.checks import check_all
from venues.gateway import OrderReport, VenueFill
from wallet_bridge.funds import postings
from wallet_bridge.funds import service as funds

ORDERS, TRIGGERED, CUSTOMERS = 1_000_000, 50_000, 100
EACH = Decimal("0.001")
LIMIT = Decimal(60_000)
COLUMNS = "id, venue, side, protect_price, quantity - filled_quantity, accept_seq, tenant_id, failed_price, failed_limit, rearm_at"

_REST = """
INSERT INTO broker.orders (id, tenant_id, owner_kind, owner_id, client_order_id, symbol, side, type, time_in_force, venue, quantity,
    limit_price, protect_price, markup, fee_rate, fill_mode, status, base_asset, quote_asset, spend_account, receive_account, hold_id,
    accept_seq, created_at, updated_at)
SELECT uuidv7(), %(tenant)s, 'customer', %(owner)s, gen_random_uuid()::text, 'BTC-USDT', CASE WHEN n %% 2 = 0 THEN 'buy' ELSE 'sell' END,
    'limit', 'gtc', 'best', 0.001 * (1 + n %% 50), p, p, 0, 0.001, 'pass_through', 'resting', 'BTC', 'USDT', 0, 0, uuidv7(), n,
    now(), now()
  FROM (SELECT n, CASE WHEN n %% 2 = 0 THEN 59000 - 0.01 * (n * 7919 %% 500000) ELSE 61000 + 0.01 * (n * 7919 %% 500000) END AS p
          FROM generate_series(1::bigint, %(count)s) n) rows
"""
_ACCEPT = """
WITH new AS MATERIALIZED (
    SELECT uuidv7() AS id, uuidv7() AS hold, (%(accounts)s::bigint[])[1 + n %% %(customers)s] AS spend,
           (%(receivers)s::bigint[])[1 + n %% %(customers)s] AS receive, (%(owners)s::uuid[])[1 + n %% %(customers)s] AS owner
      FROM generate_series(1, %(count)s) n),
held AS MATERIALIZED (
    SELECT new.*, h.status FROM new, LATERAL payments.hold_open(new.hold, new.spend, 60.06, 'order', new.id::text, new.id, NULL) h)
INSERT INTO broker.orders (id, tenant_id, owner_kind, owner_id, client_order_id, symbol, side, type, time_in_force, venue, quantity,
    limit_price, protect_price, markup, fee_rate, fill_mode, status, base_asset, quote_asset, spend_account, receive_account, hold_id,
    accept_seq, created_at, updated_at)
SELECT id, %(tenant)s, 'customer', owner, id::text, 'BTC-USDT', 'buy', 'limit', 'gtc', 'best', 0.001, 60000, 60000, 0, 0.001,
    'pass_through', 'resting', 'BTC', 'USDT', spend, receive, hold, nextval('broker.accept_seq'), now(), now() FROM held WHERE status = 'ok'
"""


@contextmanager
def _server() -> Iterator[Postgres]:
    folder = Path(tempfile.mkdtemp(prefix="rm-book-"))
    postgres = Postgres(folder / "pg", socket_directory(folder), folder / "pg.log", durable=True)
    try:
        postgres.start()
        postgres.create_roles()
        yield postgres
    finally:
        postgres.stop(immediate=True)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _database(postgres: Postgres, name: str) -> Iterator[str]:
    with postgres.admin() as connection:
        connection.execute(f"CREATE DATABASE {name} OWNER {roles.OWNER}")
        roles.fence(connection, name)
    migrate.upgrade(postgres.url(roles.OWNER, name))
    db.configure(postgres.url(roles.ENGINE, name), pool_size=4)
    try:
        yield name
    finally:
        db.dispose()


def rebuild(postgres: Postgres) -> None:
    with _database(postgres, "rebuild") as name:
        with psycopg.connect(roles.conninfo(postgres.url("postgres", name)), autocommit=True) as connection:
            connection.execute(_REST, {"tenant": uuid7(), "owner": uuid7(), "count": ORDERS})
            connection.execute("VACUUM ANALYZE broker.orders")
            began = time.monotonic()
            copy = f"COPY (SELECT {COLUMNS} FROM broker.orders WHERE status = 'resting' ORDER BY accept_seq) TO STDOUT (FORMAT binary)"
            with connection.cursor().copy(copy) as rows:
                sent = sum(len(block) for block in rows)
            bare = time.monotonic() - began
        memory = _memory_mb()
        book = LimitBook(BTC)
        gc.disable()
        began = time.monotonic()
        with db.read_only(unlimited=True) as tx:
            for page in queries.resting(tx, symbol="BTC-USDT"):
                book.load(page)
        took = time.monotonic() - began
        gc.enable()
        began = time.monotonic()
        stretch = book.next_stretch(-1)
        assert stretch is not None
        first, last = stretch
        with db.transaction(repeatable=True) as tx:
            same = queries.stretch(tx, symbol="BTC-USDT", first=first, last=last).sums == book.sums(first)
        audit = time.monotonic() - began
        assert len(book) == ORDERS
        assert same
    print(
        f"{len(book):,} resting orders read into a book: {took:.1f} s, {_memory_mb() - memory:.0f} MB more at the peak"
    )
    print(
        f"  beside COPY of the same columns to nowhere: {bare:.1f} s, {sent / 2**20:.0f} MB (ratio {took / bare:.1f})"
    )
    print(f"  audit of one stretch of {1 << 16:,}: {audit * 1e3:.0f} ms")


def _memory_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def triggers(postgres: Postgres) -> None:
    tenant = uuid7()
    with _database(postgres, "triggers"):
        _open(tenant)
        book = LimitBook(BTC)
        with db.read_only(unlimited=True) as tx:
            for page in queries.resting(tx, symbol="BTC-USDT"):
                book.load(page)
        began = time.monotonic()
        found = book.collect_triggered(_view(Decimal("59999.5")), NOW)
        collecting = time.monotonic() - began
        assert len(found) == TRIGGERED
        starting = []
        for start in range(0, len(found), service.MOST_AT_ONCE):
            ids = [order.id for order in found[start : start + service.MOST_AT_ONCE]]
            began = time.monotonic()
            done = service.trigger(tenant=tenant, order_ids=ids, plan_of=lambda orders, _: _plan(len(orders)))
            starting.append(time.monotonic() - began)
            assert done.working == len(ids)
        booking = _book(tenant)
        _report(tenant, collecting, starting, booking)


def _open(tenant: UUID) -> None:
    owners = [uuid7() for _ in range(CUSTOMERS)]
    with db.transaction(tenant=tenant) as tx:
        for owner in owners:
            postings.deposit(tx, customer_id=owner, asset="USDT", amount=Decimal(1_000_000), key=str(owner))
        spend = [accounts.customer(tx, customer_id=owner, asset="USDT") for owner in owners]
        receive = [accounts.customer(tx, customer_id=owner, asset="BTC") for owner in owners]
        funds.store_report(tx, "okx", {"USDT": (Decimal(10**8), Decimal(10**8))})
        postings.fund_venue(tx, venue="okx", asset="USDT", amount=Decimal(10**8), key="okx")
    for _ in range(TRIGGERED // 5_000):
        with db.transaction(tenant=tenant) as tx:
            cursor = tx.connection.connection.cursor()
            values = {"accounts": spend, "receivers": receive, "owners": owners, "customers": CUSTOMERS}
            cursor.execute(_ACCEPT, values | {"tenant": tenant, "count": 5_000})


def _plan(orders: int) -> Plan:
    leg = Leg(
        venue="okx", quantity=EACH * orders, limit_price=LIMIT, venue_fee_rate=Decimal(0), effective_price=LIMIT, seen=LIMIT
    )  # fmt: skip
    return Plan(legs=(leg,), residual=Decimal(0), evidence={})


def _nowhere(_order: Order, _without: frozenset[str]) -> Plan:
    return Plan(legs=(), residual=Decimal(0), evidence={})


def _book(tenant: UUID) -> list[float]:
    """One full fill per child, as the venue would report it."""
    with db.read_only(tenant=tenant) as tx:
        children = tx.all("SELECT id, client_order_id, quantity FROM broker.venue_orders ORDER BY id")
    took = []
    for number, child in enumerate(children):
        fill = VenueFill(
            trade_id=f"t{number}", price=Decimal("59999.97"), quantity=child.quantity, fee=Decimal("0.00123457"), fee_asset="BTC",
            executed_at=NOW,
        )  # fmt: skip
        report = OrderReport(
            venue_order_id=f"v{number}", client_order_id=child.client_order_id, status="filled", filled_quantity=child.quantity,
            average_price=None, fills=(fill,), fills_complete=True,
        )  # fmt: skip
        began = time.monotonic()
        with db.transaction(tenant=tenant) as tx:
            execution.apply(tx, child_id=child.id, outcome=Done(report), reroute=_nowhere)
        took.append(time.monotonic() - began)
    return took


def _report(tenant: UUID, collecting: float, starting: list[float], booking: list[float]) -> None:
    with db.read_only(tenant=tenant) as tx:
        filled = tx.scalar("SELECT count(*) FROM broker.orders WHERE status = 'filled'")
        slices = tx.one("SELECT sum(quantity), sum(venue_fee) FROM broker.fills")
        trades = tx.one("SELECT sum(quantity), sum(venue_fee) FROM broker.executions")
    broken = [result.name for result in check_all() if not result.ok]
    assert filled == TRIGGERED
    assert tuple(slices) == tuple(trades)
    assert not broken, broken
    whole = sum(starting) + sum(booking)
    print(
        f"{TRIGGERED:,} orders started by one tick: {len(starting)} venue orders; collected in {collecting * 1e3:.0f} ms"
    )
    print(
        f"  starting: {sum(starting):.1f} s, longest transaction {max(starting):.2f} s, {TRIGGERED / sum(starting):,.0f} orders/s"
    )
    print(
        f"  booking:  {sum(booking):.1f} s, longest transaction {max(booking):.2f} s, {TRIGGERED / sum(booking):,.0f} orders/s"
    )
    print(
        f"  both:     {whole:.1f} s; slices are their trades to the last unit, every invariant holds; load {os.getloadavg()[0]:.1f}"
    )


def main() -> int:
    with _server() as postgres:
        rebuild(postgres)
        triggers(postgres)
    return 0


if __name__ == "__main__":
    sys.exit(main())
