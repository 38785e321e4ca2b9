"""Playing with the demo's own chain: coins from nowhere, blocks when one wants them, and histories that change."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import httpx

from kernel.errors import InvalidRequest, Unavailable
from kernel.settings import settings

_WEI = 10**18


class ChainAway(Unavailable):
    """This sandbox has no chain of its own, or its node does not answer."""

    code = "chain_unavailable"


def pay(*, address: str, amount: Decimal) -> str:
    """From a stranger; the name of the transaction, which is in the next block."""
    rich = _ask("eth_accounts")[0]
    made: str = _ask("eth_sendTransaction", {"from": rich, "to": address, "value": hex(int(amount * _WEI))})
    return made


def mine(blocks: int) -> int:
    """The height afterwards."""
    _ask("anvil_mine", hex(blocks))
    return int(_ask("eth_blockNumber"), 16)


def reorganise(depth: int) -> int:
    """The last blocks are replaced by as many without what was in them; the height afterwards."""
    _ask("anvil_reorg", depth, [])
    return int(_ask("eth_blockNumber"), 16)


def _ask(method: str, *params: Any) -> Any:
    url = settings().chain_url
    if url is None:
        raise ChainAway
    try:
        answer = httpx.post(
            url, json={"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}, timeout=10, trust_env=False
        )
        told = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise ChainAway from error
    if "error" in told:
        raise InvalidRequest(str(told["error"].get("message"))[:300])
    return told.get("result")
