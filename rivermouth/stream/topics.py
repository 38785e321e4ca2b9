"""Channels of prices: written once per process, handed to everybody who listens."""

from __future__ import annotations

from collections.abc import Callable

from rivermouth.stream.sending import Outgoing

Frame = Callable[[str, int, str, str], str]
"""(channel, number, type, body) → what goes out."""


def envelope(channel: str, seq: int, kind: str, body: str) -> str:
    """The frame of our own stream; body and channel are JSON and a plain name already."""
    return f'{{"channel":"{channel}","seq":{seq},"type":"{kind}","data":{body}}}'


class Topic:
    """One channel of this process. `kept`: how many frames wait for a slow reader; 1 for states, more for lists of trades."""

    def __init__(self, name: str, *, kept: int = 1, frame: Frame = envelope) -> None:
        self.name = name
        self.kept = kept
        self.seq = 0
        self.body: str | None = None
        self.readers: set[Outgoing] = set()
        self._held: dict[Outgoing, list[str]] = {}
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

    def hold(self, reader: Outgoing) -> None:
        """Keep what is published until the reader's snapshot has been read."""
        self.readers.add(reader)
        self._held[reader] = []

    def release(self, reader: Outgoing) -> None:
        """Drop what was held: the snapshot that comes has it all."""
        self._held[reader] = []

    def join(self, reader: Outgoing, snapshot: str | None) -> None:
        """Start with a snapshot, if there is one; what was held and what is published from now on follows."""
        self.readers.add(reader)
        held = self._held.pop(reader, [])
        if snapshot is not None:
            frame = self._frame(self.name, self.seq - len(held), "snapshot", snapshot)
            reader.price(self.name, frame, kept=self.kept)
        for frame in held:
            reader.price(self.name, frame, kept=self.kept)

    def leave(self, reader: Outgoing) -> None:
        self.readers.discard(reader)
        self._held.pop(reader, None)
        reader.forget(self.name)
