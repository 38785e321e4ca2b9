"""What an amount is worth in the reporting currency, where the market may be believed; None where it may not."""

from __future__ import annotations

from decimal import Decimal

from kernel import cache
from markets.composite.states import CompositeState
from markets.quotes import service as quotes
from markets.quotes.errors import QuotesUnavailable
from wallet_bridge.withdrawals.rules import REPORTING

_BELIEVED = {CompositeState.NORMAL, CompositeState.DEGRADED}


def price(asset: str) -> Decimal | None:
    """One unit by a composite of two venues or more that is seconds old."""
    if asset == REPORTING:
        return Decimal(1)
    if not cache.configured():
        return None
    try:
        made = quotes.load(f"{asset}-{REPORTING}").composite
    except QuotesUnavailable:
        return None
    return made.price if made.state in _BELIEVED else None
