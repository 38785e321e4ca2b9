"""Unmodified ccxt on a running demo, short: the examples of the guide, and ccxt's own exchange tests against the class in the sdk."""

import pytest

from rivermouth.prove import bots


@pytest.mark.stack
@pytest.mark.parametrize("name", ["ccxt_sync", "ccxt_async"])
def test_an_example_of_the_guide_trades(stack, name):
    bots.wait_for_candles(stack)
    assert bots.example(name, bots.new_key(stack, name))


@pytest.mark.stack
def test_ccxts_own_exchange_tests_pass_against_the_class_in_the_sdk(stack, tmp_path):
    bots.wait_for_candles(stack)
    copy = bots.copy_of_ccxt(tmp_path / "ccxt")
    passed, failed = bots.generic_tests(copy, bots.new_key(stack, "generic"), "--sync")
    assert failed == {}
    assert {"loadMarkets", "fetchTicker", "fetchOrderBook", "fetchOHLCV", "fetchTrades", "fetchBalance"} <= set(passed)
