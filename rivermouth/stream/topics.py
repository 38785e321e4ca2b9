"""Channels of prices: written once per process, handed to everybody who listens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

Frame = Callable[[str, int, str, str], str]
"""(channel, number, type, body) → what goes out."""


class Reader(Protocol):
    """Who a topic hands its frames to."""

    def price(self, channel: str, frame: str, *, kept: int = 1) -> None: ...

    def forget(self, channel: str) -> None: ...


def envelope(channel: str, seq: int, kind: str, body: str) -> str:
    """The frame of our own stream; body and channel are JSON and a plain name already."""
    return f'{{"channel":"{channel}","seq":{seq},"type":"{kind}","data":{body}}}'


R = TypeVar("R", bound=Reader)


class Topic(Generic[R]):
    """One channel of this process. `kept`: how many frames wait for a slow reader; 1 for states, more for lists of trades."""

    def __init__(self, name: str, *, kept: int = 1, frame: Frame = envelope) -> None:
        self.name = name
        self.kept = kept
        self.seq = 0
        self.body: str | None = None
        self.readers: set[R] = set()
        self._held: dict[R, list[str]] = {}
        self._frame = frame

    def publish(self, body: str) -> None:
        """Number it, write it once, and let it wait with each reader."""
        kind = "snapshot" if self.body is None and self.kept == 1 else "update"
        self.seq += 1
        self.body = body
        if not self.readers:
            return
        frame = self._frame(self.name, self.seq, kind, body)
        for reader in self.readers:
            held = self._held.get(reader)
            if held is None:
                reader.price(self.name, frame, kept=self.kept)
            else:
                held.append(frame)

    def hold(self, reader: R) -> None:
        """Keep what is published until the reader's snapshot has been read."""
        self.readers.add(reader)
        self._held[reader] = []

    def release(self, reader: R) -> None:
        """Drop what was held: the snapshot that comes has it all."""
        self._held[reader] = []

    def join(self, reader: R, snapshot: str | None) -> None:
        """Start with a snapshot, if there is one; what was held and what is published from now on follows."""
        self.readers.add(reader)
        held = self._held.pop(reader, [])
        if snapshot is not None:
            frame = self._frame(self.name, self.seq - len(held), "snapshot", snapshot)
            reader.price(self.name, frame, kept=self.kept)
        for frame in held:
            reader.price(self.name, frame, kept=self.kept)

    def leave(self, reader: R) -> None:
        self.readers.discard(reader)
        self._held.pop(reader, None)
        reader.forget(self.name)
