"""What the rows of a file post: one journal each, under a key made of the file's key and the row's number, so that no row posts twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kernel.db import Tx
from payments.chart import JournalIn, Line
from payments.journal import bulk
from payments.journal.bulk import NotPosted

UNKNOWN = 0  # no account has this id


def journals(job: Any, rows: Sequence[Any], paths: Mapping[str, int]) -> list[JournalIn]:
    prefix = key_prefix(job)
    return [
        JournalIn(
            key=f"{prefix}{row.number}",
            kind=f"import.{row.kind}",
            principal=job.uploaded_by,
            realm=job.realm,
            actor=str(job.decided_by or job.uploaded_by),
            effective_at=row.effective_at,
            meta={**row.meta, "import": str(job.id), "row": row.number},
            lines=[Line(_account(name, paths), amount) for name, amount in zip(row.accounts, row.amounts, strict=True)],
        )
        for row in rows
    ]


def key_prefix(job: Any) -> str:
    """The key of a row is this and the row's number."""
    return f"c/import/{'' if job.realm == 'REAL' else 'demo/'}{job.file_key}:"


def check(tx: Tx, wanted: Sequence[JournalIn]) -> list[NotPosted]:
    """What would not be posted, by the same rules."""
    return bulk.post_chunk(tx, wanted, dry=True)


def post(tx: Tx, wanted: Sequence[JournalIn]) -> list[NotPosted]:
    return bulk.post_chunk(tx, wanted)


def _is_id(name: str) -> bool:
    return name.isascii() and name.isdigit()


def _account(name: str, paths: Mapping[str, int]) -> int:
    return int(name) if _is_id(name) else paths.get(name, UNKNOWN)
