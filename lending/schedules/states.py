"""How a loan is repaid."""

from __future__ import annotations

from enum import StrEnum


class Method(StrEnum):
    BULLET = "bullet"  # one payment at the end
    INTEREST_ONLY = "interest_only"  # interest each period, the principal with the last
    EQUAL_INSTALMENTS = "equal_instalments"  # the same payment each period
    EQUAL_PRINCIPAL = "equal_principal"  # the same principal each period, interest on what is left
