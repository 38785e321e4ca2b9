"""The settings of a market that an administrator may change."""

from enum import StrEnum


class Trigger(StrEnum):
    """What starts a resting limit order: the venue's last price passing the limit, or a price that can be had at the limit."""

    LAST = "last"
    EXECUTABLE = "executable"


class FillMode(StrEnum):
    """Who gets a better price than the limit: the customer, or the house."""

    PASS_THROUGH = "pass_through"  # noqa: S105  not a password
    TOUCH = "touch"


class MarketStatus(StrEnum):
    """A paused market takes no new orders; resting ones stay and do not trigger."""

    TRADING = "trading"
    PAUSED = "paused"
