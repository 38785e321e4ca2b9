"""Why terms make no plan, and why a plan cannot be ended early."""

from __future__ import annotations

from kernel.errors import Conflict, DomainError


class TermsImpossible(DomainError):
    """These terms make no product."""

    code = "terms_impossible"
    status = 400


class AlreadyMatured(Conflict):
    """The subscription has reached its maturity; it is paid out, not redeemed early."""

    code = "already_matured"
