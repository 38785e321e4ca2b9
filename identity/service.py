"""The door of identity: what the floors above may ask of it."""

from __future__ import annotations

from identity.principals.service import (
    Found,
    PrincipalRow,
    disable,
    ensure_customer,
    ensure_staff,
    find_by_email,
    find_customer,
    find_customer_by_email,
    register_customer,
    register_staff,
    same_person,
)
from identity.sessions.service import Device, Login, authenticate, login, logout, purge_sessions
from identity.tenants.service import TenantRow

__all__ = [
    "Device",
    "Found",
    "Login",
    "PrincipalRow",
    "TenantRow",
    "authenticate",
    "disable",
    "ensure_customer",
    "ensure_staff",
    "find_by_email",
    "find_customer",
    "find_customer_by_email",
    "login",
    "logout",
    "purge_sessions",
    "register_customer",
    "register_staff",
    "same_person",
]
