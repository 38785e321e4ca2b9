"""A custodian in tests: its own database, a real node whose blocks come when the test says so, and its work done by hand."""

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
from wallet_bridge.custodian import house, keeper, networks, payer, reader
from wallet_bridge.custodian.addresses import service as addresses
from wallet_bridge.custodian.chains.eth import to_checksum_address
from wallet_bridge.custodian.feed import service as feed
from wallet_bridge.custodian.house import House
from wallet_bridge.custodian.keys import Seed
from wallet_bridge.custodian.localnet import CHAIN_ID, Anvil
from wallet_bridge.custodian.localnet.token import Manners, Token, placed
from wallet_bridge.custodian.transfers import service as transfers
from wallet_bridge.wire.schemas import AddressIn, AddressOut, TransferIn, TransferOut

NETWORK = "ethereum"
TOKEN = "USDT"
FINAL = 4
WEI = 10**18


@dataclass(slots=True)
class CustodianDesk:
    """Keys are of this test alone, so that tests that share the node do not share accounts."""

    anvil: Anvil
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

    def read(self) -> None:
        """Until the tip."""

        async def work(own: House) -> None:
            while await reader.read(NETWORK, own.network(NETWORK), own.chain(NETWORK)):
                pass

        self.do(work)

    def pay(self) -> None:
        """One round."""
        self.do(lambda own: payer.pay(own, NETWORK))

    def keep(self) -> None:
        """One round of the keeper."""
        self.do(lambda own: keeper.keep(own, NETWORK))

    def step(self) -> None:
        """A round of everybody, and a block."""
        self.keep()
        self.pay()
        self.anvil.mine()
        self.read()

    def fund_hot(self, coins: str = "100") -> str:
        hot = self.house.hot(NETWORK)
        self.anvil.ask("anvil_setBalance", hot, hex(int(Decimal(coins) * WEI)))
        return hot

    def address(self, owner: str = "customer-1") -> AddressOut:
        own = self.house
        wanted = AddressIn(client_ref=f"address/{owner}", owner_ref=owner, asset="ETH", network=NETWORK)
        return addresses.make(wanted, own.chain(NETWORK), own.watches[NETWORK])

    def give(self, to: str, coins: str) -> str:
        """From somebody outside; in the next block."""
        rich = self.anvil.ask("eth_accounts")[0]
        units = hex(int(Decimal(coins) * WEI))
        found: str = self.anvil.ask("eth_sendTransaction", {"from": rich, "to": to, "value": units})
        return found

    def wish(self, amount: str = "1", *, ref: str | None = None, **more: Any) -> TransferIn:
        to = self.anvil.ask("eth_accounts")[5]
        asked = {
            "client_ref": ref or f"w/{uuid7()}", "destination": {"type": "address", "address": to}, "asset": "ETH",
            "network": NETWORK, "amount": amount, "fee_cap": "0.01", "purpose": "withdrawal",
        }  # fmt: skip
        return TransferIn.model_validate(asked | more)

    def take(self, wish: TransferIn) -> TransferOut:
        return transfers.take(self.house, wish)[0]

    def state(self, one: TransferOut) -> str:
        return transfers.view(one.id).state.value

    def held(self, address: str) -> Decimal:
        return Decimal(int(self.anvil.ask("eth_getBalance", address, "latest"), 16)) / WEI

    def contract(self, manners: Manners | None = None, asset: str = TOKEN) -> Token:
        """The token that is served under this name, made on the chain."""
        address = networks.read(self.file)[NETWORK].asset(asset).contract
        assert address is not None
        return placed(self.anvil, address, manners)

    def give_tokens(self, token: Token, to: str, units: int, **more: Any) -> str:
        """From somebody outside; in the next block."""
        rich = self.anvil.ask("eth_accounts")[0]
        token.hold(rich, 10**30)
        return token.pay(rich, to, units, **more)

    def told(self, kind: str | None = None) -> list[dict[str, Any]]:
        """What the list of events says, of one type or of all."""
        items = feed.after(0, limit=500).items
        return [one.data | {"_type": one.type.value} for one in items if kind in {None, one.type.value}]


def written(anvil: Anvil, folder: Path, **changed: Any) -> Path:
    """The file of networks, beginning with the next block."""
    height = int(anvil.ask("eth_blockNumber"), 16)
    network = {
        "kind": "evm", "rpc": anvil.url, "native": "ETH", "assets": {"ETH": {"decimals": 18}}, "confirmations": FINAL,
        "chain_id": CHAIN_ID, "first_block": height + 1,
    }  # fmt: skip
    file = folder / "networks.json"
    file.write_text(json.dumps({NETWORK: network | changed}))
    return file


def with_tokens(*names: str) -> dict[str, Any]:
    """Assets: the network's own coin, and tokens of six decimals whose contracts nobody has made yet."""
    tokens = {name: {"decimals": 6, "contract": to_checksum_address(os.urandom(20))} for name in names or (TOKEN,)}
    return {"ETH": {"decimals": 18}, **tokens}


def opened(anvil: Anvil, folder: Path, url: str, **changed: Any) -> CustodianDesk:
    db.configure(url, pool_size=5)
    return CustodianDesk(anvil, Seed(os.urandom(32)), written(anvil, folder, **changed))
