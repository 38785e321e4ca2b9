"""The way into the stage and out of it: COPY of heads and lines, one call that posts what stands there.

The tables of the stage are temporary and belong to the ledger's role; they last as long as the connection and are empty after each
transaction. COPY speaks text: the server reads it faster than Python could write anything else.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Row

from kernel.db import Tx
from kernel.money import canonical
from payments.chart import JournalIn
from payments.journal.rules import meta_text

_HEADS = (
    "COPY stage_heads (item, principal, key, fp, realm, kind, order_id, reverses, effective_at, actor, meta) FROM STDIN"
)
_LINES = "COPY stage_lines (item, line, account, amount) FROM STDIN"
_UNSAFE = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def fill(tx: Tx, journals: Sequence[JournalIn]) -> None:
    """Put journals (without holds, without empty lines) on the stage of this connection, numbered from 0."""
    heads, lines = [], []
    for item, journal in enumerate(journals):
        words = []
        for number, line in enumerate(journal.lines, start=1):
            amount = canonical(line.amount)
            words.append(f'[{line.account_id},"{amount}","0",null]')
            lines.append(f"{item}\t{number}\t{line.account_id}\t{amount}\n")
        heads.append(_head(item, journal, ",".join(words)))
    tx.execute("SELECT payments.open_stage()")
    driver: Any = tx.connection.connection.driver_connection
    with driver.cursor() as cursor:
        for statement, rows in ((_HEADS, heads), (_LINES, lines)):
            with cursor.copy(statement) as copy:
                copy.write("".join(rows))


def post(tx: Tx, *, dry: bool) -> list[Row[Any]]:
    """What was not posted: item, status, journal_id (of keys that exist)."""
    return tx.all("SELECT item, status, journal_id FROM payments.post_stage(:dry)", dry=dry)


def _head(item: int, journal: JournalIn, lines: str) -> str:
    # The text that `rules.fingerprint` digests, put together without a detour through lists.
    request = (
        f"[{_quoted(journal.kind)},{_quoted(journal.realm)},{_id(journal.order_id)},{_id(journal.reverses)},[{lines}]]"
    )
    fp = hashlib.sha256(request.encode()).hexdigest()
    effective = journal.effective_at.isoformat() if journal.effective_at else None
    return (
        f"{item}\t{journal.principal}\t{_text(journal.key)}\t\\\\x{fp}\t{journal.realm}\t{_text(journal.kind)}"
        f"\t{journal.order_id or NULL}\t{journal.reverses or NULL}\t{effective or NULL}"
        f"\t{NULL if journal.actor is None else _text(journal.actor)}\t{_json(meta_text(journal.meta))}\n"
    )


NULL = "\\N"


@lru_cache(maxsize=256)
def _quoted(word: str) -> str:
    return json.dumps(word)


def _id(link: object) -> str:
    return f'"{link}"' if link else "null"


def _text(value: str) -> str:
    return value if value.isprintable() and "\\" not in value else value.translate(_UNSAFE)


def _json(value: str) -> str:
    """A control character is escaped in it already."""
    return value.replace("\\", "\\\\")
