"""The words in which the custodian talks to a chain. Reading may fail (`ChainAway`); sending never raises: it answers what is known.

Making a payment has two halves. `materials` asks the node for what must be known (fees, unspent outputs) and may take its time; `sign`
is computation only and runs inside the transaction that stores its result. What is stored is sent, any number of times; nothing else is.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol


class ChainAway(Exception):
    """The node does not answer, or not in a way that can be understood."""


class CannotPay(Exception):
    """These materials do not pay this: not enough funds, or the fee would pass its cap. The text is for staff."""


class WouldFail(CannotPay):
    """It would be included and pay nothing: whoever is to be paid, or the token's contract, refuses it. Waiting does not help."""


@dataclass(frozen=True, slots=True)
class BlockRef:
    height: int
    hash: str
    parent: str


@dataclass(frozen=True, slots=True)
class Incoming:
    """An output, or one transfer of a token, to anybody; of transactions that succeeded. `output` numbers it within its transaction."""

    txid: str
    output: int
    asset: str
    amount: Decimal
    address: str
    memo: str | None = None


@dataclass(frozen=True, slots=True)
class Moves:
    """What a block did on a chain whose money lies in outputs.

    `spent`: (txid, output, the spender's txid). `wallets`: our own ones by their address. `resting`: transactions whose outputs the
    network lets nobody spend for some blocks.
    """

    spent: Sequence[tuple[str, int, str]]
    wallets: Mapping[str, str]
    resting: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Block:
    """`mined`: what this block made of each of its transactions, by txid. `moves` None where money lies in accounts."""

    ref: BlockRef
    incoming: Sequence[Incoming]
    mined: Mapping[str, Mined] = field(default_factory=dict)
    moves: Moves | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """What of a payment the node is asked about beforehand; `data`: what a contract at the address is called with."""

    asset: str
    address: str
    amount: Decimal
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class Output:
    """One of ours that may be spent with the key of `index` on `branch`; None where others have the keys."""

    txid: str
    number: int
    amount: Decimal
    address: str
    branch: int | None
    index: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """What is to be paid: from `payer` with the key of `index` on `branch`, at most `fee_cap` of the network's own coin.

    `spends`: outputs that earlier attempts of it use, all of which this one must use again. `free`: those that nothing uses. `leaving`:
    what other stored bytes will still take of the payer, by asset. `instead_of`: the most that an earlier attempt offered, which this
    one must outbid, spending the same; `replaces` are that attempt's bytes.
    """

    payer: str
    branch: int
    index: int
    asset: str
    amount: Decimal
    address: str
    memo: str | None
    fee_cap: Decimal
    nonce: int | None
    leaving: Mapping[str, Decimal]
    instead_of: Decimal | None = None
    replaces: bytes | None = None
    spends: Sequence[Output] = ()
    free: Sequence[Output] = ()
    data: bytes = b""

    @property
    def wish(self) -> Wish:
        return Wish(self.asset, self.address, self.amount, self.data)


@dataclass(frozen=True, slots=True)
class Signed:
    """Bytes that pay. `spends` are the outputs they use, empty where nonces order payments."""

    raw: bytes
    txid: str
    max_fee: Decimal
    spends: Sequence[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Sent:
    """The node has it, now or already."""


@dataclass(frozen=True, slots=True)
class NotTaken:
    """The node says that it would not take these bytes; they may be on the chain all the same."""

    reason: str


@dataclass(frozen=True, slots=True)
class Mined:
    """In a block of the best chain. `ok` is False where it did nothing there but cost its fee; `fee` None: what the attempt offered."""

    height: int
    block: str
    fee: Decimal | None
    ok: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """The node knows it, no block has it."""


@dataclass(frozen=True, slots=True)
class Gone:
    """The node does not know it."""


Located = Mined | Waiting | Gone


class Chain(Protocol):
    """One network. Implementations are for one process and one loop."""

    async def tip(self) -> BlockRef:
        """Raises: ChainAway, also where the node is of another network."""
        ...

    async def block_ref(self, height: int) -> BlockRef | None:
        """None above the tip."""
        ...

    async def block(self, height: int) -> Block: ...

    async def materials(self, payer: str, wishes: Collection[Wish]) -> Any:
        """What must be known to sign these, all of it as of one block, whose `height` the answer has."""
        ...

    def sign(self, materials: Any, payment: Payment) -> Signed:
        """Raises: CannotPay, WouldFail."""
        ...

    async def send(self, raw: bytes) -> Sent | NotTaken: ...

    async def locate(self, txid: str) -> Located: ...

    async def first_nonce(self, payer: str) -> int | None:
        """Where nonces begin for an account that was used before us; None where there are none."""
        ...

    async def nonce_spent(self, payer: str, nonce: int) -> bool:
        """Whether a final block has a transaction of this account with this nonce."""
        ...

    async def balances(self, address: str, at: BlockRef | None = None) -> Mapping[str, Decimal]:
        """Of one of our own wallets, in that block, else in the newest. An asset whose contract does not answer is left out."""
        ...

    def inputs(self, raw: bytes) -> Sequence[tuple[str, int]]:
        """The outputs that these bytes spend; none where nonces order payments."""
        ...

    def address_of(self, public_key: bytes) -> str: ...

    def valid(self, address: str) -> str | None:
        """The address as this network writes it; None where it is none."""
        ...

    async def close(self) -> None: ...
