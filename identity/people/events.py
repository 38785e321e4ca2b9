"""What staff did to somebody's account, for whoever tells that person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kernel.events import event


@event("identity.account_locked.v1")
@dataclass(frozen=True, slots=True)
class AccountLocked:
    principal_id: UUID
    locked_at: datetime


@event("identity.account_reopened.v1")
@dataclass(frozen=True, slots=True)
class AccountReopened:
    principal_id: UUID
    reopened_at: datetime


@event("identity.factors_reset.v1")
@dataclass(frozen=True, slots=True)
class FactorsReset:
    """Two members of staff agreed: the password alone opens the account again."""

    principal_id: UUID
    reset_at: datetime


@event("identity.staff_joined.v1")
@dataclass(frozen=True, slots=True)
class StaffJoined:
    """A login without a password; its owner sets the first one by the link of a mail."""

    principal_id: UUID
    joined_at: datetime
