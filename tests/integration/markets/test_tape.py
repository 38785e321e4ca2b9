"""Trades and candles over a real database: each trade once, late ones amend, nothing is missing in between."""

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal as D

import pytest

from kernel import db
from kernel.clock import wall
from markets.candles import backfill
from markets.candles import service as candles
from markets.candles.states import Interval
from markets.instruments import service as instruments
from markets.tape import Tape
from markets.trades import service as trades
from venues.public_trades import PublicTrade, VenueCandle

SYMBOL = "BTC-USDT"


@pytest.fixture
def tape(database):
    instruments.forget()
    db.configure(database.engine, pool_size=2)
    yield Tape(SYMBOL)
    db.dispose()
    instruments.forget()


def trade(number, at, price, quantity="0.5", venue="binance", side="buy"):
    return PublicTrade(
        venue=venue, symbol=SYMBOL, trade_id=str(number), price=D(price), quantity=D(quantity), side=side, at=at
    )


def straightforward(tape_of, interval, start, end):
    """Candles made once more, the plain way: sort everything, walk the intervals one by one, look at each trade."""
    ordered = sorted(((t.at.timestamp(), t) for t in tape_of), key=lambda p: (p[1].at, p[1].venue, int(p[1].trade_id)))
    seconds = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}[interval[-1]] * int(interval[:-1])
    opens = start.timestamp() - (start.timestamp() + 3 * 86400) % seconds if interval == "1w" else None
    opens = start.timestamp() - start.timestamp() % seconds if opens is None else opens
    made, close = [], None
    while opens < end.timestamp():
        inside = [t for at, t in ordered if opens <= at < opens + seconds]
        if inside:
            prices = [t.price for t in inside]
            close = prices[-1]
            made.append(
                (
                    opens, prices[0], max(prices), min(prices), close, sum(t.quantity for t in inside),
                    sum(t.quantity * t.price for t in inside), len(inside),
                )
            )  # fmt: skip
        elif close is not None:
            made.append((opens, close, close, close, close, D(0), D(0), 0))
        opens += seconds
    return made


def shown(found):
    return [
        (c.open_time.timestamp(), c.open, c.high, c.low, c.close, c.volume, c.quote_volume, c.trades) for c in found
    ]


def random_tape(seed, *, trades_made=400, over_s=4_000):
    draw = random.Random(seed)
    start = wall() - timedelta(seconds=over_s + 60)
    price, made = D(60_000), []
    for number in range(trades_made):
        at = start + timedelta(milliseconds=draw.randrange(over_s * 1000))
        price += D(draw.randint(-400, 400)) / 100
        venue = draw.choice(["binance", "okx", "kraken"])
        made.append(
            trade(number + 95, at, price, D(draw.randint(1, 9_999)).scaleb(-4), venue, draw.choice(["buy", "sell"]))
        )
    twins = [trade(5_000 + n, made[0].at, made[0].price + n, "1", made[0].venue) for n in range(12)]  # one millisecond
    return made + twins


@pytest.mark.parametrize("seed", [1, 2])
def test_candles_equal_an_independent_aggregation_in_whatever_order_trades_arrive(tape, seed):
    made = random_tape(seed)
    arriving = made + random.Random(seed).sample(made, 100)  # some are told twice
    random.Random(seed + 9).shuffle(arriving)
    while arriving:
        tape.add(arriving[:60])
        del arriving[:60]
        tape.write(wall())
    first, now = min(t.at for t in made), wall()
    for interval in Interval:
        got = candles.read(SYMBOL, interval=interval, start=interval.start(first), end=now, limit=1000)
        assert shown(got)[:1000] == straightforward(made, interval.value, first, now)[:1000], interval


def test_a_trade_told_again_by_another_process_changes_nothing(tape):
    made = random_tape(3, trades_made=50)
    tape.add(made)
    tape.write(wall())
    again = Tape(SYMBOL)
    again.add(made)
    written = again.write(wall())
    assert (written.trades, written.candles) == ([], [])
    assert sum(c.trades for c in candles.read(SYMBOL, interval="1h")) == len(made)


def test_trades_are_read_newest_first_in_pages(tape):
    start = wall() - timedelta(seconds=20)
    tape.add([trade(n, start + timedelta(seconds=n), 100 + n) for n in range(10)])
    tape.write(wall())
    page = trades.recent(SYMBOL, limit=4)
    assert [t.price for t in page] == [109, 108, 107, 106]
    assert [t.price for t in trades.recent(SYMBOL, limit=100, before=page[-1].id)] == [105, 104, 103, 102, 101, 100]


def test_a_print_far_from_the_composite_is_shown_and_makes_no_candle(tape):
    now = wall()
    tape.see_price(D(60_000), 1.0)
    tape.add([trade(1, now, "60100"), trade(2, now, "50000", venue="kraken")])
    assert len(tape.write(wall()).trades) == 2
    assert [t.price for t in trades.recent(SYMBOL)] == [50_000, 60_100]
    assert candles.read(SYMBOL, interval="1d")[-1].low == 60_100


def test_trades_of_impossible_times_are_left_out(tape):
    tape.add([trade(1, wall() + timedelta(days=2), 1), trade(2, wall() - timedelta(days=40), 1), trade(3, wall(), 7)])
    assert [t.price for t in tape.write(wall()).trades] == [7]


def test_a_week_opens_on_monday():
    assert Interval.W1.start(datetime(2026, 11, 22, 23, 59, tzinfo=UTC)) == datetime(2026, 11, 16, tzinfo=UTC)
    assert Interval.W1.start(datetime(2026, 11, 23, tzinfo=UTC)) == datetime(2026, 11, 23, tzinfo=UTC)


def test_who_takes_over_has_the_trades_of_the_last_minute(tape):
    """While another process owns the market, trades are kept here, but not for ever."""
    now = wall()
    tape.add([trade(1, now - timedelta(minutes=5), 1), trade(2, now - timedelta(seconds=30), 2), trade(3, now, 3)])
    tape.keep_recent(now)
    assert [t.price for t in tape.write(now).trades] == [2, 3]


def test_what_could_not_be_written_is_written_later(tape, monkeypatch):
    now = wall()
    tape.add([trade(1, now, 1), trade(2, now, 2)])

    def away(*_args, **_kwargs):
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr(candles, "absorb", away)
        with pytest.raises(ConnectionError):
            tape.write(now)
    assert trades.recent(SYMBOL) == []
    assert len(tape.write(now).trades) == 2


def test_candles_of_venues_fill_gaps_and_never_take_anything_away(tape):
    minute = Interval.M1.start(wall() - timedelta(minutes=20))
    tape.add([trade(n, minute + timedelta(seconds=n), 100 + n, "1") for n in range(5)])
    tape.write(wall())
    hole, poorer = minute + timedelta(minutes=1), minute

    def shown(at, volume):
        prices = {"open": D(90), "high": D(95), "low": D(80), "close": D(91)}
        return VenueCandle(venue="okx", open_time=at, volume=D(volume), **prices)

    ask = backfill.Ask(60, minute)
    answer = [shown(hole, 7), shown(poorer, 3)]
    assert backfill.fill_in(SYMBOL, ask, answer, now=wall()) == 1
    assert backfill.fill_in(SYMBOL, ask, answer, now=wall()) == 0
    got = candles.read(SYMBOL, interval="1m", start=minute, limit=3)
    assert [(c.low, c.close, c.volume) for c in got] == [(100, 104, 5), (80, 91, 7), (91, 91, 0)]
    assert sum(c.volume for c in candles.read(SYMBOL, interval="1h")) == 12
    tape.add([trade(99, hole + timedelta(seconds=3), 92, "1")])  # a late trade of a minute that the venues know better
    tape.write(wall())
    assert candles.read(SYMBOL, interval="1m", start=hole, limit=1)[0].volume == 7


def test_a_restart_asks_for_what_is_missing_and_no_more(tape):
    now = wall()
    first = {ask.interval: now - ask.since for ask in backfill.wanted(SYMBOL, now=now)}
    assert first["1d"] > timedelta(days=600) and first["1m"] > timedelta(hours=11)
    backfill.finished(SYMBOL, until=now - timedelta(minutes=10), better=0)
    again = {ask.interval: now - ask.since for ask in backfill.wanted(SYMBOL, now=now)}
    assert again["1m"] < timedelta(minutes=42) and again["1d"] < timedelta(days=2)
