"""A few orders through each kind of lost answer: the venue's list and our fills agree, nothing is sent twice."""

import pytest

from rivermouth.prove.agreement import compare, wait_until_quiet
from tests.e2e.trading import PATIENCE_S, ask, trade


def _agree(stack):
    customers = [stack.retail, stack.client("retail2")]
    assert wait_until_quiet(customers, within_s=PATIENCE_S) == []
    agreement = compare(stack, customers)
    assert agreement.holds, agreement.text()


@pytest.mark.stack
@pytest.mark.parametrize("venue", ["binance", "okx", "kraken", "bitfinex"])
@pytest.mark.parametrize(
    "kind", ["drop_after_accept", "drop_before_accept", "http_503", "bad_json", "partial_fill", "no_balance"]
)
def test_a_fault_at_placing(stack, venue, kind):
    fault = stack.fault(venue, kind, count=2)
    body = {"symbol": "BTC-USDT", "side": "buy", "type": "market", "quantity": "0.001", "venue": venue}
    answers = [ask(stack, body) for _ in range(3)]
    assert all(a.is_success for a in answers), [a.text for a in answers]
    done = [stack.retail.finished(a.json()["id"]) for a in answers]
    assert stack.admin.get(f"/v1/sandbox/faults/{fault}")["hits"] == 2
    if kind == "drop_after_accept":
        assert [o["status"] for o in done] == ["filled"] * 3, "the venue has the order: evidence wins over silence"
    if kind == "partial_fill":
        assert sorted(o["status"] for o in done) == ["cancelled", "cancelled", "filled"]
    _agree(stack)


@pytest.mark.stack
def test_best_goes_to_the_next_venue_when_one_refuses(stack):
    for venue in ("binance", "okx"):
        stack.fault(venue, "no_balance", count=1)
    assert [trade(stack, quantity="0.001")["status"] for _ in range(2)] == ["filled", "filled"]
    _agree(stack)


@pytest.mark.stack
def test_a_partial_fill_of_a_limit_order_rests_again_and_keeps_its_priority(stack):
    first = stack.retail.order(
        symbol="BTC-USDT", side="buy", type="limit", quantity="0.2", limit_price="59000", venue="binance"
    )
    second = stack.retail.order(
        symbol="BTC-USDT", side="buy", type="limit", quantity="0.1", limit_price="59000", venue="binance"
    )
    stack.fault("binance", "partial_fill", count=1)
    stack.price("BTC-USDT", "58900")
    done = [stack.retail.finished(o["id"]) for o in (first, second)]
    assert [o["status"] for o in done] == ["filled", "filled"]
    assert len(done[0]["venue_orders"]) >= 2, "the remainder went out again by itself"
    _agree(stack)
