"""Refusals about moving an account to another e-mail."""

from __future__ import annotations

from typing import ClassVar

from kernel.errors import DomainError


class EmailUnchanged(DomainError):
    """The account has this e-mail already."""

    code: ClassVar[str] = "email_unchanged"
    status: ClassVar[int] = 409
