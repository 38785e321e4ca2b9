"""Playing with the demo's own chains: coins from nowhere, blocks when one wants them, and histories that change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

import httpx

from kernel.errors import InvalidRequest, Unavailable
from kernel.money import canonical, fits_scale
from kernel.settings import settings

_WEI_DIGITS = 18
_TRANSFER = "0xa9059cbb"  # of transfer(address,uint256), as every ERC-20 has it
_GAS = hex(300_000)


@dataclass(frozen=True, slots=True)
class Token:
    """Where it stands, and how finely it counts."""

    contract: str
    decimals: int


TOKENS = {"USDT": Token("0xdAC17F958D2ee523a2206206994597C13D831ec7", 6)}
"""Of the demo's chain: of our own making, where people know the real one to be."""


class ChainAway(Unavailable):
    """This sandbox has no such chain of its own, or its node does not answer."""

    code = "chain_unavailable"


class Play(Protocol):
    """One chain."""

    def pay(self, *, address: str, amount: Decimal, asset: str | None) -> str: ...
    def mine(self, blocks: int) -> None: ...
    def every(self, seconds: int) -> None: ...
    def reorganise(self, depth: int) -> None: ...
    def height(self) -> int: ...


def of(network: str) -> Play:
    """Raises: ChainAway."""
    url = _URLS[network]()
    if url is None:
        raise ChainAway
    return _PLAYS[network](url)


@dataclass(frozen=True, slots=True)
class Accounts:
    """A chain of accounts, by a node that is anvil."""

    url: str

    def pay(self, *, address: str, amount: Decimal, asset: str | None) -> str:
        """From a stranger; the name of the transaction, which is in the next block."""
        rich = self._ask("eth_accounts")[0]
        token = TOKENS.get(asset or "")
        if token is None and asset not in {None, "ETH"}:
            raise InvalidRequest(f"this chain has ETH and {', '.join(TOKENS)}")
        if token is None:
            wish = {"to": address, "value": hex(_units(amount, _WEI_DIGITS))}
        else:
            to, units = address.removeprefix("0x").lower(), _units(amount, token.decimals)
            wish = {"to": token.contract, "data": f"{_TRANSFER}{to:0>64}{units:064x}", "gas": _GAS}
        made: str = self._ask("eth_sendTransaction", {"from": rich, **wish})
        return made

    def mine(self, blocks: int) -> None:
        self._ask("anvil_mine", hex(blocks))

    def every(self, seconds: int) -> None:
        self._ask("evm_setIntervalMining", seconds)

    def reorganise(self, depth: int) -> None:
        """What was in the blocks is gone. The new ones have another miner: empty, and of the same second, they would be the old ones."""
        tip = self._ask("eth_getBlockByNumber", "latest", False)["hash"]
        self._ask("anvil_setCoinbase", f"0x{tip[-40:]}")
        self._ask("anvil_reorg", depth, [])

    def height(self) -> int:
        return int(self._ask("eth_blockNumber"), 16)

    def _ask(self, method: str, *params: Any) -> Any:
        return _ask(self.url, method, *params)


@dataclass(frozen=True, slots=True)
class Outputs:
    """A chain of outputs, by a node that speaks as Bitcoin Core and whose wallet has coins."""

    url: str

    def pay(self, *, address: str, amount: Decimal, asset: str | None) -> str:
        if asset not in {None, "BTC"}:
            raise InvalidRequest("this chain has one coin, BTC")
        made: str = self._ask("sendtoaddress", address, canonical(amount))
        return made

    def mine(self, blocks: int) -> None:
        self._ask("generatetoaddress", blocks, self._ask("getnewaddress"))

    def every(self, seconds: int) -> None:
        """The demo asks for them in its own time, as long as this switch of the node, which has no network, is on."""
        self._ask("setnetworkactive", seconds > 0)

    def reorganise(self, depth: int) -> None:
        """One block more than were there; what was in them waits for the next."""
        first = self._ask("getblockhash", self.height() - depth + 1)
        to = self._ask("getnewaddress")
        self._ask("invalidateblock", first)
        for _ in range(depth + 1):
            self._ask("generateblock", to, [])

    def height(self) -> int:
        found: int = self._ask("getblockcount")
        return found

    def _ask(self, method: str, *params: Any) -> Any:
        return _ask(self.url, method, *params)


_URLS: Mapping[str, Callable[[], str | None]] = {
    "ethereum": lambda: settings().chain_url,
    "bitcoin": lambda: settings().output_chain_url,
}
_PLAYS: Mapping[str, Callable[[str], Play]] = {"ethereum": Accounts, "bitcoin": Outputs}


def _units(amount: Decimal, digits: int) -> int:
    if not fits_scale(amount, digits):
        raise InvalidRequest(f"{canonical(amount)} has more than {digits} decimals")
    return int(amount.scaleb(digits))


def _ask(url: str, method: str, *params: Any) -> Any:
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}
    try:
        told = httpx.post(url, json=body, timeout=10, trust_env=False).json()
    except (httpx.HTTPError, ValueError) as error:
        raise ChainAway from error
    if told.get("error"):
        raise InvalidRequest(str(told["error"].get("message"))[:300])
    return told.get("result")
