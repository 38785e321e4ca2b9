"""The house of the replay: real loans in a real ledger, and an exchange that answers their sales at the prices of the tick.

Customers, the house's funds and the insurance pool are posted once; each loan is opened by the product's own step; its sale goes through
the steps of the liquidation and the order desk. The exchange keeps a list of its own of what it traded: the account of value is made of it.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from broker.execution import service as execution
from kernel import clock, db
from kernel.calls.outcomes import Done
from kernel.db import Tx
from lending import accounts
from lending.liquidation import queries as liquidations
from lending.liquidation import selling
from lending.liquidation.states import LIQUIDATION
from lending.loans import opening
from lending.products import queries as products
from payments.accounts import service as ledger
from payments.accounts.states import AccountKind
from payments.chart import JournalIn, move
from rivermouth.engine.shard import nowhere
from rivermouth.prove import lending_prices, postings
from rivermouth.prove.lending_book import Borrowed, LendingBook
from rivermouth.prove.lending_oracle import Tick
from rivermouth.prove.lending_value import Fill
from venues.fees import taker_fee
from venues.gateway import OrderReport, VenueFill
from wallet_bridge.funds import service as funds

AT_ONCE = 100
PATIENCE = 8
"""How often a sale is tried at the prices of one tick."""
CAPITAL = {"USDT": Decimal(1_000_000), "BTC": Decimal(100_000), "ETH": Decimal(100_000)}
_CHILDREN = """
SELECT v.id, v.venue, v.symbol, v.quantity, v.limit_price, v.client_order_id, q.loan_id
  FROM broker.venue_orders v JOIN broker.orders o ON o.id = v.order_id JOIN lending.liquidations q ON q.id = o.owner_id
 WHERE v.status = 'intent' AND o.owner_id = :liquidation ORDER BY v.id"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening(Borrowed):
    """One loan that somebody wants; `fee` comes off the payout."""

    fee: Decimal
    tenor: int


class Exchange:
    """Fills by loan. Of ten orders one gets nothing, one gets half, and the rest trade as far as their limit and the levels reach."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self.fills: dict[str, list[Fill]] = {}
        self._trades = 0

    def answer(self, tenant: UUID, liquidation: UUID, cents: Mapping[str, int]) -> int:
        """Answer every order of this sale that waits; how many there were."""
        with db.read_only(tenant=tenant) as tx:
            children = tx.all(_CHILDREN, liquidation=liquidation)
        for child in children:
            asset = child.symbol.partition("-")[0]
            made = self._trade(child, asset, cents[asset])
            self.fills.setdefault(str(child.loan_id), []).extend(made)
            report = self._report(child, made)
            with db.transaction(tenant=tenant) as tx:
                execution.apply(
                    tx, child_id=child.id, outcome=Done(report), reroute=lambda order, _without: nowhere(order)
                )
        return len(children)

    def _trade(self, child: Any, asset: str, cents: int) -> list[Fill]:
        wanted, made = int(child.quantity.scaleb(8)), []
        mood = self._rng.randrange(10)
        wanted = 0 if mood == 0 else wanted // 2 if mood == 1 else wanted
        for price, size in lending_prices.bids(cents, child.venue):
            part = min(wanted, size)
            if part and Decimal(price).scaleb(-2) >= child.limit_price:
                fee = Fraction(part * price, 10**10) * Fraction(taker_fee(child.venue))
                made.append(Fill(child.venue, asset, part, price, fee))
                wanted -= part
        return made

    def _report(self, child: Any, made: Sequence[Fill]) -> OrderReport:
        fills = []
        for fill in made:
            self._trades += 1
            fee = Decimal(fill.fee.numerator) / fill.fee.denominator
            fills.append(
                VenueFill(
                    trade_id=f"t{self._trades}", price=Decimal(fill.cents).scaleb(-2), quantity=Decimal(fill.coins).scaleb(-8),
                    fee=fee, fee_asset="USDT", executed_at=clock.wall(),
                )
            )  # fmt: skip
        traded = sum((fill.quantity for fill in fills), Decimal(0))
        return OrderReport(
            venue_order_id=f"v-{child.client_order_id}", client_order_id=child.client_order_id,
            status="filled" if traded == child.quantity else "expired", filled_quantity=traded, average_price=None,
            fills=tuple(fills), fills_complete=True,
        )  # fmt: skip


@dataclass(slots=True)
class Desk:
    """`live` are sales that have not ended; `ended` are their loans in the order of their settlements, with the prices of that moment."""

    tenant: UUID
    book: LendingBook
    exchange: Exchange
    live: dict[UUID, str] = field(default_factory=dict)
    ended: list[tuple[str, Mapping[str, int]]] = field(default_factory=list)

    def pass_until(self, at: datetime) -> None:
        """Business time is at least this from now on."""
        self.book.connection.execute(
            'UPDATE kernel.clock SET "offset" = greatest("offset", %s - now()) WHERE %s > kernel.business_now()',
            [at, at],
        )

    def fund(self, insurance: Decimal) -> None:
        """The house's funds at the venues, and the insurance pool."""
        with db.transaction(tenant=self.tenant) as tx:
            entries = []
            for venue in lending_prices.VENUES:
                funds.store_report(tx, venue, {asset: (amount, amount) for asset, amount in CAPITAL.items()})
                for asset, amount in CAPITAL.items():
                    capital = ledger.house(
                        tx, path="house.capital", asset=asset, kind=AccountKind.HOUSE, normal_side="credit"
                    )
                    custody = funds.custody_account(tx, venue=venue, asset=asset)
                    entries.append(_given(move(custody, capital, amount), f"fund:{venue}:{asset}"))
            outside = _outside(tx, "USDT")
            entries.append(_given(move(outside, accounts.insurance(tx, "USDT"), insurance), "insurance"))
            postings.post_all(tx, entries)

    def lend(self, wanted: Sequence[Opening]) -> None:
        """Each customer gets exactly the collateral, and pledges it for the loan."""
        quotes = self.book.quote(wanted)
        for start in range(0, len(wanted), AT_ONCE):
            with db.transaction(tenant=self.tenant) as tx:
                some = wanted[start : start + AT_ONCE]
                postings.post_all(tx, [entry for one in some for entry in _deposits(tx, one)])
                for one in some:
                    _open(tx, one, quotes[one.id])

    def follow(self) -> None:
        """Take in the sales that were begun."""
        with db.read_only(tenant=self.tenant) as tx:
            rows = tx.all(
                "SELECT id, loan_id FROM lending.liquidations WHERE status NOT IN ('done', 'shortfall') ORDER BY id"
            )
        self.live = {row.id: str(row.loan_id) for row in rows}

    def work(self, tick: Tick) -> None:
        """Every sale as far as it comes at the prices of this tick."""
        if self.live:
            lending_prices.show(tick.cents)
        for liquidation in list(self.live):
            for _ in range(PATIENCE):
                moved = selling.step(self.tenant, liquidation)
                answered = self.exchange.answer(self.tenant, liquidation, tick.cents)
                if moved and not answered and self._is_over(liquidation):
                    self.ended.append((self.live.pop(liquidation), tick.cents))
                    break
                if not moved and not answered:
                    break

    def _is_over(self, liquidation: UUID) -> bool:
        with db.read_only(tenant=self.tenant) as tx:
            found = liquidations.get(tx, liquidation)
        return found is not None and found.status in LIQUIDATION.terminal


def today() -> date:
    with db.read_only() as tx:
        return tx.now.date()


def _outside(tx: Tx, asset: str) -> int:
    return ledger.house(tx, path="external.deposits", asset=asset, kind=AccountKind.EXTERNAL, normal_side="debit")


def _given(lines: list[Any], key: str) -> JournalIn:
    return JournalIn(key=f"s/replay:{key}", kind="deposit", lines=lines)


def _deposits(tx: Tx, one: Opening) -> list[JournalIn]:
    return [
        _given(
            move(_outside(tx, asset), accounts.available(tx, one.customer, asset), held),
            f"deposit:{one.customer}:{asset}",
        )
        for asset, held in one.collateral.items()
    ]


def _open(tx: Tx, one: Opening, quote: UUID) -> None:
    product = products.version(tx, one.product, 1)
    assert product is not None, "it was published"
    wanted = opening.Wanted(
        quote_id=quote, customer_id=one.customer, amount=one.principal, fee=one.fee, rate=one.rate, tenor_days=one.tenor,
        collateral=one.collateral,
    )  # fmt: skip
    opening.begin(tx, product, wanted, loan_id=one.id)
