"""Pauses that venues demanded, kept where every process and the next start find them: a ban hits the address, not the process.

A process tells what it has heard, and takes in what the others have. Times are business time.
"""

from __future__ import annotations

from collections.abc import Mapping

from kernel import clock
from kernel.db import Tx
from venues.health import VenueHealth

_TELL = """
INSERT INTO venues.pauses AS p (venue, until, told_at) VALUES (:venue, :now + make_interval(secs => :seconds), :now)
ON CONFLICT (venue) DO UPDATE SET until = greatest(p.until, excluded.until), told_at = excluded.told_at
"""


def exchange(tx: Tx, healths: Mapping[str, VenueHealth], *, closed: Mapping[str, float]) -> None:
    """Tell the news of this process, then hold each venue back for as long as anybody knows; `closed`: seconds of its maintenance."""
    follow_clock(tx)
    for venue, health in healths.items():
        told = health.take_untold()
        if told is not None and told > 0:
            tx.execute(_TELL, venue=venue, seconds=told, now=tx.now)
        elif told is not None:
            tx.execute("DELETE FROM venues.pauses WHERE venue = :venue", venue=venue)
    left = {
        row.venue: float(row.seconds)
        for row in tx.all("SELECT venue, extract(epoch FROM until - :now) AS seconds FROM venues.pauses", now=tx.now)
    }
    for venue, health in healths.items():
        health.hold(max(left.get(venue, 0.0), closed.get(venue, 0.0)))


def follow_clock(tx: Tx) -> None:
    """Take over how far business time is ahead of wall time."""
    clock.follow(float(tx.scalar("SELECT extract(epoch FROM kernel.business_now() - now())")))
