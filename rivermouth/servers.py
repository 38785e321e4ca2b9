"""The database and the cache a command works with: given by address, found in a running demo, or started for its own lifetime."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace

from sqlalchemy.engine import make_url

from kernel import db, roles
from kernel.embedded import Postgres, Valkey, socket_directory
from rivermouth.data_directory import Addresses, AlreadyRunsError, DataDirectory


@dataclass(slots=True)
class Servers:
    """What must be run here (None: somebody else runs it) and how everything is reached."""

    directory: DataDirectory
    database_url: str | None
    redis_url: str | None
    postgres: Postgres | None = None
    valkey: Valkey | None = None

    def __post_init__(self) -> None:
        sockets = socket_directory(self.directory.path)
        if self.database_url is None:
            self.postgres = Postgres(self.directory.path / "pg", sockets, self.directory.log("postgres"))
        if self.redis_url is None:
            self.valkey = Valkey(self.directory.path / "valkey", sockets, self.directory.log("valkey"))

    def set_up(self) -> Addresses:
        """Roles and database exist afterwards; both servers must be running."""
        redis_url = self.valkey.url if self.valkey else str(self.redis_url)
        if self.postgres is None:
            return replace(self._foreign_database(str(self.database_url)), redis=redis_url)
        self.postgres.create_roles()
        url = self.postgres.url
        return Addresses(owner=url(roles.OWNER), app=url(roles.APP), engine=url(roles.ENGINE), redis=redis_url)

    def _foreign_database(self, given: str) -> Addresses:
        """The address of an owner that may create roles: make the product's roles there, with passwords of our own."""
        owner = db.normalise(given)
        roles.refuse_superuser(owner)
        passwords = self.directory.passwords((roles.APP, roles.ENGINE))
        with roles.connect(owner) as connection:
            name = connection.execute("SELECT current_user").fetchone()
            roles.ensure(connection, owner=name[0] if name else roles.OWNER, passwords=passwords)
        parts = make_url(owner)
        app, engine = (
            parts.set(username=role, password=passwords[role]).render_as_string(hide_password=False)
            for role in (roles.APP, roles.ENGINE)
        )
        return Addresses(owner=owner, app=app, engine=engine, redis="")


@contextmanager
def embedded_for_this_command(directory: DataDirectory, redis_url: str | None) -> Iterator[Addresses]:
    """Start what no address was given for, migrate, and stop it at the end."""
    from rivermouth import migrate  # noqa: PLC0415  alembic is not needed by the commands that find everything running

    servers = Servers(directory, None, redis_url)
    with ExitStack() as stack:
        for server in (servers.postgres, servers.valkey):
            if server is not None:
                stack.callback(server.stop)
                server.start()
        addresses = servers.set_up()
        migrate.upgrade(str(addresses.owner))
        yield addresses


@contextmanager
def addresses(directory: DataDirectory) -> Iterator[Addresses]:
    """Where a single command works: as the environment says, else a running demo, else servers of its own."""
    database_url, redis_url = os.environ.get("RIVERMOUTH_DATABASE_URL"), os.environ.get("RIVERMOUTH_REDIS_URL")
    if database_url and redis_url:
        url = db.normalise(database_url)  # of this process's own role
        yield Addresses(
            owner=url, app=url, engine=url, redis=redis_url, simulator=os.environ.get("RIVERMOUTH_SIMULATOR_URL")
        )
        return
    with ExitStack() as stack:
        try:
            stack.enter_context(directory.lock())
        except AlreadyRunsError:
            running = directory.addresses()
            if running is None:
                raise
            yield running
            return
        yield stack.enter_context(embedded_for_this_command(directory, redis_url))
