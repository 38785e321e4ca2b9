"""Named places where a test may kill the process: around every commit and every call to the outside.

`RIVERMOUTH_FAILPOINT=name:n` makes the n-th pass through `hit("name")` a SIGKILL of the own process, once per data directory: the
restarted process goes on. Outside a sandbox the setting is ignored.
"""

from __future__ import annotations

import os
import signal
from collections import Counter

from kernel.settings import settings

NAMES: set[str] = set()
_passes: Counter[str] = Counter()


def declare(*names: str) -> None:
    """Make the names known, so that the crash suite can list them."""
    NAMES.update(names)


def hit(name: str) -> None:
    wanted = settings().failpoint
    if wanted is None or not settings().sandbox:
        return
    target, _, count = wanted.partition(":")
    if target != name:
        return
    _passes[name] += 1
    if _passes[name] < int(count or 1):
        return
    marker = settings().data_dir / f"failpoint-{name}.done"
    try:
        marker.touch(exist_ok=False)
    except FileExistsError:
        return
    os.kill(os.getpid(), signal.SIGKILL)
