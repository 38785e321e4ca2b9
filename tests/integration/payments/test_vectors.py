"""The worked examples of the ledger's reference, on a real database."""

import hashlib
import uuid
from decimal import Decimal

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError

from kernel import db, roles
from kernel.money import InvalidAmount
from payments.chart import Line
from payments.errors import AmountTooFine, InsufficientFunds
from payments.holds import service as holds

D = Decimal


def test_available_never_overspends_step_by_step(books):
    """posted, held, estimate (row), exact (row and tail) after each step; floor 0."""
    account, payee = books.customer(), books.outside()

    def expect(posted, held, exact):
        assert books.row(account) == (D(posted), D(held))
        assert books.available(account) == D(exact)

    books.credit(account, "100")
    books.fold()
    expect(100, 0, 100)
    first = books.hold(account, "60")
    expect(100, 60, 40)
    with pytest.raises(InsufficientFunds):
        books.hold(account, "50")
    expect(100, 60, 40)
    books.credit(account, "20")
    expect(100, 60, 60)
    second = books.hold(account, "50")  # granted through the tail
    expect(100, 110, 10)
    with pytest.raises(InsufficientFunds):
        books.hold(account, "10.000001")
    books.fold()
    expect(120, 110, 10)
    books.capture(first, "60", payee)
    expect(120, 110, 10)  # entries only
    books.fold()
    expect(60, 50, 10)
    books.capture(second, "30", payee, release_rest=True)
    expect(60, 50, 30)  # 20 free at once
    third = books.hold(account, "30")
    expect(60, 80, 0)
    books.fold()
    expect(30, 30, 0)
    assert books.void(third) == 30
    expect(30, 0, 30)
    assert books.violations() == set()


def test_a_fold_between_two_writers_loses_nothing(books):
    """A inserts 5, B inserts 7, B commits, fold, A commits, fold: 12. By the largest id or by time it would be 7."""
    account, outside = books.customer(), books.outside()
    with _writer(books) as slow:
        _post(slow, books, outside, account, 5)
        books.credit(account, "7")
        books.fold()
        assert books.row(account)[0] == 0  # B is committed, but A below it is still running
        assert books.available(account) == 7  # and spendable all the same
        slow.commit()
    books.fold()
    assert books.row(account)[0] == 12
    assert books.violations() == set()


def _writer(books):
    connection = psycopg.connect(roles.conninfo(books.database.app))
    connection.execute("SELECT set_config('app.tenant', %s, true)", (str(books.tenant),))
    return connection


def _post(connection, books, debit, credit, amount):
    key = books.key()
    row = connection.execute(
        """SELECT status FROM payments.post_batch(true, ARRAY[%s::uuid], ARRAY[%s], ARRAY[%s::bytea], ARRAY['REAL'], ARRAY['test'],
             ARRAY[NULL::uuid], ARRAY[NULL::uuid], ARRAY[NULL::timestamptz], ARRAY[NULL::text], ARRAY['{}'],
             ARRAY[1,1], ARRAY[%s,%s]::bigint[], ARRAY[%s,%s]::numeric[], ARRAY[0,0]::numeric[], ARRAY[NULL,NULL]::uuid[])""",
        (uuid.UUID(int=0), key, hashlib.sha256(key.encode()).digest(), debit, credit, -amount, amount),
    ).fetchone()
    assert row[0] == "ok"


@pytest.mark.parametrize(("scale", "amount"), [(0, "1.5"), (6, "0.1234567"), (18, "0.1234567890123456789")])
def test_too_fine_for_the_asset(books, scale, amount):
    books.asset(f"T{scale}", scale)
    account = books.customer(f"T{scale}")
    with pytest.raises(AmountTooFine):
        books.credit(account, amount, asset=f"T{scale}")
    books.credit(account, "100", asset=f"T{scale}")
    with pytest.raises(AmountTooFine):
        books.hold(account, amount)
    hold_id = books.hold(account, "10")
    with pytest.raises(AmountTooFine):
        books.capture(hold_id, amount, books.outside(f"T{scale}"))
    assert books.available(account) == 90
    assert books.violations() == set()


def test_equal_values_are_one_value(books):
    books.asset("T1", 1)
    account = books.customer("T1")
    first = books.credit(account, "1.500", asset="T1", key="s/once:1")
    assert books.credit(account, "1.5", asset="T1", key="s/once:1") == first
    assert books.available(account) == D("1.5")


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "-Infinity", "1e38", "-1e38"])
def test_not_an_amount(books, amount):
    account = books.customer()
    with pytest.raises(InvalidAmount):
        books.credit(account, "1"), books.post(*_pair(books, account, D(amount)))
    with pytest.raises(InvalidAmount):
        books.hold(account, amount)
    with books.tx() as tx, pytest.raises(DBAPIError, match="amount"):  # and the database refuses by itself
        tx.execute("SELECT CAST(CAST(:x AS numeric) AS kernel.amount)", x=amount)


def _pair(books, account, amount):
    return Line(books.outside(), amount.copy_negate()), Line(account, amount)


def test_eighteen_decimals_are_exact(books):
    books.asset("T18", 18)
    account, outside = books.customer("T18"), books.outside("T18")
    books.credit(account, "10", asset="T18")
    with pytest.raises(InsufficientFunds):
        books.pay(account, outside, "10.000000000000000001")
    books.credit(account, "0.000000000000000001", asset="T18")
    books.pay(account, outside, "10.000000000000000001")
    assert books.available(account) == 0
    books.fold()
    assert books.row(account) == (0, 0)


def test_thirty_integer_digits_with_eighteen_decimals(books):
    books.asset("T18", 18)
    account = books.customer("T18")
    amount = "123456789012345678901234567890.123456789012345678"
    books.credit(account, amount, asset="T18")
    assert str(books.available(account)) == amount
    books.fold()
    assert str(books.row(account)[0]) == amount


def test_a_void_after_a_partial_capture_hands_back_exactly_the_rest(books):
    account, payee = books.customer(), books.outside()
    books.credit(account, "100")
    hold_id = books.hold(account, "60")
    books.capture(hold_id, "10", payee)
    books.capture(hold_id, "5.5", payee)
    assert books.available(account) == 40
    assert books.void(hold_id) == D("44.5")
    assert books.void(hold_id) == 0
    assert books.available(account) == D("84.5")
    with db.read_only(tenant=books.tenant) as tx:
        assert holds.get(tx, hold_id).state == "captured"
    books.fold()
    assert books.row(account) == (D("84.5"), 0)
    assert books.violations() == set()
