"""The demo's own chains: one of accounts with a token beside its coin, one of outputs; each with a cold wallet that three people hold.

What the house owns there lies on the chain and stands in the books alike; a chain that this machine cannot have is not offered.
"""

from __future__ import annotations

import threading
import urllib.error
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Protocol

from kernel.npm import NpmFailed
from rivermouth import ports
from rivermouth.data_directory import DataDirectory
from rivermouth.sandbox.chain import TOKENS
from rivermouth.supervisor import Child
from wallet_bridge.custodian import localnet
from wallet_bridge.custodian.localnet import CHAIN_ID, Anvil, NoNodeHere, litecoin, safe
from wallet_bridge.custodian.localnet.holders import Holders
from wallet_bridge.custodian.localnet.litecoin import PREFIXES, RIPE, Litecoin
from wallet_bridge.custodian.localnet.owners import NEEDED, Owners
from wallet_bridge.custodian.localnet.token import Manners, Token
from wallet_bridge.networks.service import Offer

BLOCK_S = 2
CONFIRMATIONS, FINAL = 3, 6
STRANGER = 10**15
"""What the stranger who pays in the sandbox has of each token, in its units."""
_CODE = Manners(silent=True).code  # answers nothing, as the real one does


class DemoChain(Protocol):
    """`owned`: what the house has there from the beginning, by asset. `settings`: what the product's processes know of it."""

    network: ClassVar[str]
    offers: ClassVar[Sequence[Offer]]
    owned: ClassVar[Mapping[str, Decimal]]

    @property
    def settings(self) -> Mapping[str, str]: ...

    def child(self) -> Child: ...
    def as_served(self) -> dict[str, Any]:
        """As the custodian's file of networks has it."""
        ...

    def endow(self, hot: str) -> None:
        """Money for the house's wallets, where they never had any."""
        ...

    def run(self) -> None:
        """Blocks come by themselves from now on."""
        ...


Prepare = Callable[[DataDirectory, Path], DemoChain]
"""With the demo's directory and the custodian's folder in it."""


def to_be_had(say: Callable[[str], None]) -> Sequence[Prepare]:
    """What this machine has no node for is left out, and said. Those that must be got are got at the same time."""
    with ThreadPoolExecutor() as pool:
        asked: list[tuple[Callable[[Path, DataDirectory, Path], DemoChain], Future[Path]]] = [
            (Ethereum.prepare, pool.submit(_accounts, say)),
            (Bitcoin.prepare, pool.submit(litecoin.ensure, say)),
        ]
    found: list[Prepare] = []
    for prepare, binary in asked:
        try:
            found.append(partial(prepare, binary.result()))
        except (NoNodeHere, NpmFailed) as error:
            say(f"the demo goes without one of its chains; everything else starts. {error}")
    return found


def _accounts(say: Callable[[str], None]) -> Path:
    """The node, and the contracts of the cold wallet on it."""
    binary = localnet.ensure(say)
    localnet.packages(say)
    return binary


def _offer(asset: str, network: str, **terms: Any) -> Offer:
    usual: dict[str, Any] = {
        "deposits": True, "withdrawals": True, "confirmations": CONFIRMATIONS, "final_confirmations": FINAL, "memo_required": False,
        "explorer": None,
    }  # fmt: skip
    return Offer(network=network, asset=asset, **usual, **terms)


# Accounts ------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ethereum:
    """By anvil, whose state is kept. Its cold wallet is a Safe of three owners."""

    anvil: Anvil
    owners: Owners

    network: ClassVar = "ethereum"
    cold: ClassVar = Decimal(100)
    owned: ClassVar[Mapping[str, Decimal]] = {"ETH": Decimal(500), "USDT": Decimal(200_000)}
    offers: ClassVar[Sequence[Offer]] = (
        _offer(
            "ETH", network, title="Ethereum (demo chain)", kind="evm", minimum_deposit=Decimal("0.001"),
            minimum_withdrawal=Decimal("0.005"), withdrawal_fee=Decimal("0.001"), fee_asset="ETH", fee_cap=Decimal("0.01"),
        ),
        _offer(
            "USDT", network, title="Ethereum (demo chain)", kind="evm", minimum_deposit=Decimal(1),
            minimum_withdrawal=Decimal(10), withdrawal_fee=Decimal(2), fee_asset="ETH", fee_cap=Decimal("0.01"),
        ),
    )  # fmt: skip

    @classmethod
    def prepare(cls, binary: Path, directory: DataDirectory, folder: Path) -> Ethereum:
        log, state = directory.log("chain"), folder / "chain.json"
        return cls(Anvil(binary, ports.free(), log, block_time_s=BLOCK_S, state=state), Owners.kept(folder))

    @property
    def settings(self) -> Mapping[str, str]:
        return {"RIVERMOUTH_CHAIN_URL": self.anvil.url}

    def child(self) -> Child:
        return Child(name="chain", log=self.anvil.log, spawn=self.anvil.spawn, ready=self.anvil.ready)

    def as_served(self) -> dict[str, Any]:
        tokens = {name: {"decimals": one.decimals, "contract": one.contract} for name, one in TOKENS.items()}
        return {
            "kind": "evm", "rpc": self.anvil.url, "chain_id": CHAIN_ID, "native": "ETH",
            "assets": {"ETH": {"decimals": 18}, **tokens},
            "confirmations": FINAL, "first_block": 0, "poll_s": 0.5, "bump_after_s": 60,
            "cold": safe.address_of(self.owners.addresses, NEEDED), "safe": {},
        }  # fmt: skip

    def endow(self, hot: str) -> None:
        if int(self.anvil.ask("eth_getBalance", hot, "latest"), 16) == 0:
            vault = safe.placed(self.anvil, self.owners.addresses, NEEDED)
            for wallet, coins in ((hot, self.owned["ETH"] - self.cold), (vault, self.cold)):
                self.anvil.ask("anvil_setBalance", wallet, hex(int(coins) * 10**18))
        for name, one in TOKENS.items():
            token = Token(self.anvil, one.contract)
            if self.anvil.ask("eth_getCode", one.contract, "latest") == "0x":
                token.become(_CODE)
                token.hold(hot, int(self.owned[name].scaleb(one.decimals)))
                token.hold(self.anvil.ask("eth_accounts")[0], STRANGER)

    def run(self) -> None:
        """The node makes them itself."""


# Outputs -------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Bitcoin:
    """By litecoind in regtest, a relative of Bitcoin Core: its coins are called BTC here, and its addresses are the relative's."""

    node: Litecoin
    holders: Holders

    network: ClassVar = "bitcoin"
    hot: ClassVar = (Decimal(2),) * 5
    cold: ClassVar = (Decimal(10),) * 2  # a payment spends whole outputs, so there are several
    owned: ClassVar[Mapping[str, Decimal]] = {"BTC": sum((*hot, *cold), Decimal(0))}
    offers: ClassVar[Sequence[Offer]] = (
        _offer(
            "BTC", network, title="Bitcoin (demo chain)", kind="utxo", minimum_deposit=Decimal("0.0001"),
            minimum_withdrawal=Decimal("0.001"), withdrawal_fee=Decimal("0.0002"), fee_asset="BTC", fee_cap=Decimal("0.001"),
        ),
    )  # fmt: skip

    @classmethod
    def prepare(cls, binary: Path, directory: DataDirectory, folder: Path) -> Bitcoin:
        del directory  # the node keeps its log beside its data
        return cls(Litecoin(binary, ports.free(), folder / "outputs"), Holders.kept(folder))

    @property
    def settings(self) -> Mapping[str, str]:
        return {"RIVERMOUTH_OUTPUT_CHAIN_URL": self.node.url}

    def child(self) -> Child:
        return Child(name="outputs", log=self.node.log, spawn=self.node.spawn, ready=self.node.ready)

    def as_served(self) -> dict[str, Any]:
        return {
            "kind": "utxo", "rpc": self.node.url, "native": "BTC", "assets": {"BTC": {"decimals": 8}}, "cold": self.holders.address,
            "confirmations": FINAL, "first_block": RIPE + 1, "poll_s": 0.5, "bump_after_s": 60,
            "utxo": PREFIXES | {"cold": self.holders.descriptor, "fee_ceiling": "0.0001"},
        }  # fmt: skip

    def endow(self, hot: str) -> None:
        self.node.fund()
        for address, coins in ((hot, self.hot), (self.holders.address, self.cold)):
            if not self.node.gave(address):
                for amount in coins:
                    self.node.give(address, amount)
        self.node.mine(FINAL)

    def run(self) -> None:
        """A thread of the demo's own asks for them, for the node makes none by itself."""
        threading.Thread(target=self._mine, name="blocks", daemon=True).start()

    def _mine(self) -> None:
        pause = threading.Event()
        while not pause.wait(BLOCK_S):
            try:
                if self.node.mines():
                    self.node.mine()
            except (urllib.error.URLError, OSError, ValueError, RuntimeError):
                continue  # the node starts anew, or the demo ends
