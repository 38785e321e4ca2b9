"""Statements: one line per journal and account of the owner, newest first, with the balance after it.

A page holds whole journals, so that a journal which touches several accounts (the two sides of a trade) is never torn in two and a cursor
is simply the last journal shown.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from kernel.db import Tx
from kernel.errors import InvalidRequest
from kernel.paging import InvalidCursor, decode_cursor, encode_cursor
from payments.statements import queries
from payments.statements.queries import LinePosition, Position


@dataclass(frozen=True, slots=True)
class StatementLine:
    """What one journal did to one account; `meta` explains it in the customer's words."""

    journal_id: UUID
    kind: str
    booked_at: datetime
    asset: str
    amount: Decimal
    balance_after: Decimal
    order_id: UUID | None
    meta: dict[str, Any]


@dataclass(frozen=True, slots=True)
class StatementPage:
    items: list[StatementLine]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class EntryLine:
    """One line of a journal on one account."""

    journal_id: UUID
    line: int
    kind: str
    booked_at: datetime
    effective_at: datetime | None
    amount: Decimal
    balance_after: Decimal
    hold_id: UUID | None
    order_id: UUID | None
    meta: dict[str, Any]


@dataclass(frozen=True, slots=True)
class EntryPage:
    items: list[EntryLine]
    next_cursor: str | None


def page(
    tx: Tx, *, owner: UUID, asset: str | None = None, cursor: str | None = None, limit: int = 50, realm: str = "REAL"
) -> StatementPage:
    """At least one journal and about `limit` lines.

    Raises:
        InvalidRequest: the cursor is not one that an earlier page gave.
    """
    before = _decode(cursor) if cursor else None
    rows = queries.page(tx, owner=owner, realm=realm, asset=asset, before=before, limit=limit + 1)
    lines = _with_balances(rows)
    shown: list[tuple[Row[Any], StatementLine]] = []
    for _, group in groupby(lines, key=lambda pair: pair[0].journal_id):
        journal = list(group)
        if shown and len(shown) + len(journal) > limit:
            break
        shown += journal
    more = len(shown) < len(lines)
    return StatementPage([line for _, line in shown], _encode(shown[-1][0]) if more else None)


def entries(tx: Tx, account_id: int, *, cursor: str | None = None, limit: int = 50) -> EntryPage:
    """Single lines of one account, newest first, with the balance after each.

    Raises:
        InvalidCursor: it was not given by an earlier page.
    """
    before = None
    if cursor:
        epoch, xid, journal_id, line = decode_cursor(cursor, int, int, UUID, int)
        if not (0 <= epoch < 2**15 and xid >= 0 and 0 < line < 2**15):
            raise InvalidCursor
        before = LinePosition(Position(epoch, xid, journal_id), line)
    rows = queries.entries(tx, account_id, before=before, limit=limit + 1)
    more = rows[limit - 1] if len(rows) > limit else None
    lines = [
        EntryLine(
            row.journal_id, row.line, row.kind, row.booked_at, row.effective_at, row.amount, row.balance_after, row.hold_id,
            row.order_id, row.meta,
        )
        for row in rows[:limit]
    ]  # fmt: skip
    return EntryPage(lines, encode_cursor(more.epoch, more.xid, more.journal_id, more.line) if more else None)


def _with_balances(rows: list[Row[Any]]) -> list[tuple[Row[Any], StatementLine]]:
    """Walk down from the newest line of each account, taking away what each line added."""
    after: dict[int, Decimal] = {}
    lines = []
    for row in rows:
        balance = after.get(row.account_id, row.balance)
        after[row.account_id] = balance - row.amount
        line = StatementLine(
            row.journal_id, row.kind, row.booked_at, row.asset, row.amount, balance, row.order_id, row.meta
        )
        lines.append((row, line))
    return lines


def _encode(row: Row[Any]) -> str:
    return base64.urlsafe_b64encode(f"{row.epoch}.{row.xid}.{row.journal_id}".encode()).decode().rstrip("=")


def _decode(cursor: str) -> Position:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
        epoch, xid, journal_id = text.split(".")
        position = Position(int(epoch), int(xid), UUID(journal_id))
    except (ValueError, binascii.Error) as error:
        raise InvalidRequest("this cursor was not given by an earlier page") from error
    if not (0 <= position.epoch < 2**15 and 0 <= position.xid < 2**63):
        raise InvalidRequest("this cursor was not given by an earlier page")
    return position
