"""Words of controls: how far one reaches, and what it stops."""

from enum import StrEnum


class Scope(StrEnum):
    GLOBAL = "global"
    VENUE = "venue"
    MARKET = "market"
    CUSTOMER = "customer"


class Mode(StrEnum):
    """Each stops what the one before it stops. Cancelling is always allowed."""

    REDUCE_ONLY = "reduce_only"  # nothing is bought: customers may sell what they have
    NO_NEW = "no_new"  # nothing starts: orders are denied, resting ones stay and do not trigger
    CANCEL_ALL = "cancel_all"  # as no_new, and everything open is cancelled
