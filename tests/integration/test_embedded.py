"""The embedded servers: roles as promised, and no way past them."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
import redis

from kernel import processes, roles
from kernel.embedded import Postgres, Runner, socket_directory


def test_product_roles_are_ordinary_and_owner_holds_the_function_owners(database):
    with roles.connect(database.owner) as owner:
        rows = owner.execute(
            "SELECT rolname, rolcanlogin, rolsuper, rolbypassrls, rolcreaterole FROM pg_roles"
            " WHERE rolname LIKE 'rivermouth%' ORDER BY 1"
        ).fetchall()
        assert rows == [
            ("rivermouth_app", True, False, False, False),
            ("rivermouth_engine", True, False, False, False),
            ("rivermouth_ledger", False, False, False, False),
            ("rivermouth_lookup", False, False, False, False),
            ("rivermouth_owner", True, False, False, False),
        ]
        for role in roles.WITHOUT_LOGIN:
            owner.execute(f"SET ROLE {role}")
            owner.execute("RESET ROLE")


def test_every_role_but_the_owner_has_its_transactions_bounded(database):
    def setting(url: str, name: str) -> str:
        with roles.connect(url) as connection:
            return connection.execute("SELECT current_setting(%s)", (name,)).fetchone()[0]

    for name in ("transaction_timeout", "idle_in_transaction_session_timeout"):
        assert setting(database.owner, name) == "0"
        assert setting(database.app, name) not in {"0", ""}
        assert setting(database.engine, name) not in {"0", ""}
    assert setting(database.app, "search_path").split(",")[0] == "kernel"


def test_superuser_is_refused_also_behind_an_ordinary_session(database):
    with pytest.raises(roles.SuperuserRefusedError, match="refuses"):
        roles.refuse_superuser(database.superuser)
    for url in (database.owner, database.app, database.engine):
        roles.refuse_superuser(url)


def test_only_the_ledgers_role_makes_temporary_tables(database):
    """Set-up closes the database to everybody; the stage of the bulk door must still be made, by its function alone."""
    for url in (database.app, database.engine):
        with roles.connect(url) as session:
            session.execute("SELECT payments.open_stage()")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                session.execute("CREATE TEMP TABLE mine (id int)")


def test_app_cannot_create_tables(database):
    with roles.connect(database.app) as app, pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute("CREATE TABLE public.mine (id int)")


def test_valkey_answers_and_is_empty(valkey_url):
    with redis.Redis.from_url(valkey_url) as client:
        assert client.dbsize() == 0
        assert client.config_get("appendonly") == {"appendonly": "yes"}


def test_sockets_are_private_and_long_paths_get_a_stand_in(tmp_path):
    deep = tmp_path / ("d" * 90)
    stand_in = socket_directory(deep)
    try:
        assert len(str(stand_in)) < 60
        assert stand_in == socket_directory(deep)
        assert stat.S_IMODE(stand_in.stat().st_mode) == 0o700
    finally:
        stand_in.rmdir()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to change who Postgres runs as")
@pytest.mark.parametrize("runner", [Runner.DISGUISED, Runner.NOBODY])
def test_root_runs_postgres_in_both_ways(tmp_path, runner, monkeypatch):
    shared = Path("/var/lib/rivermouth-test-" + str(os.getpid()))
    monkeypatch.setattr("kernel.embedded._SHARED", shared)
    tmp_path.chmod(0o700)
    postgres = Postgres(tmp_path / "pg", socket_directory(tmp_path), tmp_path / "log", durable=False, runner=runner)
    try:
        postgres.start()
        with postgres.admin() as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        assert postgres.stop() == 0
        assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700
    finally:
        postgres.stop(immediate=True)
        subprocess.run(["rm", "-rf", str(shared)], check=True)


def test_killed_parent_takes_its_child_along(tmp_path):
    program = (
        "import sys, time; from pathlib import Path; from kernel import processes\n"
        "child = processes.spawn(['sleep', '600'], log=Path(sys.argv[1]) / 'log')\n"
        "processes.write_pid_file(Path(sys.argv[1]) / 'pid', child.pid); time.sleep(600)"
    )
    parent = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)])
    pid_file = tmp_path / "pid"
    _until(lambda: processes.stale_process(pid_file) is not None)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    _until(lambda: processes.stale_process(pid_file) is None)


def test_pid_file_of_another_start_time_names_nobody(tmp_path):
    pid_file = tmp_path / "pid"
    pid_file.write_text(f"{os.getpid()} 12345\n")
    assert processes.stale_process(pid_file) is None
    assert processes.end_stale_process(pid_file, sig=signal.SIGTERM, grace_s=1) is None
    assert not pid_file.exists()


def test_postgres_starts_over_a_lock_file_that_names_a_stranger(tmp_path):
    postgres = Postgres(tmp_path / "pg", socket_directory(tmp_path), tmp_path / "log", durable=False)
    postgres.prepare()
    (tmp_path / "pg" / "postmaster.pid").write_text(f"1\n{tmp_path / 'pg'}\n0\n5432\n")
    try:
        postgres.start()
    finally:
        assert postgres.stop() == 0


def test_postgres_starts_again_over_sessions_that_a_kill_left_at_work(tmp_path):
    """A session that computes does not look up: it keeps the memory of its dead postmaster, which no other can start beside."""
    postgres = Postgres(tmp_path / "pg", socket_directory(tmp_path), tmp_path / "log", durable=False)
    postgres.start()
    busy = postgres.admin()
    try:
        pid = busy.info.backend_pid
        busy.pgconn.send_query(b"SELECT count(*) FROM generate_series(1, 1000000000000)")
        postgres.process.send_signal(signal.SIGKILL)
        postgres.process.wait()
        assert pid in processes.working_in(tmp_path / "pg")
        postgres.start()
        assert pid not in processes.working_in(tmp_path / "pg")
        with postgres.admin() as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        busy.close()
        assert postgres.stop() == 0


def _until(condition, timeout_s: float = 10) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)
