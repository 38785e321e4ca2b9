"""Deposits, for those who read them and for the rooms that ask what may leave."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from kernel import db
from kernel.db import Tx
from wallet_bridge.deposits import queries
from wallet_bridge.deposits.errors import DepositNotFound
from wallet_bridge.deposits.record import Deposit
from wallet_bridge.deposits.states import DepositStatus


def unsettled(tx: Tx, *, customer_id: UUID, asset: str) -> Decimal:
    """What was credited and may still leave with its block: it may be traded, and not be withdrawn. Step."""
    return queries.unsettled(tx, customer_id, asset)


def page(
    tenant: UUID,
    *,
    customer: UUID | None,
    asset: str | None = None,
    status: DepositStatus | None = None,
    before: UUID | None = None,
    limit: int,
) -> Sequence[Deposit]:
    """Newest first; of everybody, and of nobody, when no customer is named."""
    with db.read_only(tenant=tenant) as tx:
        return queries.page(tx, customer=customer, asset=asset, status=status, before=before, limit=limit)


def view(tenant: UUID, deposit_id: UUID, *, customer: UUID | None) -> Deposit:
    """Raises: DepositNotFound."""
    with db.read_only(tenant=tenant) as tx:
        found = queries.get(tx, deposit_id, customer=customer)
    if found is None:
        raise DepositNotFound
    return found


def runs(tx: Tx, customer: UUID) -> bool:
    """Whether anything of a customer is on its way, or waits for a person. Step."""
    return queries.runs(tx, customer)
