"""One statement: all assets."""

from __future__ import annotations

from kernel.db import Tx


def scales(tx: Tx) -> dict[str, int]:
    return {row.code: row.scale for row in tx.all("SELECT code, scale FROM payments.assets ORDER BY asset_id")}
