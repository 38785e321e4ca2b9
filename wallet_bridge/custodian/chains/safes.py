"""A Safe: a wallet of several owners that is a contract. What it is asked to do, what its owners sign, and whether it is what it seems.

Its code is known by its hash: a proxy is told what it does by the contract it points to, and whoever can change that pointer, or has put
a module, a guard or a handler of their own beside it, owns the wallet whatever its owners see. Signatures are those of EIP-712 and nothing
else, made by owners who are accounts.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from wallet_bridge.custodian.chains.eth import (
    Account,
    BadSignature,
    SignableMessage,
    decode,
    encode,
    encode_typed_data,
    keccak,
    to_checksum_address,
)
from wallet_bridge.custodian.chains.evm import EvmChain, says_paid
from wallet_bridge.custodian.chains.port import BlockRef, ChainAway, Mined

NOBODY = "0x" + 40 * "0"
# Of the published contracts of Safe 1.4.1, as they lie on a chain: the proxy, its two variants, the handler that comes with them.
_PROXY = "d7d408ebcd99b2b70be43e20253d6d92a8ea8fab29bd3be7f55b10032331fb4c"
_SINGLETONS = {
    "1fe2df852ba3299d6534ef416eefa406e56ced995bca886ab7a553e6d0c5e1c4",
    "b1f926978a0f44a2c0ec8fe822418ae969bd8c3f18d61e5103100339894f81ff",
}
_HANDLER = "7c6007a5d711cea8dfd5d91f5940ec29c7f200fe511eb1fc1397b367af3c42f9"
_GUARD_SLOT = "0x" + keccak(text="guard_manager.guard.address").hex()
_HANDLER_SLOT = "0x" + keccak(text="fallback_manager.handler.address").hex()
_FIRST_MODULE, _MOST_MODULES = "0x" + "1".rjust(40, "0"), 10
_FIELDS = {
    "to": "address", "value": "uint256", "data": "bytes", "operation": "uint8", "safeTxGas": "uint256", "baseGas": "uint256",
    "gasPrice": "uint256", "gasToken": "address", "refundReceiver": "address", "nonce": "uint256",
}  # fmt: skip
_SUCCESS, _FAILURE = (f"0x{keccak(text=f'Execution{name}(bytes32,uint256)').hex()}" for name in ("Success", "Failure"))
_CALL = 0
_SIGNATURE = 65


class NoOwnersSignature(ValueError):
    """These bytes are no signature of one account over this; the text says why."""


@dataclass(frozen=True, slots=True)
class SafeTx:
    """What a Safe is asked to do. Nothing is refunded, and it is a call: the other operation would run foreign code as the Safe itself."""

    to: str
    value: int
    data: bytes
    nonce: int

    def encoded(self) -> bytes:
        """As it is stored."""
        return encode([*_FIELDS.values()], [self._values()[name] for name in _FIELDS])

    def _values(self) -> dict[str, Any]:
        return {
            "to": self.to, "value": self.value, "data": self.data, "operation": _CALL, "safeTxGas": 0, "baseGas": 0, "gasPrice": 0,
            "gasToken": NOBODY, "refundReceiver": NOBODY, "nonce": self.nonce,
        }  # fmt: skip


def fields_of(stored: bytes) -> Mapping[str, Any]:
    """What stored bytes say, every field of it.

    Raises:
        ValueError: they say nothing.
    """
    try:
        found = decode([*_FIELDS.values()], stored)
    except Exception as error:  # the library's own errors share no ancestor
        raise ValueError("no SafeTx") from error
    told = dict(zip(_FIELDS, found, strict=True))
    return told | {name: to_checksum_address(told[name]) for name in ("to", "gasToken", "refundReceiver")}


@dataclass(frozen=True, slots=True)
class Safe:
    """One on a chain."""

    address: str
    chain_id: int

    def to_sign(self, stored: bytes) -> dict[str, Any]:
        """What a wallet is given to sign: EIP-712, numbers as text so that no reader rounds them."""
        told = fields_of(stored)
        values = {name: str(value) if isinstance(value, int) else value for name, value in told.items()}
        return self._typed(values | {"data": "0x" + told["data"].hex()}, self.chain_id)

    def digest(self, stored: bytes) -> bytes:
        """The safeTxHash."""
        made = self._message(stored)
        return keccak(b"\x19" + made.version + made.header + made.body)

    def signer(self, stored: bytes, signature: bytes) -> str:
        """Whose signature this is.

        Raises:
            NoOwnersSignature
        """
        if len(signature) != _SIGNATURE:
            raise NoOwnersSignature("a signature has 65 bytes")
        if signature[-1] not in {27, 28}:
            raise NoOwnersSignature("the signature must be one of EIP-712 by an account, its last byte 27 or 28")
        try:
            return str(Account.recover_message(self._message(stored), signature=signature))
        except (BadSignature, ValueError):
            raise NoOwnersSignature("this is nobody's signature") from None

    def call(self, stored: bytes, signatures: Mapping[str, bytes]) -> bytes:
        """The calldata of execTransaction, the owners in the order that the contract wants."""
        together = b"".join(signatures[owner] for owner in sorted(signatures, key=lambda owner: int(owner, 16)))
        kinds = [kind for name, kind in _FIELDS.items() if name != "nonce"]
        values = [value for name, value in fields_of(stored).items() if name != "nonce"]
        return _called("execTransaction", [*kinds, "bytes"], [*values, together])

    def _message(self, stored: bytes) -> SignableMessage:
        return encode_typed_data(full_message=self._typed(dict(fields_of(stored)), self.chain_id))

    def _typed(self, values: Mapping[str, Any], chain_id: int) -> dict[str, Any]:
        return {
            "types": {
                "EIP712Domain": [{"name": "chainId", "type": "uint256"}, {"name": "verifyingContract", "type": "address"}],
                "SafeTx": [{"name": name, "type": kind} for name, kind in _FIELDS.items()],
            },
            "primaryType": "SafeTx",
            "domain": {"chainId": chain_id, "verifyingContract": self.address},
            "message": dict(values),
        }  # fmt: skip


# What the chain says of it ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Allowed:
    """What may stand beside the owners."""

    modules: Collection[str] = ()
    guard: str | None = None
    handler: str | None = None


@dataclass(frozen=True, slots=True)
class SafeState:
    """As of the block at `height`. `trouble`: why nothing may be paid into it or out of it."""

    height: int
    owners: tuple[str, ...]
    threshold: int
    nonce: int
    trouble: str | None


async def read(chain: EvmChain, safe: Safe, allowed: Allowed) -> SafeState:
    """Raises: ChainAway."""
    tip = await chain.tip()
    if await _code(chain, safe.address, tip) != _PROXY:
        return SafeState(tip.height, (), 0, 0, "there is no Safe at the address of the cold wallet")
    if await _code(chain, await _pointer(chain, safe, "0x0", tip), tip) not in _SINGLETONS:
        return SafeState(tip.height, (), 0, 0, "the Safe does not run the code of Safe 1.4.1")
    (owners,) = await _ask(chain, safe, tip, "getOwners", answers=["address[]"])
    (threshold,) = await _ask(chain, safe, tip, "getThreshold", answers=["uint256"])
    (nonce,) = await _ask(chain, safe, tip, "nonce", answers=["uint256"])
    trouble = f"its threshold is {threshold}: one owner alone could pay" if threshold < 2 else None
    trouble = trouble or await _beside(chain, safe, allowed, tip)
    return SafeState(tip.height, tuple(to_checksum_address(owner) for owner in owners), threshold, nonce, trouble)


async def _beside(chain: EvmChain, safe: Safe, allowed: Allowed, at: BlockRef) -> str | None:
    modules, _rest = await _ask(
        chain, safe, at, "getModulesPaginated", ["address", "uint256"], [_FIRST_MODULE, _MOST_MODULES], ["address[]", "address"],
    )  # fmt: skip
    foreign = sorted(
        {to_checksum_address(one) for one in modules} - {to_checksum_address(one) for one in allowed.modules}
    )
    if foreign or len(modules) == _MOST_MODULES:
        return f"module {foreign[0] if foreign else 'after module'} of the Safe pays without its owners, and the file does not name it"
    guard = await _pointer(chain, safe, _GUARD_SLOT, at)
    if guard != to_checksum_address(allowed.guard or NOBODY):
        return f"the Safe has the guard {guard}, which is not the one that the file names"
    handler = await _pointer(chain, safe, _HANDLER_SLOT, at)
    if handler in {NOBODY, allowed.handler and to_checksum_address(allowed.handler)}:
        return None
    if await _code(chain, handler, at) != _HANDLER:
        return f"the Safe has the fallback handler {handler}, which is not that of Safe 1.4.1 nor named in the file"
    return None


async def agrees(chain: EvmChain, safe: Safe, stored: bytes) -> bool:
    """Whether the contract makes the same hash of it as we do."""
    told = fields_of(stored)
    (found,) = await _ask(
        chain, safe, await chain.tip(), "getTransactionHash", [*_FIELDS.values()], [*told.values()], ["bytes32"]
    )
    return bool(found == safe.digest(stored))


@dataclass(frozen=True, slots=True)
class Executed:
    """The transaction, whoever's it is, in which the Safe did what was signed."""

    txid: str
    mined: Mined


async def executed(
    chain: EvmChain, safe: Safe, stored: bytes, *, token: str | None, since: int, uses: int
) -> Executed | None:
    """None where it did something else. `token`: the contract that must say that it paid.

    Args:
        since: a block in which its number was free.
        uses: how many numbers were used after that block, at least; a node that does not know of as many knows too little.

    Raises:
        ChainAway
    """
    wanted = {
        "address": safe.address,
        "topics": [[_SUCCESS, _FAILURE]],
        "fromBlock": hex(since + 1),
        "toBlock": "latest",
    }
    found = await chain.ask("eth_getLogs", wanted)
    if len(found) < uses:
        raise ChainAway("the node does not have the Safe's log")
    digest = "0x" + safe.digest(stored).hex()
    ours = next((entry for entry in found if entry["topics"][1] == digest), None)
    if ours is None:
        return None
    receipt = await chain.ask("eth_getTransactionReceipt", ours["transactionHash"])
    if receipt is None:
        raise ChainAway("the chain changed while it was read")
    mined = chain.mined(receipt)
    paid = ours["topics"][0] == _SUCCESS and (token is None or says_paid(receipt, token, safe.address))
    return Executed(ours["transactionHash"], replace(mined, ok=mined.ok and paid))


async def nonce_at(chain: EvmChain, safe: Safe, height: int) -> int:
    """Zero where there was no Safe yet.

    Raises:
        ChainAway
    """
    asked = {"to": safe.address, "data": "0x" + _called("nonce", [], []).hex()}
    told = await chain.ask("eth_call", asked, hex(height))
    return int(told, 16) if len(told) > 2 else 0


async def _ask(
    chain: EvmChain,
    safe: Safe,
    at: BlockRef,
    method: str,
    kinds: Collection[str] = (),
    values: Collection[Any] = (),
    answers: Collection[str] = (),
) -> tuple[Any, ...]:
    asked = {"to": safe.address, "data": "0x" + _called(method, [*kinds], [*values]).hex()}
    told = await chain.ask("eth_call", asked, {"blockHash": at.hash})
    return decode([*answers], bytes.fromhex(told.removeprefix("0x")))


def _called(method: str, kinds: list[str], values: list[Any]) -> bytes:
    return keccak(text=f"{method}({','.join(kinds)})")[:4] + encode(kinds, values)


async def _code(chain: EvmChain, address: str, at: BlockRef) -> str:
    told = await chain.ask("eth_getCode", address, {"blockHash": at.hash})
    return keccak(hexstr=told).hex()


async def _pointer(chain: EvmChain, safe: Safe, slot: str, at: BlockRef) -> str:
    told = await chain.ask("eth_getStorageAt", safe.address, slot, {"blockHash": at.hash})
    return to_checksum_address("0x" + told.removeprefix("0x")[-40:].rjust(40, "0"))
