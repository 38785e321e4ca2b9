"""One function, one statement on firm quotes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from kernel.db import Tx


@dataclass(frozen=True, slots=True)
class FirmQuote:
    """A row of broker.firm_quotes; times are wall time."""

    id: UUID
    owner_id: UUID
    symbol: str
    side: str
    quantity: Decimal
    price: Decimal
    venue: str
    made_at: datetime
    expires_at: datetime
    order_id: UUID | None


_QUOTE = ", ".join(FirmQuote.__dataclass_fields__)


def insert(tx: Tx, quote: dict[str, Any]) -> None:
    columns = list(quote)
    tx.execute(
        f"""INSERT INTO broker.firm_quotes (tenant_id, {", ".join(columns)})
            VALUES (:tenant, {", ".join(":" + c for c in columns)})""",
        tenant=tx.tenant_id,
        **quote,
    )


def get(tx: Tx, quote_id: UUID, *, lock: bool = False) -> FirmQuote | None:
    row = tx.first(
        f"SELECT {_QUOTE} FROM broker.firm_quotes WHERE id = :id AND tenant_id = :tenant {'FOR UPDATE' if lock else ''}",
        id=quote_id,
        tenant=tx.tenant_id,
    )
    return FirmQuote(*row) if row is not None else None


def accept(tx: Tx, quote_id: UUID, order_id: UUID) -> None:
    tx.execute(
        "UPDATE broker.firm_quotes SET order_id = :order WHERE id = :id AND tenant_id = :tenant",
        order=order_id,
        id=quote_id,
        tenant=tx.tenant_id,
    )


def forget(tx: Tx, *, before: datetime, limit: int) -> int:
    """Delete quotes of all tenants that nobody took (the engine's role); how many."""
    rows = tx.all(
        """DELETE FROM broker.firm_quotes WHERE id IN
             (SELECT id FROM broker.firm_quotes WHERE order_id IS NULL AND expires_at < :before LIMIT :limit) RETURNING id""",
        before=before,
        limit=limit,
    )
    return len(rows)
