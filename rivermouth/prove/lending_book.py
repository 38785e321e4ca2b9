"""Products as rows, and loans as rows and nothing else: no money moves, so that thousands stand in a second. For proofs and benchmarks."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple
from uuid import UUID

import psycopg

from kernel import roles
from kernel.day_count import DayCount
from kernel.ids import uuid7
from lending.products.states import FeeMode, LiquidationMode, RateMode, Rebase
from lending.products.terms import Terms
from lending.schedules.states import Method

D = Decimal
RATE = D("0.12")


class Lines(NamedTuple):
    """As fractions of the reference price."""

    pledge: str
    warning: str
    displayed: str
    actual: str
    hard: str

    def loan_to_values(self) -> list[Fraction]:
        """What the product makes of them, calculated here for itself."""
        pledge = Fraction(self.pledge)
        return [pledge, *(pledge / Fraction(line) for line in self[1:])]


BRIEF = Lines("0.80", "0.85", "0.83", "0.82", "0.81")
TERMS: dict[str, Any] = {
    "rate_mode": RateMode.FIXED,
    "rate": RATE,
    "spread": D(0),
    "day_count": DayCount.ACTUAL_365,
    "method": Method.BULLET,
    "every": None,
    "multiple_of": None,
    "fee_rate": D(0),
    "fee_flat": D(0),
    "fee_mode": FeeMode.DEDUCTED,
    "min_amount": D(100),
    "max_amount": D(1_000_000),
    "step": D("0.01"),
    "customer_cap": None,
    "tenors": (30, 90, 180),
    "quote_ttl_s": 60,
    "grace_days": 3,
    "penalty_rate": D(0),
    "extension_fee_rate": D(0),
    "liquidation": LiquidationMode.FULL,
    "target_ltv": None,
    "liquidation_fee_rate": D(0),
    "liquidation_fee_cap": None,
    "budget": D("0.02"),
    "slices": 1,
    "rebase": Rebase.LIVE_DEBT,
    "expected_cost": D("0.01"),
    "confirm_n": 3,
    "confirm_s": 10,
    "max_age_s": 5,
    "hysteresis": D(0),
    "freeze_s": 120,
}

_QUOTE = """
INSERT INTO lending.loan_quotes (tenant_id, id, customer_id, product_id, version, amount, fee, rate, tenor_days, collateral, prices,
                                 expires_at, loan_id, created_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"""
_LOAN = """
INSERT INTO lending.loans (tenant_id, id, customer_id, product_id, version, quote_id, asset, status, drawn, principal, rate, interest_from,
                           debt_at_event, origination, opened_on, matures_on, created_at, updated_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Borrowed:
    """One loan to be written down."""

    product: UUID
    customer: UUID
    collateral: Mapping[str, Decimal]
    principal: Decimal
    opened_on: date
    rate: Decimal = RATE
    debt_at_event: Decimal | None = None
    id: UUID = field(default_factory=uuid7)


class LendingBook:
    """Writes rows as the owner of the schema, within one tenant."""

    def __init__(self, url: str, tenant: UUID) -> None:
        self.tenant = tenant
        self.connection = psycopg.connect(roles.conninfo(url), autocommit=True)
        self.connection.execute("SELECT set_config('app.tenant', %s, false)", [str(tenant)])

    def close(self) -> None:
        self.connection.close()

    def product(
        self, collaterals: Mapping[str, Lines], *, asset: str = "USDT", since: date = date(2020, 1, 1), **terms: Any
    ) -> UUID:
        """A published product with a funding line of its own, which costs something from the day `since` on."""
        product, line = uuid7(), uuid7()
        document = Terms(**{**TERMS, **terms}).document()
        self.connection.execute(
            """INSERT INTO lending.funding_lines (tenant_id, id, name, adapter, source, asset, line_limit, rate, day_count,
                                                  accrued_through, created_at)
               VALUES (%s, %s, %s, 'ledger', 'house', %s, 1e12, 0.05, 'actual/365', %s, now())""",
            [self.tenant, line, str(line), asset, since],
        )
        self.connection.execute(
            """INSERT INTO lending.loan_products (tenant_id, id, version, status, name, asset, funding_line_id, terms, created_by,
                                                  created_at, published_at)
               VALUES (%s, %s, 1, 'published', 'a product', %s, %s, %s, %s, now(), now())""",
            [self.tenant, product, asset, line, json.dumps(document), product],
        )
        for collateral, lines in collaterals.items():
            ratios = lines.loan_to_values()
            self.connection.execute(
                """INSERT INTO lending.product_collaterals (tenant_id, product_id, version, asset, basis, pledge, warning, displayed,
                           actual, hard, ltv_numerators, ltv_denominators)
                   VALUES (%s, %s, 1, %s, 'PRICE_FRACTION', %s, %s, %s, %s, %s, CAST(%s AS numeric[]), CAST(%s AS numeric[]))""",
                [
                    *(self.tenant, product, collateral, *lines),
                    [ratio.numerator for ratio in ratios],
                    [ratio.denominator for ratio in ratios],
                ],
            )
        return product

    def lend(self, wanted: Sequence[Borrowed]) -> None:
        quotes = {one.id: uuid7() for one in wanted}
        with self.connection.transaction(), self.connection.cursor() as cursor:
            cursor.executemany(_QUOTE, [self._quote(one, quotes[one.id]) for one in wanted])
            cursor.executemany(_LOAN, [self._loan(one, quotes[one.id]) for one in wanted])
            cursor.executemany(
                "INSERT INTO lending.loan_collaterals (tenant_id, loan_id, asset, quantity) VALUES (%s, %s, %s, %s)",
                [(self.tenant, one.id, asset, held) for one in wanted for asset, held in one.collateral.items()],
            )

    def quote(self, wanted: Sequence[Borrowed]) -> dict[UUID, UUID]:
        """Quotes that were taken, for loans that the product itself is to open; by loan."""
        quotes = {one.id: uuid7() for one in wanted}
        with self.connection.transaction(), self.connection.cursor() as cursor:
            cursor.executemany(_QUOTE, [self._quote(one, quotes[one.id]) for one in wanted])
        return quotes

    def _quote(self, one: Borrowed, quote: UUID) -> Sequence[Any]:
        terms = (one.customer, one.product, 1, one.principal, 0, one.rate, 180, "{}", "{}")
        return [self.tenant, quote, *terms, one.opened_on, one.id, one.opened_on]

    def _loan(self, one: Borrowed, quote: UUID) -> Sequence[Any]:
        quantities = {asset: str(quantity) for asset, quantity in one.collateral.items()}
        origin = json.dumps({"debt": str(one.principal), "collateral": quantities})
        amounts = (one.principal, one.principal, one.rate, one.opened_on, one.debt_at_event or one.principal, origin)
        dates = (one.opened_on, one.opened_on + timedelta(days=180), one.opened_on, one.opened_on)
        return [self.tenant, one.id, one.customer, one.product, 1, quote, "USDT", "active", *amounts, *dates]
