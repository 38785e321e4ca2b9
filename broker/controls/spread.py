"""The spread of one order: the market's markup, more while the market moves much, more for a customer whose fills come just before it does.

Only an order that takes a price at once is widened. One that rests keeps the market's markup: it is we who start it, on prices a few
milliseconds old, so there is nothing to pick off.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from uuid import UUID

from broker.controls import service
from broker.toxicity import rules as toxicity
from markets.guards import service as guards
from markets.guards.rules import Guards
from markets.instruments.service import Instrument
from markets.quotes.service import MarketView

MOST = Decimal("0.05")  # whatever is added, a spread beyond this is no offer


def markup(view: MarketView, instrument: Instrument, *, tenant: UUID, owner: UUID) -> Decimal:
    """The markup of an order that would be executed now."""
    extra = guards.extra_spread(guards.of(instrument.symbol), view.composite.volatility)
    extra += toxicity.EXTRA[service.class_of(tenant=tenant, owner=owner)]
    return max(instrument.markup, min(instrument.markup + extra, MOST))


def shown(view: MarketView, instrument: Instrument, *, known: Guards | None = None) -> Instrument:
    """The market with the spread that everybody meets now who takes a price at once; that of a single customer may be wider.

    Args:
        known: the market's guards, from a caller that must not read.
    """
    extra = guards.extra_spread(known or guards.of(instrument.symbol), view.composite.volatility)
    found = max(instrument.markup, min(instrument.markup + extra, MOST))
    return instrument if found == instrument.markup else replace(instrument, markup=found)


def priced(view: MarketView, instrument: Instrument, *, tenant: UUID, owner: UUID) -> Instrument:
    """The market with the spread that this customer's order meets now."""
    found = markup(view, instrument, tenant=tenant, owner=owner)
    return instrument if found == instrument.markup else replace(instrument, markup=found)
