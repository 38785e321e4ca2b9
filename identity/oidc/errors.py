"""Refusals of logins at the provider."""

from __future__ import annotations

from kernel.errors import DomainError


class OidcFailed(DomainError):
    """The provider did not say who this is, or said somebody we do not know; log in again."""

    code = "oidc_failed"
    status = 401


class OidcNotConfigured(DomainError):
    """This deployment has no provider for logins of staff."""

    code = "oidc_not_configured"
    status = 404
