"""Why the ledger refuses. Nothing of a refused request is written, and its key stays free."""

from __future__ import annotations

from typing import ClassVar

from kernel.errors import DomainError, IdempotencyConflict, NotFound, Unavailable

__all__ = [
    "AccountClosed",
    "AccountDiffers",
    "AccountFrozen",
    "AccountNotEmpty",
    "AccountNotFound",
    "AmountTooFine",
    "AssetUnknown",
    "CaptureExceedsHold",
    "HoldExpired",
    "HoldMismatch",
    "HoldNotDue",
    "HoldNotFound",
    "HoldNotOpen",
    "IdempotencyConflict",
    "InsufficientFunds",
    "JournalNotFound",
    "LedgerArchived",
    "LedgerRestored",
    "NotFinalYet",
    "OutcomeUnknown",
    "RealmMismatch",
    "SecondPersonRequired",
    "Unbalanced",
    "refusal",
]


class InsufficientFunds(DomainError):
    """The available balance does not cover the amount."""

    code = "insufficient_funds"
    status = 409


class AmountTooFine(DomainError):
    """The amount has more decimals than its asset."""

    code = "amount_too_fine"
    status = 400


class AssetUnknown(DomainError):
    """There is no such asset here."""

    code = "asset_unknown"
    status = 400


class AccountNotFound(NotFound):
    """There is no such account, or it is not yours."""

    code = "account_not_found"


class AccountFrozen(DomainError):
    """The account is frozen: nothing may leave it."""

    code = "account_frozen"
    status = 409


class AccountClosed(DomainError):
    """The account is closed."""

    code = "account_closed"
    status = 409


class AccountNotEmpty(DomainError):
    """Only an empty account without holds can be closed."""

    code = "account_not_empty"
    status = 409


class AccountDiffers(DomainError):
    """An account with this path exists and is of another kind."""

    code = "account_different"
    status = 409


class RealmMismatch(DomainError):
    """Accounts of two realms cannot meet in one journal."""

    code = "realm_mismatch"
    status = 400


class Unbalanced(DomainError):
    """The lines of a journal must sum to zero per asset, and there must be at least two."""

    code = "unbalanced"
    status = 400


class HoldNotFound(NotFound):
    """There is no such hold, or it is not yours."""

    code = "hold_not_found"


class HoldNotOpen(DomainError):
    """The hold was captured, voided or has expired."""

    code = "hold_not_open"
    status = 409


class HoldExpired(DomainError):
    """The hold's time has passed: it can no longer be captured."""

    code = "hold_expired"
    status = 409


class HoldNotDue(DomainError):
    """The hold's time has not passed yet."""

    code = "hold_not_due"
    status = 409


class CaptureExceedsHold(DomainError):
    """The hold does not cover this capture."""

    code = "capture_exceeds_hold"
    status = 409


class HoldMismatch(DomainError):
    """Lines with a hold must be what was captured of it in the same transaction, no more and no less."""

    code: ClassVar[str] = "hold_mismatch"
    status: ClassVar[int] = 500


class NotFinalYet(DomainError):
    """Something may still be booked at or before that time; ask again two minutes after it."""

    code: ClassVar[str] = "not_final_yet"
    status: ClassVar[int] = 409


class LedgerArchived(DomainError):
    """The journals of that time are in an archive; only the ends of days are known here."""

    code: ClassVar[str] = "ledger_archived"
    status: ClassVar[int] = 409


class LedgerRestored(DomainError):
    """The ledger was restored from a dump and is being opened; try again in a moment."""

    code: ClassVar[str] = "ledger_restored"
    status: ClassVar[int] = 503


class JournalNotFound(NotFound):
    """There is no such journal."""

    code = "journal_not_found"


class SecondPersonRequired(DomainError):
    """Another person must confirm this: nobody confirms what they asked for."""

    code = "second_person_required"
    status = 409


class OutcomeUnknown(Unavailable):
    """The database went away while this was being posted. Repeat it with the same key: it is done once."""

    code = "outcome_unknown"


_BY_CODE: dict[str, type[DomainError]] = {
    kind.code: kind
    for kind in (
        InsufficientFunds, AmountTooFine, AssetUnknown, AccountNotFound, AccountFrozen, AccountClosed, AccountNotEmpty, AccountDiffers,
        RealmMismatch, Unbalanced, HoldNotFound, HoldNotOpen, HoldExpired, HoldNotDue, CaptureExceedsHold, HoldMismatch,
    )
}  # fmt: skip
_BY_CODE["exists_different"] = IdempotencyConflict


def refusal(status: str, **extra: str) -> DomainError:
    """The error that a status word of the SQL functions stands for."""
    return _BY_CODE[status](None, **extra)
