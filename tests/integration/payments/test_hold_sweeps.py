"""Holds to their end: several captures, captures on a day, expiry by the sweeper, and what is held for what, in one snapshot."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import psycopg
import pytest

from kernel import db, roles
from kernel.ids import uuid7
from payments.accounts import service as accounts
from payments.balances import service as balances
from payments.errors import AccountDiffers, AccountNotFound
from payments.holds import service as holds
from payments.holds.states import HoldKind
from tests.ledger_books import as_engine

D = Decimal
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def books_balance(books):
    yield
    assert books.violations() == set()
    books.fold()
    assert books.violations() == set()


def _hold(books, account, amount, *, kind=HoldKind.WITHDRAWAL, expires=None, captures=None, to=None, order=None):
    with books.tx() as tx:
        return holds.open_hold(
            tx,
            account_id=account,
            amount=D(amount),
            kind=kind,
            reference="test",
            order_id=order,
            expires_at=tx.now + expires if expires is not None else None,
            capture_at=tx.now + captures if captures is not None else None,
            capture_to=to,
        )


def _read(books, hold_id):
    with db.read_only(tenant=books.tenant) as tx:
        return holds.get(tx, hold_id)


def test_the_sweeper_ends_what_has_passed_and_nothing_else(books):
    account = books.customer()
    books.credit(account, "100")
    late, later, never = (_hold(books, account, "10", expires=e) for e in (HOUR, 3 * HOUR, None))
    owned = _hold(books, account, "10", expires=HOUR, order=uuid7(), kind=HoldKind.ORDER)
    partly = _hold(books, account, "10", expires=HOUR)
    books.capture(partly, "4", books.outside())
    with as_engine(books.database):
        assert holds.expire_due() == 0
    with as_engine(books.database, later=2 * HOUR):
        assert holds.expire_due(limit=1) == 2
        assert holds.expire_due() == 0
    assert [_read(books, h).state for h in (late, later, never, owned, partly)] == [
        "expired", "open", "open", "open", "captured",
    ]  # fmt: skip
    assert books.exact(account) == (96, 30)


def test_a_hold_is_captured_on_its_day_what_is_left_of_it(books):
    account, shop, other = books.customer(), books.customer(), books.outside()
    books.credit(account, "100")
    whole = _hold(books, account, "30", captures=HOUR, to=shop)
    partly = _hold(books, account, "20", captures=HOUR, to=shop)
    voided = _hold(books, account, "5", captures=HOUR, to=shop)
    not_yet = _hold(books, account, "7", captures=3 * HOUR, to=shop)
    books.capture(partly, "8", other)
    books.void(voided)
    with as_engine(books.database, later=2 * HOUR):
        assert holds.capture_due(limit=1) == 2
        assert holds.capture_due() == 0
        assert holds.expire_due() == 0
    assert books.exact(shop) == (42, 0)
    assert books.exact(account) == (50, 7)
    assert [_read(books, h).state for h in (whole, partly, voided, not_yet)] == [
        "captured", "captured", "voided", "open",
    ]  # fmt: skip
    meta = books.engine.execute("SELECT meta FROM payments.journals WHERE kind = 'capture'").fetchall()
    assert [m[0] for m in meta] == [{"reference": "test"}] * 2


def test_four_sweepers_capture_once(books):
    account, shop = books.customer(), books.customer()
    books.credit(account, "100")
    for _ in range(10):
        _hold(books, account, "1", captures=HOUR, to=shop)
    with as_engine(books.database, later=2 * HOUR), ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(lambda _: holds.capture_due(), range(4))) == 10
    assert (books.exact(shop), books.exact(account)) == ((10, 0), (90, 0))


def test_a_capture_that_cannot_be_posted_keeps_the_hold(books):
    account, shop, fine = books.customer(), books.customer(), books.customer()
    books.credit(account, "100")
    stuck = _hold(books, account, "30", captures=HOUR, to=shop)
    _hold(books, account, "5", captures=2 * HOUR, to=fine)
    with books.tx() as tx:
        accounts.close(tx, shop)
    with as_engine(books.database, later=4 * HOUR):
        assert holds.capture_due(limit=1) == 1
    assert _read(books, stuck).remainder == 30
    assert books.exact(account) == (95, 30)
    books.void(stuck)


def test_the_target_of_a_capture_must_fit(books):
    account = books.customer()
    books.credit(account, "100")
    with pytest.raises(AccountDiffers):
        _hold(books, account, "1", captures=HOUR, to=books.customer("BTC"))
    with pytest.raises(AccountDiffers):
        _hold(books, account, "1", captures=HOUR, to=books.customer(realm="DEMO"))
    with pytest.raises(AccountNotFound):
        _hold(books, account, "1", captures=HOUR, to=999_999_999)
    assert books.exact(account) == (100, 0)


def test_a_capture_date_and_an_expiry_exclude_each_other(books):
    account, shop = books.customer(), books.customer()
    books.credit(account, "100")
    hold_id = _hold(books, account, "1", expires=HOUR)
    with (
        psycopg.connect(roles.conninfo(books.database.app)) as app,
        pytest.raises(psycopg.errors.CheckViolation, match="capture_or_expiry"),
    ):
        app.execute("SELECT set_config('app.tenant', %s, true)", [str(books.tenant)])
        app.execute("SELECT payments.hold_capture_later(%s, now(), %s)", [hold_id, shop])


def test_what_is_held_for_what(books):
    owner = uuid7()
    account = books.customer(owner=owner)
    books.credit(account, "100")
    order = _hold(books, account, "10", kind=HoldKind.ORDER)
    _hold(books, account, "5", kind=HoldKind.ORDER)
    _hold(books, account, "20", kind=HoldKind.WITHDRAWAL)
    _hold(books, account, "30.5", kind=HoldKind.COLLATERAL)
    books.capture(order, "4", books.outside())
    books.pay(account, books.outside(), "1")  # an implicit hold until the fold: of no purpose, and not shown as held
    for _ in range(2):
        with db.read_only(tenant=books.tenant) as tx:
            row = balances.of_owner(tx, owner=owner)[0]
        assert row.held_by_purpose == {"order": D("11"), "withdrawal": D("20"), "collateral": D("30.5")}
        assert (row.posted, row.held) == (D(95), D("61.5"))
        books.fold()


def test_purposes_and_the_held_sum_are_of_one_snapshot(books):
    """Readers against a writer that holds, captures, voids and pays, and against the fold: the parts always sum to the whole."""
    owner = uuid7()
    account, shop = books.customer(owner=owner), books.outside()
    books.credit(account, "1000")
    stop = threading.Event()

    def write():
        for i in range(40):
            kind = list(HoldKind)[i % 3]
            first, second = _hold(books, account, "3", kind=kind), _hold(books, account, "2", kind=HoldKind.MARGIN)
            books.capture(first, "1", shop, release_rest=i % 2 == 0)
            books.void(second)
            books.pay(account, shop, "0.5")
            if i % 5 == 0:
                books.fold()
        stop.set()

    def read():
        seen = 0
        while not stop.is_set() or not seen:
            with db.read_only(tenant=books.tenant) as tx:
                row = balances.of_owner(tx, owner=owner)[0]
            assert sum(row.held_by_purpose.values(), D(0)) == row.held
            seen += 1
        return seen

    with ThreadPoolExecutor(3) as pool:
        writer, readers = pool.submit(write), [pool.submit(read) for _ in range(2)]
        try:
            writer.result(120)
        finally:
            stop.set()
        assert all(reader.result(60) for reader in readers)
