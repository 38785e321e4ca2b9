"""The demo's loan products: the brief's on BTC, a basket of two, one paid in monthly instalments; and the money they lend."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from kernel import db
from lending.funding import service as funding
from lending.funding.states import Adapter
from lending.products import service as products
from lending.products.schemas import LoanProductIn

LINE = funding.Wish(
    name="house USDT",
    adapter=Adapter.LEDGER,
    source="funding partner",
    asset="USDT",
    limit=Decimal(10_000_000),
    rate=Decimal("0.05"),
)
_TERMS = {
    "rate": "0.12", "min_amount": "100", "max_amount": "1000000", "step": "0.01", "tenors": [30, 90, 180],
    "penalty_rate": "0.06", "extension_fee_rate": "0.001", "liquidation_fee_rate": "0.005", "liquidation_fee_cap": "1000",
    "expected_cost": "0.005", "budget": "0.01", "confirm_n": 3, "confirm_s": 10, "max_age_s": 5, "min_venues": 2,
}  # fmt: skip
BTC = {
    "asset": "BTC", "basis": "PRICE_FRACTION", "pledge": "0.80", "warning": "0.85", "displayed": "0.83", "actual": "0.82",
    "hard": "0.81",
}  # fmt: skip
_ETH = {
    "asset": "ETH", "basis": "PRICE_FRACTION", "pledge": "0.70", "warning": "0.78", "displayed": "0.755", "actual": "0.74",
    "hard": "0.73",
}  # fmt: skip
_CAREFUL_BTC = {
    "asset": "BTC", "basis": "LTV", "pledge": "0.50", "warning": "0.65", "displayed": "0.75", "actual": "0.77", "hard": "0.85",
}  # fmt: skip
_MONTHLY = {
    "method": "equal_instalments", "every": "1M", "rate": "0.09", "tenors": [90, 180, 360], "fee_rate": "0.005",
    "fee_mode": "capitalised",
}  # fmt: skip
PRODUCTS: tuple[dict[str, Any], ...] = (
    {"name": "BTC loan", "asset": "USDT", "terms": _TERMS, "collaterals": [BTC]},
    {"name": "BTC and ETH loan", "asset": "USDT", "terms": _TERMS, "collaterals": [BTC, _ETH]},
    {"name": "Monthly instalments", "asset": "USDT", "terms": _TERMS | _MONTHLY, "collaterals": [_CAREFUL_BTC]},
)


def ensure(tenant: UUID) -> None:
    """Open the line and publish the products that are missing."""
    with db.transaction(tenant=tenant) as tx:
        funding.ensure(tx, LINE)
    for product in PRODUCTS:
        products.ensure(tenant, LoanProductIn.model_validate(product).wish())
