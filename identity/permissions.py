"""What a route may demand and which roles have it: one table, deny by default.

A role holds exactly what stands here; there is no hierarchy and no superuser. An administrator who should see a customer's order
gets a permission for that, with its own route and its own line in the audit.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from identity.principals.states import Role

__all__ = ["ROLE_PERMISSIONS", "Permission", "Role", "permissions_of"]


class Permission(StrEnum):
    ME_READ = "me:read"
    SECURITY_WRITE = "security:write"
    MARKETS_READ = "markets:read"
    MARKETS_WRITE = "markets:write"
    ORDERS_READ = "orders:read"
    ORDERS_WRITE = "orders:write"
    BALANCES_READ = "balances:read"
    STATEMENTS_READ = "statements:read"
    TREASURY_READ = "treasury:read"
    TREASURY_WRITE = "treasury:write"
    TREASURY_APPROVE = "treasury:approve"
    INVARIANTS_READ = "invariants:read"
    PRODUCTS_READ = "products:read"
    PRODUCTS_WRITE = "products:write"
    PAYMENT_ORDERS_READ = "payment_orders:read"
    PAYMENT_ORDERS_WRITE = "payment_orders:write"
    REFUNDS_WRITE = "refunds:write"
    ACCOUNTS_READ = "accounts:read"
    TRANSFERS_READ = "transfers:read"
    TRANSFERS_WRITE = "transfers:write"
    TRANSFERS_APPROVE = "transfers:approve"
    LEDGER_READ = "ledger:read"
    LEDGER_EXPORT = "ledger:export"
    LEDGER_IMPORT = "ledger:import"
    RECONCILIATION_READ = "reconciliation:read"
    RECONCILIATION_WRITE = "reconciliation:write"
    CONTROLS_READ = "controls:read"
    CONTROLS_WRITE = "controls:write"
    FEES_READ = "fees:read"
    REVENUE_READ = "revenue:read"
    ALERTS_WRITE = "alerts:write"
    API_KEYS_WRITE = "api_keys:write"
    EXECUTION_READ = "execution:read"
    APPROVALS_READ = "approvals:read"
    AUDIT_READ = "audit:read"
    NOTICES_READ = "notices:read"
    WEBHOOKS_WRITE = "webhooks:write"
    CHANNELS_WRITE = "channels:write"
    CUSTOMERS_READ = "customers:read"
    CUSTOMERS_WRITE = "customers:write"
    STAFF_WRITE = "staff:write"
    PEOPLE_APPROVE = "people:approve"
    ROLES_READ = "roles:read"
    OAUTH_CLIENTS_WRITE = "oauth_clients:write"
    KYC_WRITE = "kyc:write"
    KYC_READ = "kyc:read"
    KYC_DECIDE = "kyc:decide"
    TENANTS_READ = "tenants:read"
    TENANTS_WRITE = "tenants:write"
    LOANS_READ = "loans:read"
    LOANS_WRITE = "loans:write"
    LENDING_READ = "lending:read"
    LENDING_WRITE = "lending:write"
    LENDING_DECIDE = "lending:decide"
    SUBSCRIPTIONS_READ = "subscriptions:read"
    SUBSCRIPTIONS_WRITE = "subscriptions:write"
    EARN_READ = "earn:read"
    EARN_WRITE = "earn:write"
    EARN_DECIDE = "earn:decide"
    RESERVES_READ = "reserves:read"
    RESERVES_WRITE = "reserves:write"
    DEPOSITS_READ = "deposits:read"
    DEPOSITS_DECIDE = "deposits:decide"
    WITHDRAWALS_READ = "withdrawals:read"
    WITHDRAWALS_WRITE = "withdrawals:write"
    WITHDRAWALS_REVIEW = "withdrawals:review"
    SANDBOX = "sandbox"


_EVERYBODY = frozenset(
    {
        Permission.ME_READ,
        Permission.SECURITY_WRITE,
        Permission.MARKETS_READ,
        Permission.PRODUCTS_READ,
        Permission.FEES_READ,
        Permission.NOTICES_READ,
        Permission.RESERVES_READ,
    }
)
_STAFF = _EVERYBODY | {Permission.APPROVALS_READ}
_BOOKS_READ = frozenset(
    {
        Permission.INVARIANTS_READ,
        Permission.ACCOUNTS_READ,
        Permission.TRANSFERS_READ,
        Permission.PAYMENT_ORDERS_READ,
        Permission.LEDGER_READ,
        Permission.LEDGER_EXPORT,
        Permission.RECONCILIATION_READ,
    }
)

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.RETAIL: _EVERYBODY
    | {
        Permission.ORDERS_READ,
        Permission.ORDERS_WRITE,
        Permission.BALANCES_READ,
        Permission.STATEMENTS_READ,
        Permission.PAYMENT_ORDERS_READ,
        Permission.PAYMENT_ORDERS_WRITE,
        Permission.ACCOUNTS_READ,
        Permission.TRANSFERS_READ,
        Permission.TRANSFERS_WRITE,
        Permission.ALERTS_WRITE,
        Permission.API_KEYS_WRITE,
        Permission.WEBHOOKS_WRITE,
        Permission.KYC_WRITE,
        Permission.LOANS_READ,
        Permission.SUBSCRIPTIONS_READ,
        Permission.LOANS_WRITE,
        Permission.SUBSCRIPTIONS_WRITE,
        Permission.DEPOSITS_READ,
        Permission.WITHDRAWALS_READ,
        Permission.WITHDRAWALS_WRITE,
    },
    Role.TREASURY: _STAFF
    | {
        Permission.WITHDRAWALS_READ,
        Permission.WITHDRAWALS_REVIEW,
        Permission.LOANS_READ,
        Permission.SUBSCRIPTIONS_READ,
        Permission.LENDING_READ,
        Permission.EARN_READ,
        Permission.CHANNELS_WRITE,
        Permission.TREASURY_READ,
        Permission.RESERVES_WRITE,
        Permission.TREASURY_WRITE,
        Permission.TREASURY_APPROVE,
        Permission.REVENUE_READ,
        Permission.CONTROLS_READ,
        Permission.CONTROLS_WRITE,
        Permission.DEPOSITS_READ,
    },
    Role.PRODUCT: _STAFF
    | {
        Permission.PRODUCTS_WRITE,
        Permission.PAYMENT_ORDERS_READ,
        Permission.REFUNDS_WRITE,
        Permission.LOANS_READ,
        Permission.SUBSCRIPTIONS_READ,
        Permission.LENDING_READ,
        Permission.EARN_READ,
        Permission.LENDING_WRITE,
        Permission.EARN_WRITE,
        Permission.LENDING_DECIDE,
        Permission.EARN_DECIDE,
    },
    Role.FINANCE: _STAFF
    | _BOOKS_READ
    | {
        Permission.TRANSFERS_WRITE,
        Permission.TRANSFERS_APPROVE,
        Permission.REFUNDS_WRITE,
        Permission.LEDGER_IMPORT,
        Permission.WITHDRAWALS_READ,
        Permission.RECONCILIATION_WRITE,
        Permission.RESERVES_WRITE,
        Permission.REVENUE_READ,
        Permission.LOANS_READ,
        Permission.SUBSCRIPTIONS_READ,
        Permission.LENDING_READ,
        Permission.EARN_READ,
        Permission.DEPOSITS_READ,
        Permission.DEPOSITS_DECIDE,
    },
    Role.ADMIN: _STAFF
    | {
        Permission.MARKETS_WRITE,
        Permission.INVARIANTS_READ,
        Permission.CONTROLS_READ,
        Permission.CONTROLS_WRITE,
        Permission.REVENUE_READ,
        Permission.AUDIT_READ,
        Permission.CHANNELS_WRITE,
        Permission.CUSTOMERS_READ,
        Permission.CUSTOMERS_WRITE,
        Permission.STAFF_WRITE,
        Permission.ROLES_READ,
        Permission.OAUTH_CLIENTS_WRITE,
        Permission.TENANTS_READ,
        Permission.TENANTS_WRITE,
        Permission.LOANS_READ,
        Permission.SUBSCRIPTIONS_READ,
        Permission.LENDING_READ,
        Permission.EARN_READ,
        Permission.LENDING_DECIDE,
        Permission.EARN_DECIDE,
        Permission.SANDBOX,
        Permission.DEPOSITS_READ,
    },
    Role.SUPPORT: _STAFF
    | {
        Permission.WITHDRAWALS_READ,
        Permission.CONTROLS_READ,
        Permission.EXECUTION_READ,
        Permission.CUSTOMERS_READ,
        Permission.CUSTOMERS_WRITE,
        Permission.DEPOSITS_READ,
    },
    Role.COMPLIANCE: _STAFF
    | {
        Permission.WITHDRAWALS_READ,
        Permission.WITHDRAWALS_REVIEW,
        Permission.CONTROLS_READ,
        Permission.EXECUTION_READ,
        Permission.AUDIT_READ,
        Permission.CUSTOMERS_READ,
        Permission.PEOPLE_APPROVE,
        Permission.ROLES_READ,
        Permission.KYC_READ,
        Permission.KYC_DECIDE,
        Permission.LOANS_READ,
        Permission.SUBSCRIPTIONS_READ,
        Permission.LENDING_READ,
        Permission.EARN_READ,
        Permission.DEPOSITS_READ,
        Permission.DEPOSITS_DECIDE,
    },
    Role.AUDITOR: _STAFF
    | _BOOKS_READ
    | {
        Permission.WITHDRAWALS_READ,
        Permission.REVENUE_READ,
        Permission.EXECUTION_READ,
        Permission.AUDIT_READ,
        Permission.CUSTOMERS_READ,
        Permission.ROLES_READ,
        Permission.TENANTS_READ,
        Permission.LOANS_READ,
        Permission.SUBSCRIPTIONS_READ,
        Permission.LENDING_READ,
        Permission.EARN_READ,
        Permission.DEPOSITS_READ,
    },
}


def permissions_of(roles: Iterable[Role]) -> frozenset[Permission]:
    return frozenset().union(*(ROLE_PERMISSIONS[role] for role in roles))
