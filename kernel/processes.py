"""Child processes that cannot outlive their parent.

The operating system is asked to signal a child when its parent dies, so that even `kill -9` of the parent leaves
nothing behind; a pid file beside it finds what is left where no such request exists.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

NOBODY = 65534
_CLONE_NEWUSER = 0x10000000
_PR_SET_PDEATHSIG = 1
_LOST_PARENT = 113

_libc = ctypes.CDLL(None, use_errno=True) if sys.platform.startswith("linux") else None

Process = subprocess.Popen[bytes]


def spawn(
    argv: Sequence[str | Path],
    *,
    log: Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    pass_fds: Sequence[int] = (),
    death_signal: signal.Signals = signal.SIGKILL,
    disguise_root: bool = False,
    drop_to_nobody: bool = False,
) -> Process:
    """Start a direct child in a session of its own, with its output appended to `log`.

    Call it from the main thread only: the death signal is bound to the thread that spawns.
    `disguise_root` gives the child user id 65534 in a user namespace while its files stay root's.
    """
    with log.open("ab") as output:
        return subprocess.Popen(  # noqa: S603
            [str(part) for part in argv],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=None if env is None else dict(env),
            cwd=cwd,
            pass_fds=tuple(pass_fds),
            start_new_session=True,
            user=NOBODY if drop_to_nobody else None,
            group=NOBODY if drop_to_nobody else None,
            extra_groups=[] if drop_to_nobody else None,
            preexec_fn=_before_exec(os.getpid(), death_signal, disguise_root=disguise_root),  # noqa: PLW1509
        )


def _before_exec(parent: int, death_signal: signal.Signals, *, disguise_root: bool) -> Callable[[], None]:
    def prepare() -> None:
        if _libc is None:
            return
        if disguise_root:
            if _libc.unshare(_CLONE_NEWUSER) != 0:
                raise OSError(ctypes.get_errno(), "user namespaces are not permitted")
            _write_map("setgroups", "deny")
            _write_map("uid_map", f"{NOBODY} 0 1")
            _write_map("gid_map", f"{NOBODY} 0 1")
        die_with(parent, death_signal)  # last: a change of credentials clears the request

    return prepare


def die_with(parent: int, death_signal: signal.Signals = signal.SIGKILL) -> None:
    """A fresh child asks to be signalled when its parent dies; a parent that died meanwhile never signals."""
    if _libc is None:
        return
    _libc.prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
    if os.getppid() != parent:
        os._exit(_LOST_PARENT)


def _write_map(name: str, text: str) -> None:
    descriptor = os.open(f"/proc/self/{name}", os.O_WRONLY)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)


def stop(process: Process, *, sig: signal.Signals, grace_s: float) -> int:
    """Ask a child to end; after the grace kill its whole group. Returns the exit code."""
    if process.poll() is None:
        process.send_signal(sig)
        try:
            process.wait(grace_s)
        except subprocess.TimeoutExpired:
            kill_group(process.pid)
    return process.wait()


def kill_group(pid: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def started_at(pid: int) -> str | None:
    """What tells two processes with the same id apart: the start time in clock ticks; None for no process."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] == "Z" else fields[19]


def working_in(directory: Path) -> list[int]:
    """Processes whose working directory this is, as far as we may see them; none where there is no /proc."""
    wanted, found = str(directory.resolve()), []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if str((entry / "cwd").readlink()) == wanted:
                found.append(int(entry.name))
    return found


def write_pid_file(path: Path, pid: int) -> None:
    path.write_text(f"{pid} {started_at(pid) or '-'}\n")


def stale_process(path: Path) -> int | None:
    """The process a pid file names, if that very process still runs."""
    try:
        pid_text, _, stamp = path.read_text().strip().partition(" ")
    except OSError:
        return None
    if not pid_text.isdigit() or stamp in {"", "-"} or started_at(int(pid_text)) != stamp:
        return None
    return int(pid_text)


def end_stale_process(path: Path, *, sig: signal.Signals, grace_s: float) -> int | None:
    """End what an earlier run left behind. Returns the process id when there was one."""
    pid = stale_process(path)
    if pid is not None:
        with suppress(ProcessLookupError):
            os.kill(pid, sig)
        deadline = time.monotonic() + grace_s
        while stale_process(path) is not None and time.monotonic() < deadline:
            time.sleep(0.05)
        if stale_process(path) is not None:
            kill_group(pid)
            while stale_process(path) is not None and time.monotonic() < deadline + 5:
                time.sleep(0.05)
    path.unlink(missing_ok=True)
    return pid
