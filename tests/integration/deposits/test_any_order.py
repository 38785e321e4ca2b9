"""Events in every order, twice and late: one effect. And many readers of one event."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kernel import db
from wallet_bridge.deposits.arriving import Arrivals
from wallet_bridge.deposits.states import CREDITED, DepositStatus

D = Decimal
LIVES = ("s", "sd", "sddd", "sl", "sdl", "sdddl", "slsddd", "sdlsddd", "sdddlsddd", "sdddlsl", "sdddlsdddl")
"""s: seen in a (new) block, d: one block deeper, l: its block is lost."""


def lived(deposits, feed, life):
    for step in life:
        {"s": feed.at, "d": feed.deeper, "l": feed.lost}[step]()
    told, feed.told = feed.told, []
    return told


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(life=st.sampled_from(LIVES), data=st.data())
def test_whatever_the_order_the_newest_event_counts_and_nothing_is_booked_twice(deposits, life, data):
    customer, address = deposits.payer()
    plain, mixed = deposits.feed(customer, address), deposits.feed(customer, address)
    for one in lived(deposits, plain, life):
        deposits.hear([one])
        deposits.fold()
    once = deposits.has(customer)
    told = lived(deposits, mixed, life)
    twice = data.draw(st.permutations(told + data.draw(st.lists(st.sampled_from(told), max_size=4))))
    for one in twice:
        deposits.hear([one])
        deposits.fold()
    expected, got = deposits.deposit(plain), deposits.deposit(mixed)
    assert (got.place, got.booked) == (expected.place, expected.booked)
    assert got.place is None or got.block == expected.block
    assert got.status is expected.status or {got.status, expected.status} == {
        DepositStatus.ORPHANED, DepositStatus.REVERSED,
    }  # fmt: skip
    assert deposits.has(customer) == 2 * once
    assert got.shortage == 0
    assert (got.status in CREDITED) == (life[-1] == "d" and life.rpartition("s")[2] != "")
    assert deposits.broken() == {}


def test_two_readers_of_one_event_book_it_once(deposits):
    customer, address = deposits.payer()
    told = lived(deposits, deposits.feed(customer, address), "sddd")

    def read(_):
        for seq, event, deposit in told:
            db.retrying(lambda: once(seq, event, deposit))  # noqa: B023  called at once

    def once(seq, event, deposit):
        with deposits.tx() as tx:
            Arrivals().seen(tx, event, deposit, seq=seq)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(read, range(6)))
    assert deposits.has(customer) == deposits.wallet() == 1
    assert len(deposits.told("wallet.deposit_credited.v1")) == 1


def test_a_reversal_beside_spending_never_makes_money(deposits):
    """Whoever is faster: what is there is taken, what was spent is owed, and the sum is the same."""
    customer, address = deposits.payer()
    feed = deposits.feed(customer, address).at().deeper(3).all()
    deposits.fold()
    mine, other = deposits.customer("ETH", owner=customer), deposits.customer("ETH")

    def spend(_):
        try:
            deposits.pay(mine, other, "0.4")
        except Exception as refusal:
            return getattr(refusal, "code", repr(refusal))
        return "paid"

    def lose(_):
        told, feed.told = feed.lost().told, []
        for seq, event, deposit in told:
            db.retrying(lambda: deposits.hear([(seq, event, deposit)]))  # noqa: B023  called at once
        return "reversed"

    with ThreadPoolExecutor(3) as pool:
        said = list(pool.map(lambda deed: deed(None), (spend, lose, spend)))
    paid = said.count("paid") * D("0.4")
    assert set(said) <= {"paid", "reversed", "account_frozen", "insufficient_funds"}
    assert deposits.on(f"deposits.receivable.{customer}:ETH") == -deposits.deposit(feed).shortage
    assert deposits.has(customer) == D(0) if deposits.deposit(feed).shortage else D(0) <= deposits.has(customer)
    assert deposits.deposit(feed).shortage == paid
    assert deposits.wallet() == 0
