"""The decision to sell: collateral to clearing, interest stops, and nobody can do it twice."""

import pytest

from kernel.ids import uuid7
from lending.errors import LoanBusy, PriceNotTrusted
from lending.liquidation import queries
from lending.liquidation.errors import LiquidationsStopped
from lending.liquidation.states import Cause, LiquidationStatus
from lending.loans.states import Level, LoanStatus
from lending.products.states import LiquidationMode
from tests.broker_desk import D


def test_the_collateral_stands_in_clearing(selling):
    loan_id = selling.lend(interest="12.5")
    liquidation_id = selling.begin(loan_id)
    assert selling.sum_of(f"loan:{loan_id}:BTC") == 0
    assert selling.sum_of(f"liquidation:{liquidation_id}:clearing:BTC") == 1
    loan, found = selling.loan(loan_id), selling.liquidation(liquidation_id)
    assert (loan.status, loan.level) == (LoanStatus.LIQUIDATING, Level.LIQUIDATING)
    assert loan.collateral == {"BTC": 0}
    assert found.status is LiquidationStatus.OPEN
    assert found.owed.total == D("24012.5")
    assert found.plan["BTC"].floor == D("24600") * D("0.99")
    told = selling.engine.execute("SELECT topic, payload->>'owed' FROM kernel.outbox WHERE topic LIKE 'lending.%'")
    assert told.fetchall() == [("lending.liquidation_started.v1", "24012.5")]


def test_it_is_begun_once(selling):
    loan_id = selling.lend()
    selling.begin(loan_id)
    with pytest.raises(LoanBusy):
        selling.begin(loan_id)


def test_an_asset_without_a_price_is_not_sold(selling):
    loan_id = selling.lend()
    with pytest.raises(PriceNotTrusted):
        selling.begin(loan_id, price={"ETH": 2000})
    assert selling.loan(loan_id).status is LoanStatus.ACTIVE


@pytest.mark.parametrize("asset", ["BTC", queries.EVERY_ASSET])
def test_a_breaker_stops_new_ones(selling, asset):
    loan_id = selling.lend()
    with selling.tx() as tx:
        queries.set_breaker(tx, asset, level=1, reason="maintenance", by=uuid7())
    with pytest.raises(LiquidationsStopped):
        selling.begin(loan_id)
    with selling.tx() as tx:
        queries.set_breaker(tx, asset, level=0, reason="over", by=uuid7())
    selling.begin(loan_id)


def test_a_partial_one_sells_no_more_than_its_target_needs(selling):
    """1 BTC at 20,000 against 15,000, back to 60 %: x = (15,000 - 12,000) / (0.99 / 1.005 - 0.6) of value."""
    loan_id = selling.lend(principal="15000", liquidation=LiquidationMode.PARTIAL, target_ltv=D("0.6"))
    found = selling.liquidation(selling.begin(loan_id, price="20000"))
    assert found.plan["BTC"].quantity == 1
    assert found.plan["BTC"].sell == D("0.38953489")
    overdue = selling.lend(principal="15000", liquidation=LiquidationMode.PARTIAL, target_ltv=D("0.6"))
    assert selling.liquidation(selling.begin(overdue, cause=Cause.OVERDUE)).plan["BTC"].sell == 1
