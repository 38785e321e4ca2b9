"""Who may see and who may write: one tenant for the app, nothing with none set, and nobody past the functions."""

from decimal import Decimal

import psycopg
import pytest
from psycopg import errors

from kernel import db, roles
from kernel.ids import uuid7
from payments.balances import service as balances
from payments.chart import JournalIn, move
from payments.errors import AccountNotFound, HoldNotFound
from payments.holds import service as holds
from payments.holds.states import HoldKind
from payments.journal import service as journal
from payments.statements import service as statements

D = Decimal

OF_A_TENANT = ["accounts", "balances", "journal_keys", "journals", "entries", "holds"]
MONEY = [*OF_A_TENANT, "fold_state", "seals", "seal_leaves"]
MAKES_TABLES = {"make_partitions", "detach_month"}
"""Functions of the owner of the tables: they make partitions and move no money."""


@pytest.fixture
def filled(books):
    books.owner = uuid7()
    books.account = books.customer(owner=books.owner)
    books.credit(books.account, "100")
    books.hold_id = books.hold(books.account, "10")
    books.fold()
    books.credit(books.account, "5")
    return books


def _session(database, role, tenant=None):
    connection = psycopg.connect(roles.conninfo(getattr(database, role)), autocommit=True)
    if tenant:
        connection.execute("SELECT set_config('app.tenant', %s, false)", (str(tenant),))
    return connection


@pytest.mark.parametrize("table", OF_A_TENANT)
def test_rows_are_seen_by_their_tenant_only(filled, table):
    def rows(role, tenant=None):
        with _session(filled.database, role, tenant) as connection:
            return connection.execute(f"SELECT count(*) FROM payments.{table}").fetchone()[0]

    assert rows("app", filled.tenant) > 0
    assert rows("app", uuid7()) == 0
    assert rows("app") == 0
    assert rows("owner") == 0  # forced: not even the owner of the tables
    assert rows("engine") > 0


def test_another_tenant_cannot_move_or_read_this_money(filled):
    stranger = uuid7()
    with db.transaction(tenant=stranger) as tx:
        with pytest.raises(AccountNotFound):
            balances.exact(tx, filled.account)
        assert balances.of_owner(tx, owner=filled.owner) == []
        assert balances.by_path_prefix(tx, "") == []
        assert statements.page(tx, owner=filled.owner).items == []
        with pytest.raises(HoldNotFound):
            holds.get(tx, filled.hold_id)
        with pytest.raises(HoldNotFound):
            holds.void(tx, hold_id=filled.hold_id)
        with pytest.raises(HoldNotFound):
            holds.capture(tx, hold_id=filled.hold_id, amount=D(1))
        with pytest.raises(AccountNotFound):
            holds.open_hold(tx, account_id=filled.account, amount=D(1), kind=HoldKind.ORDER, reference="r")
        with pytest.raises(AccountNotFound):
            journal.post(
                tx, [JournalIn(key="s/steal:1", kind="t", lines=move(filled.account, filled.account + 1, D(1)))]
            )
    assert filled.available(filled.account) == 95


def test_the_same_key_in_another_tenant_is_another_key(filled):
    filled.credit(filled.account, "1", key="s/deposit:x")
    filled.tenant = uuid7()
    account = filled.customer()
    filled.credit(account, "2", key="s/deposit:x")
    assert filled.available(account) == 2


@pytest.mark.parametrize(
    "statement", ["SELECT payments.hold_release(%s, 'voided')", "SELECT payments.account_set_status(1, 'frozen')"]
)
def test_no_money_moves_without_a_tenant(filled, statement):
    with _session(filled.database, "engine") as connection, pytest.raises(errors.InsufficientPrivilege):
        connection.execute(statement, (filled.hold_id,) if "%s" in statement else None)


@pytest.mark.parametrize("role", ["app", "engine"])
@pytest.mark.parametrize("table", MONEY)
@pytest.mark.parametrize(
    "statement", ["INSERT INTO {} DEFAULT VALUES", "UPDATE {} SET {column} = {column}", "DELETE FROM {}", "TRUNCATE {}"]
)
def test_the_roles_of_the_product_write_no_money_table(database_once, role, table, statement):
    column = {"fold_state": "epoch", "seals": "n", "seal_leaves": "seal_no"}.get(table, "tenant_id")
    with _session(database_once, role, uuid7()) as connection, pytest.raises(errors.InsufficientPrivilege):
        connection.execute(statement.format(f"payments.{table}", column=column))


@pytest.fixture(scope="module")
def database_once(cluster):
    made = cluster.create("rivermouth_template")
    yield made
    cluster.drop(made)


@pytest.mark.parametrize("table", ["journals", "entries", "seals", "seal_leaves", "journal_keys"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET {column} = {column}", "DELETE FROM {}", "TRUNCATE {}"])
@pytest.mark.parametrize("role", ["owner", "superuser"])
def test_nobody_changes_what_was_appended(filled, table, statement, role):
    column = {"seals": "n", "seal_leaves": "seal_no"}.get(table, "journal_id")
    with _session(filled.database, role, filled.tenant) as connection:
        before = _rows(filled, table)
        with pytest.raises(errors.InsufficientPrivilege, match="append-only"):
            connection.execute(statement.format(f"payments.{table}", column=column))
    assert _rows(filled, table) == before > 0


def _rows(books, table):
    return books.engine.execute(f"SELECT count(*) FROM payments.{table}").fetchone()[0]


def test_only_the_engine_folds_and_only_over_all_tenants(filled):
    with _session(filled.database, "app", filled.tenant) as app, pytest.raises(errors.InsufficientPrivilege):
        app.execute("SELECT * FROM payments.fold(10)")
    with (
        _session(filled.database, "engine", filled.tenant) as engine,
        pytest.raises(errors.InsufficientPrivilege, match="all tenants"),
    ):
        engine.execute("SELECT * FROM payments.fold(10)")


def test_a_tenant_sees_the_chain_but_not_the_turnover_of_others(filled):
    with _session(filled.database, "app", filled.tenant) as app:
        assert app.execute("SELECT count(hash) FROM payments.seals").fetchone()[0] == 1
        with pytest.raises(errors.InsufficientPrivilege):
            app.execute("SELECT sums FROM payments.seals")


def test_a_tenant_checks_its_own_books(filled):
    with _session(filled.database, "app", filled.tenant) as app:
        assert filled.violations(app) == set()


def test_functions_that_write_are_owned_by_the_role_without_login_and_fix_their_path(books):
    rows = books.engine.execute(
        """SELECT p.proname, r.rolname, r.rolcanlogin, r.rolsuper, r.rolbypassrls, p.proconfig FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner
            WHERE p.pronamespace = 'payments'::regnamespace AND p.prosecdef"""
    ).fetchall()
    assert {row[0] for row in rows} - MAKES_TABLES == {
        "account_open", "account_set_status", "account_set_floor", "hold_open", "hold_capture", "hold_capture_later", "hold_release", "post_batch", "fold",
        "rebuild", "open_epoch", "write_days", "close_days", "archive_month", "own_sums", "open_stage", "post_stage",
    }  # fmt: skip
    for name, owner, login, superuser, bypass, config in rows:
        expected = ("rivermouth_owner", True) if name in MAKES_TABLES else ("rivermouth_ledger", False)
        assert (owner, login, superuser, bypass) == (*expected, False, False), name
        assert any(c.startswith("search_path=pg_catalog") for c in config), name


def test_every_table_of_a_tenant_forces_row_level_security(books):
    loose = books.engine.execute(
        """SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
            WHERE c.relnamespace = 'payments'::regnamespace AND c.relkind IN ('r', 'p') AND NOT (c.relrowsecurity AND c.relforcerowsecurity)"""
    ).fetchall()
    assert loose == []
    without = books.engine.execute(
        """SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'payments'::regnamespace AND c.relkind IN ('r', 'p') AND NOT EXISTS
             (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id')"""
    ).fetchall()
    assert {row[0] for row in without} == {"assets", "fold_state", "seals", "seal_leaves", "days", "archives"}
