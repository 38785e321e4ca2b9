"""Why something about a cold spend is refused."""

from __future__ import annotations

from kernel.errors import Conflict, DomainError, NotFound


class ColdSpendNotFound(NotFound):
    """There is no such payment out of the cold wallet."""

    code = "cold_spend_not_found"


class ColdAmountUnfit(DomainError):
    """The amount or the fee's cap is not above zero, or finer than the books hold."""

    code = "cold_amount_unfit"
    status = 422


class ColdSpendSigned(Conflict):
    """It is signed, or it is over: it can not be taken back."""

    code = "cold_spend_signed"


class ColdSpendNotDrafted(Conflict):
    """There is nothing of it to sign now."""

    code = "cold_spend_not_drafted"


class ColdDraftDiffers(Conflict):
    """What the custodian asks its holders to sign is not what two people agreed to; nobody may sign it."""

    code = "cold_draft_differs"
