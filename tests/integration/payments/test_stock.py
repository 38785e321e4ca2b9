"""Stock is folded like money: late commits are not lost, fresh units are there at once, a restored database begins a new epoch."""

import psycopg
import pytest

from kernel import roles
from payments.inventory.errors import OutOfStock
from tests.payment_shop import Shop


@pytest.fixture
def shop(books):
    return Shop(books)


def _add(shop, connection, units):
    connection.execute("SELECT set_config('app.tenant', %s, true)", (str(shop.books.tenant),))
    connection.execute("SELECT payments.stock_move(uuidv7(), 'ticket', %s, 0, 'stocked', NULL, NULL)", (units,))


def test_a_late_commit_with_a_lower_id_is_not_lost(shop):
    """A writes 5 first and commits last; B writes 7 and commits. A fold by the largest id would lose the 5."""
    shop.product(stock=0)
    conninfo = roles.conninfo(shop.books.database.app)
    with psycopg.connect(conninfo) as first, psycopg.connect(conninfo) as second:
        _add(shop, first, 5)
        _add(shop, second, 7)
        second.commit()
        assert shop.fold() == 0
        assert shop.stock() == (7, 0)
        assert shop.books.violations() == set()
        first.commit()
    assert shop.fold() == 2
    assert shop.row() == (12, 0)
    assert shop.fold() == 0
    assert shop.books.violations() == set()


def test_a_backlog_is_folded_in_parts(shop):
    shop.product(stock=0)
    for _ in range(7):
        shop.change(stock_delta=1)
    assert [shop.fold(limit=3) for _ in range(4)] == [3, 3, 1, 0]
    assert shop.row() == (7, 0)


def test_the_row_only_underestimates(shop):
    """on hand 10, reserved 6; 5 more come and are reserved from the tail; then all of it is sold and folded."""
    shop.product(stock=10, price="1")
    shop.fold()
    buyer = shop.buyer()
    first = shop.reserve(buyer, quantity=6)
    with pytest.raises(OutOfStock):
        shop.reserve(buyer, quantity=5)
    shop.change(stock_delta=5)
    second = shop.reserve(buyer, quantity=9)
    assert shop.row() == (10, 15)
    with pytest.raises(OutOfStock):
        shop.reserve(buyer)
    shop.pay(buyer, second)
    assert (shop.row(), shop.stock()) == ((10, 15), (6, 6))
    assert shop.books.violations() == set()
    shop.fold()
    assert shop.row() == (6, 6)
    shop.cancel(buyer, first)
    assert shop.row() == (6, 0)
    assert shop.books.violations() == set()


def test_a_database_in_another_cluster_begins_a_new_epoch(shop):
    """What a logical restore leaves: old transaction ids far above the counter of the new cluster."""
    shop.product(stock=10, price="1")
    buyer = shop.buyer()
    shop.buy(buyer, quantity=2)
    shop.fold()
    reserved = shop.reserve(buyer, quantity=3)
    shop.buy(buyer, quantity=1)
    with shop.books.superuser() as superuser:
        superuser.execute("UPDATE payments.inv_moves SET xid = '900000000' WHERE reason = 'sold'")
        superuser.execute("UPDATE payments.fold_state SET w = '900000000' WHERE stream = 'inventory'")
        superuser.execute("UPDATE payments.fold_state SET system_identifier = 1 WHERE stream = 'inventory'")
        superuser.execute("UPDATE payments.inventory SET on_hand = 0, reserved = 0")
    assert shop.fold() == 0
    assert shop.row() == (7, 3)
    assert shop.books.violations() == set()
    epochs = shop.books.engine.execute("SELECT epoch FROM payments.fold_state WHERE stream = 'inventory'").fetchall()
    assert epochs == [(2,)]
    shop.pay(buyer, reserved)
    shop.change(stock_delta=1)
    assert shop.stock() == (5, 0)
    assert shop.fold() == 2
    assert shop.row() == (5, 0)
    assert shop.books.violations() == set()


def test_the_engine_knows_without_being_told_that_it_woke_elsewhere(shop):
    shop.product(stock=4)
    shop.fold()
    with shop.books.superuser() as superuser:
        superuser.execute("UPDATE payments.fold_state SET system_identifier = 1 WHERE stream = 'inventory'")
    with shop.as_engine():
        from payments.inventory import service as inventory

        assert inventory.fold() == 0
        assert inventory.fold() == 0
    assert shop.row() == (4, 0)
    epoch = shop.books.engine.execute("SELECT epoch FROM payments.fold_state WHERE stream = 'inventory'").fetchone()
    assert epoch == (2,)


def test_moves_are_append_only(shop):
    shop.product()
    with psycopg.connect(roles.conninfo(shop.books.database.owner), autocommit=True) as owner:
        for table in ("inv_moves", "product_prices", "product_shares"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
                owner.execute(f"TRUNCATE payments.{table}")


@pytest.mark.parametrize("role", ["app", "engine"])
def test_the_tail_of_a_sku_reads_only_the_tail(shop, role):
    """A hot SKU has a long past: neither a reservation nor an idle folder may read it."""
    shop.product(stock=0)
    with psycopg.connect(roles.conninfo(shop.books.database.app)) as app:
        app.execute("SELECT set_config('app.tenant', %s, true)", (str(shop.books.tenant),))
        app.execute(
            "SELECT payments.stock_move(uuidv7(), 'ticket', 1, 0, 'stocked', NULL, NULL) FROM generate_series(1, 900)"
        )
    shop.fold()
    assert shop.row() == (900, 0)
    with psycopg.connect(roles.conninfo(shop.books.database.superuser), autocommit=True) as superuser:
        superuser.execute("ANALYZE payments.inv_moves")
    tail = "m.tenant_id = %s AND m.sku = 'ticket' AND (m.epoch, m.xid) >= (f.epoch, f.w)"
    waits = "%s IS NOT NULL AND m.epoch = f.epoch AND m.xid >= f.w"
    with psycopg.connect(roles.conninfo(getattr(shop.books.database, role))) as connection:
        connection.execute("SELECT set_config('app.tenant', %s, true)", (str(shop.books.tenant),))
        connection.execute("SET LOCAL enable_seqscan = off")
        for where in (tail, waits):
            plan = connection.execute(
                f"""EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) SELECT m.d_on_hand FROM payments.inv_moves m, payments.fold_state f
                     WHERE f.stream = 'inventory' AND {where}""",
                (shop.books.tenant,),
            ).fetchall()
            text = "\n".join(row[0] for row in plan)
            assert "rows=0" in next(
                row[0] for row in plan if "using inv_moves" in row[0] or "on inv_moves" in row[0]
            ), text
            assert "Rows Removed by Filter" not in text, text
