"""What a venue charges us for taking liquidity: what it last reported for our account, until then the defaults of a first start.

What was really charged comes with each fill. Whoever plans reads this process's memory; a reader fills it now and then.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from venues.capabilities import CAPABILITIES

TAKER_FEES: dict[str, Decimal] = {
    "binance": Decimal("0.001"),
    "bitfinex": Decimal("0.002"),
    "kraken": Decimal("0.0026"),
    "okx": Decimal("0.001"),
}
UNKNOWN_FEE = Decimal("0.003")
_reported: dict[str, Decimal] = {}


def learn(taker_fees: Mapping[str, Decimal]) -> None:
    """From now on these venues charge this; the others what is known of them by default."""
    global _reported  # noqa: PLW0603  one memory per process
    _reported = dict(taker_fees)


def taker_fee(venue: str) -> Decimal:
    """A fraction of the traded amount; dear for a venue we know nothing about, so that it is chosen last."""
    known = _reported.get(venue)
    return TAKER_FEES.get(venue, UNKNOWN_FEE) if known is None else known


def fee_on_top_in_quote(venue: str) -> Decimal:
    """The part of a buy's cost that the venue takes in quote on top of the price; 0 where it keeps some of what we receive."""
    row = CAPABILITIES.get(venue)
    return taker_fee(venue) if row is None or row.fee_in == "quote" else Decimal(0)
