"""Treasury between the custodian's wallet and the simulated venues: a real custodian on a real node, and two people."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from decimal import Decimal

import pytest

from kernel.settings import settings
from rivermouth import wallet_parts
from tests.broker_desk import open_desk
from tests.custodian_process import prepared
from tests.moves_desk import MovesDesk
from tests.wallet_desk import WEI, WalletDesk
from venues.simulator.moves import SimWithdrawal
from wallet_bridge.custody import holdings
from wallet_bridge.funds import postings
from wallet_bridge.funds import service as funds
from wallet_bridge.lines import service as lines
from wallet_bridge.lines.rules import Line
from wallet_bridge.lines.states import Unit
from wallet_bridge.moves import hearing, queries, wallets

D = Decimal
ETH = {"asset": "ETH", "network": "ethereum"}
WALLET = "wallet:ethereum"


class RailsDesk(MovesDesk):
    """`wallet` is the custodian's side; whatever is done there is done as the engine."""

    wallet: WalletDesk

    def open_wallet(self, wallet):
        """What lies there is in the books, and its rail is known."""
        self.wallet = wallet
        wallet_parts.listen()
        with self.as_engine():
            wallet.offer()
            wallet.fund_hot("100")
        with self.tx() as tx:
            account = self.wallet_account(tx)
            postings.fund_wallet(tx, account=account, network="ethereum", asset="ETH", amount=D(100), key="wallet")
            postings.fund_venue(tx, venue="binance", asset="ETH", amount=D(50), key="binance:ETH")
            funds.store_report(tx, "binance", {"ETH": (D(50), D(50))})
        self.read_wallet()

    def wallet_account(self, tx):
        from wallet_bridge.custody import service

        return service.custody_account(tx, network="ethereum", asset="ETH")

    def read_wallet(self):
        """What the custodian says that it holds."""

        async def work():
            client = self.wallet.client()
            try:
                await holdings.read(client, self.tenant)
            finally:
                await client.close()

        with self.as_engine():
            asyncio.run(work())

    def roads(self):
        """Both ends are read, and two people have approved both addresses."""
        self.read_rails("binance")
        with self.as_engine():
            wallets.read(None)
            self.wallet.answered()
            wallets.read(None)
        for place in ("binance", WALLET):
            self.approve_address(place, "ETH", "ethereum")

    # the custodian
    def custodian(self, work, *args, **kwargs):
        with self.as_engine():
            return work(*args, **kwargs)

    def until(self, transfer_id, *states):
        """The custodian works, blocks come, and we hear."""
        self.custodian(self.wallet.hear_until, self.at_state(transfer_id, *states), mining=True)

    def work_off(self):
        with self.as_engine():
            hearing.work_off(None)

    def house_address(self):
        with self.tx() as tx:
            return queries.house_addresses(tx)[0].address

    def in_wallet(self):
        """By the books."""
        return -self.sum_of("wallet.ethereum:ETH")

    def on_chain(self):
        """What the custodian's wallets really hold."""
        rows = self.wallet.custodian.ask("GET", "/v1/balances").json()["items"]
        return sum((D(row["confirmed"]) for row in rows if row["asset"] == "ETH"), D(0))

    def carried(self):
        row = self.engine.execute(
            "SELECT coalesce(sum(carried), 0) FROM wallet_bridge.residues WHERE tenant_id = %s", [self.tenant]
        ).fetchone()
        return row[0]

    def has(self, address):
        return D(int(self.wallet.anvil.ask("eth_getBalance", address, "latest"), 16)) / WEI

    def credits(self, venue, transfer_id, *, amount=None):
        """The simulated venue sees on the chain what came to its address."""
        row = self.transfer(transfer_id)
        moves = self.simulator.cores[venue].moves
        (account,) = [
            one for one in self.simulator.cores[venue].accounts() if moves.address(one, "ethereum") == row.address
        ]
        there = D(amount or row.amount)
        moves.credit(
            account,
            SimWithdrawal(
                number=1, account="outside", client_id=None, asset="ETH", network="ethereum", amount=there, fee=D(0), address=row.address,
                memo=None, txid=row.txid, created_ms=0, arrives_ms=0, visible_ms=0, arriving=there,
            ),
        )  # fmt: skip

    def line_at(self, location, warning):
        with self.tx() as tx:
            lines.step(tx, location=location, asset="ETH", line=Line(Unit.AMOUNT, D(warning), D(0)))


@contextmanager
def opened(anvil, custody_url, database, valkey_url, folder, simulator):
    with open_desk(database, valkey_url, RailsDesk) as desk, pytest.MonkeyPatch.context() as patch:
        custodian = prepared(anvil, custody_url, folder)
        patch.setenv("RIVERMOUTH_MODE", "sandbox")
        patch.setenv("RIVERMOUTH_HOUSE_TENANT", str(desk.tenant))
        patch.setenv("RIVERMOUTH_CUSTODIAN_URL", f"http://127.0.0.1:{custodian.port}")
        settings.cache_clear()
        try:
            custodian.start()
            desk.at(simulator).open_wallet(WalletDesk(database, anvil, custodian, desk.tenant))
            yield desk
        finally:
            custodian.stop()
    settings.cache_clear()
