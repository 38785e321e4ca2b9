"""A chain that changes its mind: strangers' payments on a real node, and its last blocks replaced by others that this proof decides on.

Each payment has a sender of its own, whose one nonce can be spent by one of several transactions: the same again, or another in its place.
What the chain says afterwards is read back from the node block by block, by nothing that the product uses.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from wallet_bridge.custodian.chains.eth import Account, keccak, to_checksum_address
from wallet_bridge.custodian.localnet import CHAIN_ID, Anvil
from wallet_bridge.custodian.localnet.token import Manners, Token, placed

COIN = "ETH"
DECIMALS = {COIN: 18, "USDT": 6, "USDC": 6}
SHIFTY = "USDC"
"""The token whose contract may keep a part of a payment, or not: the same transaction brings another amount in another branch."""
_TRANSFER = "0x" + keccak(text="Transfer(address,address,uint256)").hex()
_GAS = {True: 21_000, False: 300_000}
_RICH = 10**30
_CALM = (
    160  # blocks until the price of gas has sunk to its floor, so that what a payment costs is the same in every branch
)


@dataclass(frozen=True, slots=True)
class Output:
    """What a transaction of the best chain pays to somebody."""

    txid: str
    output: int
    asset: str
    amount: Decimal
    to: str
    height: int


@dataclass(slots=True)
class Sender:
    """`choices` are transactions that spend its one nonce; at most one of them is in a block."""

    key: bytes
    address: str
    choices: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Want:
    """`often`: so many transfers in one transaction, of a token."""

    asset: str
    to: str
    units: int
    often: int = 1


class Strangers:
    """Whoever pays customers. They have their money from the beginning, deeper than any reorganisation goes."""

    def __init__(self, anvil: Anvil, rng: random.Random, tokens: Mapping[str, Token], *, how_many: int) -> None:
        self._rng, self._tokens = rng, tokens
        self.senders = [self._made(anvil) for _ in range(how_many)]
        self._fresh = list(self.senders)
        self.of_txid: dict[str, Sender] = {}

    def _made(self, anvil: Anvil) -> Sender:
        key = self._rng.randbytes(32)
        address = str(Account.from_key(key).address)
        anvil.ask("anvil_setBalance", address, hex(_RICH))
        for token in self._tokens.values():
            token.hold(address, _RICH)
        return Sender(key, address)

    def pay(self, want: Want, sender: Sender | None = None) -> str:
        """Signed, not sent; by somebody new, or in the place of what this sender paid. Answers the txid."""
        sender = sender or self._fresh.pop()
        to, value, data = want.to, want.units, b""
        if want.asset != COIN:
            method = "transfer" if want.often == 1 else "thrice"
            data = keccak(text=f"{method}(address,uint256)")[:4]
            data += int(want.to, 16).to_bytes(32) + want.units.to_bytes(32)
            to, value = self._tokens[want.asset].address, 0
        signed = Account.sign_transaction(
            {
                "type": 2, "chainId": CHAIN_ID, "nonce": 0, "to": to_checksum_address(to), "value": value, "data": data,
                "gas": _GAS[want.asset == COIN], "maxFeePerGas": 10**11, "maxPriorityFeePerGas": 10**9,
            },
            sender.key,
        )  # fmt: skip
        txid = str("0x" + signed.hash.hex().removeprefix("0x"))
        sender.choices[txid] = "0x" + bytes(signed.raw_transaction).hex()
        self.of_txid[txid] = sender
        return txid

    @property
    def left(self) -> int:
        """How many have not paid anything yet."""
        return len(self._fresh)

    def raw(self, txid: str) -> str:
        return self.of_txid[txid].choices[txid]


class ChangingChain:
    """The node, what lies in its blocks, and how its last blocks become others."""

    def __init__(self, anvil: Anvil, rng: random.Random, contracts: Mapping[str, str], *, senders: int) -> None:
        self.anvil, self._rng = anvil, rng
        self.tokens = {asset: placed(anvil, address) for asset, address in contracts.items()}
        self._of_contract = {address.lower(): asset for asset, address in contracts.items()}
        self.strangers = Strangers(anvil, rng, self.tokens, how_many=senders)
        anvil.mine(_CALM)
        self.first = self.tip() + 1
        self._blocks: dict[int, tuple[str, list[Output]]] = {}

    def tip(self) -> int:
        return int(self.anvil.ask("eth_blockNumber"), 16)

    def tip_hash(self) -> str:
        return str(self.anvil.ask("eth_getBlockByNumber", "latest", False)["hash"])

    # Changing it ---------------------------------------------------------------------------------------------------------------------

    def add(self, txids: Sequence[str]) -> None:
        """One block with these in it."""
        for txid in txids:
            self.anvil.ask("eth_sendRawTransaction", self.strangers.raw(txid))
        self.anvil.mine(1)

    def replace_at_once(self, blocks: Sequence[Sequence[str]]) -> None:
        """As many of the last blocks as there are new ones, between two questions that anybody asks the node."""
        chosen = [[self.strangers.raw(txid), place] for place, block in enumerate(blocks) for txid in block]
        self.anvil.ask("anvil_reorg", len(blocks), chosen)

    def replace_one_by_one(self, blocks: Sequence[Sequence[str]], *, fee: int | None) -> Iterator[None]:
        """The node forgets the last blocks, and the new ones come one after the other; stops before each.

        `fee`: what the shifty token keeps of a payment from then on.
        """
        self.anvil.ask("anvil_rollback", len(blocks))
        if fee is not None:
            self.tokens[SHIFTY].become(Manners(fee=fee).code)
        for block in blocks:
            yield
            self.add(block)

    # Reading it ----------------------------------------------------------------------------------------------------------------------

    def outputs(self) -> dict[tuple[str, int], Output]:
        """Everything that the best chain pays to anybody since the proof began."""
        height = tip = self.tip()
        while height >= self.first:
            block = self.anvil.ask("eth_getBlockByNumber", hex(height), True)
            if self._blocks.get(height, ("",))[0] == block["hash"]:
                break
            self._blocks[height] = (block["hash"], list(self._of_block(height, block)))
            height -= 1
        self._blocks = {height: known for height, known in self._blocks.items() if height <= tip}
        return {(one.txid, one.output): one for _, known in self._blocks.values() for one in known}

    def _of_block(self, height: int, block: Mapping[str, Any]) -> Iterator[Output]:
        receipts = {one["transactionHash"]: one for one in self.anvil.ask("eth_getBlockReceipts", hex(height))}
        for one in block["transactions"]:
            receipt = receipts[one["hash"]]
            if int(receipt["status"], 16) != 1:
                continue
            if int(one["value"], 16):
                yield Output(one["hash"], 0, COIN, _whole(COIN, one["value"]), one["to"].lower(), height)
            for place, entry in enumerate(receipt["logs"]):
                asset = self._of_contract.get(entry["address"].lower())
                if asset and entry["topics"][0] == _TRANSFER and int(entry["data"], 16):
                    to = "0x" + entry["topics"][2][-40:].lower()
                    yield Output(one["hash"], place + 1, asset, _whole(asset, entry["data"]), to, height)

    def holds(self, asset: str, address: str) -> Decimal:
        """What lies at an address now."""
        if asset == COIN:
            return _whole(COIN, self.anvil.ask("eth_getBalance", address, "latest"))
        return Decimal(self.tokens[asset].held(address)).scaleb(-DECIMALS[asset])


def _whole(asset: str, units: str) -> Decimal:
    return Decimal(int(units, 16)).scaleb(-DECIMALS[asset])
