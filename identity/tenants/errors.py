"""Refusals about tenants."""

from __future__ import annotations

from typing import ClassVar

from kernel.errors import DomainError


class ProductNotOffered(DomainError):
    """This house does not offer that at present."""

    code: ClassVar[str] = "product_not_offered"
    status: ClassVar[int] = 403


class ThemeUnreadable(DomainError):
    """Text in or on this colour could not be read: a contrast of 4.5 to 1 is needed."""

    code: ClassVar[str] = "theme_unreadable"
    status: ClassVar[int] = 400


class OriginInvalid(DomainError):
    """An origin is `https:`, a host and perhaps a port, as browsers spell it; only this very machine may do without encryption."""

    code: ClassVar[str] = "origin_invalid"
    status: ClassVar[int] = 400


class PolicyChangeOpen(DomainError):
    """A change of the policy waits already; it is withdrawn or in force before another one is asked for."""

    code: ClassVar[str] = "policy_change_open"
    status: ClassVar[int] = 409


class PolicyChangeClosed(DomainError):
    """This change is in force already, or was ended."""

    code: ClassVar[str] = "policy_change_closed"
    status: ClassVar[int] = 409


class HostTaken(DomainError):
    """This host name belongs to another tenant."""

    code: ClassVar[str] = "host_taken"
    status: ClassVar[int] = 409
