"""Deposits, for those who read them and for the rooms that ask what may leave."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from kernel.db import Tx
from wallet_bridge.deposits import queries


def unsettled(tx: Tx, *, customer_id: UUID, asset: str) -> Decimal:
    """What was credited and may still leave with its block: it may be traded, and not be withdrawn. Step."""
    return queries.unsettled(tx, customer_id, asset)
