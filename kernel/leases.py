"""One owner for each moving thing: leases in Postgres, with an epoch that grows with every change of hands.

A keeper thread renews all leases of the process with one statement per third of their life, so that a busy event loop cannot lose
them. The owner asks `epoch(name)` before it acts; statements that matter check the epoch in SQL as well, because a paused process may
believe in a lease that has moved on.
"""

from __future__ import annotations

import os
import socket
import threading

from sqlalchemy.exc import SQLAlchemyError

from kernel import clock, db, log
from kernel.ids import uuid7

_TAKE = """
INSERT INTO kernel.leases AS l (name, holder, epoch, expires_at)
SELECT name, :holder, 1, clock_timestamp() + make_interval(secs => :ttl)
  FROM unnest(CAST(:names AS text[])) AS name ORDER BY name
ON CONFLICT (name) DO UPDATE
   SET epoch = CASE WHEN l.holder = :holder AND l.expires_at > clock_timestamp() THEN l.epoch ELSE l.epoch + 1 END,
       holder = :holder, expires_at = clock_timestamp() + make_interval(secs => :ttl)
 WHERE l.holder = :holder OR l.expires_at <= clock_timestamp()
RETURNING name, epoch
"""
_GIVE_BACK = "UPDATE kernel.leases SET expires_at = clock_timestamp() WHERE holder = :holder"
_HELD = """
SELECT count(*) FROM kernel.leases
 WHERE name = :name AND holder = :holder AND epoch = :epoch AND expires_at > clock_timestamp()
"""


class LeaseKeeper(threading.Thread):
    """Takes and renews the wanted leases; `epoch()` is None while another process holds one or the database is away."""

    def __init__(self, *, ttl_s: float) -> None:
        super().__init__(name="leases", daemon=True)
        self.holder = f"{socket.gethostname()}:{os.getpid()}:{uuid7()}"
        self.ttl_s = ttl_s
        self._wanted: frozenset[str] = frozenset()  # replaced, never changed: two threads read it
        self._held: dict[str, tuple[int, float]] = {}
        self._stop_asked = threading.Event()
        self._log = log.get("leases")

    def want(self, name: str) -> None:
        self._wanted |= {name}

    def leave(self, name: str) -> None:
        """Want it no more; it runs out by itself."""
        self._wanted -= {name}

    def epoch(self, name: str) -> int | None:
        """The epoch under which this process owns `name` right now, or None."""
        held = self._held.get(name)
        return held[0] if held is not None and clock.monotonic() < held[1] else None

    def run(self) -> None:
        while not self._stop_asked.is_set():
            try:
                self.renew()
            except SQLAlchemyError as error:
                self._log.warning("lease_renewal_failed", error=str(error.__cause__ or error))
            self._stop_asked.wait(self.ttl_s / 3)

    def renew(self) -> None:
        names = sorted(self._wanted)
        if not names:
            return
        asked_at = clock.monotonic()
        with db.transaction() as tx:
            rows = tx.all(_TAKE, names=names, holder=self.holder, ttl=self.ttl_s)
        held = {row.name: (int(row.epoch), asked_at + self.ttl_s) for row in rows}
        for name in held.keys() - self._held.keys():
            self._log.info("lease_taken", lease=name, epoch=held[name][0])
        for name in self._held.keys() - held.keys():
            self._log.warning("lease_lost", lease=name)
        self._held = held

    def stop(self) -> None:
        """Give all leases back, so that a successor need not wait for them to run out."""
        self._stop_asked.set()
        if self.is_alive():
            self.join(timeout=2 * self.ttl_s)
        self._held = {}
        try:
            with db.transaction() as tx:
                tx.execute(_GIVE_BACK, holder=self.holder)
        except SQLAlchemyError as error:
            self._log.warning("leases_not_given_back", error=str(error.__cause__ or error))


def still_held(tx: db.Tx, *, name: str, holder: str, epoch: int) -> bool:
    """Ask the database itself, inside the transaction that depends on it."""
    return bool(tx.scalar(_HELD, name=name, holder=holder, epoch=epoch))
