"""kill -9 of Postgres, its whole process tree, under 64 submitters: what was acknowledged is there, once, and the books balance.

The server is one of its own with full durability: the other tests' cluster does without.
"""

import os
import signal
import time
from pathlib import Path

import pytest

from kernel import db, roles
from kernel.embedded import EmbeddedServerError, Postgres, socket_directory
from rivermouth import migrate
from rivermouth.prove.submitters import Submitters, Told
from tests.conftest import Database
from tests.ledger_books import open_books

pytestmark = pytest.mark.crash
KILLS, EACH = 3, 400
PATIENCE_S = 90


@pytest.fixture
def server(tmp_path):
    postgres = Postgres(tmp_path / "pg", socket_directory(tmp_path), tmp_path / "pg.log")
    postgres.start()
    postgres.create_roles()
    migrate.upgrade(postgres.url(roles.OWNER))
    yield postgres
    postgres.stop(immediate=True)


def _database(postgres):
    url = postgres.url
    return Database("rivermouth", url(roles.OWNER), url(roles.APP), url(roles.ENGINE), url("postgres", "rivermouth"))


def _tree(pid):
    children = []
    for entry in Path("/proc").iterdir():
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except (OSError, NotADirectoryError):
            continue
        if entry.name.isdigit() and int(fields[1]) == pid:
            children.append(int(entry.name))
    return [pid, *children]


def _kill_and_start(postgres):
    for pid in _tree(postgres.process.pid):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    postgres.process.wait(PATIENCE_S)
    deadline = time.monotonic() + PATIENCE_S
    while True:  # a backend that is still dying keeps the shared memory for a moment
        try:
            postgres.start(timeout_s=PATIENCE_S)
        except EmbeddedServerError:
            assert time.monotonic() < deadline, "Postgres did not come back"
            time.sleep(0.2)
        else:
            return


def test_nothing_acknowledged_is_lost(server):
    database = _database(server)
    with open_books(database) as books:
        accounts = [books.customer() for _ in range(20)]
        shop = books.outside()
        for account in accounts:
            books.credit(account, "2000")
        tenant = books.tenant
    db.configure(database.app, pool_size=8)
    told = Told(tenant)
    with Submitters(told, payers=accounts, payees=[*accounts, shop]) as submitters:
        for _ in range(KILLS):
            assert submitters.wait_for(EACH, within_s=PATIENCE_S), submitters.answers
            _kill_and_start(server)
        assert submitters.wait_for(EACH, within_s=PATIENCE_S), submitters.answers
    assert submitters.answers["no answer"] > 0, "no kill met a posting on its way"
    assert told.lost(database.engine) == []
    assert told.replay() == []
    with open_books(database) as books:
        assert books.violations() == set()
        while books.fold()[0]:
            pass
        assert books.violations() == set()
