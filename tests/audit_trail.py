"""An audit on a real database: entries written as the app, chained as the engine, tampered with as the superuser."""

import base64
from contextlib import contextmanager

import psycopg

from identity.audit import chain, service, verifying
from kernel import crypto, db, roles, signing
from kernel.ids import uuid7
from kernel.signing import Signer

SEED = bytes(range(32))
SIGNER = Signer("k1", SEED)
KEYS = {"k1": signing._public(SEED)}
KEY_SETTING = "k1:" + base64.b64encode(SEED).decode()


class Trail:
    """`db` works as the app; whatever the engine does happens inside `as_engine`."""

    def __init__(self, database):
        self.database, self.tenant = database, uuid7()
        db.configure(database.app, pool_size=12)
        self._app = db._engine
        db._engine = None
        db.configure(database.engine, pool_size=4)
        self._engine = db._engine
        db._engine = self._app

    def close(self):
        for pool in (self._app, self._engine):
            pool.dispose()
        db._engine = None
        crypto.forget()

    @contextmanager
    def as_engine(self):
        db._engine = self._engine
        try:
            yield
        finally:
            db._engine = self._app

    def write(self, count=1, tenant=None, **given):
        with db.transaction(tenant=tenant or self.tenant) as tx:
            for number in range(count):
                service.record(tx, "test.done", kind="thing", resource=f"t{number}", after={"n": number}, **given)

    def extend(self, **given):
        with self.as_engine():
            return chain.extend(**given)

    def sign(self):
        with self.as_engine():
            return chain.checkpoint(SIGNER)

    def verify(self, keys=None, **given):
        with self.as_engine():
            return [(b.fault.value, b.seq) for b in verifying.verify(KEYS if keys is None else keys, **given)]

    def broken(self, **given):
        with self.as_engine():
            return verifying.verify(KEYS, **given)

    @contextmanager
    def superuser(self):
        """Whoever may do everything: triggers are off."""
        with psycopg.connect(roles.conninfo(self.database.superuser), autocommit=True) as connection:
            connection.execute("SET session_replication_role = replica")
            yield connection

    def entry(self, seq):
        with self.superuser() as superuser:
            found = superuser.execute("SELECT entry_id FROM identity.audit_links WHERE seq = %s", (seq,)).fetchone()
        return found[0]

    def rows(self, tenant=None):
        return service.page(tenant or self.tenant, limit=200)
