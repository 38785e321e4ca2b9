"""A house that pays out while its programs are killed: customers who ask for money at their door, and people who look where one has to.

Tokens leave unseen. What a coin is worth nobody knows here, so each payment of it is looked at: let out by two people, or sent back. Some
ask for an address that cannot be, some take back what they asked for; the rich want more than the hot wallet holds and take it back when it
has waited with the custodian for a while. Each address is paid by one withdrawal and nobody else.
"""

from __future__ import annotations

import json
import random
import secrets
from collections import Counter, deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

import psycopg

from identity.approvals import service as approvals
from identity.principals import service as principals
from identity.principals.states import Role
from identity.tenants import service as tenants
from kernel import db, roles
from kernel.db import Tx
from kernel.errors import DomainError
from kernel.ids import uuid7
from payments.accounts import service as accounts
from payments.accounts.states import AccountKind
from payments.balances import service as balances
from payments.chart import JournalIn, Line
from rivermouth.prove import postings
from wallet_bridge.address_book import service as address_book
from wallet_bridge.custody import service as custody
from wallet_bridge.networks import service as networks
from wallet_bridge.networks.service import Offer
from wallet_bridge.withdrawals import review, service
from wallet_bridge.withdrawals.service import Caller, Wish

NETWORK, COIN, TOKEN = "ethereum", "ETH", "USDT"
DECIMALS = {COIN: 18, TOKEN: 6}
"""On the chain."""
FINAL = 3
"""Confirmations."""
FEES = {COIN: Decimal("0.002"), TOKEN: Decimal(1)}
FUNDS = {COIN: Decimal(100), TOKEN: Decimal(10_000)}
"""Of each customer, in the one asset that they have."""
HOT = {COIN: Decimal(10_000), TOKEN: Decimal(10_000_000)}
EACH_ASKS = 40
"""An address book has room for fifty."""
RICH = 2 * EACH_ASKS * HOT[COIN]
"""What somebody has who asks for more than there is."""
PATIENCE = 12
"""After so many others have asked the rich take it back."""
_LIMITS = {
    "withdrawal_single": "50000",
    "withdrawal_day": "100000",
    "withdrawal_unreviewed": "10000",
    "withdrawal_new_address": "10000",
}
_PASSWORD = "correct horse battery staple"  # noqa: S105  nobody logs in
_UNFIT = "0x52908400098527886E0F7030069857D2E4169Ee7"
"""Mixed case whose checksum does not fit."""


@dataclass(slots=True)
class Customer:
    id: UUID
    asset: str
    funds: Decimal
    asked: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """A withdrawal as the books have it in the end."""

    id: UUID
    asset: str
    address: str
    amount: Decimal
    fee: Decimal
    state: str
    reason: str | None


@dataclass(slots=True)
class House:
    """This process is its API. `database` is the address of the owner of a migrated, empty database."""

    database: str
    rng: random.Random
    tenant: UUID = field(default_factory=uuid7)
    customers: list[Customer] = field(default_factory=list)
    staff: list[UUID] = field(default_factory=list)
    asked: Counter[str] = field(default_factory=Counter)
    took_back: int = 0
    let_out: int = 0
    _turns: dict[tuple[str, Decimal], Customer] = field(default_factory=dict)
    _waiting: deque[tuple[int, Caller, UUID]] = field(default_factory=deque)

    def url(self, role: str) -> str:
        return self.database.replace(roles.OWNER, role)

    # Before anything is killed -------------------------------------------------------------------------------------------------

    def open(self) -> None:
        db.configure(self.url(roles.ENGINE), pool_size=2)
        tenants.ensure(self.tenant, name="House")
        with db.transaction(tenant=self.tenant) as tx:
            for asset in (COIN, TOKEN):
                networks.put(tx, _offer(asset))
                account = custody.custody_account(tx, network=NETWORK, asset=asset)
                capital = accounts.house(
                    tx, path="house.capital", asset=asset, kind=AccountKind.HOUSE, normal_side="credit"
                )
                _post(tx, account, capital, HOT[asset], key=f"hot:{asset}")
        for role in (Role.TREASURY, Role.COMPLIANCE):
            email = f"{role}@{self.tenant.hex}.example"
            self.staff.append(principals.ensure_staff(self.tenant, email=email, password=_PASSWORD, roles=[role]))
        self._policy()
        db.configure(self.url(roles.APP), pool_size=4)

    def _policy(self) -> None:
        """As two people made it a day ago."""
        with psycopg.connect(roles.conninfo(self.url("postgres")), autocommit=True) as connection:
            connection.execute("SET session_replication_role = replica")
            connection.execute(
                "UPDATE identity.policies SET limits = %s, whitelist_delay_h = 0, version = version + 1 WHERE tenant_id = %s",
                (json.dumps(_LIMITS), self.tenant),
            )

    def _customer(self, asset: str, funds: Decimal) -> Customer:
        found = self._turns.get((asset, funds))
        if found is None or found.asked >= EACH_ASKS:
            email = f"{secrets.token_hex(8)}@mail.example"
            found = Customer(principals.ensure_customer(self.tenant, email=email, password=_PASSWORD), asset, funds)
            with db.transaction(tenant=self.tenant) as tx:
                outside = accounts.house(
                    tx, path="external.deposits", asset=asset, kind=AccountKind.EXTERNAL, normal_side="debit"
                )
                _post(tx, outside, accounts.customer(tx, customer_id=found.id, asset=asset), funds, key=f"{found.id}")
            self.customers.append(found)
            self._turns[asset, funds] = found
        found.asked += 1
        return found

    # Meanwhile -----------------------------------------------------------------------------------------------------------------

    def ask(self) -> None:
        """One more; now and then something is taken back, or cannot be paid."""
        turn = self.asked.total()
        if turn % PATIENCE == 0:
            self._ask_too_much(turn)
        elif self.rng.random() < 0.15:
            self._look_at(self._asked(self._customer(COIN, FUNDS[COIN]), self._amount(COIN))[1])
        else:
            who = self._customer(TOKEN, FUNDS[TOKEN])
            caller, made = self._asked(who, self._amount(TOKEN), to=_UNFIT if who.asked == 2 else None)
            if self.rng.random() < 0.12:
                self._take_back(caller, made)
        while self._waiting and self._waiting[0][0] <= turn:
            self._take_back(*self._waiting.popleft()[1:])

    def _amount(self, asset: str) -> Decimal:
        return Decimal(self.rng.randint(2_000_000, 50_000_000)).scaleb(-6 if asset == TOKEN else -8)

    def _asked(self, who: Customer, amount: Decimal, *, to: str | None = None) -> tuple[Caller, UUID]:
        wish = address_book.Wish(NETWORK, to or "0x" + secrets.token_hex(20), None, f"Number {who.asked}")
        entry = address_book.add(tenant=self.tenant, customer=who.id, wish=wish, key=None).id
        caller = Caller(self.tenant, who.id, key=str(uuid7()))
        self.asked[who.asset] += 1
        return caller, service.ask(caller, Wish(who.asset, NETWORK, amount, entry)).id

    def _ask_too_much(self, turn: int) -> None:
        caller, made = self._asked(self._customer(COIN, RICH), 2 * HOT[COIN])
        self._let_out(made)
        self._waiting.append((turn + PATIENCE, caller, made))

    def give_up(self) -> None:
        """Whoever still waits for too much takes it back."""
        while self._waiting:
            self._take_back(*self._waiting.popleft()[1:])

    def _take_back(self, caller: Caller, made: UUID) -> None:
        with suppress(DomainError):  # it is signed already
            service.cancel(caller, made)
            self.took_back += 1

    def _look_at(self, made: UUID) -> None:
        if self.rng.random() < 0.1:
            review.reject(Caller(self.tenant, self.staff[0]), made, reason="not today")
        else:
            self._let_out(made)

    def _let_out(self, made: UUID) -> None:
        first, second = (Caller(self.tenant, who) for who in self.staff)
        asked_for = review.release(first, made)
        shown = approvals.read(tenant=self.tenant, reader=second.id, approval_id=asked_for)
        approvals.approve(tenant=self.tenant, by=second.id, approval_id=asked_for, digest=shown.digest, key=None)
        self.let_out += 1

    def open_ones(self) -> int:
        with db.read_only(tenant=self.tenant) as tx:
            return int(tx.scalar("SELECT count(*) FROM wallet_bridge.withdrawals WHERE ended_at IS NULL") or 0)

    # In the end ----------------------------------------------------------------------------------------------------------------

    def rows(self) -> list[Row]:
        with db.read_only(tenant=self.tenant) as tx:
            found = tx.all("SELECT id, asset, address, amount, fee, state, reason FROM wallet_bridge.withdrawals")
        return [Row(*row) for row in found]

    def wallet(self) -> Mapping[str, Decimal]:
        """What the books say that the hot wallet holds: the ledger, and what the ledger cannot hold of it."""
        found = {}
        with db.transaction(tenant=self.tenant) as tx:
            for asset in (COIN, TOKEN):
                account = custody.custody_account(tx, network=NETWORK, asset=asset)
                carried = tx.scalar(
                    "SELECT carried FROM wallet_bridge.residues WHERE tenant_id = :t AND asset = :a",
                    t=self.tenant, a=asset,
                )  # fmt: skip
                found[asset] = (carried or Decimal(0)) - balances.exact(tx, account)
        return found

    def balances(self) -> Mapping[UUID, tuple[Decimal, Decimal]]:
        """(available, held) of each customer."""
        found = {}
        with db.read_only(tenant=self.tenant) as tx:
            for customer in self.customers:
                [row] = balances.of_owner(tx, owner=customer.id)
                found[customer.id] = (row.available, row.held)
        return found


def _post(tx: Tx, source: int, to: int, amount: Decimal, *, key: str) -> None:
    postings.post(tx, JournalIn(key=f"s/proof:{key}", kind="deposit", lines=[Line(source, -amount), Line(to, amount)]))


def _offer(asset: str) -> Offer:
    return Offer(
        network=NETWORK, asset=asset, title="Ethereum", kind="evm", deposits=True, withdrawals=True, confirmations=1,
        final_confirmations=FINAL, memo_required=False, minimum_deposit=Decimal("0.001"), minimum_withdrawal=Decimal("0.01"),
        withdrawal_fee=FEES[asset], fee_asset=COIN, fee_cap=Decimal("0.05"), explorer=None,
    )  # fmt: skip
