"""The leaf of an entry in its seal, written down once more: an archive is checked without the tables it came from."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from uuid import UUID

ENTRY_FIELDS = (
    "epoch", "xid", "journal_id", "line", "account_id", "asset_id", "amount", "held_delta", "hold_id", "tenant_id",
)  # fmt: skip
JOURNAL_FIELDS = ("journal_id", "head")
_IN_LEAF = ENTRY_FIELDS[:9]


def identity(journal_id: str, line: int) -> bytes:
    return UUID(journal_id).bytes + line.to_bytes(2, "big")


def leaf(entry: Mapping[str, str], head: str | None) -> bytes:
    """`head` is the journal's own line of the archive, None where it is missing; every field is canonical text."""
    fields = [entry[name] for name in _IN_LEAF]
    if head is not None:
        fields.append(hashlib.sha256(head.encode()).hexdigest())
    row = "|".join(fields)
    return identity(entry["journal_id"], int(entry["line"])) + hashlib.sha256(row.encode()).digest()
