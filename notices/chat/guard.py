"""No connection into the house while a chat message is sent, whichever library opens it.

The address of a room may name any host, and a name says nothing about where it leads. So the address of each connection is judged at the
moment of connecting: the interpreter tells its audit hook of every `connect` and takes no for an answer. What was judged is what is
connected to; a name that leads elsewhere the second time gains nothing.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from notices.webhooks import rules


class LeadsInside(ConnectionRefusedError):
    """The connection was not opened."""


class Watch:
    """What became of the connections that one message wanted."""

    def __init__(self, allowed: frozenset[str]) -> None:
        self._allowed = allowed
        self.opened = self.refused = 0

    def judge(self, address: object) -> None:
        """Raises LeadsInside."""
        try:
            host, port = (str(address[0]), int(address[1])) if isinstance(address, tuple) else ("", 0)
            rules.require_outside(host, port, allowed=self._allowed)  # what is no address of the internet is inside
        except rules.UrlRefused as error:
            self.refused += 1
            raise LeadsInside(str(error)) from None
        self.opened += 1


_watch: ContextVar[Watch | None] = ContextVar("chat_watch", default=None)
_hooked = threading.Event()
_lock = threading.Lock()


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
        watch = _watch.get()
        if watch is not None and (event == "socket.connect" or arguments[1] is not None):
            watch.judge(arguments[1])


@contextmanager
def watching(allowed: frozenset[str]) -> Iterator[Watch]:
    """Judge every connection that this thread opens inside."""
    with _lock:
        if not _hooked.is_set():  # a hook stays for the life of the process; who sends no chat has none
            sys.addaudithook(_hook)
            _hooked.set()
    watch = Watch(allowed)
    token = _watch.set(watch)
    try:
        yield watch
    finally:
        _watch.reset(token)
