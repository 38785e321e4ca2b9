"""What must always hold for funds at venues, what customers send, what leaves, and the proof of reserves, as SQL counts."""

from kernel.invariants import Invariant
from wallet_bridge.deposits.invariants import INVARIANTS as DEPOSITS
from wallet_bridge.reserves.invariants import INVARIANTS as RESERVES
from wallet_bridge.withdrawals.invariants import INVARIANTS as WITHDRAWALS

INVARIANTS = (
    Invariant(
        "funds_reserved_not_negative",
        "Nothing reserved at a venue is negative",
        "SELECT count(*) FROM wallet_bridge.funds WHERE reserved < 0",
    ),
    *DEPOSITS,
    *WITHDRAWALS,
    *RESERVES,
)
