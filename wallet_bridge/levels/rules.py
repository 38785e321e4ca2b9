"""What is usable, how old a report may be, and how fast a balance runs out: pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal

from kernel.money import floor_to_scale
from wallet_bridge.lines.rules import FINEST

OLD_AFTER = {"venue": timedelta(minutes=2), "wallet": timedelta(minutes=10)}
"""A venue is asked every 15 seconds, a wallet's keeper every half minute; an older report is no knowledge."""
LEFT_OUT_AFTER = timedelta(minutes=1)
"""Other assets of the place were reported for this long, and this one was not: nothing of it is there any more."""
MEASURED_HOURS = 24


TREASURY_KINDS = (
    "venue_funding",
    "wallet_funding",
    "treasury_left",
    "treasury_back",
    "treasury_arrived",
    "treasury_settled",
)
"""Journals that move money because treasury wanted it there: that is no flow that a place lives with."""


def kind_of(location: str) -> str:
    return location.partition(":")[0]


def usable(free: Decimal, ledger: Decimal, reserved: Decimal) -> Decimal:
    return max(min(free, ledger) - reserved, Decimal(0))


def outflow_per_hour(traffic: Iterable[tuple[str, Decimal, Decimal]]) -> Decimal:
    """Of (kind of journal, what came, what went) in the measured time; nothing where more came than went."""
    net = sum((went - came for kind, came, went in traffic if kind not in TREASURY_KINDS), Decimal(0))
    return floor_to_scale(max(net, Decimal(0)) / MEASURED_HOURS, FINEST)
