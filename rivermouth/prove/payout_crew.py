"""Workers of the payout as processes: started, killed at failpoints and at random moments, started again."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from uuid import UUID

from kernel import clock
from rivermouth.prove.kills import EARN_FAILPOINTS

AT_ONCE = 2
PLACES = tuple(place for place in EARN_FAILPOINTS if place.startswith("earn.payout."))  # nothing of this day is renewed
LIMIT_S = 3_600.0


@dataclass(frozen=True, slots=True)
class Done:
    """What one worker said when it had ended; its times are of a clock that all processes share."""

    paid: int
    refused: int
    began: float
    ended: float


@dataclass(slots=True)
class _Worker:
    process: subprocess.Popen[str]
    sign: Path
    failpoint: str | None
    kill_at: float | None = None


@dataclass(slots=True)
class Crew:
    """`change` breaks something in every worker; `killed` counts what they died of."""

    address: str
    tenant: UUID
    folder: Path
    batch: int | None = None
    change: str | None = None
    killed: Counter[str] = field(default_factory=Counter)
    trouble: list[str] = field(default_factory=list)
    _started: int = 0

    def pay(self, by: datetime, *, workers: int = 1) -> list[Done]:
        """Let so many work at once, undisturbed, until all have ended."""
        return [self._said(worker) for worker in [self._start(by) for _ in range(workers)]]

    def pay_through_kills(self, by: datetime, *, kills: int, batch_s: float, rng: random.Random) -> list[Done]:
        """Two at once; whoever dies is followed by another one, until nobody is to be killed any more and one came to its end.

        Every other one dies at a failpoint, the rest at a moment within the time of three batches.
        """
        done, crew, deadline = list[Done](), list[_Worker](), clock.monotonic() + LIMIT_S
        while clock.monotonic() < deadline:
            while len(crew) < AT_ONCE and not done:
                dying = self.killed.total() + len(crew) < kills
                crew.append(self._start(by, *self._death(rng) if dying else (None,)))
                crew[-1].kill_at = None if crew[-1].failpoint or not dying else 0.0
            if not crew:
                return done
            for worker in list(crew):
                if worker.process.poll() is None:
                    self._kill_in_time(worker, batch_s, rng)
                else:
                    crew.remove(worker)
                    done += self._ended(worker)
            time.sleep(0.01)
        raise AssertionError(f"{len(crew)} workers never came to an end")

    def _death(self, rng: random.Random) -> tuple[str | None]:
        """Both failpoints come first, so that a short day meets them too."""
        turn = self._started % (2 * AT_ONCE)
        if turn < len(PLACES):
            return (f"{PLACES[turn]}:{rng.randint(1, 3)}",)
        return (None,)

    def _start(self, by: datetime, failpoint: str | None = None) -> _Worker:
        self._started += 1
        home = self.folder / str(self._started)
        home.mkdir(parents=True)
        words = [sys.executable, "-m", "rivermouth.prove.payout_worker", self.address, str(self.tenant), by.isoformat()]
        words += [str(home / "began"), *(("--batch", str(self.batch)) if self.batch else ())]
        words += ["--change", self.change] if self.change else []
        env = os.environ | {
            "RIVERMOUTH_MODE": "sandbox", "RIVERMOUTH_DATA_DIR": str(home), "RIVERMOUTH_DATABASE_URL": self.address,
            "RIVERMOUTH_REDIS_URL": "redis://127.0.0.1:1/0",
        }  # fmt: skip
        if failpoint:
            env["RIVERMOUTH_FAILPOINT"] = failpoint
        process = subprocess.Popen(words, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        return _Worker(process, home / "began", failpoint)

    def _kill_in_time(self, worker: _Worker, batch_s: float, rng: random.Random) -> None:
        """A random moment counts from when it has begun: before that there is nothing to interrupt."""
        if worker.kill_at == 0.0 and worker.sign.exists():
            worker.kill_at = clock.monotonic() + rng.uniform(0, 3 * batch_s)
        elif worker.kill_at and clock.monotonic() >= worker.kill_at:
            worker.process.kill()
            worker.process.wait()

    def _ended(self, worker: _Worker) -> list[Done]:
        if worker.process.returncode != -signal.SIGKILL:
            return [self._said(worker)]
        worker.process.communicate()
        self.killed[worker.failpoint.partition(":")[0] if worker.failpoint else "a random moment"] += 1
        return []

    def _said(self, worker: _Worker) -> Done:
        out, err = worker.process.communicate(timeout=LIMIT_S)
        if worker.process.returncode != 0:
            self.trouble.append(f"a worker ended with {worker.process.returncode}: {err[-400:]}")
            now = clock.monotonic()
            return Done(0, 0, now, now)
        return Done(**json.loads(out.splitlines()[-1]))
