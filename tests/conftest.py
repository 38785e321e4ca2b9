"""Real servers for tests: one Postgres and one Valkey per test worker, started when the first test asks.

Every test that wants a database gets a fresh clone of a migrated template, with real commits: a writer in another
database of the same cluster would hold the fold back, so workers never share a cluster.
"""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import redis
from _pytest.nodeid import NodeId

from kernel import db, rates, roles
from kernel.embedded import Postgres, Valkey, socket_directory
from rivermouth import migrate, ports
from tools import system_packages
from wallet_bridge.custodian import database as custody_database
from wallet_bridge.custodian import localnet
from wallet_bridge.custodian.localnet import Anvil, NoNodeHere
from wallet_bridge.custodian.localnet.litecoin import Litecoin, find

TEMPLATE = "rivermouth_template"
os.environ["RIVERMOUTH_RATE_LIMITS"] = rates.ROOMY  # all tests come from one address; those of the limits set their own


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of one group go to one worker: pytest-xdist reads the group off a test's name, and no longer gets it there by itself."""
    for item in items:
        group = item.get_closest_marker("xdist_group")
        if group is not None:
            item._id = NodeId.parse(f"{item.nodeid}@{group.args[0]}")


@dataclass(frozen=True, slots=True)
class Database:
    """Addresses of one database: the owner migrates, the app and the engine are the product."""

    name: str
    owner: str
    app: str
    engine: str
    superuser: str


@dataclass(slots=True)
class Cluster:
    postgres: Postgres
    numbers: Iterator[int]

    def database(self, name: str) -> Database:
        url = self.postgres.url
        return Database(
            name, url(roles.OWNER, name), url(roles.APP, name), url(roles.ENGINE, name), url("postgres", name)
        )

    def create(self, template: str) -> Database:
        name = f"t{next(self.numbers)}"
        with self.postgres.admin() as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} OWNER {roles.OWNER}")
            roles.fence(connection, name)
            for role in (roles.APP, roles.ENGINE):  # a machine of tests may stand still in the middle of a transaction
                connection.execute(
                    f"ALTER ROLE {role} IN DATABASE {name} SET idle_in_transaction_session_timeout = '60s'"
                )
        return self.database(name)

    def drop(self, database: Database) -> None:
        with self.postgres.admin() as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {database.name} WITH (FORCE)")


@pytest.fixture(scope="session")
def servers_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("servers")


@pytest.fixture(scope="session")
def bare_cluster(servers_directory: Path) -> Iterator[Cluster]:
    """A running cluster with the product's roles and nothing else."""
    postgres = Postgres(
        servers_directory / "pg",
        socket_directory(servers_directory),
        servers_directory / "pg.log",
        durable=False,
    )
    postgres.start()
    postgres.create_roles()
    yield Cluster(postgres, itertools.count(1))
    postgres.stop(immediate=True)


@pytest.fixture(scope="session")
def cluster(bare_cluster: Cluster) -> Cluster:
    """The cluster with a migrated template database."""
    with bare_cluster.postgres.admin() as connection:
        connection.execute(f"CREATE DATABASE {TEMPLATE} OWNER {roles.OWNER}")
    migrate.upgrade(bare_cluster.database(TEMPLATE).owner)
    return bare_cluster


@pytest.fixture
def database(cluster: Cluster) -> Iterator[Database]:
    """A fresh, migrated database; what a test commits is really committed."""
    made = cluster.create(TEMPLATE)
    yield made
    cluster.drop(made)


@pytest.fixture(scope="session")
def valkey_server(servers_directory: Path) -> Iterator[Valkey]:
    valkey = Valkey(servers_directory / "valkey", socket_directory(servers_directory), servers_directory / "valkey.log")
    valkey.start()
    yield valkey
    valkey.stop(immediate=True)


@pytest.fixture
def valkey_url(valkey_server: Valkey) -> str:
    """The address of this worker's Valkey, emptied."""
    with redis.Redis.from_url(valkey_server.url) as client:
        client.flushall()
    return valkey_server.url


@pytest.fixture(scope="session")
def anvil_of_worker(servers_directory: Path) -> Iterator[Anvil]:
    node = Anvil(localnet.ensure(print), ports.free(), servers_directory / "anvil.log")
    process = node.spawn()
    while not node.ready():
        assert process.poll() is None, (servers_directory / "anvil.log").read_text()
        time.sleep(0.05)
    yield node
    process.kill()
    process.wait(10)


@pytest.fixture
def anvil(anvil_of_worker: Anvil) -> Anvil:
    """This worker's node, without what an earlier test sent and never put into a block."""
    anvil_of_worker.ask("anvil_dropAllTransactions")
    return anvil_of_worker


@pytest.fixture
def empty_url(bare_cluster: Cluster) -> Iterator[str]:
    """A database that nobody has migrated."""
    name = f"c{next(bare_cluster.numbers)}"
    with bare_cluster.postgres.admin() as connection:
        connection.execute(f"CREATE DATABASE {name} OWNER {roles.OWNER}")
    url = bare_cluster.postgres.url(roles.OWNER, name)
    yield url
    db.dispose()
    with bare_cluster.postgres.admin() as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture
def custody_url(empty_url: str) -> str:
    custody_database.upgrade(empty_url)
    return empty_url


@pytest.fixture(scope="session")
def litecoin(servers_directory: Path) -> Iterator[Litecoin]:
    try:
        binary = find()
    except NoNodeHere as error:
        system_packages.not_run(f"custodian on a chain of outputs: {error}")
    node = Litecoin(binary, ports.free(), servers_directory / "litecoin")
    process = node.spawn()
    while not node.ready():
        assert process.poll() is None, node.log.read_text()
        time.sleep(0.05)
    node.fund()
    yield node
    process.kill()
    process.wait(10)
