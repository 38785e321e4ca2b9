"""What a venue charges us for taking liquidity. Defaults of a first start; what was really charged comes with each fill."""

from __future__ import annotations

from decimal import Decimal

from venues.capabilities import CAPABILITIES

TAKER_FEES: dict[str, Decimal] = {
    "binance": Decimal("0.001"),
    "bitfinex": Decimal("0.002"),
    "kraken": Decimal("0.0026"),
    "okx": Decimal("0.001"),
}
UNKNOWN_FEE = Decimal("0.003")


def taker_fee(venue: str) -> Decimal:
    """A fraction of the traded amount; dear for a venue we know nothing about, so that it is chosen last."""
    return TAKER_FEES.get(venue, UNKNOWN_FEE)


def fee_on_top_in_quote(venue: str) -> Decimal:
    """The part of a buy's cost that the venue takes in quote on top of the price; 0 where it keeps some of what we receive."""
    row = CAPABILITIES.get(venue)
    return taker_fee(venue) if row is None or row.fee_in == "quote" else Decimal(0)
