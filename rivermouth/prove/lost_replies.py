"""A server in the middle that passes every request on and swallows some of the answers: who asked sees a connection that ends."""

from __future__ import annotations

import asyncio
import random
import re
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Self

from rivermouth import ports

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)
Label = Callable[[bytes], str]
"""What a request is, by its bytes."""


@dataclass(slots=True)
class LostReplies:
    """Before the server at `upstream` on 127.0.0.1. `chances`: how many answers of a kind are lost, `""` of all other kinds."""

    upstream: int
    label: Label
    chances: Mapping[str, float]
    rng: random.Random
    port: int = field(default_factory=ports.free)
    calm: bool = False
    lost: Counter[str] = field(default_factory=Counter)
    passed: int = 0
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    _thread: threading.Thread | None = None
    _talks: set[asyncio.Task[None]] = field(default_factory=set)

    def __enter__(self) -> Self:
        self._loop.run_until_complete(asyncio.start_server(self._connected, "127.0.0.1", self.port))
        self._thread = threading.Thread(target=self._loop.run_forever, name="lost-replies", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        if self._thread is not None:
            self._thread.join(10)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """A talk whose two ends are dead is nobody's but ours: it must end and not be forgotten."""
        talk = self._loop.create_task(self._serve(reader, writer))
        self._talks.add(talk)
        talk.add_done_callback(self._talks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while request := await _message(reader):
                answer = await self._asked(request)
                if self._loses(request):
                    break
                self.passed += 1
                writer.write(answer)
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass  # one of the two is dead: the other one sees that
        finally:
            writer.close()

    async def _asked(self, request: bytes) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.upstream)
        try:
            writer.write(request)
            await writer.drain()
            answer = await _message(reader)
            if not answer:
                raise ConnectionResetError("no answer")
            return answer
        finally:
            writer.close()

    def _loses(self, request: bytes) -> bool:
        kind = self.label(request)
        if self.calm or self.rng.random() >= self.chances.get(kind, self.chances[""]):
            return False
        self.lost[kind] += 1
        return True


async def _message(reader: asyncio.StreamReader) -> bytes:
    """A request or an answer as its bytes; nothing at the end of the connection."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        if error.partial:
            raise
        return b""
    length = _LENGTH.search(head)
    return head if length is None else head + await reader.readexactly(int(length[1]))


def by_route(request: bytes) -> str:
    """`POST /v1/transfers/{id}/cancel`, without its query."""
    method, target = request.split(b" ", 2)[:2]
    path = target.decode().partition("?")[0]
    return f"{method.decode()} {re.sub(r'[0-9a-f]{8}-[0-9a-f-]{27}', '{id}', path)}"


def by_question(request: bytes) -> str:
    """The method of JSON-RPC."""
    found = re.search(rb'"method": *"(\w+)"', request)
    return "" if found is None else found[1].decode()
