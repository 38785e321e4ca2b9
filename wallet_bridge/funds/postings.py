"""Money that enters the books from outside: a customer's deposit, and the house's own funds at a venue."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from kernel.db import Tx
from payments.accounts import service as accounts
from payments.accounts.states import AccountKind
from payments.chart import JournalIn, Line
from payments.journal import service as journal


def deposit(tx: Tx, *, customer_id: UUID, asset: str, amount: Decimal, key: str) -> UUID:
    """Credit a customer from outside; `key` makes a repeat harmless."""
    outside = accounts.house(tx, path="external.deposits", asset=asset, kind=AccountKind.EXTERNAL, normal_side="debit")
    customer = accounts.customer(tx, customer_id=customer_id, asset=asset)
    entry = JournalIn(
        key=f"s/deposit:{key}",
        kind="deposit",
        lines=[Line(outside, -amount), Line(customer, amount)],
        meta={"asset": asset},
    )
    return journal.post(tx, [entry])[0]


def fund_venue(tx: Tx, *, venue: str, asset: str, amount: Decimal, key: str) -> UUID:
    """Book house capital that lies at a venue; a negative amount books a withdrawal of it."""
    custody = accounts.house(tx, path=f"venue.{venue}", asset=asset, kind=AccountKind.CUSTODY, normal_side="debit")
    capital = accounts.house(tx, path="house.capital", asset=asset, kind=AccountKind.HOUSE, normal_side="credit")
    entry = JournalIn(
        key=f"s/fund:{key}",
        kind="venue_funding",
        lines=[Line(custody, -amount), Line(capital, amount)],
        meta={"venue": venue, "asset": asset},
    )
    return journal.post(tx, [entry])[0]


def fund_wallet(tx: Tx, *, account: int, network: str, asset: str, amount: Decimal, key: str) -> UUID:
    """Book house capital that lies with the custodian on a network."""
    capital = accounts.house(tx, path="house.capital", asset=asset, kind=AccountKind.HOUSE, normal_side="credit")
    entry = JournalIn(
        key=f"s/fund-wallet:{key}",
        kind="wallet_funding",
        lines=[Line(account, -amount), Line(capital, amount)],
        meta={"network": network, "asset": asset},
    )
    return journal.post(tx, [entry])[0]
