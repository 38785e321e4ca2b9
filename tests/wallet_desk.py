"""A bridge and a custodian in one test: the custodian is a process of its own on a real node, the bridge's owners work when they are told to."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from identity.principals import service as principals
from identity.tenants import service as tenants
from kernel import cache, db
from kernel.ids import uuid7
from kernel.settings import settings
from payments.balances import service as balances
from tests.custodian_process import CustodianProcess, prepared
from tests.notice_board import run_lane
from wallet_bridge.custodian.localnet import Anvil
from wallet_bridge.custody import calls, reading, service
from wallet_bridge.custody.client import Client
from wallet_bridge.networks import service as networks
from wallet_bridge.networks.queries import Offer
from wallet_bridge.wire.schemas import TransferIn

NETWORK, COIN = "ethereum", "ETH"
PASSWORD = "correct horse battery staple"
WEI = 10**18
PATIENCE_S = 60.0


def offer(**changed: Any) -> Offer:
    given: dict[str, Any] = {
        "network": NETWORK, "asset": COIN, "title": "Ethereum", "kind": "evm", "deposits": True, "withdrawals": True,
        "confirmations": 2, "final_confirmations": 4, "memo_required": False, "minimum_deposit": Decimal("0.001"),
        "minimum_withdrawal": Decimal("0.01"), "withdrawal_fee": Decimal("0.002"), "fee_asset": COIN,
        "fee_cap": Decimal("0.01"), "explorer": None,
    }  # fmt: skip
    return Offer(**given | changed)


@dataclass(slots=True)
class WalletDesk:
    """This process is the engine. `custodian` is started by `start`, and may be killed and started again."""

    database: Any
    anvil: Anvil
    custodian: CustodianProcess
    tenant: UUID

    def customer(self, email: str = "anna@house.example") -> UUID:
        return principals.ensure_customer(self.tenant, email=email, password=PASSWORD)

    def offer(self, **changed: Any) -> None:
        with db.transaction(tenant=self.tenant) as tx:
            networks.put(tx, offer(**changed))

    def client(self) -> Client:
        """Of this event loop."""
        return Client(
            f"http://127.0.0.1:{self.custodian.port}", self.custodian.bridge, "custodian",
            httpx.AsyncClient(trust_env=False, timeout=30),
        )  # fmt: skip

    def ask(self, until: Callable[[], bool]) -> None:
        """The lane works until something holds."""
        kind = calls.CustodyCalls(self.client())
        run_lane(service.LANE, dict.fromkeys(service.KINDS, kind), until, resolving=calls.RESOLVING.scaled(0.05))

    def answered(self) -> None:
        """The lane works until nothing is open."""

        def settled() -> bool:
            with db.transaction() as tx:
                return not tx.scalar(
                    "SELECT count(*) FROM kernel.calls WHERE lane = 'custodian' AND state IN ('intent', 'sent', 'unknown')"
                )

        self.ask(settled)

    def hear(self) -> int:
        """Every event there is; returns how many were new."""

        async def whole() -> int:
            client, heard = self.client(), 0
            try:
                while more := await reading.read(client):
                    heard += more
            finally:
                await client.close()
            return heard

        return asyncio.run(whole())

    def hear_until(self, holds: Callable[[], bool], *, mining: bool = False) -> None:
        """`mining`: blocks come meanwhile, one after the other."""
        until = time.monotonic() + PATIENCE_S
        while not holds():
            assert time.monotonic() < until, self.custodian.log.read_text()[-4_000:]
            if mining:
                self.anvil.mine(1)
            time.sleep(0.1)
            self.hear()

    def mine(self, blocks: int = 1) -> None:
        """And wait until the custodian has read them, and we its events."""
        self.anvil.mine(blocks)
        tip = int(self.anvil.ask("eth_blockNumber"), 16)

        def read() -> bool:
            states = self.custodian.ask("GET", "/v1/chain-state").json()["items"]
            return all(one["scanned"] >= tip for one in states)

        self.hear_until(read)
        self.hear()

    def fund_hot(self, coins: str = "100") -> None:
        """The custodian's hot wallet holds something."""
        told = self.custodian.ask("GET", "/v1/balances")
        assert told.status_code == 200, told.text + self.custodian.log.read_text()[-3_000:]
        rows = told.json()["items"]
        hot = next(row["address"] for row in rows if row["wallet"] == "hot" and row["network"] == NETWORK)
        self.anvil.ask("anvil_setBalance", hot, hex(int(Decimal(coins) * WEI)))

    def give(self, to: str, coins: str) -> str:
        """From somebody outside; in the next block."""
        rich = self.anvil.ask("eth_accounts")[0]
        made: str = self.anvil.ask(
            "eth_sendTransaction", {"from": rich, "to": to, "value": hex(int(Decimal(coins) * WEI))}
        )
        return made

    def stranger(self, number: int = 5) -> str:
        """An address of somebody outside."""
        found: str = self.anvil.ask("eth_accounts")[number]
        return found

    def booked(self, path: str, asset: str = COIN) -> Decimal:
        """What an account of the house says, as posted."""
        with db.transaction(tenant=self.tenant) as tx:
            rows = balances.by_path_prefix(tx, path)
        return sum((row.posted for row in rows if row.asset == asset), Decimal(0))


def transfer(ref: object, to: str, amount: str = "1", **more: Any) -> TransferIn:
    asked = {
        "client_ref": str(ref), "destination": {"type": "address", "address": to}, "asset": COIN, "network": NETWORK,
        "amount": amount, "fee_cap": "0.01", "purpose": "withdrawal",
    }  # fmt: skip
    return TransferIn.model_validate(asked | more)


@contextmanager
def opened(
    anvil: Anvil,
    custody_url: str,
    database: Any,
    valkey_url: str,
    folder: Path,
    *,
    failpoint: str | None = None,
    **changed: Any,
):
    """A house with one network and a running custodian, which kills itself at the failpoint; `changed` is of its network."""
    custodian = prepared(anvil, custody_url, folder, **changed)
    db.configure(database.engine, pool_size=8)
    cache.configure(valkey_url)
    tenant = uuid7()
    tenants.ensure(tenant, name="House")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RIVERMOUTH_MODE", "sandbox")
        patch.setenv("RIVERMOUTH_HOUSE_TENANT", str(tenant))
        patch.setenv("RIVERMOUTH_CUSTODIAN_URL", f"http://127.0.0.1:{custodian.port}")
        settings.cache_clear()
        desk = WalletDesk(database, anvil, custodian, tenant)
        desk.offer()
        try:
            custodian.start({"RIVERMOUTH_FAILPOINT": f"{failpoint}:1"} if failpoint else None)
            yield desk
        finally:
            custodian.stop()
            db.dispose()
            cache.close()
    settings.cache_clear()
