"""Refusals about second factors, step-up and the time after a change."""

from __future__ import annotations

from kernel.errors import DomainError


class SecondFactorRequired(DomainError):
    """This account has a second factor: send a code of the authenticator app as `totp`, or a `recovery_code`, as well."""

    code = "second_factor_required"
    status = 401


class SecondFactorInvalid(DomainError):
    """This code is wrong, too old or used already."""

    code = "second_factor_invalid"
    status = 401


class SecondFactorLocked(DomainError):
    """Too many wrong codes for this account, from wherever they came; wait before the next one."""

    code = "second_factor_locked"
    status = 429


class SecondFactorMissing(DomainError):
    """No second factor is enrolled, or none was offered that could be confirmed."""

    code = "second_factor_missing"
    status = 409


class SecondFactorEnrolmentRequired(DomainError):
    """This deployment demands a second factor of your role: enrol one with POST /v1/mfa/totp first."""

    code = "second_factor_enrolment_required"
    status = 403


class StepUpRequired(DomainError):
    """This needs a proof of who you are from the last ten minutes: POST /v1/step-up."""

    code = "step_up_required"
    status = 403


class CoolingDown(DomainError):
    """A password or second factor was changed lately: for a day nothing can be opened that a thief would want."""

    code = "cooling_down"
    status = 403


class PasswordTooWeak(DomainError):
    """This password would be guessed: take a longer one, or a few words that do not belong together."""

    code = "password_too_weak"
    status = 400


class PasskeyInvalid(DomainError):
    """This passkey is unknown here, or its answer is not the one to this challenge; begin again."""

    code = "passkey_invalid"
    status = 401


class PasskeyKnown(DomainError):
    """This passkey is registered already."""

    code = "passkey_known"
    status = 409


class TooManyPasskeys(DomainError):
    """You have as many passkeys as anybody may have; remove one first."""

    code = "too_many_passkeys"
    status = 409


class PasskeysNotConfigured(DomainError):
    """This deployment does not say under which address it is reached, so no passkey can be bound to it (RIVERMOUTH_PUBLIC_URL)."""

    code = "passkeys_not_configured"
    status = 503
