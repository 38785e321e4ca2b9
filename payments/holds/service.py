"""Putting money aside and spending it. Steps: each works inside the caller's transaction; the sweepers at the end open their own.

A capture moves no balance. The caller posts, in the same transaction, a line with the capture's amount, `held_delta` and hold id; the
posting function refuses lines that are not exactly what was captured.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from kernel import db, log
from kernel.db import Tx
from kernel.errors import DomainError
from kernel.ids import uuid7
from kernel.money import LIMIT, InvalidAmount
from payments.errors import CaptureExceedsHold, HoldNotFound, HoldNotOpen, refusal
from payments.holds import postings, queries
from payments.holds.states import HoldKind, HoldState

_SWEEP = 500
_log = log.get("holds")


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
    capture_at: datetime | None
    capture_to: int | None
    realm: str

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
    capture_at: datetime | None = None,
    capture_to: int | None = None,
) -> UUID:
    """Put `amount` aside; a hold of an order expires with its order, not by the sweeper.

    With `capture_at` what is left of it then is paid to `capture_to`; such a hold has no expiry.

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
    if capture_at is not None:
        assert capture_to is not None, "a capture needs an account"
        assert expires_at is None, "a hold captures itself or expires, not both"
        status = queries.capture_later(tx, hold_id=hold_id, capture_at=capture_at, capture_to=capture_to)
        if status != "ok":
            raise refusal(status)
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


def capture_all(tx: Tx, captures: Sequence[tuple[UUID, Decimal]]) -> list[Captured]:
    """Take amounts out of many holds in one statement, in the order given; all of them or none.

    Raises:
        HoldNotOpen, HoldExpired, CaptureExceedsHold, AmountTooFine, HoldNotFound: the first refusal.
    """
    if not captures:
        return []
    ids, amounts = [hold_id for hold_id, _ in captures], [_positive(amount) for _, amount in captures]
    rows = queries.capture_all(tx, hold_ids=ids, amounts=amounts)
    for row in rows:
        if row.status != "ok":
            raise refusal(row.status)
    return [Captured(row.account_id, amount, row.held_delta) for row, amount in zip(rows, amounts, strict=True)]


def void_all(tx: Tx, hold_ids: Sequence[UUID]) -> None:
    """End many holds in one statement, their balances in ascending order; those that had ended before stay as they are."""
    for row in queries.release_all(tx, hold_ids=list(hold_ids), end_as=HoldState.VOIDED.value) if hold_ids else ():
        if row.status != "ok":
            raise refusal(row.status)


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
        row.order_id, row.opened_at, row.expires_at, row.capture_at, row.capture_to, row.realm,
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


def expire_due(*, limit: int = _SWEEP) -> int:
    """End holds whose time has passed and that no order owns, each in a transaction of its tenant. For the engine; returns how many."""
    ended = 0
    while True:
        with db.read_only() as tx:
            waiting = due(tx, limit=limit)
        done = sum(_expire_one(tenant, hold_id) for tenant, hold_id in waiting)
        ended += done
        if len(waiting) < limit or not done:
            return ended


def _expire_one(tenant: UUID, hold_id: UUID) -> bool:
    def once() -> bool:
        with db.transaction(tenant=tenant) as tx:
            return expire(tx, hold_id=hold_id) > 0

    return db.retrying(once)


def capture_due(*, limit: int = _SWEEP) -> int:
    """Capture what was to be captured by now, each hold in a transaction of its tenant. For the engine; returns how many.

    A capture that the ledger refuses (its target was closed) stays held and is tried again: a person must decide.
    """
    captured, after = 0, None
    while True:
        with db.read_only() as tx:
            waiting = queries.capture_due(tx, after=after, limit=limit)
        captured += sum(_capture_one(row.tenant_id, row.hold_id) for row in waiting)
        if len(waiting) < limit:
            return captured
        after = (waiting[-1].capture_at, waiting[-1].hold_id)


def _capture_one(tenant: UUID, hold_id: UUID) -> bool:
    def once() -> bool:
        with db.transaction(tenant=tenant) as tx:
            hold = get(tx, hold_id)
            if hold.capture_at is None or hold.capture_to is None or hold.capture_at > tx.now or not hold.remainder:
                return False
            taken = capture(tx, hold_id=hold_id, amount=hold.remainder)
            postings.capture_on_its_day(
                tx,
                hold_id=hold_id,
                account_id=taken.account_id,
                target=hold.capture_to,
                amount=taken.amount,
                held_delta=taken.held_delta,
                realm=hold.realm,
                order_id=hold.order_id,
                reference=hold.reference,
            )
        return True

    try:
        return db.retrying(once)
    except (HoldNotOpen, CaptureExceedsHold):  # somebody else was faster; a rest is taken by the next sweep
        return False
    except DomainError as error:
        _log.error("capture_refused", hold=str(hold_id), code=error.code)
        return False
