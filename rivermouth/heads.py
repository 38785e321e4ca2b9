"""HTTP as uvicorn speaks it, with an end to what it reads beside bodies.

uvicorn's fast parser reads a head for as long as somebody sends one, and only a whole head reaches the application. Here a connection
whose head has grown past the cap is answered and closed at once, so nobody fills the memory with a header. Trailers, which would join the
headers of a request that is under way, are dropped.
"""

from __future__ import annotations

from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from kernel.http.edges import MAX_HEAD, head_too_large

MAX_BESIDE_BODY = 8 * 1024 * 1024
"""Frames of chunks and trailers of one request: a body of single bytes is six times its size on the wire."""
_ANSWER = head_too_large({}, f"at most {MAX_HEAD} bytes of headers and address")
_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\n%b\r\n%b" % (
    b"".join(b"%b: %b\r\n" % header for header in _ANSWER.raw_headers), bytes(_ANSWER.body)
)  # fmt: skip


class BoundedHttp(HttpToolsProtocol):
    """Give it to uvicorn as `http`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._in_head = True
        self._beside = 0  # bytes of the present request that are no body

    def data_received(self, data: bytes) -> None:
        self._beside += len(data)
        super().data_received(data)
        if self._in_head and self._beside > MAX_HEAD:
            self._end(_TOO_LARGE)
        elif self._beside > MAX_BESIDE_BODY:
            self._end(b"")

    def _end(self, last_words: bytes) -> None:
        if not self.transport.is_closing():
            if last_words:
                self.transport.write(last_words)
            self.transport.close()

    def on_message_begin(self) -> None:
        self._in_head, self._beside = True, 0
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._in_head = False
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._beside -= len(body)
        super().on_body(body)
