"""The edges of the order desk: ways around a control, and wishes that make no sense."""

from datetime import timedelta
from decimal import Decimal

import pytest

from broker.controls import errors as control_errors
from broker.controls import memory
from broker.controls import service as controls
from broker.controls.states import Mode, Scope
from broker.firm_quotes import service as firm_quotes
from broker.limits import errors as limit_errors
from broker.limits import service as limits
from broker.orders import amendments, errors, service
from broker.orders.amendments import Change
from broker.orders.shown import out
from broker.orders.wishes import Trail, Twap
from broker.toxicity import service as toxicity
from broker.toxicity.states import ToxicityClass
from identity.tenants import service as tenants
from kernel.ids import uuid7
from markets.guards import service as guards
from tests.order_wishes import place

D = Decimal


@pytest.fixture
def desk(desk):
    memory.forget()
    guards.forget()
    with desk.as_engine():
        tenants.ensure(desk.tenant, name="Desk")
    yield desk
    memory.forget()
    guards.forget()


def stop(desk, mode):
    controls.set_switch(
        tenant=desk.tenant, actor=uuid7(), scope=Scope.MARKET, target="BTC-USDT", mode=mode, reason="a test", until=None
    )


def amend(desk, order_id, **change):
    desk.market()
    return amendments.amend(tenant=desk.tenant, owner=desk.owner, order_id=order_id, change=Change(**change)).order


@pytest.mark.parametrize(
    ("mode", "denial"), [(Mode.REDUCE_ONLY, control_errors.ReduceOnly), (Mode.NO_NEW, control_errors.TradingStopped)]
)
def test_amending_is_no_way_around_a_kill_switch(desk, mode, denial):
    order_id = place(desk, side="buy", limit_price="90000")
    stop(desk, mode)
    for change in ({"quantity": D("0.6")}, {"limit_price": D(91000)}, {"quantity": D("0.1"), "limit_price": D(91000)}):
        with pytest.raises(denial):
            amend(desk, order_id, **change)
    assert amend(desk, order_id, quantity=D("0.3")).quantity == D("0.3"), "less is always possible"


def test_amending_counts_against_the_limits(desk):
    limits.set_limits(
        tenant=desk.tenant, actor=uuid7(), scope=Scope.CUSTOMER, target="", per_order=D(30_000), per_day=D(40_000)
    )
    memory.forget()
    first = place(desk, side="buy", quantity="0.2", limit_price="90000")
    place(desk, side="buy", quantity="0.2", limit_price="90000")
    with pytest.raises(limit_errors.OrderTooLarge):
        amend(desk, first, quantity=D("0.4"))
    with pytest.raises(limit_errors.DayLimitExceeded):
        amend(desk, first, quantity=D("0.25"))
    assert amend(desk, first, quantity=D("0.24")).quantity == D("0.24")
    assert amend(desk, first, quantity=D("0.1")).quantity == D("0.1")


def offer(desk, quantity="0.5"):
    desk.market()
    return firm_quotes.offer(
        tenant=desk.tenant, owner=desk.owner, symbol="BTC-USDT", side="buy", quantity=D(quantity), venue="best", key=None,
        body=b"",
    )  # fmt: skip


def test_no_firm_price_is_offered_where_it_could_not_be_accepted(desk):
    stop(desk, Mode.REDUCE_ONLY)
    with pytest.raises(control_errors.ReduceOnly):
        offer(desk)


def test_a_firm_price_has_the_spread_that_its_acceptance_meets(desk, monkeypatch):
    monkeypatch.setattr(firm_quotes, "LIVES", timedelta(minutes=5))
    plain = offer(desk)
    with desk.tx() as tx:
        toxicity.queries.store_override(tx, customer=desk.owner, chosen=ToxicityClass.WIDE, reason="x", actor=uuid7())
    memory.forget()
    wide = offer(desk)
    assert wide.price > plain.price
    desk.market()
    order_id = uuid7()
    firm_quotes.accept(
        tenant=desk.tenant, owner=desk.owner, quote_id=wide.id, order_id=order_id, key=None, fingerprint=b""
    )
    assert desk.order(order_id).status == "working"


@pytest.mark.parametrize("trail", [Trail(amount=D("0.001")), Trail(fraction=D("1e-12"))])
def test_a_trail_shorter_than_a_tick_is_no_trail(desk, trail):
    with pytest.raises(errors.InvalidPrice):
        place(desk, type="trailing_stop", trail=trail)
    assert desk.held("BTC") == 0


def test_a_twap_is_shown_with_what_it_asked_for(desk):
    order_id = place(desk, quantity="0.5", type="market", twap=Twap(duration_s=90, slices=7))
    other = place(desk, side="buy", limit_price="90000")
    view = service.read_order(tenant=desk.tenant, owner=desk.owner, order_id=order_id)
    assert out(view).model_dump(mode="json")["algo"] == {"twap": {"duration_s": 90, "slices": 7}}
    listed = service.list_orders(tenant=desk.tenant, owner=desk.owner, status=None, before=None, limit=9)
    assert {v.order.id: v.twap for v in listed} == {order_id: Twap(duration_s=90, slices=7), other: None}


LIMIT = {"symbol": "BTC-USDT", "side": "buy", "type": "limit", "quantity": "0.01", "limit_price": "50000"}


def test_a_key_belongs_to_one_batch(house):
    key = {"Idempotency-Key": str(uuid7())}

    def send(*orders):
        return house.client.post("/v1/orders:batch", json={"orders": list(orders)}, headers=house.auth("retail") | key)

    assert send(LIMIT, LIMIT | {"symbol": "NO-SUCH"}).status_code == 200
    for other in ([LIMIT], [LIMIT | {"symbol": "NO-SUCH"}, LIMIT], [LIMIT, LIMIT]):
        refused = send(*other)
        assert (refused.status_code, refused.json()["code"]) == (409, "idempotency_conflict")
    again = send(LIMIT, LIMIT | {"symbol": "NO-SUCH"}).json()["items"]
    assert again[1]["problem"]["code"] == "unknown_symbol"


def test_cancelling_everything_of_a_market_that_is_none_is_said(house):
    answer = house.client.delete("/v1/orders?symbol=BTC-UDST", headers=house.auth("retail"))
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_symbol")


@pytest.mark.parametrize("post_only", ["yes", 1, "false"])
def test_post_only_is_a_yes_or_a_no(house, post_only):
    answer = house.client.post("/v1/orders", json=LIMIT | {"post_only": post_only}, headers=house.auth("retail"))
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")
