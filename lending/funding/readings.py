"""What a venue says that we have taken there and not given back, kept for reconciliation. The engine reads it; nothing is decided by it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

from kernel import db
from lending.funding import reading_queries as queries
from lending.funding.states import Adapter


def assets_of(tenant: UUID, adapter: Adapter) -> list[str]:
    """Of which assets there are lines at this source."""
    with db.read_only(tenant=tenant) as tx:
        return queries.assets(tx, adapter)


def store(tenant: UUID, adapter: Adapter, asset: str, taken: Mapping[str, Decimal]) -> None:
    """The newest reading stands for all before it."""
    with db.transaction(tenant=tenant) as tx:
        queries.store(tx, adapter, asset, taken)
