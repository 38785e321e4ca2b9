"""Refusals about principals."""

from __future__ import annotations

from kernel.errors import DomainError


class EmailTaken(DomainError):
    """This e-mail address is in use already."""

    code = "email_taken"
    status = 409
