"""Recorded minutes over thousands of random loans: the lender over a real ledger beside calculations that share nothing with it.

Every change of level and every sale must be the same, at the same tick and for the same reason. Between them prices cannot be believed
for a while, one asset's price is older than the other's, prices gap and come back, and the watch changes hands. What is decided is sold
at once to an exchange that trades at the prices of the tick; afterwards every entry about every loan must be the one that follows from
its terms and the exchange's own list of trades, and nothing may have come or gone.
"""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from uuid import UUID

from identity.tenants import service as tenants
from kernel import cache, db, log, roles
from kernel.ids import uuid7
from lending.life import tasks as life
from lending.liquidation import service as liquidations
from lending.products.states import Rebase
from lending.watch.service import Watcher
from markets.instruments import service as instruments
from rivermouth import checks
from rivermouth.prove import lending_oracle as oracle
from rivermouth.prove import lending_prices as prices
from rivermouth.prove import lending_value as value
from rivermouth.prove.lending_book import BRIEF, RATE, LendingBook, Lines
from rivermouth.prove.lending_desk import CAPITAL, Desk, Exchange, Opening, today
from rivermouth.prove.lending_oracle import CENTS, Change, Tick
from rivermouth.prove.own_servers import own_servers
from rivermouth.prove.report import Report

LOOSE = Lines("0.60", "0.80", "0.75", "0.72", "0.65")
ETHER = Lines("0.70", "0.78", "0.755", "0.74", "0.73")
BEGINS = time(23)
MIXED = 12
"""Products of all kinds; one more lends for a day alone."""
COLUMNS = (
    "loans", "ticks", "frozen", "changes of level", "sold at the actual line", "at the hard line", "at maturity", "wicks survived",
    "fills", "with a loss", "differences of levels", "differences of entries",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Product:
    """A product of the replay as both sides know it."""

    id: UUID
    collaterals: Mapping[str, Lines]
    terms: oracle.Terms


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the calculations say, beside what was seen; `settled` in the order in which it was."""

    expected: Mapping[str, Sequence[Change]]
    seen: Mapping[str, Sequence[Change]]
    settled: Sequence[tuple[value.Sold, value.Settled]]
    accounts: Mapping[str, value.Account]


def prove(*, loans: int = 2_000, bars: int = 1_000, folder: Path | None = None, seed: int = 7) -> int:
    report = Report("lending-replay", "recorded minutes over random loans", COLUMNS)
    report.notes.append(f"source: {prices.NAME}, four prices a minute; ether follows bitcoin with a noise of its own")
    gaps = ", ".join(f"{asset} -{100 - left} %" for asset, left in prices.GAPS)
    report.notes.append(f"spliced in, each for one price: {gaps}; twice the rest of a day passes between two prices")
    log.configure("prove", "CRITICAL")  # nobody is woken here, and that is no news
    with own_servers() as (database, valkey):
        tenant = uuid7()
        db.configure(database.replace(roles.OWNER, roles.ENGINE), pool_size=4)
        cache.configure(valkey)
        tenants.ensure(tenant, name="Replay")
        replay(
            database, tenant, prices.read_bars(bars), loans=loans, rng=random.Random(seed), report=report,
            insurance=Decimal(20 * loans), nights=2,
        )  # fmt: skip
    return report.finish(folder)


def replay(
    database: str,
    tenant: UUID,
    bars: Sequence[Sequence[int]],
    *,
    loans: int,
    rng: random.Random,
    report: Report,
    insurance: Decimal,
    nights: int = 0,
) -> None:
    """Play the bars (open, high, low, close in cents) to both sides and compare what each of them saw, sold and booked.

    `insurance` is what the pool holds at the beginning; a loss beyond it is a bad debt.
    """
    instruments.forget()
    desk = Desk(tenant, LendingBook(database, tenant), Exchange(random.Random(rng.random())))
    try:
        opened = today() + timedelta(days=1)
        ticks = list(prices.ticks_of(bars, datetime.combine(opened, BEGINS, UTC), rng, nights=nights))
        desk.pass_until(datetime.combine(opened, BEGINS, UTC) - timedelta(hours=1))
        desk.fund(insurance)
        known = _lend(desk, ticks, loans, opened, rng)
        _play(desk, ticks)
        found = _calculate(desk, known, ticks, insurance)
        _compare_levels(report, known, ticks, found)
        wrong = _compare_entries(report, desk, found)
        _compare_houses(report, desk, known, found, insurance)
        _write(report, known, ticks, found, wrong)
    finally:
        desk.book.close()


# ------------------------------------------------------------------------------------------------------------------------- the loans


def _lend(desk: Desk, ticks: Sequence[Tick], loans: int, on: date, rng: random.Random) -> dict[str, oracle.Loan]:
    """Loans whose actual line lies somewhere between a little below all prices and a little above the first one."""
    products = [_product(desk.book, rng, place, on) for place in range(MIXED + 1)]
    seen = [tick.cents["BTC"] for tick in ticks if tick.cents]
    low, first = min(seen), seen[0]
    early = [tick.cents["BTC"] for tick in ticks if tick.cents and tick.at.date() == on]
    wanted, known = [], {}
    for _ in range(loans):
        product = rng.choice(products)
        if list(product.collaterals.values()) == [BRIEF] and rng.random() < 0.5:
            held, principal = _on_the_line(rng.choice(early), rng)
        else:
            price = Fraction(rng.randrange(low * 93 // 100, first), CENTS)
            held, principal = _near_the_line(product, price, rng)
        fee = Decimal(rng.randrange(0, 500)) / CENTS if principal > 1_000 else Decimal(0)
        row = Opening(
            product=product.id,
            customer=uuid7(),
            collateral=held,
            principal=principal,
            opened_on=on,
            fee=fee,
            tenor=product.terms.tenor,
        )
        wanted.append(row)
        lines = {asset: typed.loan_to_values()[1:] for asset, typed in product.collaterals.items()}
        quantities = {asset: Fraction(quantity) for asset, quantity in held.items()}
        known[str(row.id)] = oracle.Loan(
            str(row.id), quantities, lines, Fraction(principal), on, product.terms, Fraction(fee)
        )
    desk.lend(wanted)
    return known


def _near_the_line(product: Product, price: Fraction, rng: random.Random) -> tuple[dict[str, Decimal], Decimal]:
    """Collateral with the debt whose actual line is a cent above this price."""
    held = {asset: Decimal(rng.randrange(1_000_000, 500_000_000)).scaleb(-8) for asset in product.collaterals}
    values = {"BTC": price, "ETH": price * prices.ETHER_PART}
    lines = {asset: typed.loan_to_values()[1:] for asset, typed in product.collaterals.items()}
    reached = sum((Fraction(held[asset]) * values[asset] * lines[asset][2] for asset in held), Fraction(0))
    return held, Decimal(int(reached * CENTS)) / CENTS + Decimal("0.01")


def _on_the_line(cents: int, rng: random.Random) -> tuple[dict[str, Decimal], Decimal]:
    """A loan of the brief's whose actual line is exactly this price: 0.82 of it times the coins is 0.80 of what it reads as a debt."""
    part = rng.randrange(10, 400)
    return {"BTC": Decimal(part * 41).scaleb(-4)}, Decimal(part * 40 * cents).scaleb(-6)


def _product(book: LendingBook, rng: random.Random, place: int, on: date) -> Product:
    short = place >= MIXED
    collaterals = ({"BTC": BRIEF}, {"BTC": LOOSE}, {"BTC": BRIEF, "ETH": ETHER}, {"ETH": ETHER})[place % 4]
    moves = (Rebase.LIVE_DEBT, Rebase.LIVE_DEBT, Rebase.LIVE_DEBT, Rebase.ON_EVENT, Rebase.FROZEN)[place % 5]
    collaterals, moves = ({"BTC": LOOSE}, Rebase.LIVE_DEBT) if short else (collaterals, moves)
    known = oracle.Terms(
        confirm_n=rng.choice([1, 2, 3, 8]),
        confirm_s=rng.choice([1, 30, 60, 300]),
        hysteresis=rng.choice([Fraction(0), Fraction(1, 1_000), Fraction(1, 100)]),
        rate=Fraction(RATE),
        moves=moves.value,
        tenor=1 if short else 180,
        grace=0 if short else 3,
        penalty=Fraction(18, 100),
        fee=rng.choice([Fraction(0), Fraction(5, 1_000)]),
        cap=rng.choice([None, 50 * value.MONEY]),
        budget=Fraction(2, 100),
    )
    product = book.product(
        collaterals,
        since=on,
        rebase=moves,
        confirm_n=known.confirm_n,
        confirm_s=known.confirm_s,
        hysteresis=_exactly(known.hysteresis),
        tenors=(known.tenor,),
        grace_days=known.grace,
        penalty_rate=_exactly(known.penalty),
        liquidation_fee_rate=_exactly(known.fee),
        liquidation_fee_cap=None if known.cap is None else Decimal(known.cap) / value.MONEY,
        budget=_exactly(known.budget),
        slices=rng.choice([1, 1, 2]),
        max_age_s=3_600,  # a busy machine decides by the tick's prices all the same
    )
    return Product(product, collaterals, known)


def _exactly(part: Fraction) -> Decimal:
    return Decimal(part.numerator) / part.denominator


# ------------------------------------------------------------------------------------------------------------------------ the replay


def _play(desk: Desk, ticks: Sequence[Tick]) -> None:
    watcher, moved = Watcher(begin=liquidations.begin), True
    day: date | None = None
    for place, tick in enumerate(ticks):
        if place % 500 == 0:
            print(f"tick {place} of {len(ticks)}, sales ended {len(desk.ended)}", flush=True)
        desk.pass_until(tick.at)
        if tick.anew:
            watcher, moved = Watcher(begin=liquidations.begin), True
        if tick.day:
            prices.show(tick.cents)
            life.day(tick.at)
            desk.follow()
            moved = True
        if moved or day != tick.at.date():
            watcher.refresh(on=tick.at.date())
        day = tick.at.date()
        done = watcher.mark(prices.observed(tick), at=tick.at)
        moved = bool(done.changed or done.begun or done.looked)
        if done.begun:
            desk.follow()
        desk.work(tick)
    for _ in ticks:
        if not desk.live:
            return
        desk.work(next(tick for tick in reversed(ticks) if tick.cents))


def _seen(desk: Desk, ticks: Sequence[Tick]) -> dict[str, list[Change]]:
    """What the product wrote down as evidence."""
    number = {tick.at: place for place, tick in enumerate(ticks)}
    worked = {tick.at.date(): place for place, tick in enumerate(ticks) if tick.day}
    seen: dict[str, list[Change]] = defaultdict(list)
    with db.read_only(tenant=desk.tenant) as tx:
        rows = tx.all("SELECT loan_id, from_level, to_level, line, at FROM lending.price_evidence ORDER BY at, id")
    for row in rows:
        at, sold = row.at.astimezone(UTC), row.to_level == "LIQUIDATING"
        late = sold and row.line is None
        place = worked[at.date()] if late else number[at]
        cause = "" if not sold else oracle.MATURITY if late else row.line
        seen[str(row.loan_id)].append(Change(place, row.from_level, row.to_level, cause))
    return dict(seen)


# ------------------------------------------------------------------------------------------------------------------- the calculations


def _calculate(desk: Desk, known: Mapping[str, oracle.Loan], ticks: Sequence[Tick], insurance: Decimal) -> Outcome:
    expected = {name: found for name, loan in known.items() if (found := list(oracle.changes(loan, ticks)))}
    pool, settled, sold_of = int(insurance * value.MONEY), [], dict[str, tuple[value.Sold, value.Settled]]()
    for name, cents in desk.ended:
        last = expected.get(name, [Change(0, "", "")])[-1]
        tick, fills = ticks[last.number], desk.exchange.fills.get(name, [])
        sold = value.Sold(known[name], last.cause, tick.at.date(), tick.cents, fills, cents)
        done = value.settle(sold, pool)
        pool -= done.insured
        settled.append((sold, done))
        sold_of[name] = sold, done
    accounts = {name: value.account(loan, *sold_of.get(name, (None, None))) for name, loan in known.items()}
    return Outcome(expected, _seen(desk, ticks), settled, accounts)


def _compare_levels(report: Report, known: Mapping[str, oracle.Loan], ticks: Sequence[Tick], found: Outcome) -> None:
    names = found.expected.keys() | found.seen.keys()
    wrong = sorted(name for name in names if found.expected.get(name) != found.seen.get(name))
    for name in wrong[:3]:
        ours, theirs = found.expected.get(name, ()), found.seen.get(name, ())
        apart = next((pair for pair in zip(ours, theirs, strict=False) if pair[0] != pair[1]), (len(ours), len(theirs)))
        report.require(False, f"loan {name}: expected and seen part at {apart}")
    sales = {name for name, of_it in found.expected.items() if of_it[-1].after == "LIQUIDATING"}
    report.require(
        not wrong, "every change of level is the one that was calculated, at the same tick and for the same reason"
    )
    report.require(
        {sold.loan.name for sold, _ in found.settled} == sales,
        "the sales are those that were calculated, and all ended",
    )
    short = [
        name
        for name, of_it in found.seen.items()
        if of_it[-1].cause == oracle.ACTUAL
        and any(wick.last == of_it[-1].number for wick in oracle.wicks(known[name], ticks, of_it[-1].number))
    ]
    report.require(not short, f"no loan was sold by a wick shorter than the guard: {short[:3]}")


def _compare_entries(report: Report, desk: Desk, found: Outcome) -> Sequence[str]:
    wrong = value.differences(found.accounts, {name: each for name, each in _ledger(desk).items() if name})
    for text in wrong[:3]:
        report.require(False, text)
    report.require(not wrong, "every entry about every loan is the one that was calculated from the fills")
    for sold, done in found.settled:
        for fault in value.faults(sold, done):
            report.require(False, f"loan {sold.loan.name}: {fault}")
    lost = [sold.loan.name for sold, done in found.settled if not value.conserves(sold, done)]
    report.require(not lost, f"the account of value closes for every sale: {lost[:3]}")
    return wrong


def _compare_houses(
    report: Report, desk: Desk, known: Mapping[str, oracle.Loan], found: Outcome, insurance: Decimal
) -> None:
    """What no loan is named in: deposits, the house's funds, and interest booked day by day; then everything together."""
    ledger = _ledger(desk)
    given: Counter[str] = Counter({"insurance.lending:USDT": int(insurance * value.MONEY)})
    given["external.deposits:USDT"] = -given["insurance.lending:USDT"]
    for venue in prices.VENUES:
        for asset, units in (("USDT", value.MONEY), ("BTC", value.COIN), ("ETH", value.COIN)):
            amount = int(CAPITAL[asset] * units)
            given[f"house.capital:{asset}"] += amount
            given[f"venue.{venue}:{asset}"] -= amount
    for loan in known.values():
        for asset in loan.quantities:
            given[f"customer:{asset}"] += value.coins(loan, asset)
            given[f"external.deposits:{asset}"] -= value.coins(loan, asset)
    house = dict(ledger.get("", {}))
    interest = house.pop("interest:USDT", 0), house.pop("revenue.loan_interest:USDT", 0)
    cost = house.pop("cash:USDT", 0), house.pop("expense.funding:USDT", 0)
    report.require(
        house == {label: amount for label, amount in given.items() if amount}, "what was given is what was given"
    )
    report.require(sum(interest) == 0 and sum(cost) == 0, "interest and cost are booked against what is owed")
    report.require(
        interest[1] >= sum(done.owed.interest for _, done in found.settled), "interest was earned before it was paid"
    )
    sums: Counter[str] = Counter()
    for account in ledger.values():
        for label, amount in account.items():
            sums[label.rpartition(":")[2]] += amount
    report.require(not any(sums.values()), f"for each asset all entries together are nothing: {dict(sums)}")
    broken = {result.name: result.count for result in checks.check_all() if not result.ok}
    report.require(not broken, f"every invariant holds: {broken}")


_LABELS = (
    (re.compile(r"^customer:[^:]+:"), "customer:"),
    (re.compile(r"^loan:[^:]+:"), "pledged:"),
    (re.compile(r"^liquidation:[^:]+:"), "sale."),
    (re.compile(r"^lending\.principal\.[^:]+:"), "principal:"),
    (re.compile(r"^lending\.interest\.[^:]+:"), "interest:"),
    (re.compile(r"^funding\.payable\.[^:]+:"), "payable:"),
    (
        re.compile(r"^(funding\.interest\.[^:]+|house\.cash):"),
        "cash:",
    ),  # a repayment takes what the line has cost with it
)
_ENTRIES = """
SELECT coalesce(q.loan_id, l.id) AS loan_id, a.path, sum(e.amount) AS amount
  FROM payments.entries e JOIN payments.accounts a USING (account_id) JOIN payments.journals j USING (journal_id)
  LEFT JOIN broker.orders o ON o.id = j.order_id
  LEFT JOIN lending.liquidations q ON q.id = o.owner_id
  LEFT JOIN lending.loans l ON l.id = j.order_id
 GROUP BY 1, 2"""


def _ledger(desk: Desk) -> dict[str, dict[str, int]]:
    """Every entry of the tenant in units, by the loan that its journal is about ("" where none) and a label without ids."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    with db.read_only(tenant=desk.tenant, unlimited=True) as tx:
        rows = tx.all(_ENTRIES)
    for row in rows:
        label = row.path
        for pattern, short in _LABELS:
            label = pattern.sub(short, label)
        units = row.amount * (value.MONEY if label.endswith(f":{value.LENT}") else value.COIN)
        assert units == int(units), "nothing is booked finer than its asset"
        found["" if row.loan_id is None else str(row.loan_id)][label] += int(units)
    return {name: {label: amount for label, amount in account.items() if amount} for name, account in found.items()}


# ------------------------------------------------------------------------------------------------------------------------- the report


def _write(
    report: Report, known: Mapping[str, oracle.Loan], ticks: Sequence[Tick], found: Outcome, wrong: Sequence[str]
) -> None:
    causes = Counter(sold.cause for sold, _ in found.settled)
    last = {name: of_it[-1].number if of_it[-1].cause else len(ticks) - 1 for name, of_it in found.expected.items()}
    wicks = sum(1 for name, until in last.items() for _ in oracle.wicks(known[name], ticks, until))
    losses = [done for _, done in found.settled if done.insured or done.lost]
    levels = sum(found.expected.get(name) != found.seen.get(name) for name in known)
    report.row(
        len(known), len(ticks), sum("BTC" not in tick.cents for tick in ticks), sum(map(len, found.expected.values())),
        *(causes[cause] for cause in (oracle.ACTUAL, oracle.HARD, oracle.MATURITY)), wicks,
        sum(len(sold.fills) for sold, _ in found.settled), len(losses), levels, len(wrong),
    )  # fmt: skip
    report.notes.append(_sums(found))
    for cause in (oracle.ACTUAL, oracle.HARD, oracle.MATURITY):
        report.require(causes[cause] > 0, f"some loans were sold for this reason: {cause}")
    report.require(wicks > 0, "some wicks reached the actual line and were survived")
    report.require(len(found.settled) < len(known), "some loans were not sold")


def _sums(found: Outcome) -> str:
    """All sales together, in money."""
    every = found.settled
    parts = {
        "proceeds": sum(fill.brought for sold, _ in every for fill in sold.fills),
        "dust bought": sum(paid for _, done in every for _, paid in done.bought.values()),
        "debt paid": sum(done.paid.total for _, done in every),
        "liquidation fees": sum(done.fee for _, done in every),
        "surplus returned": sum(done.surplus for _, done in every),
        "insurance": sum(done.insured for _, done in every),
        "bad debt": sum(done.lost for _, done in every),
    }
    return "all sales, USDT: " + ", ".join(f"{name} {Decimal(units).scaleb(-6):f}" for name, units in parts.items())
