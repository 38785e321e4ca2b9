"""Orders ask how well their customer is known, in the transaction that would accept them; a no leaves nothing behind."""

from decimal import Decimal

import pytest

from broker.limits.errors import DayLimitExceeded
from broker.orders import amendments
from broker.orders.amendments import Change
from identity.eligibility import service as eligibility
from identity.eligibility.errors import NotEligible
from identity.eligibility.states import Screening
from kernel.ids import uuid7
from wallet_bridge.funds import postings


def funded(desk, level):
    owner = desk.known_customer(level=level)
    with desk.tx() as tx:
        postings.deposit(tx, customer_id=owner, asset="USDT", amount=Decimal(100_000), key=str(owner))
    return owner


def count(desk, table):
    return desk.engine.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


@pytest.mark.parametrize("limit", [None, "50000"])
def test_who_is_not_known_trades_nothing(desk, limit):
    before = count(desk, "broker.orders"), count(desk, "payments.holds")
    with pytest.raises(NotEligible) as refusal:
        desk.place(quantity="0.01", limit=limit, owner=funded(desk, 0))
    assert (refusal.value.extra["reasons"], refusal.value.extra["level"]) == (["level_too_low"], 1)
    with pytest.raises(NotEligible) as refusal:
        desk.place(quantity="0.01", limit=limit, owner=uuid7())
    assert refusal.value.extra["reasons"] == ["unknown_customer"]
    assert (count(desk, "broker.orders"), count(desk, "payments.holds")) == before


def test_a_level_trades_as_much_in_a_day_as_it_may(desk):
    owner = funded(desk, 1)
    desk.place(quantity="0.06", limit="90000", owner=owner)
    with pytest.raises(DayLimitExceeded) as refusal:
        desk.place(quantity="0.06", limit="90000", owner=owner)
    assert refusal.value.extra["limit"] == "10000"
    assert desk.place(quantity="0.06", limit="90000", owner=funded(desk, 2))


def test_who_must_be_looked_at_may_cancel_but_not_ask_for_more(desk):
    order_id = desk.place(quantity="0.1", limit="90000")
    with desk.tx() as tx:
        eligibility.mark(tx, desk.owner, Screening.REVIEW)
    with pytest.raises(NotEligible):
        amendments.amend(
            tenant=desk.tenant, owner=desk.owner, order_id=order_id, change=Change(quantity=Decimal("0.2"))
        )
    with pytest.raises(NotEligible):
        desk.place(quantity="0.1", limit="90000")
    desk.cancel(order_id)
