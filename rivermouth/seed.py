"""Demo data: two tenants, customers and staff, and the house's opening capital at the simulated venues. Safe to run at every start."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from uuid import UUID

from identity.eligibility.states import Level
from identity.oauth import service as programs
from identity.oauth.states import PROGRAM_SCOPES, Grant
from identity.principals import service as principals
from identity.principals.states import Role
from identity.screening import service as screening
from identity.tenants import service as tenants
from kernel import db
from kernel.settings import settings
from payments.products import service as products
from rivermouth import demo_earn, demo_loans
from wallet_bridge.funds import postings
from wallet_bridge.funds import service as funds
from wallet_bridge.lines import service as lines
from wallet_bridge.lines.service import Line, Unit

PASSWORD = "demo-rivermouth"  # noqa: S105  printed at every start: the demo's, known to everybody
DOMAIN = "demo.rivermouth.example"
OTHER_DOMAIN = "other.rivermouth.example"
OTHER_TENANT = UUID("01900000-0000-7000-8000-000000000002")

TERMINAL = "rmc_rivermouth-terminal-01"
"""How `rivermouth login` names itself; a program that keeps no secret."""

RETAIL = ("retail", "retail2")
NEWCOMER = "newcomer"  # registered and known to nobody yet: may look, and show who they are
STAFF = {
    "treasury": Role.TREASURY,
    "treasury2": Role.TREASURY,
    "product": Role.PRODUCT,
    "finance": Role.FINANCE,
    "finance2": Role.FINANCE,
    "admin": Role.ADMIN,
    "support": Role.SUPPORT,
    "compliance": Role.COMPLIANCE,
    "auditor": Role.AUDITOR,
}
COUNTRY = "SG"
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
CRITICAL_LINES = {"USDT": Decimal(100_000), "BTC": Decimal(2), "ETH": Decimal(30)}


def run(venue_balances: Mapping[str, Mapping[str, tuple[Decimal, Decimal]]]) -> None:
    """Create what is missing.

    Args:
        venue_balances: venue → asset → (free, total) as the venues report them, so that the books open as the venues stand.
    """
    tenants.ensure(settings().house_tenant, name="Rivermouth Demo")
    tenants.ensure(OTHER_TENANT, name="Other House")
    list_of_names = (Path(__file__).parent / "demo_names.csv").read_bytes()
    screening.import_list(settings().house_tenant, name="demo", version=None, body=list_of_names)
    for name in RETAIL:
        _customer(settings().house_tenant, f"{name}@{DOMAIN}")
    principals.ensure_customer(
        settings().house_tenant, email=f"{NEWCOMER}@{DOMAIN}", password=PASSWORD, level=Level.REGISTERED
    )
    for name, role in STAFF.items():
        principals.ensure_staff(settings().house_tenant, email=f"{name}@{DOMAIN}", password=PASSWORD, roles=[role])
    _customer(OTHER_TENANT, f"retail@{OTHER_DOMAIN}")
    programs.ensure_public_client(
        settings().house_tenant, key=TERMINAL, name="Rivermouth terminal", grants=[Grant.DEVICE_CODE, Grant.REFRESH_TOKEN],
        scopes=PROGRAM_SCOPES,
    )  # fmt: skip
    for venue, balances in venue_balances.items():
        _open_books(settings().house_tenant, venue, balances)
    with db.transaction(tenant=settings().house_tenant) as tx:
        products.ensure(tx, PRODUCT)
    demo_loans.ensure(settings().house_tenant)
    demo_earn.ensure(settings().house_tenant)


def _customer(tenant: UUID, email: str) -> None:
    customer_id = principals.ensure_customer(tenant, email=email, password=PASSWORD, country=COUNTRY)
    with db.transaction(tenant=tenant) as tx:
        for asset, amount in START.items():
            postings.deposit(tx, customer_id=customer_id, asset=asset, amount=amount, key=f"seed:{email}:{asset}")


def _open_books(tenant: UUID, venue: str, balances: Mapping[str, tuple[Decimal, Decimal]]) -> None:
    with db.transaction(tenant=tenant) as tx:
        funds.store_report(tx, venue, balances)
        for asset, amount in CAPITAL.items():
            postings.fund_venue(tx, venue=venue, asset=asset, amount=amount, key=f"seed:{venue}:{asset}")
            line = Line(Unit.AMOUNT, WARNING_LINES[asset], CRITICAL_LINES[asset])
            lines.default(tx, location=funds.at_venue(venue), asset=asset, line=line)
