"""Which transfers would help, and when one is late. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_DOWN, Decimal

TARGET = 2  # a venue that is refilled gets to so many times its warning line, and one that gives keeps as much
LATE_AT = 3  # so many times the normal time
SENDING_MINUTES = 5  # what venues take before a network does


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """What lies at a venue or in a wallet and may be moved; `coming` is on its way there."""

    venue: str
    asset: str
    usable: Decimal
    line: Decimal
    coming: Decimal = Decimal(0)

    @property
    def target(self) -> Decimal:
        return self.line * TARGET

    @property
    def wanted(self) -> Decimal:
        """How much it is short of its target, once it is below its line."""
        has = self.usable + self.coming
        return self.target - has if has < self.line else Decimal(0)

    @property
    def spare(self) -> Decimal:
        return max(self.usable - self.target, Decimal(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Road:
    """An asset over a network from one place to another, open at both ends and to an approved address."""

    source: str
    destination: str
    asset: str
    network: str
    fee: Decimal
    minimum: Decimal
    scale: int
    minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    road: Road
    amount: Decimal


def suggest(stocks: Sequence[Stock], roads: Sequence[Road]) -> list[Suggestion]:
    """The neediest venue first, each from whoever brings it most at the least cost: one transfer of an asset from a venue at a time."""
    spare = {(one.venue, one.asset): one.spare for one in stocks}
    made: list[Suggestion] = []
    for needy in sorted(stocks, key=lambda one: (_thirst(one), one.venue, one.asset)):
        wanted = needy.wanted
        while wanted > 0:
            best = _best(needy, wanted, roads, spare)
            if best is None:
                break
            made.append(best)
            wanted -= best.amount
            spare[best.road.source, best.road.asset] = Decimal(0)
    return made


def _best(
    needy: Stock, wanted: Decimal, roads: Sequence[Road], spare: Mapping[tuple[str, str], Decimal]
) -> Suggestion | None:
    fitting = []
    for road in roads:
        if (road.destination, road.asset) != (needy.venue, needy.asset):
            continue
        can = spare.get((road.source, road.asset), Decimal(0)) - road.fee
        amount = min(wanted, can).quantize(Decimal(1).scaleb(-road.scale), ROUND_DOWN) if can > 0 else Decimal(0)
        if amount > road.fee and amount >= road.minimum:
            fitting.append(Suggestion(road=road, amount=amount))
    # Cost per unit first, so that little is not carried cheaply where much could be carried at once.
    return min(
        fitting,
        key=lambda one: (one.road.fee / one.amount, one.road.minutes, one.road.source, one.road.network),
        default=None,
    )


def _thirst(one: Stock) -> Decimal:
    return (one.usable + one.coming) / one.line if one.line > 0 else Decimal(1)


def late_at(since: datetime, minutes: int) -> datetime:
    return since + timedelta(minutes=LATE_AT * minutes)
