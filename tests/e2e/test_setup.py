"""Set-up as a person meets it: one command, one data directory, one product; and nothing left over whatever happens to it."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kernel import memory, processes
from kernel.embedded import Postgres, socket_directory
from rivermouth import migrate
from rivermouth.prove.stack import Stack, free_port
from tests.e2e.trading import trade

CHILDREN = {"postgres", "valkey", "simulator", "mails", "api", "engine", "worker", "beat"}


@pytest.fixture
def own(tmp_path):
    """A demo that belongs to one test alone, to be killed and started as it likes."""
    stack = Stack(tmp_path / "data")
    yield stack
    stack.end()


def rivermouth(*arguments, **environment):
    kept = {key: value for key, value in os.environ.items() if not key.startswith("RIVERMOUTH_")}
    command = [sys.executable, "-m", "rivermouth", *arguments]
    return subprocess.run(
        command,
        env=kept | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def gone(pids, within_s=60.0):
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if not any(processes.started_at(pid) for pid in pids):
            return True
        time.sleep(0.05)
    return False


def test_one_life_of_a_data_directory(own):
    own.start()
    pids = own.pids()
    assert set(pids) == CHILDREN
    assert memory.of_tree(own.process.pid) < 2**30
    assert stat.S_IMODE(own.data.stat().st_mode) == 0o700
    assert stat.S_IMODE((own.data / "run" / "urls.json").stat().st_mode) == 0o600
    assert "ccxt" not in Path(f"/proc/{pids['api']}/maps").read_text()
    order = bought = trade(own, quantity="0.01")
    assert bought["status"] == "filled"

    beside = rivermouth("keys", "show", "--data", str(own.data))  # a command beside a demo finds its keys
    assert beside.returncode == 0, beside.stdout
    second = rivermouth("demo", "--data", str(own.data))
    assert second.returncode == 1
    assert "already runs" in second.stderr
    busy = rivermouth("demo", "--data", str(own.data.parent / "other"), "--port", str(own.port))
    assert busy.returncode == 1
    assert f"Port {own.port}" in busy.stderr

    own.process.send_signal(signal.SIGKILL)
    own.process.wait()
    assert gone(pids.values()), "orphans"

    own._clients.clear()
    own.start()
    again = own.retail.get(f"/v1/orders/{order['id']}")
    assert (again["status"], again["fills"]) == (bought["status"], bought["fills"])
    code, text = own.check()
    assert code == 0, text
    pids = own.pids()
    assert own.stop() == 0, own.log_tail()
    assert gone(pids.values())
    assert {path.name for path in (own.data / "run").glob("*.pid")} == set()
    report = (own.data.parent / "demo.log").read_text()
    assert f"ready http://localhost:{own.port}" in report
    assert "stopped postgres (clean" in report


def test_commands_without_a_demo_use_servers_of_their_own(tmp_path):
    first = rivermouth("migrate", "--data", str(tmp_path / "data"))
    assert first.returncode == 0, first.stderr
    assert f"revision {migrate.head()}" in first.stdout
    assert rivermouth("check", "--data", str(tmp_path / "data")).returncode == 0
    assert not (tmp_path / "data" / "pg" / "postmaster.pid").exists()


@pytest.mark.parametrize("command", ["api", "engine", "worker", "beat", "check", "migrate"])
def test_every_process_refuses_a_superuser(command, bare_cluster, valkey_url, tmp_path):
    done = rivermouth(
        command,
        "--data",
        str(tmp_path),
        RIVERMOUTH_DATABASE_URL=bare_cluster.postgres.url("postgres", "postgres"),
        RIVERMOUTH_REDIS_URL=valkey_url,
        RIVERMOUTH_MODE="production",
    )
    assert done.returncode == 1
    assert "refuses to run as one" in done.stderr
    assert "Traceback" not in done.stderr


def test_demo_refuses_a_superuser_and_production(bare_cluster, tmp_path):
    url = bare_cluster.postgres.url("postgres", "postgres")
    done = rivermouth("demo", "--data", str(tmp_path), "--port", str(free_port()), RIVERMOUTH_DATABASE_URL=url)
    assert done.returncode == 1
    assert "refuses to run as one" in done.stderr
    done = rivermouth("demo", "--data", str(tmp_path), RIVERMOUTH_MODE="production")
    assert done.returncode == 1
    assert "sandbox" in done.stderr


def test_demo_on_a_database_of_somebody_else(tmp_path):
    """The address is an owner's that may create roles; the product makes its own, with passwords kept in private."""
    postgres = Postgres(tmp_path / "pg", socket_directory(tmp_path), tmp_path / "log", durable=False)
    postgres.start()
    stack = Stack(tmp_path / "data", env={"RIVERMOUTH_DATABASE_URL": postgres.url("landlord", "house")})
    try:
        with postgres.admin() as connection:
            connection.execute("CREATE ROLE landlord LOGIN CREATEROLE")
            connection.execute("CREATE DATABASE house OWNER landlord")
        for _start in range(2):
            stack.start()
            assert "postgres" not in stack.pids()
            assert stat.S_IMODE((stack.data / "passwords.json").stat().st_mode) == 0o600
            assert json.loads((stack.data / "run" / "urls.json").read_text())["app"].startswith(
                "postgresql+psycopg://rivermouth_app:"
            )
            assert stack.stop() == 0, stack.log_tail()
    finally:
        stack.end()
        postgres.stop(immediate=True)


def test_default_port_moves_on(tmp_path):
    from rivermouth import ports

    with ports.listen(None) as first, ports.listen(None) as second:
        assert second.getsockname()[1] > first.getsockname()[1] >= ports.DEFAULT
        with pytest.raises(ports.PortBusyError):
            ports.listen(first.getsockname()[1])


def test_port_taken_on_the_other_localhost_counts_as_busy():
    from rivermouth import ports

    with socket.socket(socket.AF_INET6) as other:
        other.bind(("::1", 0))
        other.listen()
        with pytest.raises(ports.PortBusyError):
            ports.listen(other.getsockname()[1])
