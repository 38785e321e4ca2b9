"""What things are worth in the reporting currency, and which venues carry as much as they may."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from broker.limits import errors, queries
from kernel.db import Tx
from markets.quotes import service as quotes
from markets.quotes.errors import QuotesUnavailable

REPORTING = "USDT"
ONE = Decimal(1)


def full_venues(tx: Tx) -> dict[UUID, frozenset[str]]:
    """Tenant → venues where as much is outstanding as may be; of all tenants for the engine without one."""
    limits = {(row.tenant_id, row.target): row.outstanding for row in queries.of_venues(tx)}
    if not limits:
        return {}
    worth: dict[tuple[UUID, str], Decimal] = {}
    for row in queries.outstanding(tx, tenant=tx.tenant):
        quote = row.symbol.partition("-")[2]
        key = row.tenant_id, row.venue
        if key in limits:
            worth[key] = worth.get(key, Decimal(0)) + row.worth * (value_or_none(quote) or ONE)
    full: dict[UUID, frozenset[str]] = {}
    for (tenant, venue), amount in worth.items():
        if amount >= limits[tenant, venue]:
            full[tenant] = full.get(tenant, frozenset()) | {venue}
    return full


def value_of(asset: str) -> Decimal:
    value = value_or_none(asset)
    if value is None:
        raise errors.ValueUnknown(asset=asset)
    return value


def value_or_none(asset: str) -> Decimal | None:
    """One unit in the reporting currency by the composite, the last one known where it stands still."""
    if asset == REPORTING:
        return ONE
    try:
        return quotes.load(f"{asset}-{REPORTING}").composite.price
    except QuotesUnavailable:
        return None
