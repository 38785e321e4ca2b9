"""The words for principals: kinds, roles, whether they may log in."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    CUSTOMER = "customer"
    STAFF = "staff"


class Role(StrEnum):
    RETAIL = "retail"
    TREASURY = "treasury"
    PRODUCT = "product"
    FINANCE = "finance"
    ADMIN = "admin"
    SUPPORT = "support"
    COMPLIANCE = "compliance"
    AUDITOR = "auditor"


class Status(StrEnum):
    ACTIVE = "active"
    DISABLED = "disabled"
    LOCKED = "locked"  # by staff
    FROZEN = "frozen"  # by the owner, through the link in a mail; only two members of staff open it again


class Realm(StrEnum):
    """Play money and real money of one person; they never meet in one journal."""

    REAL = "REAL"
    DEMO = "DEMO"
