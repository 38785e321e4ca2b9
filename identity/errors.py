"""Every refusal of identity in one place, for those who document or catch them."""

from __future__ import annotations

from identity.api_keys.errors import (
    ApiKeyAddressRefused,
    ApiKeyExpiryInvalid,
    ApiKeyRefused,
    IpAllowRequired,
    IpRangeInvalid,
    NonceUsed,
    PublicKeyInvalid,
    RequestTooOld,
    SignatureInvalid,
    TooManyApiKeys,
)
from identity.approvals.errors import ApprovalClosed, ApprovalExpired, ApprovalOwnRequest, ApprovalVoid
from identity.eligibility.errors import NotEligible, RuleInvalid
from identity.kyc.errors import (
    DocumentTooLarge,
    DocumentUnreadable,
    DocumentUnsafe,
    DocumentUnsupported,
    KycCaseChanged,
    KycCaseClosed,
    KycCaseOpen,
    KycDocumentsMissing,
    KycLevelReached,
    KycOwnCase,
    KycTooManyDocuments,
    ScreeningOpen,
)
from identity.mail_links.errors import LinkInvalid, MailLinksNotConfigured
from identity.people.errors import NothingToReset, OwnAccount, StatusUnfit
from identity.principals.errors import EmailTaken
from identity.recovery.errors import EmailUnchanged
from identity.registration.errors import EmailInvalid, RegistrationClosed, RegistrationPasswordWrong
from identity.screening.errors import ListInvalid, ScreeningClosed
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
    "ApiKeyAddressRefused",
    "ApiKeyExpiryInvalid",
    "ApiKeyRefused",
    "ApprovalClosed",
    "ApprovalExpired",
    "ApprovalOwnRequest",
    "ApprovalVoid",
    "CoolingDown",
    "DocumentTooLarge",
    "DocumentUnreadable",
    "DocumentUnsafe",
    "DocumentUnsupported",
    "EmailInvalid",
    "EmailTaken",
    "EmailUnchanged",
    "InvalidCredentials",
    "IpAllowRequired",
    "IpRangeInvalid",
    "KycCaseChanged",
    "KycCaseClosed",
    "KycCaseOpen",
    "KycDocumentsMissing",
    "KycLevelReached",
    "KycOwnCase",
    "KycTooManyDocuments",
    "LinkInvalid",
    "ListInvalid",
    "LoginBusy",
    "MailLinksNotConfigured",
    "NonceUsed",
    "NotEligible",
    "NothingToReset",
    "OwnAccount",
    "PasskeyInvalid",
    "PasskeyKnown",
    "PasskeysNotConfigured",
    "PasswordTooWeak",
    "PublicKeyInvalid",
    "RefreshRefused",
    "RegistrationClosed",
    "RegistrationPasswordWrong",
    "RequestTooOld",
    "RuleInvalid",
    "ScreeningClosed",
    "ScreeningOpen",
    "SecondFactorEnrolmentRequired",
    "SecondFactorInvalid",
    "SecondFactorLocked",
    "SecondFactorMissing",
    "SecondFactorRequired",
    "SecretNotRepeatable",
    "SignatureInvalid",
    "StatusUnfit",
    "StepUpRequired",
    "TooManyApiKeys",
    "TooManyAttempts",
    "TooManyPasskeys",
]
