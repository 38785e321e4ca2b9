"""A liquidation under kill -9 at each of its steps, between engines that all want it, and against others at the insurance pool."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from lending.liquidation import selling as steps
from lending.liquidation.states import LiquidationStatus
from tests.broker_desk import D, open_desk
from tests.liquidation_desk import LiquidationDesk

ENGINE = """
import sys
from kernel import cache, db
from lending.liquidation import tasks
db.configure(sys.argv[1], pool_size=2)
cache.configure(sys.argv[2])
while tasks.step_due():
    pass
"""


@pytest.fixture
def selling(database, valkey_url):
    with open_desk(database, valkey_url, LiquidationDesk) as opened:
        yield opened
        assert opened.broken() == {}


def engine_dies(selling, valkey_url, folder, place):
    """A process that steps whatever is due and is killed at the first pass of this place."""
    folder.mkdir()
    env = os.environ | {
        "RIVERMOUTH_FAILPOINT": place, "RIVERMOUTH_MODE": "sandbox", "RIVERMOUTH_DATA_DIR": str(folder),
        "RIVERMOUTH_DATABASE_URL": selling.database.engine, "RIVERMOUTH_REDIS_URL": valkey_url,
    }  # fmt: skip
    selling.engine.execute("UPDATE lending.liquidations SET next_try_at = opened_at")
    done = subprocess.run(
        [sys.executable, "-c", ENGINE, selling.database.engine, valkey_url], env=env, capture_output=True, timeout=120, check=False
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()[-2000:]


def test_an_engine_that_dies_at_any_step_leaves_it_to_the_next(selling, valkey_url, tmp_path):
    """Before a commit nothing of the step is there, after it all of it; the end is that of a sale that nobody disturbed."""
    loan_id = selling.lend()
    liquidation_id = selling.begin(loan_id)

    def die(name, place):
        engine_dies(selling, valkey_url, tmp_path / name, f"liquidation.{place}_commit")
        return selling.liquidation(liquidation_id).status, len(selling.sales(liquidation_id))

    selling.books(("24600", "5"))
    assert die("1", "before") == (LiquidationStatus.OPEN, 0)
    selling.books(("24600", "5"))
    assert die("2", "after") == (LiquidationStatus.SELLING, 1)
    (sale,) = selling.sales(liquidation_id)
    selling.fill_all(sale.order_id, price="24600")
    assert die("3", "before") == (LiquidationStatus.SELLING, 1)
    assert not selling.sales(liquidation_id)[0].ended
    assert die("4", "after") == (LiquidationStatus.SELLING, 1)
    assert selling.sales(liquidation_id)[0].ended
    assert die("5", "before") == (LiquidationStatus.SELLING, 1)
    assert die("6", "after") == (LiquidationStatus.SETTLING, 1)
    assert die("7", "before") == (LiquidationStatus.SETTLING, 1)
    assert die("8", "after") == (LiquidationStatus.DONE, 1)
    proceeds = D("0.99040") * 24600
    assert selling.gained("USDT") == 24000 + proceeds - 24120
    assert selling.gained("BTC") == -D("0.99040")
    assert selling.own_accounts(liquidation_id) == {}
    assert selling.drawn() == 0


def test_many_engines_sell_each_slice_once(selling):
    loan_id = selling.lend(slices=3)
    liquidation_id = selling.begin(loan_id)
    with ThreadPoolExecutor(6) as pool, selling.as_engine():
        for expected in (1, 2, 3):
            selling.books(("24600", "5"))
            for _ in range(4):
                list(pool.map(lambda _: steps.step(selling.tenant, liquidation_id), range(6)))
            sales = selling.sales(liquidation_id)
            assert [sale.n for sale in sales] == list(range(1, expected + 1))
            selling.fill_all(sales[-1].order_id, price="24600")
        for _ in range(4):
            list(pool.map(lambda _: steps.step(selling.tenant, liquidation_id), range(6)))
    assert selling.liquidation(liquidation_id).status is LiquidationStatus.DONE
    assert sum(sale.sold for sale in selling.sales(liquidation_id)) == D(
        "0.98366"
    )  # the last slice is what is missing still
    assert selling.sum_of("revenue.liquidation_fee:USDT") == 120


def test_the_pool_never_pays_more_than_it_holds(selling):
    """Two shortfalls at the same moment: the pool pays its 300, the house the rest of both, to the last unit."""
    selling.insure("300")
    begun = [selling.begin(selling.lend(), price="23800") for _ in range(2)]
    for liquidation_id in begun:
        selling.books(("23800", "9"))
        selling.step(liquidation_id)
        selling.fill_all(selling.sales(liquidation_id)[0].order_id, price="23800")
        selling.step(liquidation_id, times=2)
        assert selling.liquidation(liquidation_id).status is LiquidationStatus.SETTLING
    with ThreadPoolExecutor(2) as pool, selling.as_engine():
        assert list(pool.map(lambda each: steps.step(selling.tenant, each), begun)) == [True, True]
    rows = selling.engine.execute("SELECT insured, lost FROM lending.bad_debts ORDER BY insured").fetchall()
    assert rows == [(100, 100), (200, 0)]
    assert selling.sum_of("insurance.lending:USDT") == 0
    assert selling.sum_of("expense.bad_debt:USDT") == -100
