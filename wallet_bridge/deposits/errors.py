"""Why nothing is decided on a deposit."""

from __future__ import annotations

from kernel.errors import Conflict, NotFound


class DepositNotFound(NotFound):
    """There is no such deposit, or it is not yours."""

    code = "deposit_not_found"


class DepositNotFinal(Conflict):
    """The chain may still take it back: it can be let go once it is final there."""

    code = "deposit_not_final"


class DepositNotHeld(Conflict):
    """Nothing of this deposit waits for a decision."""

    code = "deposit_not_held"


class DepositNotInSuspense(Conflict):
    """This deposit has its owner, or was claimed already."""

    code = "deposit_not_in_suspense"


class ClaimantUnknown(NotFound):
    """There is no such customer."""

    code = "claimant_unknown"


class DepositOwed(Conflict):
    """Its customer had spent it when the chain took it back, and owes it: it cannot be sent back to anybody."""

    code = "deposit_owed"
