"""Playing a price path in lock-step: the next point goes out after composite, book and watchers are through with the last."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from kernel import db, schedules
from kernel.errors import NotFound
from kernel.ids import uuid7
from kernel.money import canonical
from kernel.settings import settings
from rivermouth.sandbox.control import Engine, Simulator
from rivermouth.sandbox.schemas import Point
from venues.simulator import recording


class Play:
    """A running or finished play; `played` of `total` points are through."""

    def __init__(self, total: int | None) -> None:
        self.id = uuid7()
        self.played, self.total = 0, total
        self.error: str | None = None
        self.composite: Any = None
        self.task: asyncio.Task[None] | None = None

    @property
    def state(self) -> str:
        if self.error is not None:
            return "failed"
        return "done" if self.task is not None and self.task.done() else "playing"

    def summary(self) -> dict[str, Any]:
        return {
            "id": str(self.id),
            "state": self.state,
            "played": self.played,
            "total": self.total,
            "error": self.error,
            "composite": self.composite,
        }


class Player:
    """Plays paths; one at a time per symbol is the caller's business."""

    def __init__(self, simulator: Simulator, engine: Engine) -> None:
        self._simulator, self._engine = simulator, engine
        self._plays: dict[UUID, Play] = {}

    def get(self, play_id: UUID) -> Play:
        if play_id not in self._plays:
            raise NotFound
        return self._plays[play_id]

    def start(self, symbol: str, points: Iterable[Point], *, total: int | None) -> Play:
        play = Play(total)
        self._plays[play.id] = play
        play.task = asyncio.create_task(self._run(play, symbol, points))
        return play

    async def _run(self, play: Play, symbol: str, points: Iterable[Point]) -> None:
        try:
            for point in points:
                if point.after:
                    await advance(point.after)
                reply = await self.show(
                    symbol, {"symbol": symbol, "price": canonical(point.price)}, path="/control/play-point"
                )
                play.composite = reply["composite"]
                play.played += 1
        except Exception as error:  # noqa: BLE001  the play's own record says what stopped it
            play.error = str(error) or repr(error)

    async def show(
        self, symbol: str, body: dict[str, Any], *, path: str = "/control/prices", clear: bool = False
    ) -> dict[str, Any]:
        """Set a price at the simulator and wait until the engine has it."""
        shown = await self._simulator.call("POST", path, body)
        mids = {venue: str(row["mid"]) for venue, row in shown["venues"].items() if row.get("shown", True)}
        reply = await self._engine.ask(
            "settle", symbol=symbol, mids=mids, clear=clear, drain_s=15.0 if not clear else 3.0
        )
        return {**reply, "venues": shown["venues"]}


async def advance(by: timedelta) -> UUID:
    """Advance business time and wait until what fell due has run."""
    advance_id = await asyncio.to_thread(db.retrying, lambda: schedules.request_advance(by))
    while await asyncio.to_thread(db.retrying, lambda: schedules.advance_state(advance_id)) != "done":  # noqa: ASYNC110
        await asyncio.sleep(0.003)
    return advance_id


def recording_file(name: str) -> Path:
    """The recording by its name from `RIVERMOUTH_RECORDINGS`, else one made by the seeded generator in the data directory."""
    folder = settings().recordings
    if folder is not None and (folder / name).is_file():
        return folder / name
    if name != recording.FILE_NAME:
        raise NotFound(f"there is no recording {name}")
    return recording.find(None, settings().data_dir / "recordings")


def recording_points(name: str, *, bars: str, rows: int | None) -> tuple[Iterable[Point], int]:
    """The bars as points one minute apart; `ohlc` plays open, the nearer extreme, the other extreme, close."""
    bars_read = list(recording.read(recording_file(name)))[:rows]
    if bars == "close":
        return (Point(price=bar.close, after=timedelta(minutes=1)) for bar in bars_read), len(bars_read)
    return (point for bar in bars_read for point in _inside(bar)), 4 * len(bars_read)


def _inside(bar: Any) -> list[Point]:
    rising = bar.close >= bar.open
    first, second = (bar.low, bar.high) if rising else (bar.high, bar.low)
    prices = [bar.open, first, second, bar.close]
    return [
        Point(price=price, after=timedelta(minutes=1) if i == 0 else timedelta(0)) for i, price in enumerate(prices)
    ]
