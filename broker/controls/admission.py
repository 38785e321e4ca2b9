"""The one door through which an order comes to its price: controls first, then the market as far as it may be used, then the spread."""

from __future__ import annotations

import time
from uuid import UUID

from broker.controls import service, spread
from identity.tenants import service as tenants
from identity.tenants.states import Product
from markets.instruments.service import Instrument
from markets.quotes.service import MarketView


def slow_down(*, tenant: UUID, owner: UUID) -> None:
    """Let a customer of the slow class wait before the price is taken: what was stale when the order left is fresh by then."""
    seconds = service.delay_s(tenant=tenant, owner=owner)
    if seconds > 0:
        time.sleep(seconds)


def admit(
    view: MarketView,
    instrument: Instrument,
    *,
    tenant: UUID,
    owner: UUID,
    side: str,
    venue: str,
    rests: bool,
) -> tuple[MarketView, Instrument]:
    """The market as this customer's new order may see it, and its instrument with the spread of an order that executes at once.

    Raises:
        TradingStopped, ReduceOnly, UnderMaintenance: a control forbids the order.
        ProductNotOffered: this house offers no trading.
    """
    tenants.require_product(tenant, Product.TRADING)
    service.require_allowed(tenant=tenant, owner=owner, symbol=instrument.symbol, venue=venue, side=side, rests=rests)
    return service.allowed(view, tenant=tenant), spread.priced(view, instrument, tenant=tenant, owner=owner)
