"""Recorded minutes over thousands of random loans: the watch over a real database beside a calculation that shares nothing with it.

Every change of level and every sale must be the same, at the same tick. Between them prices cannot be believed for a while, one asset's
price is older than the other's, and the watch changes hands.
"""

from __future__ import annotations

import csv
import random
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any
from uuid import UUID

from identity.tenants import service as tenants
from kernel import cache, db, log, roles
from kernel.db import Tx
from kernel.embedded import Postgres, socket_directory
from kernel.ids import uuid7
from lending.loans import queries as loan_rows
from lending.loans.states import LoanStatus
from lending.prices import Observed, as_if
from lending.products.states import Rebase
from lending.watch.service import Watcher
from markets.composite.states import CompositeState
from rivermouth import migrate
from rivermouth.prove import lending_oracle as oracle
from rivermouth.prove.lending_book import BRIEF, RATE, Borrowed, LendingBook, Lines
from rivermouth.prove.lending_oracle import CENTS, Tick
from rivermouth.prove.report import Report
from rivermouth.sandbox.play import recording_file

NAME = "btc-usdt-1m-2022-01-01_18.csv"
LOOSE = Lines("0.60", "0.80", "0.75", "0.72", "0.65")
ETHER = Lines("0.70", "0.78", "0.755", "0.74", "0.73")
VENUES = ("binance", "okx", "kraken", "bitfinex")
STEP = timedelta(seconds=15)
ETHER_PART = Fraction(2, 25)


@dataclass(frozen=True, slots=True)
class Product:
    """A product of the replay as both sides know it."""

    id: UUID
    collaterals: Mapping[str, Lines]
    terms: oracle.Terms


def prove(*, loans: int = 2_000, bars: int = 5_000, folder: Path | None = None, seed: int = 7) -> int:
    report = Report(
        "lending-replay",
        "recorded minutes over random loans",
        ("loans", "ticks", "frozen", "changes of level", "sold", "sold at the hard line", "differences"),
    )
    report.notes.append(f"source: {NAME}, four prices a minute; ether follows bitcoin with a noise of its own")
    log.configure("prove", "ERROR")  # nobody is woken here, and that is no news
    with own_database() as database:
        tenant = uuid7()
        db.configure(database.replace(roles.OWNER, roles.ENGINE), pool_size=4)
        cache.configure("redis://127.0.0.1:1")
        tenants.ensure(tenant, name="Replay")
        replay(database, tenant, _bars(bars), loans=loans, rng=random.Random(seed), report=report)
    return report.finish(folder)


def replay(
    database: str, tenant: UUID, bars: Sequence[Sequence[int]], *, loans: int, rng: random.Random, report: Report
) -> None:
    """Play the bars (open, high, low, close in cents) to both sides and compare what each of them saw."""
    begins = datetime(2022, 1, 1, tzinfo=UTC)
    ticks = list(_ticks(bars, begins, rng))
    book = LendingBook(database, tenant)
    known = _lend(book, ticks, loans, begins.date(), rng)
    seen, sold, tally = _play(tenant, ticks)
    book.close()
    expected: dict[str, list[tuple[int, str, str]]] = {}
    for loan in known:
        found = list(oracle.changes(loan, ticks))
        if found:
            expected[loan.name] = found
    differences = [name for name in expected.keys() | seen.keys() if expected.get(name) != seen.get(name)]
    hard = sum(was != "PENDING_LIQUIDATION" or not waited for was, waited in tally)
    frozen = sum("BTC" not in tick.cents for tick in ticks)
    report.row(loans, len(ticks), frozen, sum(map(len, expected.values())), len(sold), hard, len(differences))
    for name in differences[:3]:
        report.require(False, f"loan {name}: expected {expected.get(name)}, seen {seen.get(name)}")
    sales = {name for name, found in expected.items() if found[-1][2] == "LIQUIDATING"}
    report.require(not differences, "every change of level is the one that was calculated, at the same tick")
    report.require(sales == sold, "the sales are those that were calculated")
    report.require(0 < len(sold) < loans, f"{len(sold)} sales prove little")


def _play(
    tenant: UUID, ticks: Sequence[Tick]
) -> tuple[dict[str, list[tuple[int, str, str]]], set[str], list[tuple[str, bool]]]:
    sold: set[str] = set()

    def begin(tx: Tx, loan: Any, product: Any, **_given: Any) -> UUID:  # noqa: ARG001
        assert str(loan.id) not in sold, "a loan is sold once"
        sold.add(str(loan.id))
        changed = loan_rows.change(tx, loan, to=LoanStatus.LIQUIDATING, level="LIQUIDATING")
        assert changed, "its row is locked"
        return uuid7()

    watcher, moved = Watcher(begin=begin), True
    day: date | None = None
    for tick in ticks:
        if tick.anew:
            watcher, moved = Watcher(begin=begin), True
        if moved or day != tick.at.date():
            watcher.refresh(on=tick.at.date())
        day = tick.at.date()
        done = watcher.mark(_observed(tick), at=tick.at)
        moved = bool(done.changed or done.begun or done.looked)
    number = {tick.at: place for place, tick in enumerate(ticks)}
    seen: dict[str, list[tuple[int, str, str]]] = {}
    how: list[tuple[str, bool]] = []
    with db.read_only(tenant=tenant) as tx:
        rows = tx.all("SELECT loan_id, from_level, to_level, line, at FROM lending.price_evidence ORDER BY at, id")
    for row in rows:
        place = number[row.at.astimezone(UTC)]
        seen.setdefault(str(row.loan_id), []).append((place, row.from_level, row.to_level))
        if row.to_level == "LIQUIDATING":
            how.append((row.from_level, row.line == "actual"))
    return seen, sold, how


def _observed(tick: Tick) -> dict[tuple[str, str], Observed]:
    """A price that is missing in the tick is there, and cannot be believed: it would hit every line."""
    found = {}
    for asset in ("BTC", "ETH"):
        cents = tick.cents.get(asset)
        state = CompositeState.NORMAL if cents is not None else CompositeState.SINGLE
        price = Decimal(1 if cents is None else cents) / CENTS
        venues = VENUES[:1] if cents is None else VENUES
        found[asset, "USDT"] = as_if(price, state=state, venues=venues, made=str(tick.made.get(asset)))
    return found


def _bars(most: int) -> list[list[int]]:
    with recording_file(NAME).open(newline="") as file:
        rows = list(csv.DictReader(file))[:most]
    return [[round(Decimal(row[name]) * CENTS) for name in ("open", "high", "low", "close")] for row in rows]


def _ticks(bars: Sequence[Sequence[int]], begins: datetime, rng: random.Random) -> Iterator[Tick]:
    """Four prices a bar, the extreme that lies nearer to its opening first; ether has a new price every second tick."""
    at, ether, made, frozen = begins, 0, 0, 0
    for start, high, low, close in bars:
        for cents in (start, low, high, close) if close >= start else (start, high, low, close):
            at += STEP + timedelta(milliseconds=rng.randrange(200))
            if made % 2 == 0:
                ether = int(cents * ETHER_PART * rng.randrange(9_900, 10_101) / 10_000)
            frozen = rng.randrange(2, 12) if rng.random() < 0.002 else max(frozen - 1, 0)
            prices = {} if frozen else {"BTC": cents, "ETH": ether}
            yield Tick(at, prices, {"BTC": made, "ETH": made // 2}, anew=rng.random() < 0.001)
            made += 1


def _lend(book: LendingBook, ticks: Sequence[Tick], loans: int, on: date, rng: random.Random) -> list[oracle.Loan]:
    """Loans whose actual line lies somewhere between a little below all prices and a little above the first one."""
    products = [_product(book, rng, place) for place in range(12)]
    seen = [tick.cents["BTC"] for tick in ticks if tick.cents]
    low, first = min(seen), seen[0]
    rows, known = [], []
    customer = uuid7()
    for _ in range(loans):
        product = rng.choice(products)
        held = {asset: Decimal(rng.randrange(1, 500_000_000)).scaleb(-8) for asset in product.collaterals}
        price = Fraction(rng.randrange(low * 98 // 100, first), CENTS)
        values = {"BTC": price, "ETH": price * ETHER_PART}
        lines = {asset: typed.loan_to_values()[1:] for asset, typed in product.collaterals.items()}
        reached = sum((Fraction(held[asset]) * values[asset] * lines[asset][2] for asset in held), Fraction(0))
        principal = Decimal(int(reached * CENTS)) / CENTS + Decimal("0.01")
        row = Borrowed(product=product.id, customer=customer, collateral=held, principal=principal, opened_on=on)
        rows.append(row)
        quantities = {asset: Fraction(quantity) for asset, quantity in held.items()}
        known.append(oracle.Loan(str(row.id), quantities, lines, Fraction(principal), on, product.terms))
    book.lend(rows)
    return known


def _product(book: LendingBook, rng: random.Random, place: int) -> Product:
    collaterals = ({"BTC": BRIEF}, {"BTC": LOOSE}, {"BTC": BRIEF, "ETH": ETHER}, {"ETH": ETHER})[place % 4]
    moves = (Rebase.LIVE_DEBT, Rebase.LIVE_DEBT, Rebase.LIVE_DEBT, Rebase.ON_EVENT, Rebase.FROZEN)[place % 5]
    known = oracle.Terms(
        confirm_n=rng.choice([1, 2, 3, 8]),
        confirm_s=rng.choice([1, 30, 60, 300]),
        hysteresis=rng.choice([Fraction(0), Fraction(1, 1_000), Fraction(1, 100)]),
        rate=Fraction(RATE),
        moves=moves.value,
    )
    product = book.product(
        collaterals,
        rebase=moves,
        confirm_n=known.confirm_n,
        confirm_s=known.confirm_s,
        hysteresis=Decimal(known.hysteresis.numerator) / known.hysteresis.denominator,
    )
    return Product(product, collaterals, known)


@contextmanager
def own_database() -> Iterator[str]:
    """A durable server with one migrated database; the addresses of its roles differ in the name alone."""
    folder = Path(tempfile.mkdtemp(prefix="rm-lending-"))
    postgres = Postgres(folder / "pg", socket_directory(folder), folder / "pg.log")
    postgres.start()
    try:
        postgres.create_roles()
        with postgres.admin() as connection:
            connection.execute(f"CREATE DATABASE lending OWNER {roles.OWNER}")
        migrate.upgrade(postgres.url(roles.OWNER, "lending"))
        yield postgres.url(roles.OWNER, "lending")
    finally:
        db.dispose()
        postgres.stop(immediate=True)
        shutil.rmtree(folder)
