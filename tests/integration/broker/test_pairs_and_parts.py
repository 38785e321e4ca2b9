"""Orders of several parts on a real desk: pairs on one hold, icebergs and slices by the clock, firm quotes and their hedge."""

import dataclasses
from datetime import timedelta

import pytest

from broker.algos import queries as slice_rows
from broker.algos import service as algos
from broker.book import queries as book_rows
from broker.firm_quotes import service as firm_quotes
from broker.firm_quotes.errors import QuoteExpired
from broker.orders import errors, pairs, queries, service
from broker.orders.wishes import Twap
from kernel import clock
from kernel.errors import NotFound
from kernel.ids import uuid7
from markets.quotes import service as quotes
from tests.broker_desk import planned
from tests.order_wishes import PRICE, D, place, trigger, turn


# ------------------------------------------------------------------------------------------------------- pairs
def pair(desk, **fields):
    desk.market()
    group_id = uuid7()
    base = {
        "symbol": "BTC-USDT", "side": "sell", "quantity": D("0.5"), "venue": "best", "limit_price": D(101000),
        "stop_price": D(99000), "stop_limit_price": None, "time_in_force": "gtc", "expires_at": None,
        "limit_client_order_id": None, "stop_client_order_id": None,
    }  # fmt: skip
    wish = pairs.PairWish(**(base | fields))
    pairs.place(tenant=desk.tenant, owner=desk.owner, wish=wish, group_id=group_id, key=None, fingerprint=b"")
    return [view.order.id for view in pairs.read(tenant=desk.tenant, owner=desk.owner, group_id=group_id)]


def test_a_pair_holds_once_and_the_first_fill_ends_the_other(desk):
    limit, stop = pair(desk)
    assert desk.held("BTC") == D("0.5")
    assert desk.order(limit).hold_id == desk.order(stop).hold_id
    trigger(desk, limit, price="101000")
    turn(desk, ask="98990", bid="98980")  # the stop is reached while the limit is at a venue: it waits
    assert (desk.order(limit).status, desk.order(stop).status) == ("working", "resting")
    desk.answer(limit, "expired", desk.fill("0.2", "101000", fee_asset="USDT"))
    assert (desk.order(limit).status, desk.order(stop).status) == ("resting", "cancelled")
    trigger(desk, limit, quantity="0.3", price="101000")
    desk.answer(limit, "filled", desk.fill("0.3", "101000", fee_asset="USDT"))
    assert desk.gained("BTC") == D("-0.5")
    desk.fold()
    assert desk.held("BTC") == 0


def test_an_empty_attempt_of_the_limit_leaves_both_as_they_were(desk):
    limit, stop = pair(desk)
    trigger(desk, limit, price="101000")
    desk.answer(limit, "expired")
    assert (desk.order(limit).status, desk.order(stop).status) == ("resting", "resting")
    turn(desk, ask="98990", bid="98980")
    assert (desk.order(limit).status, desk.order(stop).status) == ("cancelled", "working")
    assert trigger(desk, limit).taken == frozenset()
    desk.answer(stop, "filled", desk.fill("0.5", "98980", fee_asset="USDT"))
    assert desk.gained("BTC") == D("-0.5")


def test_cancelling_one_leg_ends_the_pair(desk):
    limit, stop = pair(desk, stop_limit_price=D(98900))
    desk.cancel(stop)
    assert (desk.order(limit).status, desk.order(stop).status) == ("cancelled", "cancelled")
    desk.fold()
    assert desk.held("BTC") == 0


def test_a_pair_at_work_is_cancelled_when_the_venue_has_answered(desk):
    limit, stop = pair(desk)
    trigger(desk, limit, price="101000")
    desk.cancel(stop)
    assert desk.order(limit).cancel_requested_at is not None
    desk.answer(limit, "expired")
    assert (desk.order(limit).status, desk.order(stop).status) == ("cancelled", "cancelled")


def test_the_database_keeps_one_leg_at_work(desk):
    limit, stop = pair(desk)
    trigger(desk, limit, price="101000")
    with pytest.raises(Exception, match="orders_one_leg_at_work"), desk.tx() as tx:
        queries.move(tx, queries.get(tx, stop), queries.OrderStatus.TRIGGERED)
    desk.answer(limit, "expired")


def test_cancel_all_ends_a_pair_once(desk):
    limit, stop = pair(desk)
    assert service.cancel_all(tenant=desk.tenant, owner=desk.owner) == [limit]
    assert (desk.order(limit).status, desk.order(stop).status) == ("cancelled", "cancelled")


def test_a_pair_that_would_not_wait_is_denied(desk):
    with pytest.raises(errors.WouldExecute):
        pair(desk, limit_price=D(99500))
    with pytest.raises(errors.WouldTrigger):
        pair(desk, stop_price=D(99999))
    with pytest.raises(errors.InvalidCombination):
        pair(desk, limit_price=D(98000))
    assert desk.held("BTC") == 0


# ---------------------------------------------------------------------------------------------------- in parts
def test_an_iceberg_sends_one_part_and_queues_anew(desk):
    order_id = place(desk, side="buy", limit_price="90000", display_quantity="0.2")
    with desk.tx() as tx:
        (row,) = (row for page in book_rows.resting(tx, symbol="BTC-USDT") for row in page)
    assert row.quantity == D("0.2")
    before = desk.order(order_id)
    assert before.wanted == D("0.2")
    trigger(desk, order_id, quantity="0.2", price="90000")
    desk.answer(order_id, "filled", desk.fill("0.2", "90000"))
    after = desk.order(order_id)
    assert (after.status, after.filled_quantity, after.wanted) == ("resting", D("0.2"), D("0.2"))
    assert after.accept_seq > before.accept_seq


def test_an_iceberg_executable_now_starts_with_one_part(desk):
    order_id = place(desk, side="buy", limit_price="99980", display_quantity="0.2")
    assert sum(child.quantity for child in desk.children(order_id)) == D("0.2")
    desk.answer(order_id, "filled", desk.fill("0.2"))
    assert desk.order(order_id).status == "resting"


def twap(desk, **fields):
    return place(desk, twap=Twap(duration_s=60, slices=3), quantity="0.3", **fields)


def run_slice(desk, order_id):
    desk.market()
    with desk.as_engine():
        return algos.run_slice(tenant=desk.tenant, order_id=order_id, view=quotes.load("BTC-USDT"))


def due_now(desk, order_id, number):
    desk.engine.execute(
        "UPDATE broker.slices SET due_at = kernel.business_now() WHERE order_id = %s AND number <= %s",
        [order_id, number],
    )


def slices_of(desk, order_id):
    with desk.tx() as tx:
        return [row.status for row in slice_rows.of_order(tx, order_id)]


def test_a_twap_sends_its_slices_and_ends_with_the_last(desk):
    order_id = twap(desk, type="market")
    assert run_slice(desk, order_id)
    assert not run_slice(desk, order_id)  # it is out
    desk.answer(order_id, "expired", desk.fill("0.04", "99960", fee_asset="USDT"))
    assert desk.order(order_id).status == "resting"
    assert not run_slice(desk, order_id)  # the next one is not due
    due_now(desk, order_id, 2)
    assert run_slice(desk, order_id)
    assert sum(c.quantity for c in desk.children(order_id)[1:]) == D("0.16")  # its own and what the first one lacked
    desk.answer(order_id, "filled", desk.fill("0.16", "99960", fee_asset="USDT"))
    due_now(desk, order_id, 3)
    assert run_slice(desk, order_id)
    desk.answer(order_id, "filled", desk.fill("0.1", "99960", fee_asset="USDT"))
    assert desk.order(order_id).status == "filled"
    assert slices_of(desk, order_id) == ["sent", "sent", "sent"]


def test_slices_that_found_nothing_are_caught_up_or_end_the_order(desk):
    order_id = twap(desk, limit_price="110000")
    due_now(desk, order_id, 2)
    assert not run_slice(desk, order_id)
    assert slices_of(desk, order_id) == ["skipped", "skipped", "planned"]
    due_now(desk, order_id, 3)
    assert not run_slice(desk, order_id)
    order = desk.order(order_id)
    assert (order.status, order.reason) == ("cancelled", "the last slice is over")
    desk.fold()
    assert desk.held("BTC") == 0


def test_slices_of_an_ended_order_are_dropped(desk):
    order_id = twap(desk, type="market")
    desk.cancel(order_id)
    assert not run_slice(desk, order_id)
    assert slices_of(desk, order_id) == ["dropped"] * 3
    with pytest.raises(errors.InvalidSchedule):
        place(desk, type="market", quantity="0.001", twap=Twap(duration_s=60, slices=100))


# ------------------------------------------------------------------------------------------------------ firm quotes
def offer(desk, side="buy", quantity="0.5"):
    desk.market()
    return firm_quotes.offer(
        tenant=desk.tenant, owner=desk.owner, symbol="BTC-USDT", side=side, quantity=D(quantity), venue="best", key=None,
        body=b"",
    )  # fmt: skip


def take(desk, quote, **market):
    desk.market(**market)
    order_id = uuid7()
    return firm_quotes.accept(
        tenant=desk.tenant, owner=desk.owner, quote_id=quote.id, order_id=order_id, key=None, fingerprint=b""
    ).id


@pytest.fixture
def unhurried(monkeypatch):
    """A machine that stands still between the look and the acceptance must not decide the test."""
    monkeypatch.setattr(firm_quotes, "LIVES", timedelta(minutes=5))


@pytest.mark.usefixtures("unhurried")
def test_a_quote_is_hedged_first_and_filled_at_its_price_or_better(desk):
    quote = offer(desk)
    assert quote.price == D(PRICE)
    order_id = take(desk, quote)
    (child,) = desk.children(order_id)
    assert (child.limit_price, child.quantity) == (D(PRICE), D("0.5"))
    assert take(desk, quote) == order_id  # a second acceptance is the same order
    desk.answer(order_id, "filled", desk.fill("0.5", "99950"))
    view = service.read_order(tenant=desk.tenant, owner=desk.owner, order_id=order_id)
    firm_quotes.require_filled(view)
    assert view.fills[0].customer_price == D(99950)


@pytest.mark.usefixtures("unhurried")
def test_a_quote_that_cannot_be_hedged_is_expired_and_nothing_is_filled(desk):
    quote = offer(desk)
    with pytest.raises(QuoteExpired):
        take(desk, quote, ask="99990")
    order_id = take(desk, quote)
    desk.answer(order_id, "cancelled", reroute=lambda *_: planned())
    with pytest.raises(QuoteExpired):
        firm_quotes.require_filled(service.read_order(tenant=desk.tenant, owner=desk.owner, order_id=order_id))
    assert desk.gained("BTC") == 0
    with pytest.raises(NotFound):
        firm_quotes.read(tenant=desk.tenant, owner=uuid7(), quote_id=quote.id)


def test_a_quote_lives_two_seconds_of_wall_time(desk):
    quote = offer(desk, side="sell", quantity="0.1")
    assert quote.expires_at - quote.made_at == timedelta(seconds=2)
    desk.engine.execute("UPDATE broker.firm_quotes SET made_at = made_at - interval '1 hour', expires_at = made_at")
    with pytest.raises(QuoteExpired):
        take(desk, dataclasses.replace(quote, expires_at=clock.wall()))
    with desk.as_engine():
        firm_quotes.forget_old()
