"""Servers of a proof's own, for proofs that need no whole product: durable as the product's, gone afterwards."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kernel import db, roles
from kernel.embedded import Postgres, Valkey, socket_directory
from rivermouth import migrate


@contextmanager
def own_servers() -> Iterator[tuple[str, str]]:
    """A durable server with one migrated database, whose addresses differ in the role alone, and a Valkey."""
    folder = Path(tempfile.mkdtemp(prefix="rm-prove-"))
    sockets = socket_directory(folder)
    valkey = Valkey(folder / "valkey", sockets, folder / "valkey.log")
    with own_database(folder) as database:
        valkey.start()
        try:
            yield database, valkey.url
        finally:
            valkey.stop(immediate=True)


@contextmanager
def own_database(folder: Path | None = None) -> Iterator[str]:
    """The database alone."""
    folder = folder or Path(tempfile.mkdtemp(prefix="rm-prove-"))
    postgres = Postgres(folder / "pg", socket_directory(folder), folder / "pg.log")
    postgres.start()
    try:
        postgres.create_roles()
        with postgres.admin() as connection:
            connection.execute(f"CREATE DATABASE proof OWNER {roles.OWNER}")
        migrate.upgrade(postgres.url(roles.OWNER, "proof"))
        yield postgres.url(roles.OWNER, "proof")
    finally:
        db.dispose()
        postgres.stop(immediate=True)
        shutil.rmtree(folder)
