"""One tree of processes: start in order, restart what dies, stop in reverse, leave nothing behind.

Every process is a direct child in a session of its own, so that the terminal's Ctrl-C reaches only the supervisor and
the supervisor decides the order. The first signal stops in order, the second at once.
"""

from __future__ import annotations

import select
import signal
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from kernel import processes
from kernel.embedded import tail

PROBE_TIMEOUT_S = 180.0  # a process that lives is only slow: ten times slower than usual was seen on a shared machine
_PATIENCE_S = 20.0
_BACK_OFF_S = 0.1
_LONGEST_BACK_OFF_S = 5.0
_DEATHS_ALLOWED = 5
_STEADY_AFTER_S = 5.0
_POLL_S = 0.05
_CLEAN = (0, -signal.SIGTERM, -signal.SIGINT)  # some servers raise the signal again after a clean stop


class ChildFailedError(Exception):
    """A child did not come up, or died too often; the message ends with its last log lines."""


class StopRequestedError(Exception):
    """A signal asked the tree to stop while it was still starting."""


@dataclass(slots=True, kw_only=True)
class Child:
    """One process of the tree: how to start it, how to know it works, how to end it."""

    name: str
    log: Path
    spawn: Callable[[], processes.Process]
    ready: Callable[[], bool]
    prepare: Callable[[], None] = lambda: None
    stop_signal: signal.Signals = signal.SIGTERM
    force_signal: signal.Signals = signal.SIGKILL
    grace_s: float = 30.0
    process: processes.Process | None = None
    started_at: float = 0.0
    restart_at: float | None = None
    deaths: int = 0


@dataclass(slots=True)
class Supervisor:
    """Children in the order they were started; `run` keeps a pid file for each, for the next start to find."""

    run: Path
    say: Callable[[str], None]
    children: list[Child] = field(default_factory=list)
    _signals: int = 0
    _woken_by: socket.socket = field(init=False)
    _woken: socket.socket = field(init=False)

    def __post_init__(self) -> None:
        self._woken, self._woken_by = socket.socketpair()
        self._woken.setblocking(False)
        self._woken_by.setblocking(False)

    def install_signals(self) -> None:
        # Explicitly: a background job of a script is born with SIGINT ignored.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        signal.set_wakeup_fd(self._woken_by.fileno())

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._signals += 1

    def _pause(self, seconds: float) -> None:
        """Sleep until a signal arrives. A handler may touch no lock, so the signal comes as a byte, not as an event."""
        if select.select([self._woken], [], [], seconds)[0]:
            with suppress(BlockingIOError):
                self._woken.recv(4096)

    @property
    def stopping(self) -> bool:
        return self._signals > 0

    def end_leftovers(self, signals: dict[str, signal.Signals]) -> None:
        """End what an earlier run, killed without mercy, left running."""
        for pid_file in sorted(self.run.glob("*.pid")):
            sig = signals.get(pid_file.stem, signal.SIGTERM)
            pid = processes.end_stale_process(pid_file, sig=sig, grace_s=20)
            if pid is not None:
                self.say(f"ended {pid_file.stem} (process {pid}), left behind by an earlier run")

    def spawn(self, *children: Child) -> None:
        for child in children:
            child.prepare()
            self.children.append(child)
            self._spawn(child)

    def start(self, *children: Child) -> None:
        """Spawn all, then wait until each answers."""
        self.spawn(*children)
        for child in children:
            self.wait_ready(child)

    def _spawn(self, child: Child) -> None:
        child.process = child.spawn()
        child.started_at = time.monotonic()
        child.restart_at = None
        processes.write_pid_file(self._pid_file(child), child.process.pid)

    def wait_ready(self, child: Child) -> None:
        began, told = time.monotonic(), False
        while not child.ready():
            if self.stopping:
                raise StopRequestedError
            if child.process is None or child.process.poll() is not None:
                raise ChildFailedError(f"{child.name} ended while starting; its log says:\n{tail(child.log)}")
            waited = time.monotonic() - began
            if waited > PROBE_TIMEOUT_S:
                raise ChildFailedError(f"{child.name} does not answer; its log says:\n{tail(child.log)}")
            if waited > _PATIENCE_S and not told:
                self.say(f"{child.name} takes long to start; waiting up to {PROBE_TIMEOUT_S:.0f} s …")
                told = True
            self._pause(_POLL_S)

    def wait_for(self, condition: Callable[[], bool], *, what: str, timeout_s: float, blame: Child) -> None:
        """Wait for something the whole tree brings about, restarting what dies meanwhile."""
        deadline = time.monotonic() + timeout_s
        while not condition():
            if self.stopping:
                raise StopRequestedError
            self.revive()
            if time.monotonic() > deadline:
                raise ChildFailedError(
                    f"{what} took more than {timeout_s:.0f} s; {blame.name} says:\n{tail(blame.log)}"
                )
            self._pause(0.1)

    def watch(self) -> None:
        """Until a signal comes: restart what dies, with growing pauses."""
        while not self.stopping:
            self.revive()
            self._pause(_POLL_S if any(child.restart_at for child in self.children) else 0.5)

    def revive(self) -> None:
        for child in self.children:
            if child.restart_at is not None:
                if time.monotonic() >= child.restart_at:
                    child.prepare()
                    self._spawn(child)
            elif child.process is not None and child.process.poll() is not None:
                self._count_death(child, child.process)

    def _count_death(self, child: Child, process: processes.Process) -> None:
        processes.kill_group(process.pid)
        self._pid_file(child).unlink(missing_ok=True)
        if time.monotonic() - child.started_at > _STEADY_AFTER_S or process.returncode == -signal.SIGKILL:
            child.deaths = 0  # a kill from outside says nothing about the program
        child.deaths += 1
        if child.deaths > _DEATHS_ALLOWED:
            raise ChildFailedError(f"{child.name} died {child.deaths} times in a row; its log says:\n{tail(child.log)}")
        pause = min(_BACK_OFF_S * 2 ** (child.deaths - 1), _LONGEST_BACK_OFF_S)
        child.restart_at = time.monotonic() + pause
        self.say(f"{child.name} ended ({_describe(process.returncode)}), starting it again in {pause:.1f} s")

    def stop(self) -> bool:
        """End all in reverse order, saying how each ended; True when every one ended cleanly."""
        clean = True
        for child in reversed(self.children):
            if child.process is not None:
                clean &= self._stop(child, child.process)
            self._pid_file(child).unlink(missing_ok=True)
        self.children.clear()
        return clean

    def _stop(self, child: Child, process: processes.Process) -> bool:
        began = time.monotonic()
        if process.poll() is None:
            process.send_signal(child.force_signal if self._forced else child.stop_signal)
        while process.poll() is None and not self._forced and time.monotonic() < began + child.grace_s:
            self._pause(_POLL_S)
        if process.poll() is None:
            self._force(child, process)
        code = process.wait()
        self.say(f"stopped {child.name} ({_describe(code)}, {time.monotonic() - began:.1f} s)")
        return code in _CLEAN

    def _force(self, child: Child, process: processes.Process) -> None:
        process.send_signal(child.force_signal)
        if child.force_signal is not signal.SIGKILL:
            deadline = time.monotonic() + 5
            while process.poll() is None and time.monotonic() < deadline:
                time.sleep(_POLL_S)
        processes.kill_group(process.pid)

    @property
    def _forced(self) -> bool:
        return self._signals > 1

    def _pid_file(self, child: Child) -> Path:
        return self.run / f"{child.name}.pid"


def _describe(code: int) -> str:
    if code in _CLEAN:
        return "clean"
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
