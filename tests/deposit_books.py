"""Deposits on a real database, with a custodian that is a list: what it told, to be told in any order, and twice."""

from __future__ import annotations

from contextlib import contextmanager
from decimal import Decimal
from uuid import UUID

from kernel import db
from kernel.ids import uuid7
from payments.invariants import INVARIANTS as LEDGER
from tests.ledger_books import Books
from tests.wallet_desk import offer
from wallet_bridge.custody import service as custody
from wallet_bridge.custody.refs import Owner
from wallet_bridge.deposits import service
from wallet_bridge.deposits.arriving import Arrivals
from wallet_bridge.invariants import INVARIANTS as WALLET
from wallet_bridge.networks import service as networks
from wallet_bridge.wire.schemas import DepositOut
from wallet_bridge.wire.states import EventType

D = Decimal
NETWORK = "ethereum"
_E = EventType


class Feed:
    """The events of one output. `at` mines it into a block, `deeper` adds blocks on top, `lost` takes its block away."""

    def __init__(self, books: DepositBooks, **given: object) -> None:
        self._books, self._block, self._deep = books, 0, 0
        self.data = {
            "network": NETWORK, "txid": f"0x{uuid7().hex}", "output": 0, "asset": "ETH", "amount": "1", "address": "0xaa",
            "memo": None, "owner_ref": None, "final_at": 6,
        } | given  # fmt: skip
        self.told: list[tuple[int, EventType, DepositOut]] = []

    def _tell(self, event: EventType) -> Feed:
        data = self.data | {"height": 100 + self._block, "block": f"0xb{self._block}", "confirmations": self._deep}
        self.told.append((self._books.number(), event, DepositOut.model_validate(data)))
        return self

    def at(self) -> Feed:
        self._block, self._deep = self._block + 1, 1
        return self._tell(_E.DEPOSIT_SEEN)

    def deeper(self, blocks: int = 1) -> Feed:
        for _ in range(blocks):
            self._deep += 1
            self._tell(_E.DEPOSIT_FINAL if self._deep >= self.data["final_at"] else _E.DEPOSIT_CONFIRMING)
        return self

    def lost(self) -> Feed:
        self._deep = 0
        return self._tell(_E.DEPOSIT_ORPHANED)

    def all(self) -> Feed:
        """Let the bridge hear what it has not heard."""
        told, self.told = self.told, []
        self._books.hear(told)
        return self


class DepositBooks(Books):
    """This process is the engine: credited from 2 confirmations on, final at 4."""

    def __init__(self, database) -> None:
        super().__init__(database)
        self._seq = 0

    def number(self) -> int:
        self._seq += 1
        return self._seq

    def offered(self, **changed):
        with self.tx() as tx:
            networks.put(tx, offer(**{"asset": "ETH", "minimum_deposit": D("0.01")} | changed))

    def address(self, customer: UUID, address: str | None = None, memo: str | None = None) -> str:
        address = address or f"0x{uuid7().hex}"
        self.engine.execute(
            """INSERT INTO wallet_bridge.deposit_addresses (tenant_id, id, customer_id, network, asset, status, address, memo, created_at)
               VALUES (%s, %s, %s, %s, 'ETH', 'ready', %s, %s, now())""",
            (self.tenant, uuid7(), customer, NETWORK, address, memo),
        )
        return address

    def payer(self, **person) -> tuple[UUID, str]:
        """A customer with an address."""
        customer = self.known_customer(**person)
        return customer, self.address(customer)

    def feed(self, customer: UUID | None, address: str, amount: str = "1", **more) -> Feed:
        owner = None if customer is None else str(Owner(self.tenant, customer))
        return Feed(self, address=address, amount=amount, owner_ref=owner, **more)

    def hear(self, told) -> None:
        for seq, event, deposit in told:
            with self.tx() as tx:
                Arrivals().seen(tx, event, deposit, seq=seq)

    def deposit(self, feed: Feed):
        """The row as it stands."""
        found = [one for one in service.page(self.tenant, customer=None, limit=200) if one.txid == feed.data["txid"]]
        [row] = [one for one in found if one.output == feed.data["output"]]
        return row

    def on(self, path: str) -> Decimal:
        row = self.engine.execute(
            """SELECT x.posted FROM payments.accounts a CROSS JOIN LATERAL payments.exact(ARRAY[a.account_id]) x
                WHERE a.tenant_id = %s AND a.path = %s""",
            (self.tenant, path),
        ).fetchone()
        return row[0] if row else D(0)

    def has(self, customer: UUID, asset: str = "ETH") -> Decimal:
        return self.on(f"customer:{customer}:{asset}")

    def wallet(self, asset: str = "ETH") -> Decimal:
        """What the books say lies with the custodian."""
        return -self.on(f"wallet.{NETWORK}:{asset}")

    def carried(self, asset: str = "ETH") -> Decimal:
        """What of the wallet is too fine for the books."""
        with db.read_only(tenant=self.tenant) as tx:
            return custody.carried(tx).get((NETWORK, asset), D(0))

    def unsettled(self, customer: UUID, asset: str = "ETH") -> Decimal:
        with db.read_only(tenant=self.tenant) as tx:
            return service.unsettled(tx, customer_id=customer, asset=asset)

    def told(self, kind: str) -> list[dict]:
        rows = self.engine.execute(
            "SELECT payload FROM kernel.outbox WHERE tenant_id = %s AND topic = %s ORDER BY id", (self.tenant, kind)
        )
        return [row[0] for row in rows]

    def broken(self) -> dict[str, int]:
        found = {each.name: self.engine.execute(each.sql).fetchone()[0] for each in (*WALLET, *LEDGER)}
        return {name: count for name, count in found.items() if count}


@contextmanager
def open_deposits(database):
    db.configure(database.engine, pool_size=8)
    books = DepositBooks(database)
    try:
        books.offered()
        yield books
    finally:
        books.close()
        db.dispose()
