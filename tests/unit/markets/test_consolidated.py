"""Merging books: best first, every level with its venue, plain or with the fee counted in."""

from decimal import Decimal

from markets.books.rules import consolidate, effective_price

ASKS = {
    "kraken": ((Decimal("100.00"), Decimal(1)), (Decimal("100.30"), Decimal(2))),
    "binance": ((Decimal("100.05"), Decimal(3)), (Decimal("100.20"), Decimal(4))),
}


def rows(levels):
    return [(str(level.price), level.venue) for level in levels]


def test_plain_order_is_by_price():
    assert rows(consolidate(ASKS, side="buy")) == [
        ("100.00", "kraken"),
        ("100.05", "binance"),
        ("100.20", "binance"),
        ("100.30", "kraken"),
    ]


def test_net_order_counts_the_fee():
    assert rows(consolidate(ASKS, side="buy", net=True)) == [
        ("100.05", "binance"),  # 100.15005
        ("100.00", "kraken"),  # 100.26
        ("100.20", "binance"),  # 100.3002
        ("100.30", "kraken"),
    ]


def test_bids_run_down():
    bids = {"okx": ((Decimal(99), Decimal(1)), (Decimal(97), Decimal(1))), "binance": ((Decimal(98), Decimal(1)),)}
    assert rows(consolidate(bids, side="sell")) == [("99", "okx"), ("98", "binance"), ("97", "okx")]


def test_equal_prices_stay_two_levels_and_depth_is_bounded():
    same = {"okx": ((Decimal(1), Decimal(2)),), "binance": ((Decimal(1), Decimal(3)),)}
    assert [(level.venue, level.quantity) for level in consolidate(same, side="buy")] == [("binance", 3), ("okx", 2)]
    assert len(consolidate(ASKS, side="buy", depth=3)) == 3


def test_effective_price():
    assert effective_price(Decimal(100), side="buy", fee=Decimal("0.001")) == Decimal("100.1")
    assert effective_price(Decimal(100), side="sell", fee=Decimal("0.001")) == Decimal("99.9")
