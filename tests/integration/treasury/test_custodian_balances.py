"""What the custodian says its wallets hold, as treasury sees it; whatever is no such answer changes nothing."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from kernel import db
from wallet_bridge.custody import holdings, service
from wallet_bridge.custody.client import CustodianAway, CustodianRefuses


class Custodian:
    def __init__(self, answer):
        self.answer = answer

    async def get(self, path):
        assert path == "/v1/balances"
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def one(wallet, confirmed, pending_out="0", **more):
    given = {
        "wallet": wallet,
        "network": "ethereum",
        "asset": "ETH",
        "confirmed": confirmed,
        "pending_out": pending_out,
        "address": None,
    }
    return given | more


def read(treasury, *items):
    asyncio.run(holdings.read(Custodian({"items": list(items), "at": "2026-01-31T09:00:00Z"}), treasury.tenant))


def test_all_of_a_network_is_owned_and_the_hot_wallet_can_be_paid_out(treasury):
    treasury.owns_wallet(ETH="7")
    read(
        treasury,
        one("hot", "3", "1"),
        one("cold", "2.5"),
        one("deposits", "1.5"),
        one("hot", "9", network="bitcoin", asset="BTC"),
    )
    eth = treasury.balance("wallet:ethereum", "ETH")
    assert (eth["reported"], eth["free"], eth["usable"], eth["difference"], eth["level"]) == ("7", "2", "2", "0", "ok")
    assert treasury.line("wallet:ethereum", "ETH", warning="3", critical="1").status_code == 201
    assert treasury.level("wallet:ethereum", "ETH") == "warning"
    treasury.silent("11 minutes", place="wallet_reports")
    assert treasury.level("wallet:ethereum", "ETH") == "unknown"
    assert treasury.balance("wallet:bitcoin", "BTC")["usable"] == "0", "the books know of none"
    treasury.owns_wallet(ETH="-7")


@pytest.mark.parametrize(
    "answer",
    [CustodianAway("gone"), CustodianRefuses("wire_unsigned", "no"), {"items": "x"}, {"items": [one("hot", "NaN")], "at": "2026-01-31T09:00:00Z"},
     {"items": [one("lost", "1")], "at": "2026-01-31T09:00:00Z"}],
)  # fmt: skip
def test_no_answer_and_nonsense_change_nothing(treasury, answer):
    read(treasury, one("hot", "3"))
    with pytest.raises(CustodianAway):
        asyncio.run(holdings.read(Custodian(answer), treasury.tenant))
    assert treasury.balance("wallet:ethereum", "ETH")["reported"] == "3"


def test_what_is_too_fine_for_the_books_is_no_difference(treasury):
    treasury.owns_wallet(ETH="7")
    with treasury.engine(), db.transaction(tenant=treasury.tenant) as tx:
        service.carry(tx, network="ethereum", asset="ETH", change=Decimal("-0.0000000000000000013"))
    read(treasury, one("hot", "6.9999999999999999987"))
    eth = treasury.balance("wallet:ethereum", "ETH")
    assert (eth["reported"], eth["ledger"], eth["difference"]) == ("6.9999999999999999987", "7", "0")
    with treasury.engine(), db.transaction(tenant=treasury.tenant) as tx:
        service.carry(tx, network="ethereum", asset="ETH", change=Decimal("0.0000000000000000013"))
    treasury.owns_wallet(ETH="-7")
