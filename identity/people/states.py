"""What a second member of staff must agree to before it is done to an account."""

from __future__ import annotations

from enum import StrEnum


class Change(StrEnum):
    """The kinds of approvals that this room owns."""

    RESET_FACTORS = "identity.factors_reset"
    CHANGE_EMAIL = "identity.email_change"
    REOPEN = "identity.account_reopen"
    NEW_STAFF = "identity.staff_new"
    CHANGE_ROLES = "identity.staff_roles"
