"""A limit that is missing, a price that nobody has, a screen that does not answer: a person looks."""

from decimal import Decimal

import pytest

from tests.withdrawal_desk import LIMITS
from wallet_bridge.withdrawals import screening, worth


def waits(payouts, made, reason):
    assert (made["state"], made["status"]) == ("review", "in_review")
    staff = payouts.staff("treasury@first.example", "GET", f"/withdrawals/{made['id']}").json()
    assert reason in staff["review"]["reasons"]
    assert payouts.intents(made["id"]) == []


@pytest.mark.parametrize("missing", sorted(LIMITS))
def test_16_a_missing_limit(payouts, missing):
    payouts.limits(**{name: limit for name, limit in LIMITS.items() if name != missing})
    anna = payouts.customer("100")
    waits(payouts, anna.made("30", anna.book()), "limit_missing")


def test_16_a_dead_price_feed(payouts, valkey_url):
    """`valkey_url`: nobody has told a price."""
    payouts.offer(asset="ETH")
    anna = payouts.customer("100", asset="ETH")
    to = anna.book()
    made = anna.made("30", to, asset="ETH")
    waits(payouts, made, "price_unknown")
    waits(payouts, anna.made("2", to, asset="ETH"), "price_unknown")
    payouts.credit(anna, "100")
    waits(payouts, anna.made("30", to), "day_unknown")


def test_16_a_known_price_needs_nobody(payouts, monkeypatch):
    """The control of the dead feed: it is the price that was missing."""
    payouts.offer(asset="ETH")
    monkeypatch.setattr(worth, "price", lambda _asset: Decimal(150))
    anna = payouts.customer("100", asset="ETH")
    assert anna.made("30", anna.book(), asset="ETH")["state"] == "reserved"
    assert anna.made("67", anna.book(), asset="ETH")["state"] == "review"


def test_16_a_screen_that_is_down(payouts, monkeypatch):
    def down(_tenant, _to):
        raise ConnectionError

    monkeypatch.setitem(screening._screens, "partner", down)
    anna = payouts.customer("100")
    waits(payouts, anna.made("30", anna.book()), "screening_unavailable")
