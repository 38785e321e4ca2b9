"""A real worker process takes exports and imports from the queue; and the tables of both come and go with their migration."""

import os
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from alembic import command
from sqlalchemy import create_engine

from kernel import db, roles
from kernel.ids import uuid7
from kernel.settings import settings
from payments.exports import service as exports
from payments.exports import tasks as export_tasks
from payments.exports.states import Format, What
from payments.imports import service as imports
from payments.imports import tasks as import_tasks
from payments.imports.states import Format as ImportFormat
from rivermouth import migrate

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def worker(books, valkey_url, tmp_path, monkeypatch):
    """The process, with a database and a folder that this test shares with it."""
    given = {
        "RIVERMOUTH_DATABASE_URL": books.database.app,
        "RIVERMOUTH_REDIS_URL": valkey_url,
        "RIVERMOUTH_DATA_DIR": str(tmp_path / "data"),
        "RIVERMOUTH_EXPORT_DIR": str(tmp_path / "exports"),
        "RIVERMOUTH_MODE": "sandbox",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    with (tmp_path / "worker.log").open("w+") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "rivermouth", "worker"], cwd=ROOT, env=os.environ | given, stdout=log, stderr=log
        )
        try:
            yield tmp_path / "worker.log"
        finally:
            process.terminate()
            process.wait(30)
            settings.cache_clear()


def _until(condition, log):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)


def test_a_worker_makes_the_file_and_checks_the_import(books, worker):
    account = books.customer()
    books.credit(account, "12.5")
    wanted = exports.Wanted(What.BALANCES, Format.PARQUET)
    export_id = exports.request(
        tenant=books.tenant, by=uuid7(), realm="REAL", wanted=wanted, key=None, fingerprint=b""
    ).id
    body = f"journal,account,amount\na,{books.outside()},-1\na,{account},1\n".encode()
    import_id = imports.send(
        tenant=books.tenant,
        by=books.staff(),
        realm="REAL",
        body=body,
        format_=ImportFormat.CSV,
        dry_run=False,
        file_key=None,
        key=None,
    ).id
    # as the engine's schedules do for whatever waits, and as the API does for what it was just asked
    db.configure(books.database.engine, pool_size=1)
    export_tasks.wake_waiting(None)
    db.configure(books.database.app, pool_size=4)
    import_tasks.wake(books.tenant, import_id)
    _until(lambda: exports.read(books.tenant, export_id).state == "done", worker)
    assert exports.file_of(books.tenant, export_id)[1].stat().st_size > 0
    _until(lambda: imports.read(books.tenant, import_id).job.state == "awaiting_approval", worker)


def test_a_lost_message_is_no_error(books, monkeypatch):
    """Nobody listens at this address: the row stays, and a schedule asks again."""
    monkeypatch.setenv("RIVERMOUTH_REDIS_URL", "redis://127.0.0.1:1/0")
    settings.cache_clear()
    export_tasks.wake(books.tenant, uuid7())
    settings.cache_clear()


def _objects(url):
    with psycopg.connect(roles.conninfo(url)) as connection:
        return connection.execute(
            """SELECT 'relation', relname::text, relkind::text FROM pg_class WHERE relnamespace = 'payments'::regnamespace
               UNION ALL SELECT 'function', p.oid::regprocedure::text, p.proowner::regrole::text FROM pg_proc p
                          WHERE pronamespace = 'payments'::regnamespace
               ORDER BY 1, 2"""
        ).fetchall()


def test_the_migration_goes_down_and_up_again(database):
    whole = _objects(database.owner)
    engine = create_engine(db.normalise(database.owner))
    with engine.connect() as connection:
        command.downgrade(migrate.configuration(connection), "0011")
        connection.commit()
    assert {name for _, name, _ in whole} - {name for _, name, _ in _objects(database.owner)} >= {
        "exports",
        "imports",
        "import_rows",
    }
    migrate.upgrade(database.owner)
    assert _objects(database.owner) == whole
    engine.dispose()
