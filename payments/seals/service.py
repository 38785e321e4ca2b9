"""Who could rewrite the whole chain could rewrite every seal. So its head is published each day, outside the database, and compared later.

A head is a line of JSON in `seals/heads.ndjson` under the data directory and a line in the log; copy either to where the database's
administrator cannot reach it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from kernel import db, log
from kernel.db import Tx
from payments.balances import service as balances
from payments.balances.service import BrokenSeal
from payments.seals import queries

HEADS = "heads.ndjson"
_SEALS_AT_ONCE = 200
_log = log.get("ledger")


@dataclass(frozen=True, slots=True)
class Seal:
    """`sums` is the reader's own turnover in it by asset, None where the reader had none."""

    seal_no: int
    epoch: int
    xid_from: int
    xid_to: int
    n: int
    prev: str
    hash: str
    sealed_at: datetime
    sums: dict[str, str] | None


def page(tx: Tx, *, before: int | None, limit: int) -> list[Seal]:
    """Newest first; every tenant sees the same chain, and its own sums."""
    return [
        Seal(
            row.seal_no, row.epoch, row.xid_from, row.xid_to, row.n, bytes(row.prev).hex(), bytes(row.hash).hex(),
            row.sealed_at, row.sums,
        )
        for row in queries.page(tx, before=before, limit=limit)
    ]  # fmt: skip


def publish_head(directory: Path) -> dict[str, Any] | None:
    """Append the head of the chain to the file of heads; the same head is written once."""
    with db.read_only() as tx:
        row = queries.head(tx)
    if row is None:
        return None
    head = {
        "seal_no": row.seal_no,
        "epoch": row.epoch,
        "hash": bytes(row.hash).hex(),
        "sealed_at": row.sealed_at.isoformat(),
    }
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    if head not in published(directory):
        with (directory / HEADS).open("a", encoding="utf-8") as file:
            file.write(json.dumps(head) + "\n")
    _log.info("seal_head", **head)
    return head


def published(directory: Path) -> list[dict[str, Any]]:
    path = directory / HEADS
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def verify(
    *, heads: list[dict[str, Any]] | None = None, progress: Callable[[int, int], None] | None = None
) -> list[BrokenSeal]:
    """The whole chain in steps, what no seal covers, and the published heads. Needs the engine's view of all tenants."""
    found: list[BrokenSeal] = []
    with _long() as tx:
        row = queries.head(tx)
        last = int(row.seal_no) if row else 0
        for first in range(1, last + 1, _SEALS_AT_ONCE):
            upto = min(first + _SEALS_AT_ONCE - 1, last)
            found += balances.check_seals(tx, first=first, last=upto)
            if progress is not None:
                progress(upto, last)
        found += balances.unsealed(tx)
        hashes = queries.hashes(tx, [head["seal_no"] for head in heads or []])
    found += [
        BrokenSeal(head["seal_no"], "differs_from_published_head")
        for head in heads or []
        if hashes.get(head["seal_no"]) != head["hash"]
    ]
    return found


def _long() -> Any:
    """One snapshot, read for as long as it takes: reading holds back nobody's fold."""
    return db.read_only(repeatable=True, unlimited=True)
