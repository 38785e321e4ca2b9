"""Refusals about programs and connections. What a program itself is told at `/oauth/…` is worded by the standards, not here."""

from __future__ import annotations

from kernel.errors import DomainError


class OAuthClientInvalid(DomainError):
    """These grants, addresses and keys do not make a client; the detail says what is missing or too much."""

    code = "oauth_client_invalid"
    status = 400


class OAuthRequestInvalid(DomainError):
    """The program asks for something it may not have, or in a way that is not safe; nothing is granted."""

    code = "oauth_request_invalid"
    status = 400


class UserCodeUnknown(DomainError):
    """No device waits with this code; it is mistyped, answered already, or older than ten minutes."""

    code = "user_code_unknown"
    status = 404


class ConnectionTaken(DomainError):
    """This program is connected to this customer already, or knows another one by this name."""

    code = "connection_taken"
    status = 409


class OAuthNotConfigured(DomainError):
    """This deployment has not said under which address it is known (RIVERMOUTH_PUBLIC_URL), so it can issue nothing to programs."""

    code = "oauth_not_configured"
    status = 404
