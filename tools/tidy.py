"""House rules that the linter does not know: sizes, names, docstrings of modules, no registry host, one place that asks for the time."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILE_LINES, FUNCTION_LINES = 500, 70
BANNED_NAMES = {"utils", "helpers", "constants", "manager", "base", "common", "misc"}
HOSTS = re.compile(
    "|".join(
        ("py" + r"pi\.org", "files" + r"\.pythonhosted\.org", "registry" + r"\.npmjs\.org", "deb" + r"\.debian\.org")
    )
)
# Where wall time may be asked for: the clock itself, and ids, whose time is an ordering and nothing else.
CLOCKS = {"kernel/clock.py", "kernel/ids.py"}


def tracked() -> list[Path]:
    done = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [path for line in done.stdout.splitlines() if (path := ROOT / line).is_file()]


def findings() -> list[str]:
    """Every breach as `file:line what`, empty when all is well."""
    found = []
    for path in tracked():
        name = path.relative_to(ROOT).as_posix()
        text = path.read_text(errors="replace")
        if HOSTS.search(text):
            found.append(f"{name} names a registry host")
        if path.suffix == ".py":
            found += python_findings(name, path, text)
    return found


def python_findings(name: str, path: Path, text: str) -> list[str]:
    tree = ast.parse(text)
    product = not name.startswith(("tests/", "migrations/", "tools/", "bench/"))
    found = []
    if text.count("\n") > FILE_LINES:
        found.append(f"{name} has {text.count(chr(10))} lines, {FILE_LINES} fit")
    if product and path.stem in BANNED_NAMES:
        found.append(f"{name}: a drawer; name it for what it does")
    if product and text.strip() and ast.get_docstring(tree) is None:
        found.append(f"{name} opens without its one idea")
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES:
                found.append(f"{name}:{node.lineno} {node.name} has {length} lines, {FUNCTION_LINES} fit")
        if product and name not in CLOCKS and _asks_the_time(node):
            found.append(f"{name}:{node.lineno} asks for the time; kernel.clock does that")  # type: ignore[attr-defined]
    return found


def _asks_the_time(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    owner = node.func.value.attr if isinstance(node.func.value, ast.Attribute) else getattr(node.func.value, "id", "")
    return (owner, node.func.attr) in {("datetime", "now"), ("datetime", "utcnow"), ("date", "today"), ("time", "time")}


def main() -> int:
    found = findings()
    print("\n".join(found) if found else "tidy")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
