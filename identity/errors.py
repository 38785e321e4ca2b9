"""Every refusal of identity in one place, for those who document or catch them."""

from __future__ import annotations

from identity.api_keys.errors import (
    ApiKeyRefused,
    IpRangeInvalid,
    PublicKeyInvalid,
    RequestTooOld,
    SignatureInvalid,
    TooManyApiKeys,
)
from identity.principals.errors import EmailTaken
from identity.sessions.errors import (
    InvalidCredentials,
    LoginBusy,
    SecretNotRepeatable,
    TooManyAttempts,
)

__all__ = [
    "ApiKeyRefused",
    "EmailTaken",
    "InvalidCredentials",
    "IpRangeInvalid",
    "LoginBusy",
    "PublicKeyInvalid",
    "RequestTooOld",
    "SecretNotRepeatable",
    "SignatureInvalid",
    "TooManyApiKeys",
    "TooManyAttempts",
]
