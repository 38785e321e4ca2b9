"""Clients of the live stream for tests, and a hand that writes own events as the engine would."""

import itertools
import json
import time
from contextlib import contextmanager

from sqlalchemy import create_engine, text
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from kernel import db, feeds
from kernel.ids import uuid7

PATIENCE_S = 45.0


class StreamClient:
    """A websocket that speaks our protocol; every wait has a generous end."""

    def __init__(self, base_url, *, path="/v1/stream", **more):
        address = str(base_url).rstrip("/").replace("http", "ws", 1) + path
        self.socket = connect(address, open_timeout=30, compression=None, proxy=None, **more)
        self._ids = itertools.count(1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, **request):
        self.socket.send(json.dumps(request))

    def receive(self, timeout=PATIENCE_S):
        return json.loads(self.socket.recv(timeout=timeout))

    def until(self, wanted):
        """The next frame that is wanted; others are passed over."""
        return self.each(wanted)[0]

    def each(self, *wanted):
        """For each wish the first frame that meets it, in whatever order they come."""
        deadline = time.monotonic() + PATIENCE_S
        found = [None] * len(wanted)
        while None in found:
            frame = self.receive(max(deadline - time.monotonic(), 0.01))
            found = [frame if kept is None and wish(frame) else kept for kept, wish in zip(found, wanted, strict=True)]
        return found

    def ask(self, **request):
        """A request and its answer."""
        number = next(self._ids)
        self.send(**request, id=number)
        return self.until(lambda frame: frame.get("id") == number)

    def login(self, headers, **more):
        answer = self.ask(op="auth", token=headers["Authorization"].removeprefix("Bearer "), **more)
        assert answer["op"] == "authenticated", answer
        return self

    def data(self, channel):
        return self.until(lambda frame: frame.get("channel") == channel and "data" in frame)

    def closed(self):
        """Read to the end; the code with which the server closed, and the frames before it."""
        frames, deadline = [], time.monotonic() + PATIENCE_S
        while True:
            try:
                frames.append(self.receive(max(deadline - time.monotonic(), 0.01)))
            except ConnectionClosed as end:
                return (end.rcvd.code if end.rcvd else 1006), frames


class Teller:
    """Writes own events of a house's people, as the engine's role."""

    def __init__(self, house):
        self._house = house
        self._engine = create_engine(db.normalise(house.database.engine), pool_size=1)

    def tell(self, owner, *numbers, channel="orders", hints=True):
        with self._engine.begin() as connection:
            connection.execute(text("SELECT set_config('app.tenant', :t, true)"), {"t": str(self._house.first)})
            tx = db.Tx(connection, self._house.first)
            feeds.append(
                tx,
                [
                    feeds.Told(owner, channel, uuid7(), json.dumps(n if isinstance(n, dict) else {"n": n}))
                    for n in numbers
                ],
            )
        if hints:
            tx._run_hints()

    def close(self):
        self._engine.dispose()


@contextmanager
def telling(house):
    teller = Teller(house)
    try:
        yield teller
    finally:
        teller.close()
