"""What must always hold for funds at venues, as SQL counts."""

from kernel.invariants import Invariant

INVARIANTS = (
    Invariant(
        "funds_reserved_not_negative",
        "Nothing reserved at a venue is negative",
        "SELECT count(*) FROM wallet_bridge.funds WHERE reserved < 0",
    ),
)
