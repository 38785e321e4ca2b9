"""The columns of each export. One kind per column; how a kind looks in CSV or Parquet is the business of `files`."""

from __future__ import annotations

from enum import StrEnum

from payments.exports.states import What


class Column(StrEnum):
    TEXT = "text"
    NUMBER = "number"  # a whole number
    AMOUNT = "amount"
    TIME = "time"
    JSON = "json"


COLUMNS: dict[What, dict[str, Column]] = {
    What.JOURNALS: {
        "journal_id": Column.TEXT,
        "booked_at": Column.TIME,
        "effective_at": Column.TIME,
        "kind": Column.TEXT,
        "key": Column.TEXT,
        "order_id": Column.TEXT,
        "reverses": Column.TEXT,
        "actor": Column.TEXT,
        "meta": Column.JSON,
    },
    What.ENTRIES: {
        "epoch": Column.NUMBER,
        "xid": Column.NUMBER,
        "journal_id": Column.TEXT,
        "line": Column.NUMBER,
        "booked_at": Column.TIME,
        "kind": Column.TEXT,
        "account_id": Column.NUMBER,
        "path": Column.TEXT,
        "asset": Column.TEXT,
        "amount": Column.AMOUNT,
        "held_delta": Column.AMOUNT,
        "hold_id": Column.TEXT,
    },
    What.BALANCES: {
        "account_id": Column.NUMBER,
        "path": Column.TEXT,
        "kind": Column.TEXT,
        "owner": Column.TEXT,
        "normal_side": Column.TEXT,
        "asset": Column.TEXT,
        "posted": Column.AMOUNT,
    },
    What.STATEMENT: {
        "journal_id": Column.TEXT,
        "line": Column.NUMBER,
        "booked_at": Column.TIME,
        "kind": Column.TEXT,
        "asset": Column.TEXT,
        "amount": Column.AMOUNT,
        "balance_after": Column.AMOUNT,
        "order_id": Column.TEXT,
        "meta": Column.JSON,
    },
}
