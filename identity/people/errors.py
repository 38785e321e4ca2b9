"""Refusals about other people's accounts."""

from __future__ import annotations

from typing import ClassVar

from kernel.errors import DomainError


class OwnAccount(DomainError):
    """This is your own account: somebody else must do that."""

    code: ClassVar[str] = "own_account"
    status: ClassVar[int] = 409


class StatusUnfit(DomainError):
    """The account is not in a state that this can be done in."""

    code: ClassVar[str] = "status_unfit"
    status: ClassVar[int] = 409


class NothingToReset(DomainError):
    """The account has no second factor."""

    code: ClassVar[str] = "nothing_to_reset"
    status: ClassVar[int] = 409


class AccountInUse(DomainError):
    """Something of this customer still runs: lock the account, and close it when that has ended."""

    code: ClassVar[str] = "account_in_use"
    status: ClassVar[int] = 409
