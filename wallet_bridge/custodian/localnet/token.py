"""A token for a chain of one's own: a small ERC-20 in assembly, put where one wants it by the node itself, with the manners of real ones.

What somebody holds lies in the slot that has their address for its number; a payment is refused where the slot of the receiver's
address plus 2^160 holds anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from wallet_bridge.custodian.chains.eth import keccak
from wallet_bridge.custodian.localnet import Anvil

_FROZEN = 1 << 160
_OPCODES = {
    "STOP": 0x00, "ADD": 0x01, "MUL": 0x02, "SUB": 0x03, "DIV": 0x04, "LT": 0x10, "EQ": 0x14, "OR": 0x17, "SHL": 0x1B, "SHR": 0x1C,
    "CALLER": 0x33, "CALLDATALOAD": 0x35, "MSTORE": 0x52, "SLOAD": 0x54, "SSTORE": 0x55, "JUMP": 0x56, "JUMPI": 0x57, "JUMPDEST": 0x5B,
    "DUP1": 0x80, "SWAP1": 0x90, "LOG3": 0xA3, "RETURN": 0xF3, "REVERT": 0xFD,
}  # fmt: skip

# The stack grows to the right. A number is pushed in as few bytes as it needs, `@name` as the two bytes of that place.
_SOURCE = """
            0x00 CALLDATALOAD 0xe0 SHR                          ; what is called
            DUP1 $balanceOf(address) EQ @balance JUMPI
            DUP1 $transfer(address,uint256) EQ @once JUMPI
            DUP1 $thrice(address,uint256) EQ @thrice JUMPI
            0x00 0x00 REVERT

balance:    0x04 CALLDATALOAD SLOAD 0x00 MSTORE 0x20 0x00 RETURN

thrice:     0x03 @move JUMP
once:       0x01
move:                                                           ; [.. how often]
            0x04 CALLDATALOAD 0x01 0xa0 SHL OR SLOAD @refuse JUMPI   ; the receiver is frozen
            0x24 CALLDATALOAD CALLER SLOAD LT @refuse JUMPI          ; the sender holds less
            0x24 CALLDATALOAD CALLER SLOAD SUB CALLER SSTORE
            0x64 {fee} 0x24 CALLDATALOAD MUL DIV                ; [.. what the token keeps of it]
            0x24 CALLDATALOAD SUB                               ; [.. what arrives]
            DUP1 0x04 CALLDATALOAD SLOAD ADD 0x04 CALLDATALOAD SSTORE
            0x00 MSTORE
            0x04 CALLDATALOAD CALLER $$Transfer(address,address,uint256) 0x20 0x00 LOG3
            0x01 SWAP1 SUB DUP1 @move JUMPI                     ; once less
            {answer}
refuse:     {refusal}
"""
_TRUE, _FALSE = "0x01 0x00 MSTORE 0x20 0x00 RETURN", "0x00 0x00 MSTORE 0x20 0x00 RETURN"


@dataclass(frozen=True, slots=True)
class Manners:
    """`silent`: answers nothing, as USDT does. `polite`: says no by answering false, and succeeds. `fee`: the percentage it keeps."""

    silent: bool = False
    polite: bool = False
    fee: int = 0

    @property
    def code(self) -> bytes:
        text = _SOURCE.format(
            fee=hex(self.fee), answer="STOP" if self.silent else _TRUE, refusal=_FALSE if self.polite else "0x00 0x00 REVERT"
        )  # fmt: skip
        return _assembled(text)


@dataclass(frozen=True, slots=True)
class Token:
    """One on a chain. `BROKEN` is the code of a contract that refuses every call."""

    anvil: Anvil
    address: str

    BROKEN = bytes.fromhex("60006000fd")

    def become(self, code: bytes) -> None:
        self.anvil.ask("anvil_setCode", self.address, "0x" + code.hex())

    def hold(self, who: str, units: int) -> None:
        self.anvil.ask("anvil_setStorageAt", self.address, _slot(int(who, 16)), _slot(units))

    def held(self, who: str) -> int:
        return int(self.anvil.ask("eth_getStorageAt", self.address, _slot(int(who, 16)), "latest"), 16)

    def freeze(self, who: str, on: int = 1) -> None:
        self.anvil.ask("anvil_setStorageAt", self.address, _slot(int(who, 16) | _FROZEN), _slot(on))

    def pay(self, sender: str, to: str, units: int, *, method: str = "transfer") -> str:
        """By an account of the node's own, in the next block, with gas enough whatever comes of it; answers the txid."""
        data = "0x" + keccak(text=f"{method}(address,uint256)")[:4].hex() + _slot(int(to, 16))[2:] + _slot(units)[2:]
        call = {"from": sender, "to": self.address, "data": data, "gas": hex(300_000)}
        txid: str = self.anvil.ask("eth_sendTransaction", call)
        return txid


def placed(anvil: Anvil, address: str, manners: Manners | None = None) -> Token:
    token = Token(anvil, address)
    token.become((manners or Manners()).code)
    return token


def _slot(number: int) -> str:
    return f"0x{number:064x}"


def _assembled(text: str) -> bytes:
    words = list(_words(text))
    places, at = {}, 0
    for word in words:
        if word.endswith(":"):
            places[word[:-1]] = at
        at += len(_bytes(word, {}))
    return b"".join(_bytes(word, places) for word in words)


def _words(text: str) -> Iterator[str]:
    for line in text.splitlines():
        yield from re.findall(r"\S+", line.partition(";")[0])


def _bytes(word: str, places: Mapping[str, int]) -> bytes:
    if word.endswith(":"):
        return bytes([_OPCODES["JUMPDEST"]])
    if word.startswith("@"):
        return _push(places.get(word[1:], 0).to_bytes(2))
    if word.startswith("$"):
        digest = keccak(text=word.lstrip("$"))
        return _push(digest if word.startswith("$$") else digest[:4])
    if word.startswith("0x"):
        return _push(bytes.fromhex(word[2:].rjust(2, "0")))
    return bytes([_OPCODES[word]])


def _push(value: bytes) -> bytes:
    return bytes([0x5F + len(value)]) + value
