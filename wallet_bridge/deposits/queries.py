"""One function, one statement on deposits."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from kernel.db import Tx


def unsettled(tx: Tx, customer: UUID, asset: str) -> Decimal:
    """What a customer was credited of one asset and the chain has not made final."""
    return Decimal(
        tx.scalar(
            """SELECT coalesce(sum(booked), 0) FROM wallet_bridge.deposits
                WHERE tenant_id = :tenant AND customer_id = :customer AND asset = :asset AND status = 'credited'""",
            tenant=tx.tenant_id, customer=customer, asset=asset,
        )
    )  # fmt: skip
