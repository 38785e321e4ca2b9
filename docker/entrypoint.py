"""Become the `rivermouth` command after reading secrets: `RIVERMOUTH_X_FILE` names a file whose text becomes `RIVERMOUTH_X`."""

import os
import sys
from pathlib import Path

for name in [name for name in os.environ if name.startswith("RIVERMOUTH_") and name.endswith("_FILE")]:
    os.environ[name.removesuffix("_FILE")] = Path(os.environ.pop(name)).read_text(encoding="utf-8").strip()
os.execv(sys.executable, [sys.executable, "-m", "rivermouth", *sys.argv[1:]])
