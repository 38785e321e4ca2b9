"""The demo's fixed-income products: a month at 5 % paid weekly, and a quarter whose rate falls with the amount; both on sale every day.

A coupon adds 2 % for the first month.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from earn.coupons import service as coupons
from earn.coupons.schemas import EarnCouponIn
from earn.instances import service as instances
from earn.templates import service as templates
from earn.templates.schemas import EarnTemplateIn

TEMPLATES: tuple[dict[str, Any], ...] = (
    {
        "name": "30 days USDT", "asset": "USDT",
        "terms": {
            "apr": "0.05", "payout": "weekly", "tenor": "30D", "daily_quota": "1000000", "minimum": "10", "step": "1",
            "customer_cap": "100000", "renewals": ["pay_out", "renew_principal", "renew_all"],
        },
    },
    {
        "name": "Quarter USDT", "asset": "USDT",
        "terms": {
            "tiers": [{"above": "0", "apr": "0.08"}, {"above": "10000", "apr": "0.06"}], "payout": "monthly", "tenor": "3M",
            "daily_quota": "500000", "minimum": "100", "step": "10", "early": "PAY_ACCRUED",
        },
    },
)  # fmt: skip


COUPON: dict[str, Any] = {
    "name": "Welcome", "asset": "USDT", "apr_boost": "0.02", "max_principal": "10000", "days": 30, "minimum": "100", "budget": "5000",
    "starts_at": "2026-01-01T00:00:00Z", "ends_at": "2036-01-01T00:00:00Z",
}  # fmt: skip


def ensure(tenant: UUID) -> None:
    """Publish what is missing, with its days, and the coupon with the money that it promises."""
    for template in TEMPLATES:
        templates.ensure(tenant, EarnTemplateIn.model_validate(template).wish())
    instances.generate(tenant)
    coupon = EarnCouponIn.model_validate(COUPON).wish()
    coupons.ensure(tenant, coupon, funds=coupon.budget)
