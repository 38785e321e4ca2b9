"""The custodian and the bridge as processes that are killed: at a named place each, or at a random moment, and started again at once."""

from __future__ import annotations

import os
import random
import signal
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kernel import clock, processes
from rivermouth.prove.nursery import Nursery

RANDOM = "a random moment"
PATIENCE_S = 12.0
"""So long one waits until a place is reached; then the process dies wherever it is, and the place comes up again."""
TRIES = 4


@dataclass(slots=True)
class Program:
    """`up`: whether it works, by its own folder. At a random moment it dies within `window_s` from then on. `deaths`: what is to come."""

    name: str
    run: str
    given: Mapping[str, Any]
    env: Mapping[str, str]
    window_s: float
    up: Callable[[Path], bool]
    deaths: deque[str]
    change: str | None = None
    killed: Counter[str] = field(default_factory=Counter)
    trouble: list[str] = field(default_factory=list)
    _life: _Life | None = None
    _missed: Counter[str] = field(default_factory=Counter)
    _lives: int = 0

    def step(self, nursery: Nursery, folder: Path, rng: random.Random) -> None:
        """Once every few milliseconds."""
        if self._life is None:
            self._life = self._start(nursery, folder)
        elif not self._life.lives():
            self._died(self._life)
            self._life = None
        elif self._life.death is not None:
            self._bring_about(self._life, rng)

    def _start(self, nursery: Nursery, folder: Path) -> _Life:
        self._lives += 1
        home = folder / f"{self.name}-{self._lives}"
        home.mkdir()
        death = self.deaths.popleft() if self.deaths else None
        env = {**self.env, "RIVERMOUTH_DATA_DIR": str(home), "RIVERMOUTH_READY_FILE": str(home / "ready")}
        if death not in {None, RANDOM}:
            env["RIVERMOUTH_FAILPOINT"] = str(death)
        log = folder / f"{self.name}.log"
        pid = nursery.bear(self.run, given=self.given, env=env, log=log, change=self.change)
        return _Life(pid, processes.started_at(pid), home, death, began=clock.monotonic())

    def _bring_about(self, life: _Life, rng: random.Random) -> None:
        now = clock.monotonic()
        if life.kill_at is None and self.up(life.home):
            life.kill_at = now + (rng.uniform(0, self.window_s) if life.death == RANDOM else PATIENCE_S)
        if (life.kill_at is not None and now >= life.kill_at) or now - life.began > 5 * PATIENCE_S:
            life.ours = True
            os.kill(life.pid, signal.SIGKILL)

    def _died(self, life: _Life) -> None:
        place = (life.death or "").partition(":")[0]
        if (life.home / f"failpoint-{place}.done").exists():
            self.killed[place] += 1
        elif not life.ours:
            self.trouble.append(f"the {self.name} ended by itself")
        else:
            self.killed[RANDOM] += 1
            if life.death != RANDOM:
                self._missed[place] += 1
                if self._missed[place] < TRIES:
                    self.deaths.append(place)

    def end(self) -> None:
        if self._life is not None and self._life.lives():
            os.kill(self._life.pid, signal.SIGKILL)


@dataclass(slots=True)
class _Life:
    pid: int
    stamp: str | None
    home: Path
    death: str | None
    began: float
    kill_at: float | None = None
    ours: bool = False

    def lives(self) -> bool:
        return self.stamp is not None and processes.started_at(self.pid) == self.stamp
