"""`./run test`: lint, types, floors and every test once. Flags that are not ours go to pytest; a path among them leaves out the checks.

Exit codes: 0 all is well · 1 something failed · 3 nothing failed, but a test was NOT RUN because this machine lacks a tool.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tools import system_packages

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
CHECKS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("lint", ("ruff", "check", "--quiet", ".")),
    ("format", ("ruff", "format", "--quiet", "--check", ".")),
    ("types", ("mypy", "--no-error-summary")),
    ("floors", ("lint-imports", "--no-cache")),
    ("sizes", ("python", "-m", "tools.tidy")),
    ("compose", ("check-jsonschema", "--builtin-schema", "vendor.compose-spec", "docker/compose.yml")),
    ("console", ("rivermouth", "console", "--check")),
    ("dockerfile", ("hadolint", "docker/Dockerfile")),
)


def check(name: str, command: tuple[str, ...]) -> bool:
    began = time.monotonic()
    done = subprocess.run([str(BIN / command[0]), *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False)
    print(f"{name:12} {'ok' if done.returncode == 0 else 'FAILED'}  {time.monotonic() - began:.1f} s", flush=True)
    if done.returncode != 0:
        print((done.stdout + done.stderr)[-6000:], flush=True)
    return done.returncode == 0


def main(arguments: list[str]) -> int:
    os.chdir(ROOT)
    chosen = any(not argument.startswith("-") for argument in arguments)
    failed = [] if chosen else [name for name, command in CHECKS if not check(name, command)]
    workers = [] if any(a.startswith("-n") for a in arguments) else ["-n", "2", "--dist", "loadgroup"]
    environment = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith("RIVERMOUTH_")
        or key == "RIVERMOUTH_RECORDINGS"
        or key.startswith((system_packages.CHROMIUM, system_packages.LITECOIND))
    }
    environment |= system_packages.ensure()
    with tempfile.TemporaryDirectory() as folder:
        not_run = Path(folder) / "not-run"
        environment[system_packages.NOT_RUN] = str(not_run)
        tests = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", *workers, *arguments], cwd=ROOT, env=environment, check=False
        )
        missing = not_run.read_text().splitlines() if not_run.exists() else []
    if failed:
        print(f"failed before the tests: {', '.join(failed)}", flush=True)
    for line in missing:
        print(f"NOT RUN  {line}", flush=True)
    if failed or tests.returncode != 0:
        return 1
    return 3 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
