"""A house with a wallet, as its processes are in production: custodian, engine and API, on a node that this proof plays with."""

from __future__ import annotations

import base64
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import psycopg

from identity.principals import service as principals
from identity.tenants import service as tenants
from kernel import cache, clock, db, processes, roles, signing
from kernel.embedded import SUPERUSER
from kernel.ids import uuid7
from kernel.settings import settings
from kernel.signing import Signer
from payments.accounts import service as accounts
from payments.chart import JournalIn, move
from payments.errors import AccountFrozen, InsufficientFunds
from rivermouth import ports
from rivermouth.prove import postings
from rivermouth.prove.reorg_chain import COIN, DECIMALS, ChangingChain
from wallet_bridge.custodian.localnet import CHAIN_ID, Anvil
from wallet_bridge.custody import service as custody
from wallet_bridge.custody.refs import Owner, Ref, RefKind
from wallet_bridge.deposit_addresses import service as addresses
from wallet_bridge.funds import postings as funding
from wallet_bridge.networks import service as networks
from wallet_bridge.networks.service import Offer
from wallet_bridge.wire import signing as wire
from wallet_bridge.wire.signing import Message
from wallet_bridge.withdrawals import service as withdrawals
from wallet_bridge.withdrawals.service import Caller, Wish

NETWORK = "ethereum"
PATIENCE_S = 240.0
MINIMUM = {COIN: Decimal("0.01"), "USDT": Decimal(1), "USDC": Decimal(1)}
LIMITS = {
    "withdrawal_single": "50000",
    "withdrawal_day": "9000000",
    "withdrawal_unreviewed": "50000",
    "withdrawal_new_address": "50000",
}
HOT = {COIN: Decimal(100), "USDT": Decimal(1_000_000)}
PAYERS_FUNDS = Decimal(100_000)
_HOOKS = "/v1/custodian/hooks"


@dataclass(frozen=True, slots=True)
class Parts:
    """Addresses of what runs already: of the database its owner's, and of the custodian's database its owner's."""

    database: str
    valkey: str
    custody: str
    anvil: Anvil
    folder: Path


@dataclass(frozen=True, slots=True)
class Depths:
    """Confirmations until a deposit is credited, twice as many where it is large or nobody knows its price; and until it is final."""

    credit: int
    final: int


@dataclass(frozen=True, slots=True)
class Person:
    """`kind`: `plain`, `spender` (spends what is credited), `shut` (may not have it), `nobody` (the house knows no such customer)."""

    kind: str
    id: UUID
    address: str


@dataclass(slots=True)
class Desk:
    """What the proof does as people, as the house and as whoever pulls plugs."""

    parts: Parts
    depths: Depths
    tenant: UUID
    contracts: Mapping[str, str]
    custodian_key: bytes = field(default_factory=lambda: os.urandom(32))
    bridge_key: bytes = field(default_factory=lambda: os.urandom(32))
    people: list[Person] = field(default_factory=list)
    spent: dict[tuple[UUID, str], Decimal] = field(default_factory=dict)
    payer: UUID = field(default_factory=uuid7)
    sink: UUID = field(default_factory=uuid7)
    ports: dict[str, int] = field(default_factory=lambda: {"custodian": ports.free(), "api": ports.free()})
    running: dict[str, processes.Process] = field(default_factory=dict)
    _books: psycopg.Connection | None = None
    _custody: psycopg.Connection | None = None

    # Processes -----------------------------------------------------------------------------------------------------------------------

    def start(self, name: str) -> None:
        arguments = {
            "custodian": ["custodian", "--port", str(self.ports["custodian"])],
            "api": ["api", "--port", str(self.ports["api"])],
            "engine": ["engine", "--only", "lane:custodian", "--only", "custodian-events", "--only", "fold"],
        }[name]
        log = self.parts.folder / f"{name}.log"
        self.running[name] = processes.spawn(
            [sys.executable, "-m", "rivermouth", *arguments], log=log, env=self._environment(name)
        )

    def ready(self, name: str) -> None:
        self.wait_for(lambda: _answers(f"http://127.0.0.1:{self.ports[name]}/healthz"), f"{name} to answer")

    def kill(self, name: str) -> None:
        """By -9, and at once another one: a supervisor's work."""
        process = self.running[name]
        process.send_signal(signal.SIGKILL)
        process.wait(30)
        self.start(name)

    def stop(self) -> None:
        for process in self.running.values():
            process.kill()
            process.wait(30)
        for connection in (self._books, self._custody):
            if connection is not None:
                connection.close()

    def _environment(self, name: str) -> dict[str, str]:
        keep = {key: value for key, value in os.environ.items() if not key.startswith("RIVERMOUTH_")}
        keep |= {"RIVERMOUTH_MODE": "sandbox", "RIVERMOUTH_LOG_LEVEL": "WARNING"}
        keep["RIVERMOUTH_DATA_DIR"] = str(self.parts.folder / name)
        if name == "custodian":
            return keep | self._custodians()
        role = roles.APP if name == "api" else roles.ENGINE
        return (
            keep
            | self.product()
            | {"RIVERMOUTH_DATABASE_URL": self.url(role), "RIVERMOUTH_REDIS_URL": self.parts.valkey}
        )

    def product(self) -> dict[str, str]:
        """What the product has to know of the wallet."""
        return {
            "RIVERMOUTH_HOUSE_TENANT": str(self.tenant),
            "RIVERMOUTH_CUSTODIAN_URL": f"http://127.0.0.1:{self.ports['custodian']}",
            "RIVERMOUTH_CUSTODIAN_PUBLIC_KEYS": signing.shown({"custodian": self.custodian_signer.public_key}),
            "RIVERMOUTH_BRIDGE_SIGNING_KEY": signing.shown({"bridge": self.bridge_key}),
            "RIVERMOUTH_RATE_LIMITS": os.environ.get("RIVERMOUTH_RATE_LIMITS", ""),
            "RIVERMOUTH_RESOLVER_SCALE": "0.1",
            "RIVERMOUTH_SIMULATOR_URL": "http://127.0.0.1:1",  # the engine wants to know of venues, and none is asked
        }

    def _custodians(self) -> dict[str, str]:
        return {
            "RIVERMOUTH_CUSTODIAN_DATABASE_URL": self.parts.custody,
            "RIVERMOUTH_CUSTODIAN_NETWORKS": str(self.parts.folder / "networks.json"),
            "RIVERMOUTH_CUSTODIAN_SEED": base64.b64encode(self.custodian_key).decode(),
            "RIVERMOUTH_CUSTODIAN_SIGNING_KEY": signing.shown({"custodian": self.custodian_key}),
            "RIVERMOUTH_CUSTODIAN_CLIENTS": signing.shown({self.bridge.key_id: self.bridge.public_key}),
            "RIVERMOUTH_CUSTODIAN_HOOK_URL": self.hook_url,
        }

    @property
    def hook_url(self) -> str:
        return f"http://127.0.0.1:{self.ports['api']}{_HOOKS}"

    @property
    def bridge(self) -> Signer:
        return Signer("bridge", self.bridge_key)

    @property
    def custodian_signer(self) -> Signer:
        return Signer("custodian", self.custodian_key)

    def url(self, role: str) -> str:
        return self.parts.database.replace(roles.OWNER, role)

    def wait_for(self, holds: Callable[[], bool], what: str) -> None:
        until = clock.monotonic() + PATIENCE_S
        while not holds():
            for name, process in self.running.items():
                if process.poll() is not None:
                    raise AssertionError(f"{name} ended by itself: {self.log(name)}")
            if clock.monotonic() > until:
                raise AssertionError(
                    f"waited {PATIENCE_S:.0f} s for {what}: {self.log('custodian')} {self.log('engine')}"
                )
            time.sleep(0.03)

    def log(self, name: str) -> str:
        path = self.parts.folder / f"{name}.log"
        return path.read_text(errors="replace")[-2_000:] if path.exists() else ""

    # The house -----------------------------------------------------------------------------------------------------------------------

    def write_networks(self, chain: ChangingChain) -> None:
        assets: dict[str, Any] = {COIN: {"decimals": DECIMALS[COIN]}}
        assets |= {
            asset: {"decimals": DECIMALS[asset], "contract": contract} for asset, contract in self.contracts.items()
        }
        network = {
            "kind": "evm", "rpc": self.parts.anvil.url, "chain_id": CHAIN_ID, "native": COIN, "assets": assets,
            "confirmations": self.depths.final, "first_block": chain.first, "poll_s": 0.1,
        }  # fmt: skip
        (self.parts.folder / "networks.json").write_text(json.dumps({NETWORK: network}))

    def open_house(self) -> None:
        """What is offered, who may withdraw how much, and what the hot wallet holds in the books."""
        tenants.ensure(self.tenant, name="Reorgs")
        with db.transaction(tenant=self.tenant) as tx:
            for asset in (COIN, *self.contracts):
                networks.put(tx, self._offer(asset))
            for asset, amount in HOT.items():
                wallet = custody.custody_account(tx, network=NETWORK, asset=asset)
                funding.fund_wallet(
                    tx, account=wallet, network=NETWORK, asset=asset, amount=amount, key=f"proof:{asset}"
                )
        self.books.execute(
            "UPDATE identity.policies SET limits = %s, version = version + 1 WHERE tenant_id = %s",
            [json.dumps(LIMITS), self.tenant],
        )

    def _offer(self, asset: str) -> Offer:
        return Offer(
            network=NETWORK, asset=asset, title="Ethereum", kind="evm", deposits=True, withdrawals=True, confirmations=self.depths.credit,
            final_confirmations=self.depths.final, memo_required=False, minimum_deposit=MINIMUM[asset], minimum_withdrawal=Decimal(1),
            withdrawal_fee=Decimal(1), fee_asset=COIN, fee_cap=Decimal("0.01"), explorer=None,
        )  # fmt: skip

    def settle_in(self) -> None:
        """Customers with addresses, and what the hot wallet holds on the chain."""
        kinds = ["plain"] * 5 + ["spender"] * 3 + ["shut"]
        named = [(kind, self._customer(f"{kind}{number}")) for number, kind in enumerate(kinds)]
        self.people = [Person(kind, who, self._address(who)) for kind, who in named]
        for one in self.people:
            if one.kind == "shut":
                self.books.execute("UPDATE identity.standings SET level = 0 WHERE customer_id = %s", [one.id])
        self.people.append(Person("nobody", uuid7(), self._strange_address()))
        self.payer, self.sink = self._customer("payer"), self._customer("sink")
        with db.transaction(tenant=self.tenant) as tx:
            funding.deposit(tx, customer_id=self.payer, asset="USDT", amount=PAYERS_FUNDS, key="proof:payer")

    def _customer(self, name: str) -> UUID:
        return principals.ensure_customer(
            self.tenant, email=f"{name}-{self.tenant.hex}@house.example", password=uuid7().hex
        )

    def _address(self, customer: UUID) -> str:
        view = addresses.ask(self.tenant, customer, network=NETWORK, asset=COIN)
        self.wait_for(lambda: addresses.look(self.tenant, view).ready, "an address")
        return str(addresses.look(self.tenant, view).row.address).lower()

    def _strange_address(self) -> str:
        """Of somebody whom the custodian takes for a customer of ours."""
        ref, owner = Ref(RefKind.ADDRESS, self.tenant, uuid7()), Owner(self.tenant, uuid7())
        body = {"client_ref": str(ref), "owner_ref": str(owner), "asset": COIN, "network": NETWORK}
        return str(self.ask("POST", "/v1/addresses", body)["address"]).lower()

    def ask(self, method: str, target: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """One signed question to the custodian."""
        content = b"" if body is None else json.dumps(body).encode()
        headers = dict(
            wire.sign(self.bridge, Message("custodian", method, target, content), now=clock.wall().timestamp())
        )
        url = f"http://127.0.0.1:{self.ports['custodian']}{target}"
        answer = httpx.request(
            method,
            url,
            content=content,
            headers=headers | {"Content-Type": "application/json"},
            trust_env=False,
            timeout=30,
        )
        answer.raise_for_status()
        told: dict[str, Any] = answer.json()
        return told

    def hot(self) -> str:
        rows = self.ask("GET", "/v1/balances")["items"]
        return str(next(row["address"] for row in rows if row["wallet"] == "hot")).lower()

    # What people do ------------------------------------------------------------------------------------------------------------------

    def spend(self, person: Person, asset: str, part: Decimal) -> None:
        """This part of what somebody has goes to somebody else, if the account lets it."""
        with db.transaction(tenant=self.tenant) as tx:
            mine = accounts.customer(tx, customer_id=person.id, asset=asset)
            there = accounts.get(tx, mine, owner=None, realm="REAL").available
            amount = (there * part).quantize(Decimal("0.000001"))
        if amount <= 0:
            return
        try:
            with db.transaction(tenant=self.tenant) as tx:
                theirs = accounts.customer(tx, customer_id=self.sink, asset=asset)
                postings.post(tx, JournalIn(key=f"s/proof:{uuid7()}", kind="proof", lines=move(mine, theirs, amount)))
        except (AccountFrozen, InsufficientFunds):  # the last fold may be behind what was spent before
            return
        self.spent[person.id, asset] = self.spent.get((person.id, asset), Decimal(0)) + amount

    def withdraw(self, amount: Decimal, to: str) -> UUID:
        """USDT of the payer to an address that nobody else uses."""
        entry = uuid7()
        self.books.execute(
            """INSERT INTO wallet_bridge.address_book (tenant_id, id, customer_id, network, address, plain, label, active_from, created_at)
               VALUES (%s, %s, %s, %s, %s, %s, 'Mine', now() - interval '1 day', now() - interval '2 days')""",
            [self.tenant, entry, self.payer, NETWORK, to, to.lower()],
        )
        made = withdrawals.ask(Caller(self.tenant, self.payer), Wish("USDT", NETWORK, amount, entry))
        return made.id

    # What is in the databases ----------------------------------------------------------------------------------------------------------

    @property
    def books(self) -> psycopg.Connection:
        if self._books is None:
            self._books = psycopg.connect(roles.conninfo(self.url(SUPERUSER)), autocommit=True)
            self._books.execute("SET session_replication_role = replica")  # who sets up a house is past its triggers
        return self._books

    def rows(self, statement: str, *values: Any) -> list[Any]:
        return self.books.execute(statement.encode(), values or None).fetchall()

    def keepers(self, statement: str, *values: Any) -> list[Any]:
        """Of the custodian's database."""
        if self._custody is None:
            self._custody = psycopg.connect(roles.conninfo(self.parts.custody), autocommit=True)
        return self._custody.execute(statement.encode(), values or None).fetchall()

    def heard_all(self, chain: ChangingChain) -> None:
        """Wait until the custodian stands on the node's newest block, and the bridge has applied its newest event."""
        tip = chain.tip_hash()

        def there() -> bool:
            newest = self.keepers(
                "SELECT b.hash FROM custody.networks n JOIN custody.blocks b ON b.height = n.scanned AND b.network = n.network"
            )
            if newest != [(tip,)]:
                return False
            [(head,)] = self.keepers("SELECT seq FROM custody.event_head")
            return self.rows("SELECT seq FROM wallet_bridge.cursors") == [(head,)] or head == 0

        self.wait_for(there, f"everybody to stand at {tip}")


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, trust_env=False, timeout=5).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def become(desk: Desk, role: str) -> None:
    """This process has another role from now on: people ask as the API does, invariants are checked as the engine does."""
    db.dispose()
    db.configure(desk.url(role), pool_size=4)


@contextmanager
def opened(desk: Desk) -> Iterator[Desk]:
    """Everything runs, and this process has the settings of the product and the role of its API."""
    given = desk.product() | {"RIVERMOUTH_MODE": "sandbox"}
    before = {name: os.environ.get(name) for name in given}
    os.environ.update(given)
    settings.cache_clear()
    db.configure(desk.url(roles.ENGINE), pool_size=4)
    cache.configure(desk.parts.valkey)
    try:
        desk.open_house()
        for name in ("custodian", "api", "engine"):
            (desk.parts.folder / name).mkdir(exist_ok=True)
            desk.start(name)
        desk.ready("custodian")
        desk.ready("api")
        desk.settle_in()
        become(desk, roles.APP)
        yield desk
    finally:
        desk.stop()
        cache.close()
        db.dispose()
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        settings.cache_clear()
