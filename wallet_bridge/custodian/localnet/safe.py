"""A Safe on a chain of one's own: the published contracts of version 1.4.1, got by npm, deployed by an account of the node."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from wallet_bridge.custodian.chains.eth import encode, keccak, to_checksum_address
from wallet_bridge.custodian.localnet import FOLDER, Anvil

_NOBODY = "0x" + 40 * "0"
_CONTRACTS = FOLDER / "node_modules" / "@safe-global" / "safe-contracts" / "build" / "artifacts" / "contracts"
# As on every network that Safe serves.
_SINGLETON = "0x41675C099F32341bf84BFc5382aF534df5C7461a"
_FACTORY = "0x4e1DCf7AD4e460CfD30791CCC4F9c8a4f820ec67"
_HANDLER = "0xfd0732Dc9E303f09fCEf3a7388Ad10A83459Ec99"
_CONTRACTS_AT = {
    _SINGLETON: "Safe.sol/Safe", _FACTORY: "proxies/SafeProxyFactory.sol/SafeProxyFactory",
    _HANDLER: "handler/CompatibilityFallbackHandler.sol/CompatibilityFallbackHandler",
}  # fmt: skip
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
    setup = _set_up(owners, threshold, fallback)
    made = sent(anvil, factory, call("createProxyWithNonce", ["address", "bytes", "uint256"], [singleton, setup, 0]))
    proxy = next(entry for entry in made["logs"] if entry["topics"][0] == _CREATED)
    return to_checksum_address("0x" + proxy["topics"][1][-40:])


def address_of(owners: Sequence[str], threshold: int) -> str:
    """Where `placed` puts the Safe of these owners, on any chain of one's own."""
    code = _artifact("proxies/SafeProxy.sol/SafeProxy")["bytecode"]
    made = keccak(bytes.fromhex(code[2:]) + encode(["address"], [_SINGLETON]))
    salt = keccak(keccak(_set_up(owners, threshold, _HANDLER)) + encode(["uint256"], [0]))
    return to_checksum_address(keccak(b"\xff" + bytes.fromhex(_FACTORY[2:]) + salt + made)[-20:])


def placed(anvil: Anvil, owners: Sequence[str], threshold: int) -> str:
    """The Safe of these owners at its address; a second time nothing happens. Its contracts lie where they do on the real networks."""
    address = address_of(owners, threshold)
    if anvil.ask("eth_getCode", address, "latest") != "0x":
        return address
    for place, name in _CONTRACTS_AT.items():
        anvil.ask("anvil_setCode", place, _artifact(name)["deployedBytecode"])
    setup = _set_up(owners, threshold, _HANDLER)
    data = call("createProxyWithNonce", ["address", "bytes", "uint256"], [_SINGLETON, setup, 0])
    asked = {"from": anvil.ask("eth_accounts")[0], "to": _FACTORY, "data": "0x" + data.hex(), "gas": hex(1_000_000)}
    anvil.ask("eth_sendTransaction", asked)
    return address


def _set_up(owners: Sequence[str], threshold: int, handler: str) -> bytes:
    return call("setup", _SETUP, [[*owners], threshold, _NOBODY, b"", handler, _NOBODY, 0, _NOBODY])


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
    code = _artifact(name)["bytecode"]
    return to_checksum_address(sent(anvil, None, bytes.fromhex(code.removeprefix("0x")))["contractAddress"])


def _artifact(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((_CONTRACTS / f"{name}.json").read_text())
    return found
