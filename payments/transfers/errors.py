"""Why a transfer is refused, beside what the ledger itself refuses (`payments.errors`)."""

from __future__ import annotations

from typing import ClassVar

from kernel.errors import DomainError, NotFound


class TransferNotFound(NotFound):
    """There is no such transfer, or it is not yours."""

    code: ClassVar[str] = "transfer_not_found"


class SameAccount(DomainError):
    """A transfer needs two different accounts."""

    code: ClassVar[str] = "same_account"
    status: ClassVar[int] = 400


class AssetMismatch(DomainError):
    """One of the accounts holds another asset."""

    code: ClassVar[str] = "asset_mismatch"
    status: ClassVar[int] = 400


class NotReversible(DomainError):
    """Only a posted transfer can be reversed: by who received it, or by staff with a second person."""

    code: ClassVar[str] = "not_reversible"
    status: ClassVar[int] = 409


class AlreadyReversed(DomainError):
    """This transfer has been reversed, or its reversal waits for approval."""

    code: ClassVar[str] = "already_reversed"
    status: ClassVar[int] = 409


class BatchRefused(DomainError):
    """An atomic batch is posted whole or not at all; `items` says which item stood in the way."""

    code: ClassVar[str] = "batch_refused"
    status: ClassVar[int] = 409
