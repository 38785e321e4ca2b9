"""Tiers, agreements and maker rates on real orders."""

from datetime import timedelta
from decimal import Decimal

import pytest

from broker.book import service as book
from broker.fees import errors, service
from broker.fees.rules import Rates, Tier
from identity.principals import service as principals
from identity.tenants import service as tenants
from kernel import db
from kernel.ids import uuid7
from tests.broker_desk import leg, planned

D = Decimal
TABLE = [Tier(0, D(0), Rates(D("0.0004"), D("0.001"))), Tier(1, D(10_000), Rates(D("0.0002"), D("0.0006")))]


@pytest.fixture(autouse=True)
def fresh():
    service.forget()
    yield
    service.forget()


def at_okx(orders, _without):
    return planned(leg("okx", orders[0].remaining, orders[0].protect_price))


def publish(desk, tiers=TABLE, **how):
    how = {"valid_from": None, "reason": "a test", "key": None} | how
    return service.publish_tiers(tenant=desk.tenant, actor=uuid7(), tiers=tiers, **how)


def test_an_order_agrees_to_both_rates(desk):
    publish(desk)
    order = desk.order(desk.place(limit="100000"))
    assert (order.fee_rate, order.maker_rate, order.taker_cost) == (D("0.001"), D("0.0004"), None)
    assert order.status == "working"


def test_what_fills_after_a_rest_is_a_makers(desk):
    """0.2 at once as a taker, the rest after it rested: the fee is each rate on its part."""
    publish(desk)
    order_id = desk.place(limit="100000")
    desk.answer(order_id, "cancelled", desk.fill("0.2", "100000"))
    order = desk.order(order_id)
    assert (order.status, order.taker_cost, order.fee) == ("resting", D(20000), D(20))
    with desk.as_engine():
        assert book.trigger(tenant=desk.tenant, order_ids=[order_id], plan_of=at_okx).working == 1
    desk.answer(order_id, "filled", desk.fill("0.3", "100000"))
    order = desk.order(order_id)
    assert (order.status, order.fee) == ("filled", D(20) + D(12))
    assert desk.sum_of("revenue.trade_fee:USDT") == D(32)
    assert desk.held("USDT") == 0


def test_a_later_table_waits_for_its_time(desk):
    with desk.tx() as tx:
        later = tx.now + timedelta(days=2)
    publish(desk, valid_from=later)
    assert service.rates_of(desk.tenant, desk.owner) == Rates(D("0.001"), D("0.001"))
    with pytest.raises(errors.ValidInThePast):
        publish(desk, valid_from=later - timedelta(days=3))
    with pytest.raises(errors.TiersDoNotFit):
        publish(desk, tiers=TABLE[::-1])


def test_an_agreement_goes_before_the_tier_until_it_is_ended(desk):
    with desk.as_engine():
        tenants.ensure(desk.tenant, name="House")
    customer = principals.ensure_customer(desk.tenant, email="maker@example.com", password="long enough to be taken")
    said = {
        "tenant": desk.tenant,
        "actor": uuid7(),
        "customer": customer,
        "valid_from": None,
        "valid_until": None,
        "key": None,
    }
    service.agree(**said, rates=Rates(D("0.0001"), D("0.0003")), reason="a market maker")
    now = service.of_customer(desk.tenant, customer)
    assert (now.agreed, now.rates) == (True, Rates(D("0.0001"), D("0.0003")))
    assert service.rates_of(desk.tenant, customer) == now.rates
    service.agree(**said, rates=None, reason="it is over")
    assert service.rates_of(desk.tenant, customer) == Rates(D("0.001"), D("0.001"))
    with pytest.raises(errors.CustomerUnknown):
        service.agree(**(said | {"customer": uuid7()}), rates=None, reason="nobody")


def test_rates_are_the_tenants_own(desk):
    publish(desk)
    other = uuid7()
    with db.read_only(tenant=other) as tx:
        assert service.standing(tx, desk.owner).rates == Rates(D("0.001"), D("0.001"))
