"""Why nothing can be sold right now."""

from __future__ import annotations

from enum import StrEnum


class Obstacle(StrEnum):
    """Words that are stored and shown to staff."""

    TOO_LITTLE = "too_little"  # less than the market's smallest order; no time will change that, only a price
    NO_PRICE = "no_price"  # the market has no trustworthy price, or its copy is too old
    TRADING_STOPPED = "trading_stopped"  # a kill switch, a maintenance, a paused market
    BELOW_FLOOR = "below_floor"  # nobody buys at the lowest price or above
    VENUE_FUNDS = "venue_funds"  # we have too little of the asset at the venues that would buy
