"""The watch with what comes after it: the markets' copies in, the sale or the rescue out, and the books whole."""

import pytest

from lending.liquidation import service as liquidations
from lending.liquidation.states import LiquidationStatus
from lending.loans import queries as loans
from lending.loans.states import LoanStatus
from lending.watch import rescue
from lending.watch.service import Watcher
from tests.broker_desk import D


@pytest.fixture
def watcher(selling):
    made = Watcher(begin=liquidations.begin, rescue=rescue.top_up)

    def see(price):
        selling.books((price, "5"))
        with selling.as_engine():
            return made.step()

    return see


def only_liquidation(selling):
    rows = selling.engine.execute("SELECT id FROM lending.liquidations").fetchall()
    assert len(rows) == 1
    return rows[0][0]


def test_from_the_price_to_the_money(selling, watcher):
    """24,900 is told and not sold; 24,590 held for the guard is sold, the debt paid and the rest returned."""
    loan_id = selling.lend(confirm_n=2, confirm_s=0)
    for price, level in (("25500", "WARNING"), ("24900", "MARGIN_CALL"), ("24590", "PENDING_LIQUIDATION")):
        watcher(price)
        assert selling.loan(loan_id).level == level
    assert watcher("24590").begun == 1
    assert selling.loan(loan_id).status is LoanStatus.LIQUIDATING
    done = selling.finish(only_liquidation(selling))
    assert done.status is LiquidationStatus.DONE
    assert selling.drawn() == 0
    kept = selling.engine.execute(
        "SELECT to_level FROM lending.price_evidence WHERE id = %s", [done.evidence_id]
    ).fetchone()
    assert kept == ("LIQUIDATING",)


def test_a_gap_from_26000_to_23000_through_thin_books(selling, watcher):
    """Past every line at once: 0.2 BTC are bid within 1 % of 23,000, the sale waits for the rest, and the loss is borne to the unit.

    4,600 and 0.8 · 22,800 = 18,240 are 22,840 of 24,000: of the 1,160 that are missing the pool bears its 500 and the house 660.
    """
    selling.insure("500")
    loan_id = selling.lend()
    assert watcher("26000").begun == 0
    assert selling.loan(loan_id).level == "HEALTHY"
    assert watcher("23000").begun == 1, "the hard line waits for nothing"
    liquidation_id = only_liquidation(selling)
    assert selling.liquidation(liquidation_id).plan["BTC"].floor == 22_770

    selling.books(("23000", "0.05"), ("22769.99", "9"), price="23000")
    assert selling.step(liquidation_id)
    selling.fill_all(selling.sales(liquidation_id)[0].order_id, price="23000")
    selling.books(("22769.99", "9"), price="22769.99")  # a cent below the budget
    paused = selling.finish(liquidation_id)
    assert (paused.status, paused.pause_reason) == (LiquidationStatus.PAUSED, "below_floor")
    assert [sale.sold for sale in selling.sales(liquidation_id)] == [D("0.2")]
    assert selling.own_accounts(liquidation_id) == {"clearing:BTC": D("0.8"), "proceeds:USDT": 4600}
    assert selling.drawn() == 24_000

    selling.books(("22800", "9"), price="22800")
    assert selling.step(liquidation_id)
    for sale in selling.sales(liquidation_id)[1:]:
        selling.fill_all(sale.order_id, price="22800")
    done = selling.finish(liquidation_id)
    assert done.status is LiquidationStatus.SHORTFALL
    told = {
        name: done.settlement[name]
        for name in ("proceeds", "fee", "surplus", "shortfall", "insured", "lost", "returned")
    }
    assert told == {
        "proceeds": "22840", "fee": "0", "surplus": "0", "shortfall": "1160", "insured": "500", "lost": "660", "returned": {},
    }  # fmt: skip
    assert selling.sum_of("insurance.lending:USDT") == 0
    assert selling.sum_of("expense.bad_debt:USDT") == -660
    assert selling.engine.execute("SELECT insured, lost FROM lending.bad_debts").fetchall() == [(500, 660)]
    assert selling.loan(loan_id).status is LoanStatus.BAD_DEBT
    assert selling.own_accounts(liquidation_id) == {}
    assert selling.sum_of(f"lending.principal.{selling.product_id}:USDT") == 0
    assert selling.drawn() == 0


def test_a_breaker_holds_the_sale_back_and_the_loan_waits(selling, watcher):
    loan_id = selling.lend()
    selling.breaker(1)
    tally = watcher("24300")
    assert (tally.begun, tally.kept) == (0, [loan_id])
    assert selling.loan(loan_id).level == "PENDING_LIQUIDATION"
    assert selling.loan(loan_id).collateral["BTC"] == 1


def ask_for_rescue(selling, loan_id):
    with selling.tx() as tx:
        assert loans.change(tx, loans.lock(tx, loan_id), auto_top_up=True)


def test_free_coins_come_before_a_sale_where_the_customer_asked(selling, watcher):
    """24,000 at 24,300 need 1.2345... bitcoins for the pledge rate of 80 %: the missing ones come from the account."""
    loan_id = selling.lend()
    ask_for_rescue(selling, loan_id)
    before = selling.gained("BTC")
    assert watcher("24300").changed == 0
    loan = selling.loan(loan_id)
    assert loan.status is LoanStatus.ACTIVE
    assert loan.level == "HEALTHY"
    assert loan.collateral["BTC"] == D("1.23456791")
    assert selling.gained("BTC") - before == D("-0.23456791")


def test_coins_that_would_not_help_stay_where_they_are(selling, watcher):
    loan_id = selling.lend(principal="45600", collateral={"BTC": "1.9"})
    ask_for_rescue(selling, loan_id)
    before = selling.gained("BTC")
    watcher("20000")
    assert selling.loan(loan_id).status is LoanStatus.LIQUIDATING
    assert selling.gained("BTC") == before
