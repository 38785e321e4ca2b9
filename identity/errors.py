"""Every refusal of identity in one place, for those who document or catch them."""

from __future__ import annotations

from identity.api_keys.errors import (
    ApiKeyExpiryInvalid,
    ApiKeyRefused,
    IpRangeInvalid,
    NonceUsed,
    PublicKeyInvalid,
    RequestTooOld,
    SignatureInvalid,
    TooManyApiKeys,
)
from identity.approvals.errors import ApprovalClosed, ApprovalExpired, ApprovalOwnRequest, ApprovalVoid
from identity.principals.errors import EmailTaken
from identity.security.errors import (
    CoolingDown,
    PasskeyInvalid,
    PasskeyKnown,
    PasskeysNotConfigured,
    PasswordTooWeak,
    SecondFactorEnrolmentRequired,
    SecondFactorInvalid,
    SecondFactorLocked,
    SecondFactorMissing,
    SecondFactorRequired,
    StepUpRequired,
    TooManyPasskeys,
)
from identity.sessions.errors import (
    InvalidCredentials,
    LoginBusy,
    RefreshRefused,
    SecretNotRepeatable,
    TooManyAttempts,
)

__all__ = [
    "ApiKeyExpiryInvalid",
    "ApiKeyRefused",
    "ApprovalClosed",
    "ApprovalExpired",
    "ApprovalOwnRequest",
    "ApprovalVoid",
    "CoolingDown",
    "EmailTaken",
    "InvalidCredentials",
    "IpRangeInvalid",
    "LoginBusy",
    "NonceUsed",
    "PasskeyInvalid",
    "PasskeyKnown",
    "PasskeysNotConfigured",
    "PasswordTooWeak",
    "PublicKeyInvalid",
    "RefreshRefused",
    "RequestTooOld",
    "SecondFactorEnrolmentRequired",
    "SecondFactorInvalid",
    "SecondFactorLocked",
    "SecondFactorMissing",
    "SecondFactorRequired",
    "SecretNotRepeatable",
    "SignatureInvalid",
    "StepUpRequired",
    "TooManyApiKeys",
    "TooManyAttempts",
    "TooManyPasskeys",
]
