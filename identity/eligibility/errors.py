"""Why somebody may not."""

from __future__ import annotations

from typing import ClassVar

from kernel.errors import DomainError


class NotEligible(DomainError):
    """You cannot do this yet, or not from where you live; `reasons` says why, `level` which level it takes."""

    code: ClassVar[str] = "not_eligible"
    status: ClassVar[int] = 403


class RuleInvalid(DomainError):
    """A rule names a country or everybody, a product and an action or all of them, and begins now or later."""

    code: ClassVar[str] = "rule_invalid"
    status: ClassVar[int] = 400
