"""A custodian of a chain of outputs in tests: a real litecoind whose blocks come when the test says so, and its work done by hand."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from kernel import db
from kernel.ids import uuid7
from wallet_bridge.custodian import house, networks, payer, reader
from wallet_bridge.custodian.addresses import service as addresses
from wallet_bridge.custodian.feed import service as feed
from wallet_bridge.custodian.house import House
from wallet_bridge.custodian.keys import Seed
from wallet_bridge.custodian.localnet.litecoin import PREFIXES, Litecoin
from wallet_bridge.custodian.transfers import service as transfers
from wallet_bridge.wire.schemas import AddressIn, AddressOut, TransferIn, TransferOut

NETWORK = "litecoin"
FINAL = 4


@dataclass(slots=True)
class UtxoDesk:
    """Keys are of this test alone, so that tests that share the node do not share coins."""

    node: Litecoin
    seed: Seed
    file: Path

    def do(self, work: Callable[[House], Awaitable[Any]]) -> Any:
        """With a view of its own, as a process has after its start."""

        async def whole() -> Any:
            own = house.build(networks.read(self.file), self.seed)
            try:
                return await work(own)
            finally:
                await own.close()

        return asyncio.run(whole())

    @property
    def house(self) -> House:
        return house.build(networks.read(self.file), self.seed)

    @property
    def hot(self) -> str:
        return self.house.hot(NETWORK)

    def read(self) -> None:
        """Until the tip."""

        async def work(own: House) -> None:
            while await reader.read(NETWORK, own.network(NETWORK), own.chain(NETWORK)):
                pass

        self.do(work)

    def pay(self) -> None:
        """One round."""
        self.do(lambda own: payer.pay(own, NETWORK))

    def block(self, many: int = 1) -> None:
        """Mined and read."""
        self.node.mine(many)
        self.read()

    def through(self, one: TransferOut) -> TransferOut:
        """Round after round, a block after each, until nothing is left to do."""
        for _ in range(FINAL + 3):
            self.pay()
            self.block()
        self.pay()
        return transfers.view(one.id)

    def fund_hot(self, *coins: str) -> None:
        """Outputs of the hot wallet, deep enough to be spent."""
        for amount in coins or ("10",):
            self.give(self.hot, amount)
        self.block(FINAL)

    def address(self, owner: str = "customer-1") -> AddressOut:
        own = self.house
        wanted = AddressIn(client_ref=f"address/{owner}", owner_ref=owner, asset="LTC", network=NETWORK)
        return addresses.make(wanted, own.chain(NETWORK), own.watches[NETWORK])

    def give(self, to: str, coins: str) -> str:
        """From somebody outside; in the next block."""
        found: str = self.node.ask("sendtoaddress", to, coins)
        return found

    def stranger(self, kind: str = "bech32") -> str:
        found: str = self.node.ask("getnewaddress", "", kind)
        return found

    def wish(self, amount: str = "1", *, ref: str | None = None, **more: Any) -> TransferIn:
        asked = {
            "client_ref": ref or f"w/{uuid7()}", "destination": {"type": "address", "address": self.stranger()}, "asset": "LTC",
            "network": NETWORK, "amount": amount, "fee_cap": "0.01", "purpose": "withdrawal",
        }  # fmt: skip
        return TransferIn.model_validate(asked | more)

    def take(self, wish: TransferIn) -> TransferOut:
        return transfers.take(self.house, wish)[0]

    def state(self, one: TransferOut) -> str:
        return transfers.view(one.id).state.value

    def received(self, address: str) -> Decimal:
        """By an address of the miner's wallet, in blocks."""
        return Decimal(str(self.node.ask("getreceivedbyaddress", address, 1)))

    def owned(self, wallet: str | None = None) -> Decimal:
        """What our own unspent outputs hold."""
        with db.read_only() as tx:
            found: Decimal = tx.scalar(
                "SELECT coalesce(sum(amount), 0) FROM custody.outputs WHERE spent_by IS NULL AND wallet = coalesce(CAST(:w AS text), wallet)",
                w=wallet,
            )
        return found

    def transaction(self, txid: str) -> dict[str, Any]:
        found: dict[str, Any] = self.node.ask("getrawtransaction", txid, True)
        return found

    def told(self, kind: str | None = None) -> list[dict[str, Any]]:
        """What the list of events says, of one type or of all."""
        items = feed.after(0, limit=500).items
        return [one.data | {"_type": one.type.value} for one in items if kind in {None, one.type.value}]


def written(
    node: Litecoin, folder: Path, *, name: str = NETWORK, utxo: dict[str, Any] | None = None, **changed: Any
) -> Path:
    """The file of networks, beginning with the next block. One rate of fees, whatever the node learned from other tests."""
    network = {
        "kind": "utxo", "rpc": node.url, "native": "LTC", "assets": {"LTC": {"decimals": 8}}, "confirmations": FINAL,
        "first_block": node.ask("getblockcount") + 1, "utxo": PREFIXES | {"fee_ceiling": "0.00001"} | (utxo or {}),
    }  # fmt: skip
    file = folder / "networks.json"
    file.write_text(json.dumps({name: network | changed}))
    return file


def opened(node: Litecoin, folder: Path, url: str, **changed: Any) -> UtxoDesk:
    db.configure(url, pool_size=5)
    return UtxoDesk(node, Seed(os.urandom(32)), written(node, folder, **changed))
