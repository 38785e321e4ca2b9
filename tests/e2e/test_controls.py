"""Controls of a running product: a switch acts within moments everywhere, and a venue that wants silence gets it."""

import random
import time

import pytest

from rivermouth.prove import order_faults, silence
from rivermouth.prove.order_flows import FLOWS
from rivermouth.prove.order_oracle import Oracle
from rivermouth.prove.report import Report
from tests.e2e.trading import PATIENCE_S, trade


def _stop(stack, **body):
    return stack.client("treasury").post("/v1/controls", {"reason": "a test", **body})["id"]


def _lift(stack, control):
    stack.client("treasury").post(f"/v1/controls/{control}/lift", {"reason": "over"})


@pytest.mark.stack
def test_cancel_all_ends_what_rests_and_nothing_starts_until_it_is_lifted(stack):
    resting = [
        stack.retail.order(symbol="BTC-USDT", side="buy", type="limit", quantity="0.001", limit_price="59000")
        for _ in range(5)
    ]
    control = _stop(stack, scope="market", target="BTC-USDT", mode="cancel_all")
    try:
        denied = stack.retail.call(
            "POST", "/v1/orders", {"symbol": "BTC-USDT", "side": "buy", "type": "market", "quantity": "0.001"}
        )
        assert denied.json()["code"] == "trading_stopped"
        ended = [stack.retail.finished(order["id"], within_s=PATIENCE_S) for order in resting]
        assert {(o["status"], o["reason"]) for o in ended} == {("cancelled", "cancelled by a control")}
    finally:
        _lift(stack, control)
    assert trade(stack, quantity="0.001")["status"] == "filled"


@pytest.mark.stack
def test_a_stopped_market_does_not_trigger(stack):
    for _ in range(3):
        stack.price("BTC-USDT", "60000")
        order = stack.retail.order(symbol="BTC-USDT", side="buy", type="limit", quantity="0.001", limit_price="59000")
        control = _stop(stack, scope="market", target="BTC-USDT", mode="no_new")
        try:
            time.sleep(1.5)  # what every process needs to hear of it, unless it stands still
            stack.price("BTC-USDT", "58900")
            time.sleep(1.5)
            if (seen := stack.retail.get(f"/v1/orders/{order['id']}"))["status"] == "resting":
                break
        finally:
            _lift(stack, control)
    assert seen["status"] == "resting"
    assert stack.retail.finished(order["id"], within_s=PATIENCE_S)["status"] == "filled"


@pytest.mark.stack
@pytest.mark.parametrize(("venue", "why"), [("kraken", "ban"), ("okx", "maintenance")])
def test_two_hours_of_silence_see_no_call_until_they_end(stack, monkeypatch, venue, why):
    monkeypatch.setattr(silence, "WATCH_S", 2.0)
    report = Report("silence", "silence", ("kind",))
    silence.silence(stack, {venue: why}, report, kill=False)
    assert report.failed == []


@pytest.mark.stack
@pytest.mark.parametrize("drill", order_faults.SHORT, ids=str)
def test_faults_under_every_kind_of_order(stack, drill):
    report = Report("drill", "a drill", ("kind",))
    oracle = Oracle(stack)
    try:
        order_faults.run_drill(
            stack, oracle, drill, flows=list(FLOWS), cases=1, rng=random.Random(drill.kind), report=report
        )
    finally:
        oracle.close()
    assert report.failed == []
