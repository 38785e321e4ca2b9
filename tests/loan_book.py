"""Products and loans made by hand: the brief's BTC product, a partial one on ETH, and loans on them."""

from datetime import date
from decimal import Decimal as D
from uuid import UUID

from kernel.day_count import DayCount
from kernel.ids import uuid7
from lending.loans.record import Loan
from lending.loans.states import Level, LoanStatus
from lending.products.rules import Lines, thresholds
from lending.products.states import Basis, FeeMode, LiquidationMode, ProductStatus, RateMode, Rebase
from lending.products.terms import Collateral, ProductVersion, Terms
from lending.schedules.states import Method

ON = date(2026, 11, 21)
LINES = {
    "BTC": Lines(Basis.PRICE_FRACTION, D("0.80"), D("0.85"), D("0.83"), D("0.82"), D("0.81")),
    "ETH": Lines(Basis.LTV, D("0.50"), D("0.60"), D("0.70"), D("0.72"), D("0.80")),
}


def make_terms(**changes):
    fields = {
        "rate_mode": RateMode.FIXED, "rate": D("0.12"), "spread": D(0), "day_count": DayCount.ACTUAL_365, "method": Method.BULLET,
        "every": None, "multiple_of": None, "fee_rate": D(0), "fee_flat": D(0), "fee_mode": FeeMode.DEDUCTED, "min_amount": D(100),
        "max_amount": D(1_000_000), "step": D("0.01"), "customer_cap": None, "tenors": (30, 90), "quote_ttl_s": 30, "grace_days": 3,
        "penalty_rate": D(0), "extension_fee_rate": D(0), "liquidation": LiquidationMode.FULL, "target_ltv": None,
        "liquidation_fee_rate": D(0), "liquidation_fee_cap": None, "budget": D("0.01"), "slices": 4, "rebase": Rebase.LIVE_DEBT,
        "expected_cost": D("0.005"), "confirm_n": 3, "confirm_s": 10, "max_age_s": 5, "hysteresis": D(0), "freeze_s": 60,
    }  # fmt: skip
    return Terms(**(fields | changes))


def make_product(*assets, name="BTC loan", terms=None):
    return ProductVersion(
        id=uuid7(),
        version=1,
        status=ProductStatus.PUBLISHED,
        name=name,
        asset="USDT",
        funding_line_id=uuid7(),
        terms=terms or make_terms(),
        collaterals={
            a: Collateral(asset=a, lines=LINES[a], thresholds=thresholds(LINES[a])) for a in assets or ("BTC",)
        },
    )


def make_loan(product, principal="24000", **changes):
    fields = {
        "id": uuid7(), "tenant_id": UUID(int=1), "customer_id": UUID(int=2), "product_id": product.id, "version": 1, "asset": "USDT",
        "status": LoanStatus.ACTIVE, "drawn": D(principal), "principal": D(principal), "rate": D("0.12"), "interest_from": ON,
        "interest_owed": D(0), "fee_owed": D(0), "penalty_owed": D(0), "interest_charged": D(0), "debt_at_event": D(principal),
        "origination": {"debt": principal, "collateral": {"BTC": "1"}}, "opened_on": ON, "matures_on": date(2027, 2, 19),
        "auto_top_up": False, "auto_repay": False, "level": Level.HEALTHY, "below": 0, "below_since": None,
        "row_version": 1, "collateral": {"BTC": D(1)},
    }  # fmt: skip
    return Loan(**(fields | changes))
