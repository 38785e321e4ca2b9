"""Shapes of the routes of recovery."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from identity.registration.schemas import LinkToken
from identity.security.schemas import NewPassword, RecoveryCode, TotpCode


class ResetIn(BaseModel):
    """Whoever has a second factor shows it here too."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    token: LinkToken
    password: NewPassword
    totp: TotpCode | None = None
    recovery_code: RecoveryCode | None = None


class EmailConfirmedOut(BaseModel):
    """`done`: the account has its new e-mail; else the other mailbox has yet to say yes."""

    done: bool
