"""What venues and wallets say against what we booked: planted breaks come out with their class, and money is corrected once."""

import asyncio
import dataclasses
from datetime import timedelta
from decimal import Decimal

import pytest

from broker.venue_trades import service as lists
from kernel import clock
from kernel.ids import uuid7
from payments.accounts import service as accounts
from payments.accounts.states import AccountKind
from payments.chart import move
from payments.reconciliation import moments, service
from payments.reconciliation.states import BreakState, Level
from rivermouth import registry
from rivermouth.engine import owners
from tests.broker_desk import CAPITAL
from venues.gateway import VenueTrade, VenueUnreachable
from wallet_bridge.funds import service as funds

D = Decimal
assert registry.SCHEDULES  # it registers the sources


@pytest.fixture
def at_rest(monkeypatch):
    """Nothing counts as moving because it was booked just now."""
    monkeypatch.setattr(moments, "READING_TAKES", timedelta(0))


def reconcile(desk, source="venue", level=Level.BATCH, **rest):
    started = service.start_run(tenant=desk.tenant, principal=desk.owner, level=level, source=source, **rest)
    done = service.run_now(desk.tenant, started.id)
    assert done.state == "done", done.reason
    return done


def breaks(desk, *states):
    found = service.list_breaks(desk.tenant, states=states or service.LIVE)
    return {b.reference: (b.kind, b.state, b.difference) for b in found}


def trade(desk, quantity="0.1", *, trade_id, price="99970", fee="0", fee_asset="BTC", minutes_ago=0, order="v-1"):
    return VenueTrade(
        trade_id=trade_id, price=D(price), quantity=D(quantity), fee=D(fee), fee_asset=fee_asset, symbol="BTC-USDT", side="buy",
        venue_order_id=order, executed_at=clock.wall() - timedelta(minutes=minutes_ago),
    )  # fmt: skip


def listed(desk, *trades, venue="binance", through=None):
    """What the engine stores after the venue listed these; the lists go back an hour."""
    now = clock.wall()
    with desk.as_engine():
        lists.store(
            desk.tenant, venue=venue, symbol="BTC-USDT", since=now - timedelta(hours=1), asked_at=through or now, trades=trades
        )  # fmt: skip


def bought(desk, *fills):
    order_id = desk.place(quantity="0.1", venue="binance")
    desk.answer(order_id, "filled", *fills)
    return order_id


def test_trades_that_agree_are_found_whole(desk):
    bought(desk, desk.fill("0.1", trade="1", fee="0.000000014"))
    listed(desk, trade(desk, trade_id="1", fee="0.000000014"))
    done = reconcile(desk, level=Level.SINGLE)
    assert (done.compared, done.breaks) == (3, 0)  # quantity, cost, fee; ours is rounded up to the asset's scale


def test_planted_breaks_of_trades_are_classified_and_ticketed(desk):
    order_id = bought(
        desk,
        desk.fill("0.04", trade="wrong"),
        desk.fill("0.05", trade="unknown to them"),
        desk.fill("0.01", trade="fee"),
    )
    listed(
        desk,
        trade(desk, "0.03", trade_id="wrong"),
        trade(desk, "0.01", trade_id="fee", fee="0.25", fee_asset="USDT"),
        trade(desk, "0.2", trade_id="unknown to us", minutes_ago=10, order="v-9"),
        trade(desk, "0.3", trade_id="just now", order="v-10"),
    )
    journals = desk.engine.execute("SELECT count(*) FROM payments.journals").fetchone()
    done = reconcile(desk, level=Level.SINGLE)
    name = "binance:BTC-USDT"
    assert breaks(desk) == {
        f"{name}:wrong": ("wrong_amount", "ticketed", D("-0.01")),
        f"{name}:wrong:cost": ("wrong_amount", "ticketed", D("-999.7")),
        f"{name}:unknown to them": ("missing_theirs", "ticketed", D("-0.05")),
        f"{name}:fee:fee": ("unbooked_fee", "ticketed", D("-0.25")),
        f"{name}:unknown to us": ("missing_ours", "ticketed", D("0.2")),
        f"{name}:just now": ("in_transit", "open", D("0.3")),
    }
    assert done.ticketed == 5
    assert desk.engine.execute("SELECT count(*) FROM payments.journals").fetchone() == journals, (
        "money moves once, by balance"
    )
    one = reconcile(desk, level=Level.SINGLE, scope=str(order_id))
    assert one.compared == 7  # the order's three trades: two on both sides, one on ours
    assert len(breaks(desk)) == 6
    assert reconcile(desk, level=Level.SINGLE, scope="okx").compared == 0


def test_a_fill_that_the_list_cannot_show_yet_waits(desk):
    bought(desk, dataclasses.replace(desk.fill("0.1", trade="1"), executed_at=clock.wall() - timedelta(minutes=9)))
    listed(desk, through=clock.wall() - timedelta(minutes=10))
    bought(desk, desk.fill("0.1", trade="2"))
    assert reconcile(desk, level=Level.SINGLE).compared == 1, "there is nothing yet to compare the second one with"
    assert breaks(desk) == {"binance:BTC-USDT:1": ("in_transit", "open", D("-0.1"))}
    listed(desk, trade(desk, trade_id="1"), trade(desk, trade_id="2"))
    assert reconcile(desk, level=Level.SINGLE).agreed == 6
    assert breaks(desk) == {}


def test_balances_at_venues_are_followed_and_the_rest_is_suspense(desk, at_rest):
    usdt, btc = CAPITAL["USDT"], CAPITAL["BTC"]
    funds.report(
        desk.tenant, "okx", {"USDT": (usdt, usdt + D("0.00004")), "BTC": (btc, btc - D("0.5")), "XYZ": (D(7), D(7))}
    )
    done = reconcile(desk)
    assert (done.compared, done.levelled, done.ticketed) == (9, 1, 2)
    assert breaks(desk) == {
        "okx:BTC": ("unknown", "ticketed", D("-0.5")),
        "okx:XYZ": ("unknown", "ticketed", D(7)),
    }
    assert desk.sum_of("venue.okx:BTC") == D("0.5") - btc
    assert desk.sum_of("suspense:venue:BTC") == D("-0.5")
    assert desk.sum_of("pool:rounding:USDT") == D("0.00004")
    again = reconcile(desk, scope="okx")
    assert (again.compared, again.levelled, again.agreed) == (3, 0, 2)


def test_an_asset_that_a_venue_lists_no_more_is_gone(desk, at_rest):
    funds.report(desk.tenant, "kraken", {"USDT": (CAPITAL["USDT"], CAPITAL["USDT"])})
    reconcile(desk, scope="kraken:BTC")
    assert breaks(desk) == {"kraken:BTC": ("unknown", "ticketed", -CAPITAL["BTC"])}


def test_a_venue_read_while_we_trade_there_is_compared_with_that_moment(desk):
    usdt, btc = CAPITAL["USDT"], CAPITAL["BTC"]
    bought(desk, desk.fill("0.1", trade="1"))
    spent = D("0.1") * D("99970")
    for total, coins in ((usdt, btc), (usdt - spent, btc + D("0.1"))):  # before the fill, and after it
        funds.report(desk.tenant, "binance", {"USDT": (total, total), "BTC": (coins, coins)})
        reconcile(desk, scope="binance")
        assert breaks(desk) == {}
    funds.report(desk.tenant, "binance", {"USDT": (usdt - 500, usdt - 500), "BTC": (btc, btc)})
    reconcile(desk, scope="binance")
    assert breaks(desk) == {"binance:USDT": ("in_transit", "open", D(-500))}
    assert desk.sum_of("suspense:venue:USDT") == 0, "nothing is corrected before it rests"


def test_wallets_are_compared_with_what_their_keeper_reports(desk, at_rest):
    with desk.tx() as tx:
        wallet = accounts.house(tx, path="wallet.cold", asset="BTC", kind=AccountKind.CUSTODY, normal_side="debit")
        funds.report_wallet(tx, "cold", {"BTC": D("2.5")})
    desk.post(*move(wallet, desk.outside("BTC"), D(3)))
    with desk.tx() as tx:
        funds.report_wallet(tx, "cold", {"BTC": D("2.5")})
    reconcile(desk, "wallet")
    assert breaks(desk) == {"cold:BTC": ("unknown", "ticketed", D("-0.5"))}
    assert desk.sum_of("suspense:wallet:BTC") == D("-0.5")


class Lists:
    """A venue that lists our trades, 60 a page."""

    venue = "binance"

    def __init__(self, trades):
        self.trades, self.asked, self.away = trades, [], False

    async def trades_since(self, symbol, since):
        self.asked.append(since)
        if self.away:
            raise VenueUnreachable("away")
        return [t for t in self.trades if t.executed_at >= since][:60]


def test_the_engine_keeps_the_lists_page_by_page_and_from_where_it_was(desk):
    gateway = Lists([])

    def read():
        with desk.as_engine():
            asyncio.run(owners._read_trades(desk.tenant, gateway, ["BTC-USDT"]))

    def kept():
        return desk.engine.execute("SELECT count(*) FROM broker.venue_trades").fetchone()[0]

    read()
    start = clock.wall()
    gateway.trades = [
        VenueTrade(
            trade_id=str(uuid7()), price=D(1), quantity=D(1), fee=D(0), fee_asset="BTC", symbol="BTC-USDT", side="buy",
            venue_order_id="v", executed_at=start + timedelta(milliseconds=i),
        ) for i in range(150)
    ]  # fmt: skip
    gateway.away = True
    read()
    assert kept() == 0
    gateway.away = False
    read()
    assert kept() == 150
    read()
    assert kept() == 150
    assert gateway.asked[-1] <= start + lists.OVERLAP
    assert breaks(desk, *BreakState) == {}
