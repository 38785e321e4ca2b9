"""A tenant's books for tests: everything goes through the services as the app role; the fold and the checks run as the engine."""

import itertools
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal

import psycopg
from sqlalchemy import create_engine

from kernel import db, roles
from kernel.ids import uuid7
from payments.accounts import service as accounts
from payments.accounts.states import AccountKind
from payments.chart import JournalIn, Line, capture_line, move
from payments.holds import service as holds
from payments.holds.states import HoldKind
from payments.invariants import INVARIANTS
from payments.journal import service as journal

D = Decimal


class Books:
    def __init__(self, database):
        self.database = database
        self.tenant = uuid7()
        self.numbers = itertools.count(1)
        self.engine = psycopg.connect(roles.conninfo(database.engine), autocommit=True)

    def close(self):
        self.engine.close()

    def tx(self):
        return db.transaction(tenant=self.tenant)

    def key(self, what="test"):
        return f"s/{what}:{next(self.numbers)}"

    # accounts
    def customer(self, asset="USDT", owner=None, realm="REAL"):
        with self.tx() as tx:
            return accounts.customer(tx, customer_id=owner or uuid7(), asset=asset, realm=realm)

    def outside(self, asset="USDT", realm="REAL"):
        with self.tx() as tx:
            return accounts.house(
                tx, path="external.deposits", asset=asset, kind=AccountKind.EXTERNAL, normal_side="debit", realm=realm
            )

    def staff(self, principal=None, role="finance"):
        """Somebody who may decide: approvals look at the person's roles in their own transaction."""
        principal = principal or uuid7()
        self.engine.execute(
            "INSERT INTO identity.tenants (id, name) VALUES (%s, 'House') ON CONFLICT DO NOTHING", (self.tenant,)
        )
        self.engine.execute(
            "INSERT INTO identity.principals (tenant_id, id, kind, email, roles) VALUES (%s, %s, 'staff', %s, ARRAY[%s])",
            (self.tenant, principal, f"{principal}@house.example", role),
        )
        return principal

    def known_customer(self, customer=None, level=2, country=None, tenant=None):
        """A customer with a standing: without one nobody trades or transfers."""
        customer, tenant = customer or uuid7(), tenant or self.tenant
        self.engine.execute(
            "INSERT INTO identity.tenants (id, name) VALUES (%s, 'House') ON CONFLICT DO NOTHING", (tenant,)
        )
        self.engine.execute(
            "INSERT INTO identity.principals (tenant_id, id, kind, email, roles) VALUES (%s, %s, 'customer', %s, ARRAY['retail'])",
            (tenant, customer, f"{customer}@customers.example"),
        )
        self.engine.execute(
            "INSERT INTO identity.standings (tenant_id, customer_id, level, country, screening) VALUES (%s, %s, %s, %s, 'vouched')",
            (tenant, customer, level, country),
        )
        return customer

    def asset(self, code, scale):
        with psycopg.connect(roles.conninfo(self.database.owner), autocommit=True) as owner:
            owner.execute(
                "INSERT INTO payments.assets (code, scale) VALUES (%s, %s) ON CONFLICT DO NOTHING", (code, scale)
            )

    # money
    def post(self, *lines, key=None, kind="test", **rest):
        with self.tx() as tx:
            return journal.post(tx, [JournalIn(key=key or self.key(), kind=kind, lines=list(lines), **rest)])[0]

    def credit(self, account, amount, asset="USDT", key=None, kind="deposit"):
        return self.post(*move(self.outside(asset), account, D(amount)), key=key, kind=kind)

    def pay(self, payer, payee, amount, key=None):
        return self.post(*move(payer, payee, D(amount)), key=key, kind="transfer")

    def hold(self, account, amount, **rest):
        with self.tx() as tx:
            return holds.open_hold(
                tx, account_id=account, amount=D(amount), kind=HoldKind.ORDER, reference="test", **rest
            )

    def capture(self, hold_id, amount, payee, *, release_rest=False):
        with self.tx() as tx:
            taken = holds.capture(tx, hold_id=hold_id, amount=D(amount), release_rest=release_rest)
            lines = [
                capture_line(taken.account_id, taken.amount, held_delta=taken.held_delta, hold_id=hold_id),
                Line(payee, taken.amount),
            ]
            return journal.post(tx, [JournalIn(key=self.key("capture"), kind="trade", lines=lines)])[0]

    def void(self, hold_id):
        with self.tx() as tx:
            return holds.void(tx, hold_id=hold_id)

    # seen as the engine
    def fold(self, limit=10_000):
        return self.engine.execute("SELECT * FROM payments.fold(%s)", (limit,)).fetchone()

    def row(self, account):
        found = self.engine.execute(
            "SELECT posted, held FROM payments.balances WHERE account_id = %s", (account,)
        ).fetchone()
        return found[0], found[1]

    def exact(self, account):
        return self.engine.execute("SELECT posted, held FROM payments.exact(ARRAY[%s])", (account,)).fetchone()

    def available(self, account):
        posted, held = self.exact(account)
        return posted - held

    def violations(self, connection=None):
        """Names of broken invariants, all taken in one snapshot."""
        connection = connection or self.engine
        with connection.transaction():
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            return {i.name for i in INVARIANTS if connection.execute(i.sql).fetchone()[0] != 0}

    @contextmanager
    def superuser(self):
        """Somebody with the keys of the house, past triggers and policies."""
        with psycopg.connect(roles.conninfo(self.database.superuser), autocommit=True) as connection:
            connection.execute("SET session_replication_role = replica")
            yield connection


@contextmanager
def open_books(database, *, pool_size=8):
    db.configure(database.app, pool_size=pool_size)
    books = Books(database)
    try:
        yield books
    finally:
        books.close()
        db.dispose()


@contextmanager
def as_engine(database, *, later=timedelta(0)):
    """Let business time pass; inside, this process is the engine, which alone sees what is due in all tenants."""
    app, db._engine = db._engine, create_engine(db.normalise(database.engine), pool_size=4)
    try:
        with db.transaction() as tx:
            tx.execute('UPDATE kernel.clock SET "offset" = "offset" + :later', later=later)
        yield
    finally:
        db._engine.dispose()
        db._engine = app
