"""Posting. `post` is a step: the journal shares the transaction of the fact that caused it; only `postings.py` rooms call it.

A transaction posts last: payers are locked here, keys after them. Lines with a hold spend what `holds.capture` took out of it before,
in the same transaction. A repeat of a key with the same lines answers with the first journal.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Connection, Row
from sqlalchemy.exc import DBAPIError

from kernel import db
from kernel.db import Tx
from kernel.ids import SYSTEM
from kernel.money import LIMIT, InvalidAmount
from payments.chart import JournalIn, Line
from payments.errors import HoldMismatch, LedgerRestored, refusal
from payments.journal import queries

__all__ = ["JournalIn", "Line", "Posted", "find", "post", "post_batch"]

_CAPTURE_DIFFERS, _RESTORED = "RM001", "RM002"


@dataclass(frozen=True, slots=True)
class Posted:
    """What became of one item: `ok`, `exists`, or why it was refused."""

    status: str
    journal_id: UUID | None


def post(tx: Tx, journals: Sequence[JournalIn]) -> list[UUID]:
    """Post all of them or none. Returns the journals' ids, those of the first time for keys that exist.

    Raises:
        InsufficientFunds, AmountTooFine, AccountFrozen, AccountClosed, Unbalanced, IdempotencyConflict, …: the first refusal.
        HoldMismatch: lines with a hold are not what was captured of it.
    """
    answers = _answers(lambda checked: queries.post_batch(tx, checked, atomic=True), journals)
    for answer, journal in zip(answers, journals, strict=True):
        if answer.status not in {"ok", "exists", "not_posted"}:
            raise refusal(answer.status, key=journal.key)
    return [answer.journal_id for answer in answers if answer.journal_id is not None]


def post_batch(
    *,
    tenant: UUID,
    journals: Sequence[JournalIn],
    mode: Literal["atomic", "continue"] = "continue",
    on: Connection | None = None,
) -> list[Posted]:
    """A use case: post journals that stand alone, in one transaction; with `continue` a refused one leaves the others untouched."""

    def once() -> list[Posted]:
        with db.one_statement(on=on) as connection:
            return _answers(
                lambda checked: queries.post_batch_alone(connection, checked, tenant=tenant, atomic=mode == "atomic"),
                journals,
            )

    return db.retrying(once)


def find(tx: Tx, *, key: str, principal: UUID = SYSTEM) -> UUID | None:
    """The journal that a key posted, if it did."""
    return queries.find(tx, principal=principal, key=key)


def _answers(call: Callable[[list[JournalIn]], list[Row[Any]]], journals: Sequence[JournalIn]) -> list[Posted]:
    if not journals:
        return []
    try:
        rows = call([_without_empty_lines(j) for j in journals])
    except DBAPIError as error:
        if db.sqlstate(error) == _CAPTURE_DIFFERS:
            raise HoldMismatch from error
        if db.sqlstate(error) == _RESTORED:
            raise LedgerRestored from error
        raise
    return [Posted(row.status, row.journal_id) for row in rows]


def _without_empty_lines(journal: JournalIn) -> JournalIn:
    for line in journal.lines:
        amount, held = line.amount, line.held_delta
        if not (amount.is_finite() and held.is_finite() and -LIMIT < amount < LIMIT and -LIMIT < held < LIMIT):
            raise InvalidAmount("an amount of the journal is not a number the ledger can hold")
    if all(line.amount for line in journal.lines):
        return journal
    return replace(journal, lines=[line for line in journal.lines if line.amount])
