"""The Merkle sum tree: SHA-256 over hashes and sums, so that nobody's amount can be left out, lowered or made negative unseen.

One tree per asset, amounts in the asset's smallest unit as 32 bytes, big-endian:

    leaf  = sha256(00 ‖ snapshot ‖ length of the asset's code ‖ its code ‖ customer ‖ nonce ‖ amount)
    node  = sha256(01 ‖ left hash ‖ left sum ‖ right hash ‖ right sum), its sum is left + right
    empty = sha256(02) with the sum 0, which fills a tree up to a power of two

A parent binds the sum of each child: with their total alone, one side could be negative and the other too large. The three first bytes
keep a node from being taken for a leaf. `docs/reserves.md` tells it once more for whoever writes a verifier of their own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Literal
from uuid import UUID

from kernel.money import canonical, unit
from wallet_bridge.reserves.errors import LeafImpossible

FORMAT: Literal["rivermouth/reserves/1"] = "rivermouth/reserves/1"
TILE_LEVELS = 8
TILE = 1 << TILE_LEVELS
"""Leaves under one kept node: a proof reads one such piece again and climbs on from the kept nodes."""
NONCE = 16
LIMIT = 1 << 256
_SHARE = unit(6)


@dataclass(frozen=True, slots=True)
class Node:
    """Of any level; `sum` is what all leaves below it hold."""

    hash: bytes
    sum: int

    def packed(self) -> bytes:
        return self.hash + self.sum.to_bytes(32, "big")


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one asset, in units: the tree, and what stands in the books against it."""

    asset: str
    scale: int
    leaves: int
    root: bytes
    liabilities: int
    venues: int
    wallets: int
    cash: int
    in_transit: int
    loans: int

    @property
    def held(self) -> int:
        """What the house has at hand: everything but what it has lent."""
        return self.venues + self.wallets + self.cash + self.in_transit

    @property
    def covered(self) -> bool:
        return self.held + self.loans >= self.liabilities

    def ratio(self, *, with_loans: bool) -> Decimal | None:
        """Assets by liabilities, cut to six places; None where nothing is owed."""
        if self.liabilities == 0:
            return None
        have = self.held + (self.loans if with_loans else 0)
        return Decimal(have * 10**6 // self.liabilities) * _SHARE


def leaf(*, snapshot: UUID, asset: str, customer: UUID, nonce: bytes, amount: int) -> Node:
    """One customer's.

    Raises:
        LeafImpossible: the amount is negative, or more than a sum can hold.
    """
    if not 0 <= amount < LIMIT:
        raise LeafImpossible
    code = asset.encode("ascii")
    assert len(nonce) == NONCE
    assert 0 < len(code) < 256
    said = b"\x00" + snapshot.bytes + bytes([len(code)]) + code + customer.bytes + nonce + amount.to_bytes(32, "big")
    return Node(sha256(said).digest(), amount)


def join(left: Node, right: Node) -> Node:
    """The parent of two.

    Raises:
        LeafImpossible: a sum is negative, or the two together are more than a sum can hold.
    """
    if left.sum < 0 or right.sum < 0 or left.sum + right.sum >= LIMIT:
        raise LeafImpossible
    return Node(sha256(b"\x01" + left.packed() + right.packed()).digest(), left.sum + right.sum)


def _empties() -> tuple[Node, ...]:
    found = [Node(sha256(b"\x02").digest(), 0)]
    for _ in range(63):
        found.append(join(found[-1], found[-1]))
    return tuple(found)


EMPTY = _empties()
"""The node of each level that has nothing below it."""


def depth(leaves: int) -> int:
    """Levels above the leaves; the length of every path."""
    assert leaves > 0
    return (leaves - 1).bit_length()


def rows(nodes: Sequence[Node], *, level: int, upto: int) -> list[list[Node]]:
    """These nodes of one level and each level above them up to `upto`, filled up with empty ones to pairs."""
    found = [list(nodes)]
    for at in range(level, upto):
        row = found[-1]
        if len(row) % 2:
            row.append(EMPTY[at])
        found.append([join(*pair) for pair in zip(row[::2], row[1::2], strict=True)])
    return found


def top(nodes: Sequence[Node], *, level: int, upto: int) -> Node:
    """The one node above all of these."""
    found = rows(nodes, level=level, upto=upto)[-1]
    assert len(found) == 1, "more nodes than fit below one"
    return found[0]


def tile_top(leaves: Sequence[Node], *, total: int) -> Node:
    """The kept node above one piece of a tree of `total` leaves."""
    return top(leaves, level=0, upto=min(TILE_LEVELS, depth(total)))


def root(tops: Sequence[Node], *, total: int) -> Node:
    """From the kept nodes of a tree of `total` leaves."""
    level = min(TILE_LEVELS, depth(total))
    return top(tops, level=level, upto=depth(total))


def path(tile: Sequence[Node], tops: Sequence[Node], *, position: int, total: int) -> list[Node]:
    """The siblings from the leaf at this position up to below the root; `tile` are the leaves of its piece."""
    high = depth(total)
    low = min(TILE_LEVELS, high)
    within = _siblings(rows(tile, level=0, upto=low), position % TILE)
    return within + _siblings(rows(tops, level=low, upto=high), position >> low)


def _siblings(levels: Sequence[Sequence[Node]], position: int) -> list[Node]:
    return [row[(position >> at) ^ 1] for at, row in enumerate(levels[:-1])]


def climb(node: Node, siblings: Sequence[Node], *, position: int) -> Node:
    """The root that a path leads to; each bit of the position says on which side one stands.

    Raises:
        LeafImpossible: a sum on the way is negative or too large.
    """
    for at, sibling in enumerate(siblings):
        node = join(sibling, node) if position >> at & 1 else join(node, sibling)
    return node


def pack(nodes: Sequence[Node]) -> bytes:
    return b"".join(node.packed() for node in nodes)


def unpack(packed: bytes) -> list[Node]:
    return [
        Node(packed[at : at + 32], int.from_bytes(packed[at + 32 : at + 64], "big")) for at in range(0, len(packed), 64)
    ]


def statement(*, house: UUID, snapshot: UUID, at: datetime, assets: Sequence[Figures]) -> str:
    """What is signed and published, to the byte."""
    said = {
        "format": FORMAT,
        "house": str(house),
        "snapshot": str(snapshot),
        "at": at.isoformat(),
        "assets": [_said(each) for each in assets],
    }
    return json.dumps(said, separators=(",", ":"))


def _said(one: Figures) -> dict[str, str | int]:
    return {
        "asset": one.asset, "scale": one.scale, "leaves": one.leaves, "root": one.root.hex(), "liabilities": str(one.liabilities),
        "venues": str(one.venues), "wallets": str(one.wallets), "cash": str(one.cash), "in_transit": str(one.in_transit),
        "loans": str(one.loans),
    }  # fmt: skip


def units(amount: Decimal, scale: int) -> int:
    """An amount of the books in the asset's smallest unit."""
    found = amount.scaleb(scale)
    assert found == int(found), "the books are finer than the asset"
    return int(found)


def differing(leaves: Mapping[str, int], ledger: Mapping[str, int]) -> list[str]:
    """The assets whose leaves do not sum to what the ledger owes customers."""
    return sorted(asset for asset in {*leaves, *ledger} if leaves.get(asset, 0) != ledger.get(asset, 0))


def short(assets: Sequence[Figures]) -> str:
    """In words for an alarm: what is missing, asset by asset; empty where everything is covered."""
    return ", ".join(
        f"{canonical(Decimal(each.liabilities - each.held - each.loans) * unit(each.scale))} {each.asset}"
        for each in assets
        if not each.covered
    )
