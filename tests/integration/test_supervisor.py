"""The supervisor: order, restarts, giving up, and a stop that no moment of a signal can prevent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from kernel import processes
from rivermouth.supervisor import Child, ChildFailedError, Supervisor

STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
)


@pytest.fixture
def said():
    return []


@pytest.fixture
def supervisor(tmp_path, said):
    made = Supervisor(run=tmp_path, say=said.append)
    yield made
    made.stop()


def child(folder, name, *command, ready=lambda: True, **more):
    log = folder / f"{name}.log"
    return Child(name=name, log=log, spawn=lambda: processes.spawn(command, log=log), ready=ready, **more)


def watch_until(supervisor, condition, timeout_s=10):
    deadline = time.monotonic() + timeout_s
    while not condition():
        supervisor.revive()
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def test_children_stop_in_reverse_order_and_leave_no_pid_file(supervisor, said, tmp_path):
    supervisor.start(*(child(tmp_path, name, "sleep", "600") for name in ("first", "second", "third")))
    assert {path.stem for path in tmp_path.glob("*.pid")} == {"first", "second", "third"}
    assert supervisor.stop()
    assert [line.split()[1] for line in said] == ["third", "second", "first"]
    assert list(tmp_path.glob("*.pid")) == []


def test_child_that_is_killed_comes_back_each_time(supervisor, tmp_path):
    one = child(tmp_path, "one", "sleep", "600")
    supervisor.start(one)
    for _ in range(8):
        pid = one.process.pid
        one.process.kill()
        watch_until(supervisor, lambda pid=pid: one.process.poll() is None and one.process.pid != pid)
        assert processes.stale_process(tmp_path / "one.pid") == one.process.pid


def test_child_that_ends_by_itself_is_given_up_after_the_sixth_death(supervisor, said, tmp_path):
    supervisor.spawn(child(tmp_path, "sick", sys.executable, "-c", "raise SystemExit('no luck')"))
    with pytest.raises(ChildFailedError, match=r"sick died 6 times in a row(?s:.*)no luck"):
        watch_until(supervisor, lambda: False, timeout_s=30)
    pauses = [float(line.split()[-2]) for line in said]
    assert pauses == [0.1, 0.2, 0.4, 0.8, 1.6]


def test_start_tells_why_a_child_ended(supervisor, tmp_path):
    with pytest.raises(ChildFailedError, match="cannot begin"):
        supervisor.start(
            child(tmp_path, "poor", sys.executable, "-c", "raise SystemExit('cannot begin')", ready=lambda: False)
        )


def test_child_that_ignores_the_request_is_killed_after_its_grace(supervisor, tmp_path):
    log = tmp_path / "deaf.log"
    deaf = child(
        tmp_path,
        "deaf",
        sys.executable,
        "-c",
        STUBBORN,
        grace_s=0.3,
        ready=lambda: log.exists() and "up" in log.read_text(),
    )
    supervisor.start(deaf)
    assert supervisor.stop() is False
    assert deaf.process.returncode == -signal.SIGKILL


def test_leftovers_of_an_earlier_run_are_ended(supervisor, said, tmp_path):
    left = subprocess.Popen(["sleep", "600"], start_new_session=True)
    processes.write_pid_file(tmp_path / "api.pid", left.pid)
    try:
        # Reaped in a thread of the test, as init would do for a real orphan.
        import threading

        threading.Thread(target=left.wait, daemon=True).start()
        supervisor.end_leftovers({})
    finally:
        left.kill()
    assert left.wait() == -signal.SIGTERM
    assert said == [f"ended api (process {left.pid}), left behind by an earlier run"]


PROGRAM = """
import sys
from pathlib import Path
from kernel import processes
from rivermouth.supervisor import Child, Supervisor
folder = Path(sys.argv[1])
supervisor = Supervisor(run=folder, say=print)
supervisor.install_signals()
log = folder / "log"
supervisor.start(Child(name="one", log=log, spawn=lambda: processes.spawn(["sleep", "600"], log=log), ready=lambda: True))
print("up", flush=True)
supervisor.watch()
sys.exit(0 if supervisor.stop() else 1)
"""


def test_a_storm_of_children_signals_does_not_swallow_the_request_to_stop(tmp_path):
    # An earlier form set a threading.Event inside the handler and could wait for a lock that it held itself.
    running = subprocess.Popen([sys.executable, "-c", PROGRAM, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert running.stdout.readline() == "up\n"
    end = time.monotonic() + 3
    while time.monotonic() < end:
        os.kill(running.pid, signal.SIGCHLD)
        time.sleep(0.0001)
    os.kill(running.pid, signal.SIGTERM)
    assert running.wait(20) == 0
