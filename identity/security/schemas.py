"""Shapes of the routes of second factors, step-up and the password."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, SecretStr

TotpCode = Annotated[SecretStr, Field(min_length=6, max_length=16, examples=["123456"])]
RecoveryCode = Annotated[SecretStr, Field(min_length=16, max_length=32, examples=["abcd-efgh-ijkl-mnop"])]
Password = Annotated[SecretStr, Field(min_length=1, max_length=256)]
NewPassword = Annotated[SecretStr, Field(min_length=8, max_length=256)]


class _In(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")


class PasskeyOut(BaseModel):
    id: UUID
    name: str
    created_at: datetime
    last_used_at: datetime | None


class FactorsOut(BaseModel):
    """What somebody has beside the password."""

    totp: bool
    recovery_codes_left: int
    passkeys: list[PasskeyOut]


class PasskeyOfferOut(BaseModel):
    """`options` are for `navigator.credentials` (WebAuthn's JSON form); its answer goes back under `challenge_id` within five minutes."""

    challenge_id: UUID
    options: dict[str, Any]


class PasskeyAnswerIn(_In):
    """What `navigator.credentials` gave, as `toJSON()` writes it."""

    challenge_id: UUID
    credential: Annotated[dict[str, Any], Field(max_length=16)]


class NewPasskeyIn(PasskeyAnswerIn):
    name: Annotated[str, Field(min_length=1, max_length=64, examples=["telephone"])]


class NewPasskeyOut(PasskeyOut):
    """Recovery codes come with the first second factor. Shown once."""

    recovery_codes: list[str] | None


class TotpOut(BaseModel):
    """A secret for an authenticator app: as text, as the address apps read, and as rows of a QR code (1 is dark). Shown once."""

    secret: str
    address: str
    qr: list[str]


class ConfirmIn(_In):
    totp: TotpCode


class RecoveryCodesOut(BaseModel):
    """Each opens the account once in place of a code of the app. Shown once."""

    recovery_codes: list[str]


class StepUpIn(_In):
    """A code of whoever has a second factor; the password of whoever has none."""

    totp: TotpCode | None = None
    recovery_code: RecoveryCode | None = None
    password: Password | None = None
    passkey: PasskeyAnswerIn | None = None


class PasswordIn(_In):
    current_password: Password
    new_password: NewPassword
