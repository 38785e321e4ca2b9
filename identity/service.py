"""The door of identity: what the floors above may ask of it."""

from __future__ import annotations

from identity.api_keys.service import purge_nonces
from identity.kyc.looks import purge as purge_links
from identity.mail_links.service import purge as purge_mail_links
from identity.oauth.service import purge_grants
from identity.oidc.service import purge_logins
from identity.principals.service import (
    Found,
    PrincipalRow,
    customers_among,
    disable,
    ensure_customer,
    ensure_staff,
    find_by_email,
    find_customer,
    find_customer_by_email,
    find_principal,
    register_customer,
    register_staff,
    same_person,
)
from identity.registration.service import purge as purge_registrations
from identity.security.passkeys import purge_challenges
from identity.sessions.service import (
    Device,
    Login,
    authenticate,
    login,
    logout,
    purge_sessions,
    purge_tokens,
)
from identity.tenants.service import TenantRow

PURGES = (
    purge_sessions,
    purge_tokens,
    purge_nonces,
    purge_challenges,
    purge_links,
    purge_grants,
    purge_logins,
    purge_mail_links,
    purge_registrations,
)
"""Steps that forget what nobody needs any more, up to a limit each; they answer how much it was."""

__all__ = [
    "PURGES",
    "Device",
    "Found",
    "Login",
    "PrincipalRow",
    "TenantRow",
    "authenticate",
    "customers_among",
    "disable",
    "ensure_customer",
    "ensure_staff",
    "find_by_email",
    "find_customer",
    "find_customer_by_email",
    "find_principal",
    "login",
    "logout",
    "register_customer",
    "register_staff",
    "same_person",
]
