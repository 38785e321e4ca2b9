"""Money out while it secures a loan, or while a loan calls for it."""

from decimal import Decimal

import pytest

from kernel import db
from payments.accounts import service as accounts
from payments.holds import service as holds
from payments.holds.states import HoldKind


def test_13_what_is_held_as_collateral_does_not_leave(payouts):
    anna = payouts.customer("100")
    to = anna.book()
    with db.transaction(tenant=payouts.house.first) as tx:
        account = accounts.customer(tx, customer_id=anna.id, asset="USDT")
        holds.open_hold(tx, account_id=account, amount=Decimal(70), kind=HoldKind.COLLATERAL, reference="loan")
    answer = anna.withdraw("30", to)
    assert (answer.status_code, answer.json()["code"]) == (409, "insufficient_funds")


CALLED = [
    {"status": "active", "level": "MARGIN_CALL"},
    {"status": "active", "level": "PENDING_LIQUIDATION"},
    {"status": "active", "level": "LIQUIDATING"},
    {"status": "matured_overdue", "level": "HEALTHY"},
    {"status": "liquidating", "level": "HEALTHY"},
]


@pytest.mark.parametrize("loan", CALLED, ids=lambda loan: "-".join(loan.values()))
def test_13_a_loan_that_calls_keeps_everything_in(payouts, loan):
    anna = payouts.customer("100")
    to = anna.book()
    payouts.loan(anna, **loan)
    answer = anna.withdraw("30", to)
    assert (answer.status_code, answer.json()["code"], answer.json()["reason"]) == (
        409,
        "withdrawal_blocked",
        "margin_call",
    )
    assert anna.has() == (100, 0)


def test_13_a_healthy_loan_and_an_ended_one_keep_nothing_in(payouts):
    anna = payouts.customer("100")
    to = anna.book()
    payouts.loan(anna, status="active", level="WARNING")
    payouts.loan(anna, status="repaid", level="MARGIN_CALL")
    assert anna.made("30", to)["state"] == "reserved"


def test_13_a_call_that_came_since_stops_what_waited_for_a_person(payouts):
    payouts.limits()
    anna = payouts.customer("100")
    made = anna.made("30", anna.book())
    payouts.loan(anna, status="active", level="MARGIN_CALL")
    approval = payouts.release(made["id"])
    assert payouts.agree(approval).status_code == 200
    payouts.run_events()
    assert (anna.look(made["id"])["state"], payouts.intents(made["id"])) == ("review", [])
