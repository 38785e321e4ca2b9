"""Reserving, selling, returning and counting units. Steps: each works inside the caller's transaction, except the fold.

The same asymmetry as with money: what makes less available is reserved at once under the row's lock; what makes more available is a move
that may be folded later, and that an exact look finds in the tail meanwhile. A sale only inserts a move, so a hot SKU costs a buyer no wait
at the moment of paying.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from kernel import db
from kernel.db import Tx
from kernel.ids import uuid7
from payments.inventory import queries
from payments.inventory.errors import OutOfStock
from payments.inventory.states import MoveReason


@dataclass(frozen=True, slots=True)
class Stock:
    """Units in the house, and those of them that are spoken for."""

    on_hand: int
    reserved: int

    @property
    def available(self) -> int:
        return self.on_hand - self.reserved


def open_stock(tx: Tx, *, sku: str, units: int, actor: str | None) -> None:
    """Begin to count a new SKU."""
    queries.open_stock(tx, sku)
    if units:
        _move(tx, sku=sku, on_hand=units, reserved=0, reason=MoveReason.STOCKED, actor=actor)


def change(tx: Tx, *, sku: str, by: int, actor: str | None) -> None:
    """Units come or go outside any order.

    Raises:
        OutOfStock: fewer are unreserved than should go.
    """
    if by > 0:
        _move(tx, sku=sku, on_hand=by, reserved=0, reason=MoveReason.STOCKED, actor=actor)
    elif by < 0:
        reserve(tx, sku=sku, units=-by)
        _move(tx, sku=sku, on_hand=by, reserved=by, reason=MoveReason.REMOVED, actor=actor)


def reserve(tx: Tx, *, sku: str, units: int) -> None:
    """Put units aside.

    Raises:
        OutOfStock: not even fresh units, folded or not, suffice.
    """
    row = queries.reserve(tx, sku=sku, qty=units)
    assert row.status != "product_not_found", "every product has a stock row"
    if row.status != "ok":
        raise OutOfStock(available=row.available)


def release(tx: Tx, *, sku: str, units: int) -> None:
    """Hand back what was put aside, at once."""
    queries.release(tx, sku=sku, qty=units)


def sell(tx: Tx, *, sku: str, units: int, order_id: UUID) -> None:
    """What was put aside for an order leaves the house; the row is not touched."""
    _move(tx, sku=sku, on_hand=-units, reserved=-units, reason=MoveReason.SOLD, order_id=order_id)


def take_back(tx: Tx, *, sku: str, units: int, order_id: UUID, actor: str | None) -> None:
    """Units of a paid order came back."""
    _move(tx, sku=sku, on_hand=units, reserved=0, reason=MoveReason.RETURNED, order_id=order_id, actor=actor)


def exact(tx: Tx, skus: Sequence[str]) -> Mapping[str, Stock]:
    """Stock to the last committed move."""
    return {row.sku: Stock(row.on_hand, row.reserved) for row in queries.exact(tx, skus)}


def fold(*, limit: int = 10_000) -> int:
    """One pass over about `limit` moves of all tenants, in its own transaction; only the engine may. Two folders are harmless.

    A database that was restored into another cluster begins a new epoch here, before anything is folded.
    """
    with db.transaction() as tx:
        return queries.fold(tx, limit=limit) if queries.waits(tx) else 0


def _move(
    tx: Tx,
    *,
    sku: str,
    on_hand: int,
    reserved: int,
    reason: MoveReason,
    order_id: UUID | None = None,
    actor: str | None = None,
) -> None:
    queries.move(
        tx, move_id=uuid7(), sku=sku, on_hand=on_hand, reserved=reserved, reason=reason.value, order_id=order_id, actor=actor
    )  # fmt: skip
