"""Processes that start at once: one that has imported everything forks each of them, and they are killed as any other.

    python -m rivermouth.prove.nursery MODULE...

An order is a line of JSON; the answer is the id of a process of its own, with its own environment and log, that runs what was named.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Self

from kernel import processes
from kernel.settings import settings

REPOSITORY = Path(__file__).resolve().parents[2]


class Nursery:
    """Whatever it bore dies with it."""

    def __init__(self, modules: Sequence[str], log: Path) -> None:
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "rivermouth.prove.nursery", *modules],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=output, text=True, cwd=REPOSITORY,
            )  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def bear(self, run: str, *, given: Mapping[str, Any], env: Mapping[str, str], log: Path, change: str | None) -> int:
        """A process that runs `module:function` with these arguments; `change`, for tests, is run before it."""
        orders, answers = self._process.stdin, self._process.stdout
        assert orders is not None
        assert answers is not None, "both are pipes"
        order = {"run": run, "given": dict(given), "env": dict(env), "log": str(log), "change": change}
        orders.write(json.dumps(order) + "\n")
        orders.flush()
        answer = answers.readline()
        if not answer:
            raise RuntimeError("the nursery has died")
        return int(answer)


def main(modules: Sequence[str]) -> None:
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what an import prints is no answer
    for name in modules:
        import_module(name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody has to fetch the dead
    for line in sys.stdin:
        print(_born(json.loads(line)), file=answers, flush=True)


def _born(order: Mapping[str, Any]) -> int:
    parent = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        processes.die_with(parent)
        _live(order)
        code = 0
    except BaseException:  # noqa: BLE001  nothing of the nursery goes on in here
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def _live(order: Mapping[str, Any]) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    nothing, log = (
        os.open(os.devnull, os.O_RDONLY),
        os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600),
    )
    for here, there in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(here, there)
    os.environ.clear()
    os.environ.update(order["env"])
    settings.cache_clear()  # an import may have read those of the nursery
    if order["change"]:
        _named(order["change"])()
    _named(order["run"])(**order["given"])


def _named(text: str) -> Any:
    module, _, name = text.partition(":")
    return getattr(import_module(module), name)


if __name__ == "__main__":
    main(sys.argv[1:])
