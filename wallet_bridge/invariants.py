"""What must always hold for funds at venues and for what customers send, as SQL counts."""

from kernel.invariants import Invariant
from wallet_bridge.deposits.invariants import INVARIANTS as DEPOSITS

INVARIANTS = (
    Invariant(
        "funds_reserved_not_negative",
        "Nothing reserved at a venue is negative",
        "SELECT count(*) FROM wallet_bridge.funds WHERE reserved < 0",
    ),
    *DEPOSITS,
)
