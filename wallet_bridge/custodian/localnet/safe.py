"""A Safe on a chain of one's own: the published contracts of version 1.4.1, got by npm, deployed by an account of the node."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from wallet_bridge.custodian.chains.eth import encode, keccak, to_checksum_address
from wallet_bridge.custodian.localnet import FOLDER, Anvil

_NOBODY = "0x" + 40 * "0"
_CONTRACTS = FOLDER / "node_modules" / "@safe-global" / "safe-contracts" / "build" / "artifacts" / "contracts"
_CREATED = "0x" + keccak(text="ProxyCreation(address,address)").hex()
_SETUP = ["address[]", "uint256", "address", "bytes", "address", "address", "uint256", "address"]


def deployed(anvil: Anvil, owners: Sequence[str], threshold: int, *, handler: bool = True) -> str:
    """The address of a new one; each step is mined. The lock's packages must be there."""
    singleton, factory = (
        _contract(anvil, "Safe.sol/Safe"),
        _contract(anvil, "proxies/SafeProxyFactory.sol/SafeProxyFactory"),
    )
    fallback = (
        _contract(anvil, "handler/CompatibilityFallbackHandler.sol/CompatibilityFallbackHandler")
        if handler
        else _NOBODY
    )
    setup = call("setup", _SETUP, [owners, threshold, _NOBODY, b"", fallback, _NOBODY, 0, _NOBODY])
    made = sent(anvil, factory, call("createProxyWithNonce", ["address", "bytes", "uint256"], [singleton, setup, 0]))
    proxy = next(entry for entry in made["logs"] if entry["topics"][0] == _CREATED)
    return to_checksum_address("0x" + proxy["topics"][1][-40:])


def call(method: str, kinds: Sequence[str], values: Sequence[Any]) -> bytes:
    """Calldata."""
    return keccak(text=f"{method}({','.join(kinds)})")[:4] + encode([*kinds], [*values])


def sent(anvil: Anvil, to: str | None, data: bytes, *, sender: str | None = None) -> dict[str, Any]:
    """A transaction by an account of the node's own, in a block of its own; answers the receipt."""
    asked = {"from": sender or anvil.ask("eth_accounts")[0], "data": "0x" + data.hex(), "gas": hex(8_000_000)}
    txid = anvil.ask("eth_sendTransaction", asked | ({"to": to} if to else {}))
    anvil.mine()
    found: dict[str, Any] = anvil.ask("eth_getTransactionReceipt", txid)
    return found


def _contract(anvil: Anvil, name: str) -> str:
    code = json.loads((_CONTRACTS / f"{name}.json").read_text())["bytecode"]
    return to_checksum_address(sent(anvil, None, bytes.fromhex(code.removeprefix("0x")))["contractAddress"])
