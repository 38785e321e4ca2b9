"""The watch over loans: a million of them marked per tick beside a plain sweep of the same arrays, levels written, the book read anew.

Marked twice: with one to three assets a loan, as loans are, and with all twenty in every loan. Contenders take turns in shuffled order;
what is printed is the median over rounds, the ratio in the same round, and the spread of the sweep as the machine's noise.
`python -m bench.lending 200000` takes another number of loans.
"""

from __future__ import annotations

import os
import random
import resource
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import psycopg

from kernel import cache, db, log, roles
from kernel.ids import uuid7
from lending.prices import Observed, as_if
from lending.screen import Book
from lending.watch.book import NO_ROWS, ROW, Shelf
from lending.watch.service import Watcher
from markets.composite.states import CompositeState
from rivermouth.prove.lending_book import BRIEF, LendingBook
from rivermouth.prove.lending_prices import VENUES
from rivermouth.prove.own_servers import own_database

LOANS, ASSETS, LEVELS, ROUNDS = 1_000_000, 20, 50_000, 9
_LINES = (0.8 / 0.85, 0.8 / 0.83, 0.8 / 0.82, 0.8 / 0.81)
_PRICES = np.append(1.0, np.full(ASSETS, 30_000.0))
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
_LOANS = """
INSERT INTO lending.loans (tenant_id, id, customer_id, product_id, version, quote_id, asset, status, drawn, principal, rate, interest_from,
                           debt_at_event, origination, opened_on, matures_on, created_at, updated_at)
SELECT %(tenant)s, uuidv7(), uuidv7(), %(product)s, 1, uuidv7(), 'USDT', 'active', d, d, 0.12, '2026-01-01', d, '{}', '2026-01-01',
       '2026-12-31', now(), now()
  FROM (SELECT CASE WHEN n <= %(close)s THEN 23500 ELSE 12000 + random() * 8000 END::numeric(18, 2) AS d
          FROM generate_series(1, %(loans)s) n) AS drawn"""
_COLLATERAL = """
INSERT INTO lending.loan_collaterals (tenant_id, loan_id, asset, quantity)
SELECT tenant_id, id, CASE WHEN principal = 23500 THEN 'A0' ELSE 'A' || 1 + floor(random() * %(others)s)::int END, 1 FROM lending.loans"""


def main(loans: int = LOANS) -> int:
    log.configure("bench", "ERROR")  # nobody is woken here, and that is no news
    print(f"load {os.getloadavg()[0]:.1f}, {loans} loans, {ASSETS} assets")
    for make in (_shelf, _wide_shelf):
        _arrays(*make(loans))
    with own_database() as url:
        _database(url, loans, min(LEVELS, loans // 4))
    return 0


# In memory -----------------------------------------------------------------------------------------------------------------------


def _arrays(shelf: Shelf, prices: np.ndarray) -> None:
    book, slack = shelf.book, np.ones(1)

    def sweep() -> float:
        """Every byte that marking has to read, once."""
        arrays = (*book.weights, book.assets, book.starts, book.debts, shelf.levels)
        return float(sum(array.sum() for array in arrays))

    times = _turns({"one tick": lambda: shelf.chosen(prices, slack), "plain sweep": sweep})
    size = sum(array.nbytes for array in (book.weights, book.assets, book.starts, book.debts, shelf.levels))
    ratio = statistics.median(a / b for a, b in zip(times["one tick"], times["plain sweep"], strict=True))
    tick, bare = (statistics.median(times[name]) * 1e3 for name in ("one tick", "plain sweep"))
    noise = (max(times["plain sweep"]) - min(times["plain sweep"])) * 1e3 / bare
    print(
        f"mark {len(shelf)} loans, {len(book.assets)} rows: {tick:8.1f} ms, plain sweep of the same {size / 1e6:.0f} MB {bare:8.1f} ms,"
        f" ratio {ratio:5.1f}, noise of the sweep {noise:.0%}; {len(shelf.chosen(prices, slack))} to decide; {_resident():.0f} MB resident",
        flush=True,
    )


def _shelf(loans: int) -> tuple[Shelf, np.ndarray]:
    """One to three assets a loan, through the rows that Postgres sends."""
    rng = np.random.default_rng(7)
    sizes = rng.choice([1, 2, 3], loans, p=[0.7, 0.2, 0.1])
    rows = np.zeros(int(sizes.sum()), ROW)
    owner = np.repeat(np.arange(loans), sizes)
    rows["high"], rows["live"], rows["principal"], rows["rate"] = owner, 1, 12_000 + (owner % 7_919), 0.12
    rows["fixed"] = rows["principal"]
    first = np.append(0, np.cumsum(sizes)[:-1])
    rows["kind"] = 1 + (np.arange(len(rows)) - np.repeat(first, sizes) + rng.integers(0, ASSETS, loans)[owner]) % ASSETS
    rows["quantity"] = 1.0 / np.repeat(sizes, sizes)
    shelf = Shelf.of(rows, np.tile(np.array(_LINES)[:, None], ASSETS + 1))
    shelf.book.debts[:] = shelf.fixed
    return shelf, _PRICES


def _wide_shelf(loans: int) -> tuple[Shelf, np.ndarray]:
    """All assets in every loan: the arrays alone; the rows that they are read from take as much again, and no tick looks at them."""
    debts, numbers = 12_000.0 + np.arange(loans) % 7_919, np.arange(loans, dtype=np.uint64)
    weights = np.empty((len(_LINES), loans * ASSETS))
    for line, ratio in zip(weights, _LINES, strict=True):
        line[:] = ratio / ASSETS
    kinds = np.tile(np.arange(1, ASSETS + 1), loans)
    book = Book(np.arange(0, loans * ASSETS, ASSETS), kinds, weights, debts)
    shelf = Shelf(
        high=numbers, low=np.zeros(loans, np.uint64), places=np.zeros(loans, np.int32), levels=np.zeros(loans, np.int8), rows=NO_ROWS,
        book=book, accruals=(), accrual_of=np.zeros(loans, np.int32), fixed=debts, principal=debts, rates=np.full(loans, 0.12),
        gone=np.zeros(loans, np.bool_),
    )  # fmt: skip
    return shelf, _PRICES


def _turns(contenders: dict[str, Callable[[], object]]) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(ROUNDS):
        for name in random.sample(list(contenders), len(contenders)):
            began = time.perf_counter()
            contenders[name]()
            times[name].append(time.perf_counter() - began)
    return times


# Over Postgres -------------------------------------------------------------------------------------------------------------------


def _database(url: str, loans: int, close: int) -> None:
    tenant = uuid7()
    book = LendingBook(url, tenant)
    product = book.product({f"A{number}": BRIEF for number in range(ASSETS)})
    with psycopg.connect(roles.conninfo(url.replace(roles.OWNER, "postgres")), autocommit=True) as admin:
        admin.execute("SET session_replication_role = replica")  # a loan's quote is no matter here
        given = {"tenant": tenant, "product": product, "close": close, "loans": loans, "others": ASSETS - 1}
        admin.execute(_LOANS, given)
        admin.execute(_COLLATERAL, given)
        admin.execute("VACUUM ANALYZE lending.loans")
        admin.execute("VACUUM ANALYZE lending.loan_collaterals")
        bare_read = _timed(lambda: _copy(admin))
        bare_write = _timed(lambda: _update(admin, close))
        admin.execute("UPDATE lending.loans SET level = 'HEALTHY' WHERE level <> 'HEALTHY'")
    db.configure(url.replace(roles.OWNER, roles.ENGINE), pool_size=2)
    cache.configure("redis://127.0.0.1:1")
    before = _resident()
    watcher = Watcher(begin=_nobody_sells)
    read = _timed(lambda: watcher.refresh(on=NOON.date()))
    print(
        f"rebuild {len(watcher.memory)} loans: {read:6.1f} s, plain COPY of the two tables {bare_read:6.1f} s,"
        f" ratio {read / bare_read:5.1f}; the process grew by {_resident() - before:.0f} MB"
    )
    falling = {("A0", "USDT"): _observed(27_000)} | {(f"A{n}", "USDT"): _observed(60_000 + n) for n in range(1, ASSETS)}
    quiet = dict(falling) | {("A0", "USDT"): _observed(60_000)}
    idle = _timed(lambda: watcher.mark(quiet, at=NOON))
    began = time.perf_counter()
    tally = watcher.mark(falling | {("A0", "USDT"): _observed(25_400)}, at=NOON + timedelta(seconds=1))
    wrote = time.perf_counter() - began
    print(
        f"{tally.changed} levels written with evidence, timeline and events: {wrote:6.1f} s ({tally.changed / wrote:.0f}/s),"
        f" the bare UPDATE of as many rows {bare_write:6.1f} s, ratio {wrote / bare_write:5.1f};"
        f" a tick that changes nothing {idle * 1e3:.0f} ms"
    )
    again = _timed(lambda: watcher.refresh(on=NOON.date()))
    print(f"the {tally.changed} changed loans taken in again: {again:6.1f} s")
    book.close()


def _nobody_sells(*_given: object, **_named: object) -> object:
    raise AssertionError("no loan is near its actual line here")


def _observed(price: int) -> Observed:
    return as_if(Decimal(price), state=CompositeState.NORMAL, venues=VENUES, made=NOON.isoformat())


def _copy(connection: psycopg.Connection) -> None:
    for table in ("lending.loans", "lending.loan_collaterals"):
        with connection.cursor().copy(f"COPY {table} TO STDOUT (FORMAT binary)") as copy:
            for _ in copy:
                pass


def _update(connection: psycopg.Connection, rows: int) -> None:
    connection.execute(
        "UPDATE lending.loans SET level = 'WARNING' WHERE id IN (SELECT id FROM lending.loans WHERE principal = 23500 LIMIT %s)",
        [rows],
    )


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _resident() -> float:
    """Megabytes that the process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else LOANS))
