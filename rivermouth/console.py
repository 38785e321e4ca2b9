"""The console is built from the API's own document: this joins the two, since `consoles` lies below and may not know the application."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from consoles import build

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = (
    "kernel",
    "identity",
    "venues",
    "markets",
    "payments",
    "wallet_bridge",
    "broker",
    "lending",
    "earn",
    "notices",
    "rivermouth",
)


def document() -> dict[str, Any]:
    """The OpenAPI document with the sandbox's routes, which the sandbox panel needs."""
    from rivermouth import http  # noqa: PLC0415  only whoever builds loads the whole application

    before = os.environ.get("RIVERMOUTH_MODE")
    os.environ["RIVERMOUTH_MODE"] = "sandbox"
    try:
        return http.create_app().openapi()
    finally:
        if before is None:
            del os.environ["RIVERMOUTH_MODE"]
        else:
            os.environ["RIVERMOUTH_MODE"] = before


def backend() -> str:
    """A digest of everything the document could come from; reading all of it is a hundred times faster than making the document."""
    found = hashlib.sha256()
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            found.update(path.read_bytes())
    return found.hexdigest()


def ensure(say: Callable[[str], None]) -> bool:
    """Build the console if it is not up to date.

    Raises:
        consoles.build.BuildFailed: with the output of the step that failed.
    """
    return build.ensure(document=document, backend=backend, say=say)


def check(say: Callable[[str], None]) -> None:
    """Types, lint and unit tests of the console, and a build.

    Raises:
        consoles.build.BuildFailed: with the output of the step that failed.
    """
    build.check(document(), say=say)
    ensure(say)
