"""How a process without an HTTP address tells its supervisor that it works: it touches the file it was given."""

from __future__ import annotations

import os
from pathlib import Path

VARIABLE = "RIVERMOUTH_READY_FILE"


def announce() -> None:
    name = os.environ.get(VARIABLE)
    if name:
        Path(name).touch()
