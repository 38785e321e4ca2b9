"""What happens to an account's way in, for whoever tells its owner. Ids and moments only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kernel.events import event


@event("identity.password_reset_asked.v1")
@dataclass(frozen=True, slots=True)
class PasswordResetAsked:
    """Somebody who gave this account's e-mail wants a new password; of an address nobody has, the principal is the system."""

    principal_id: UUID
    asked_at: datetime


@event("identity.email_change_asked.v1")
@dataclass(frozen=True, slots=True)
class EmailChangeAsked:
    change_id: UUID
    principal_id: UUID
    asked_at: datetime


@event("identity.email_changed.v1")
@dataclass(frozen=True, slots=True)
class EmailChanged:
    """From now on the account has another e-mail."""

    change_id: UUID
    principal_id: UUID
    changed_at: datetime


@event("identity.account_frozen.v1")
@dataclass(frozen=True, slots=True)
class AccountFrozen:
    """The owner shut the account: no session, no key, no login."""

    principal_id: UUID
    frozen_at: datetime
