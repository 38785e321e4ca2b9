"""Demo data: two tenants, customers and staff, and the house's opening capital at the simulated venues. Safe to run at every start."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

from identity.principals import service as principals
from identity.principals.states import Role
from identity.tenants import service as tenants
from kernel import db
from kernel.settings import settings
from payments.products import service as products
from wallet_bridge.funds import postings
from wallet_bridge.funds import service as funds

PASSWORD = "demo-rivermouth"  # noqa: S105  printed at every start: the demo's, known to everybody
DOMAIN = "demo.rivermouth.example"
OTHER_DOMAIN = "other.rivermouth.example"
OTHER_TENANT = UUID("01900000-0000-7000-8000-000000000002")

RETAIL = ("retail", "retail2")
STAFF = {
    "treasury": Role.TREASURY,
    "product": Role.PRODUCT,
    "finance": Role.FINANCE,
    "finance2": Role.FINANCE,
    "admin": Role.ADMIN,
    "support": Role.SUPPORT,
    "compliance": Role.COMPLIANCE,
    "auditor": Role.AUDITOR,
}
START = {"USDT": Decimal(100_000), "BTC": Decimal(2)}
CAPITAL = {"USDT": Decimal(10_000_000), "BTC": Decimal(200), "ETH": Decimal(3_000)}
PRODUCT = products.Wish(
    sku="demo-ticket",
    name="Demo ticket",
    asset="USDT",
    price=Decimal(200),
    stock=1_000,
    fee_rate=Decimal("0.02"),
    commission_rate=Decimal("0.01"),
)
WARNING_LINES = {"USDT": Decimal(500_000), "BTC": Decimal(10), "ETH": Decimal(150)}


def run(venue_balances: Mapping[str, Mapping[str, tuple[Decimal, Decimal]]]) -> None:
    """Create what is missing.

    Args:
        venue_balances: venue → asset → (free, total) as the venues report them, so that the books open as the venues stand.
    """
    tenants.ensure(settings().house_tenant, name="Rivermouth Demo")
    tenants.ensure(OTHER_TENANT, name="Other House")
    for name in RETAIL:
        _customer(settings().house_tenant, f"{name}@{DOMAIN}")
    for name, role in STAFF.items():
        principals.ensure_staff(settings().house_tenant, email=f"{name}@{DOMAIN}", password=PASSWORD, roles=[role])
    _customer(OTHER_TENANT, f"retail@{OTHER_DOMAIN}")
    for venue, balances in venue_balances.items():
        _open_books(settings().house_tenant, venue, balances)
    with db.transaction(tenant=settings().house_tenant) as tx:
        products.ensure(tx, PRODUCT)


def _customer(tenant: UUID, email: str) -> None:
    customer_id = principals.ensure_customer(tenant, email=email, password=PASSWORD)
    with db.transaction(tenant=tenant) as tx:
        for asset, amount in START.items():
            postings.deposit(tx, customer_id=customer_id, asset=asset, amount=amount, key=f"seed:{email}:{asset}")


def _open_books(tenant: UUID, venue: str, balances: Mapping[str, tuple[Decimal, Decimal]]) -> None:
    with db.transaction(tenant=tenant) as tx:
        funds.store_report(tx, venue, balances)
        for asset, amount in CAPITAL.items():
            postings.fund_venue(tx, venue=venue, asset=asset, amount=amount, key=f"seed:{venue}:{asset}")
            funds.default_warning_line(tx, venue=venue, asset=asset, line=WARNING_LINES[asset])
