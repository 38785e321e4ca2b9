"""Refusals about logging in. A wrong password and an unknown e-mail are one and the same answer."""

from __future__ import annotations

from kernel.errors import DomainError


class InvalidCredentials(DomainError):
    """E-mail and password do not belong together."""

    code = "invalid_credentials"
    status = 401


class TooManyAttempts(DomainError):
    """Too many attempts with this e-mail from this address; wait before the next one."""

    code = "too_many_attempts"
    status = 429


class LoginBusy(DomainError):
    """More people are logging in than this server checks at once; try again in a moment."""

    code = "login_busy"
    status = 429


class CsrfTokenMissing(DomainError):
    """A browser's request that changes something needs the header Rivermouth-CSRF with the token that the login answered."""

    code = "csrf_token_missing"
    status = 403


class SecretNotRepeatable(DomainError):
    """This request succeeded before; its answer held a secret and is not kept. Send it with a new key."""

    code = "secret_not_repeatable"
    status = 409


class RefreshRefused(DomainError):
    """This refresh token opens nothing: it is unknown, too old, or it was used before and its session has been ended. Log in again."""

    code = "refresh_refused"
    status = 401
