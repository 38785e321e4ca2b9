"""What the proofs post: money from outside, payments, and what was captured of a hold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from uuid import UUID

from kernel.db import Tx
from payments.chart import JournalIn, Line, capture_line
from payments.holds import service as holds
from payments.journal import bulk
from payments.journal import service as journal


def post(tx: Tx, request: JournalIn) -> UUID:
    return journal.post(tx, [request])[0]


def post_all(tx: Tx, requests: Sequence[JournalIn]) -> list[UUID]:
    return journal.post(tx, requests)


def post_many(tenant: UUID, requests: Iterable[JournalIn]) -> None:
    """Through the door for many; all of them must be new."""
    done = bulk.post_bulk(tenant, requests)
    assert not done.refused, f"refused: {done.refused[:3]}"
    assert not done.existed, "each is posted once"


def capture(tx: Tx, *, key: str, hold_id: UUID, payee: int, amount: Decimal, release_rest: bool) -> UUID:
    """Take `amount` out of the hold and book it to the payee, in the caller's transaction."""
    taken = holds.capture(tx, hold_id=hold_id, amount=amount, release_rest=release_rest)
    leg = capture_line(taken.account_id, taken.amount, held_delta=taken.held_delta, hold_id=hold_id)
    return post(tx, JournalIn(key=key, kind="capture", lines=[leg, Line(payee, amount)]))
