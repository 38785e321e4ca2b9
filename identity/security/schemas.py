"""Shapes of the routes of second factors, step-up and the password."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field, SecretStr

TotpCode = Annotated[SecretStr, Field(min_length=6, max_length=16, examples=["123456"])]
RecoveryCode = Annotated[SecretStr, Field(min_length=16, max_length=32, examples=["abcd-efgh-ijkl-mnop"])]
Password = Annotated[SecretStr, Field(min_length=1, max_length=256)]
NewPassword = Annotated[SecretStr, Field(min_length=8, max_length=256)]


class _In(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")


class FactorsOut(BaseModel):
    """What somebody has beside the password."""

    totp: bool
    recovery_codes_left: int


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


class PasswordIn(_In):
    current_password: Password
    new_password: NewPassword
