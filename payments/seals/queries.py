"""Seals, newest first, with the caller's own turnover; the head of the chain; hashes by number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row

from kernel.db import Tx

_PAGE = """
SELECT s.seal_no, s.epoch, CAST(CAST(s.xid_from AS text) AS bigint) AS xid_from, CAST(CAST(s.xid_to AS text) AS bigint) AS xid_to, s.n,
       s.prev, s.hash, s.sealed_at, own.sums
  FROM (SELECT seal_no, epoch, xid_from, xid_to, n, prev, hash, sealed_at FROM payments.seals
         WHERE CAST(:before AS bigint) IS NULL OR seal_no < CAST(:before AS bigint) ORDER BY seal_no DESC LIMIT :limit) s
  LEFT JOIN payments.own_sums(
      (SELECT coalesce(min(seal_no), 0) FROM (SELECT seal_no FROM payments.seals
         WHERE CAST(:before AS bigint) IS NULL OR seal_no < CAST(:before AS bigint) ORDER BY seal_no DESC LIMIT :limit) t),
      coalesce(CAST(:before AS bigint), 9223372036854775807)) own USING (seal_no)
 ORDER BY s.seal_no DESC"""


def page(tx: Tx, *, before: int | None, limit: int) -> list[Row[Any]]:
    return tx.all(_PAGE, before=before, limit=limit)


def head(tx: Tx) -> Row[Any] | None:
    return tx.first("SELECT seal_no, epoch, hash, sealed_at FROM payments.seals ORDER BY seal_no DESC LIMIT 1")


def hashes(tx: Tx, numbers: Sequence[int]) -> dict[int, str]:
    rows = tx.all("SELECT seal_no, hash FROM payments.seals WHERE seal_no = ANY(:numbers)", numbers=list(numbers))
    return {int(row.seal_no): bytes(row.hash).hex() for row in rows}
