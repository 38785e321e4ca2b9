"""Putting money aside and spending it. Steps: each works inside the caller's transaction.

A capture moves no balance. The caller posts, in the same transaction, a line with the capture's amount, `held_delta` and hold id; the
posting function refuses lines that are not exactly what was captured.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from kernel.db import Tx
from kernel.ids import uuid7
from kernel.money import LIMIT, InvalidAmount
from payments.errors import HoldNotFound, refusal
from payments.holds import queries
from payments.holds.states import HoldKind, HoldState


@dataclass(frozen=True, slots=True)
class Captured:
    """What to post: a line of -amount with this `held_delta` on the account."""

    account_id: int
    amount: Decimal
    held_delta: Decimal


@dataclass(frozen=True, slots=True)
class Hold:
    hold_id: UUID
    account_id: int
    asset: str
    amount: Decimal
    captured: Decimal
    kind: HoldKind
    reference: str
    state: HoldState
    order_id: UUID | None
    opened_at: datetime
    expires_at: datetime | None

    @property
    def remainder(self) -> Decimal:
        """What may still be captured."""
        return self.amount - self.captured if self.state is HoldState.OPEN else Decimal(0)


def open_hold(
    tx: Tx,
    *,
    account_id: int,
    amount: Decimal,
    kind: HoldKind,
    reference: str,
    order_id: UUID | None = None,
    expires_at: datetime | None = None,
) -> UUID:
    """Put `amount` aside; a hold of an order expires with its order, not by the sweeper.

    Raises:
        InsufficientFunds: not even the fresh credits, folded or not, cover it.
        AmountTooFine, AccountFrozen, AccountClosed, AccountNotFound: as they say.
    """
    hold_id = uuid7()
    row = queries.open_hold(
        tx, hold_id=hold_id, account_id=account_id, amount=_positive(amount), kind=kind.value, reference=reference, order_id=order_id,
        expires_at=expires_at,
    )  # fmt: skip
    if row.status != "ok":
        raise refusal(row.status)
    return hold_id


def capture(tx: Tx, *, hold_id: UUID, amount: Decimal, release_rest: bool = False) -> Captured:
    """Take `amount` out of the hold; with `release_rest` the hold ends and its remainder is free at once.

    Raises:
        HoldNotOpen, HoldExpired, CaptureExceedsHold, AmountTooFine, HoldNotFound: as they say.
    """
    row = queries.capture(tx, hold_id=hold_id, amount=_positive(amount), release_rest=release_rest)
    if row.status != "ok":
        raise refusal(row.status)
    return Captured(row.account_id, amount, row.held_delta)


def void(tx: Tx, *, hold_id: UUID) -> Decimal:
    """End the hold and hand back what was not captured; 0 when it had ended before, so a repeat is harmless."""
    return _release(tx, hold_id, HoldState.VOIDED)


def expire(tx: Tx, *, hold_id: UUID) -> Decimal:
    """Like void, for a hold whose time has passed.

    Raises:
        HoldNotDue: it has not.
    """
    return _release(tx, hold_id, HoldState.EXPIRED)


def due(tx: Tx, *, limit: int = 500) -> list[tuple[UUID, UUID]]:
    """(tenant, hold) past their time that no order owns; the engine expires each in a transaction of its tenant."""
    return queries.due(tx, limit=limit)


def get(tx: Tx, hold_id: UUID) -> Hold:
    row = queries.find(tx, hold_id)
    if row is None:
        raise HoldNotFound
    return Hold(
        row.hold_id, row.account_id, row.asset, row.amount, row.captured, HoldKind(row.kind), row.reference, HoldState(row.state),
        row.order_id, row.opened_at, row.expires_at,
    )  # fmt: skip


def _release(tx: Tx, hold_id: UUID, end_as: HoldState) -> Decimal:
    row = queries.release(tx, hold_id=hold_id, end_as=end_as.value)
    if row.status != "ok":
        raise refusal(row.status)
    return Decimal(row.released)


def _positive(amount: Decimal) -> Decimal:
    if not amount.is_finite() or not 0 < amount < LIMIT:
        raise InvalidAmount("a hold needs an amount above zero")
    return amount
