"""What must always hold for funds at venues and for what leaves, as SQL counts."""

from kernel.invariants import Invariant
from wallet_bridge.withdrawals.invariants import INVARIANTS as WITHDRAWALS

INVARIANTS = (
    Invariant(
        "funds_reserved_not_negative",
        "Nothing reserved at a venue is negative",
        "SELECT count(*) FROM wallet_bridge.funds WHERE reserved < 0",
    ),
    *WITHDRAWALS,
)
