"""Facts about what proves a person, for whoever tells that person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kernel.events import event


@event("identity.second_factor_enrolled.v1")
@dataclass(frozen=True, slots=True)
class SecondFactorEnrolled:
    """From now on a login needs a code; `replaced` says that another app's codes were good until now."""

    principal_id: UUID
    replaced: bool
    enrolled_at: datetime


@event("identity.second_factor_removed.v1")
@dataclass(frozen=True, slots=True)
class SecondFactorRemoved:
    """The password alone opens the account again."""

    principal_id: UUID
    removed_at: datetime


@event("identity.recovery_codes_renewed.v1")
@dataclass(frozen=True, slots=True)
class RecoveryCodesRenewed:
    """Other recovery codes open the account, and the old ones do not any more."""

    principal_id: UUID
    renewed_at: datetime


@event("identity.passkey_registered.v1")
@dataclass(frozen=True, slots=True)
class PasskeyRegistered:
    """From now on a device of this name opens the account."""

    principal_id: UUID
    name: str
    registered_at: datetime


@event("identity.passkey_removed.v1")
@dataclass(frozen=True, slots=True)
class PasskeyRemoved:
    principal_id: UUID
    passkey_id: UUID
    removed_at: datetime


@event("identity.second_factor_locked.v1")
@dataclass(frozen=True, slots=True)
class CodesLocked:
    """Somebody who knows the password gave too many wrong codes: no code is judged until then."""

    principal_id: UUID
    locked_until: datetime


@event("identity.password_changed.v1")
@dataclass(frozen=True, slots=True)
class PasswordChanged:
    principal_id: UUID
    changed_at: datetime
