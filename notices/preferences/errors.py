"""Refusals about what somebody wants to be told."""

from __future__ import annotations

from kernel.errors import DomainError


class SecurityNoticesStay(DomainError):
    """Notices about the safety of your account cannot be switched off."""

    code = "security_notices_stay"
    status = 409
