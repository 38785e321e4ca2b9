"""Debian's packages unpacked into a folder of ours, as any user can: nothing of the system changes."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

_PATIENCE_S = 300
_QUICK = ("-o", "Acquire::Retries=0", "-o", "Acquire::http::Timeout=10", "-o", "Acquire::https::Timeout=10")


class AptFailed(RuntimeError):
    """There is no apt-get here, or a step of it failed; the message carries its output."""


def run(*command: str, cwd: Path | None = None) -> str:
    """Raises: AptFailed."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(  # noqa: S603  our own arguments
            command, cwd=cwd, env=environment, capture_output=True, text=True, check=False, timeout=_PATIENCE_S
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise AptFailed(f"{command[0]}: {error}") from None
    if done.returncode != 0:
        raise AptFailed(f"{command[0]} failed: {(done.stderr or done.stdout)[-800:]}")
    return done.stdout


def unpack(names: Sequence[str], into: Path, say: Callable[[], None]) -> Path:
    """What these packages bring that the system has not: the folder in which they stand as in a system's root. Done once for a list.

    Args:
        say: is called before it takes time.

    Raises:
        AptFailed
    """
    tree, mark, wanted = into / "tree", into / "done", "\n".join(names)
    if mark.exists() and mark.read_text() == wanted:
        return tree
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        raise AptFailed("this is no Debian")
    say()
    state, debs = into / "apt", into / "debs"
    for folder in (state / "lists" / "partial", state / "cache" / "archives" / "partial", debs, tree):
        folder.mkdir(parents=True, exist_ok=True)
    options = (
        "-o", f"Dir::State::lists={state / 'lists'}", "-o", f"Dir::Cache={state / 'cache'}", "-o", "Debug::NoLocking=1", *_QUICK,
    )  # fmt: skip
    run("apt-get", *options, "-qq", "update")
    plan = run("apt-get", *options, "-s", "--no-install-recommends", "install", *names)
    missing = re.findall(r"^Inst (\S+)", plan, re.MULTILINE)
    if missing:
        run("apt-get", *options, "-qq", "download", *missing, cwd=debs)
    for deb in sorted(debs.glob("*.deb")):
        run("dpkg-deb", "-x", str(deb), str(tree))
    mark.write_text(wanted)
    return tree


def libraries(tree: Path) -> str:
    """As LD_LIBRARY_PATH wants it; some packages keep theirs in folders of their own."""
    return os.pathsep.join(str(folder) for folder in sorted({path.parent for path in tree.rglob("*.so*")}))
