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
from identity.approvals.errors import ApprovalClosed, ApprovalExpired, ApprovalOwnRequest, ApprovalVoid
from identity.principals.errors import EmailTaken
from identity.security.errors import (
    CoolingDown,
    PasswordTooWeak,
    SecondFactorEnrolmentRequired,
    SecondFactorInvalid,
    SecondFactorLocked,
    SecondFactorMissing,
    SecondFactorRequired,
    StepUpRequired,
)
from identity.sessions.errors import (
    InvalidCredentials,
    LoginBusy,
    RefreshRefused,
    SecretNotRepeatable,
    TooManyAttempts,
)

__all__ = [
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
]
