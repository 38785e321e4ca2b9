"""One statement over the calls to venues."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from kernel.db import AnyRow, Tx


def calls(tx: Tx, lanes: Sequence[str], *, since: UUID) -> Mapping[str, AnyRow]:
    """Lane → what waits now and what became of the calls since then.

    `since` is a version 7 id: ids grow with time, so the newest calls are a short piece of the primary key.
    """
    rows = tx.all(
        """WITH recent AS (
               SELECT lane, state, asked, CAST(1000 * extract(epoch FROM settled_at - sent_at) AS int) AS took_ms
                 FROM kernel.calls WHERE id >= :since AND lane = ANY(:lanes) AND sent_at IS NOT NULL),
             waiting AS (
               SELECT lane, state FROM kernel.calls WHERE lane = ANY(:lanes) AND state = 'intent'
               UNION ALL
               SELECT lane, state FROM kernel.calls WHERE lane = ANY(:lanes) AND next_ask_at IS NOT NULL),
             done AS (
               SELECT lane, count(*) AS calls, count(*) FILTER (WHERE asked > 0 OR state IN ('unknown', 'manual')) AS unanswered,
                      count(*) FILTER (WHERE state = 'refused') AS refused,
                      percentile_disc(0.5) WITHIN GROUP (ORDER BY took_ms) FILTER (WHERE asked = 0) AS p50_ms,
                      percentile_disc(0.99) WITHIN GROUP (ORDER BY took_ms) FILTER (WHERE asked = 0) AS p99_ms
                 FROM recent GROUP BY lane),
             now_open AS (
               SELECT lane, count(*) FILTER (WHERE state IN ('intent', 'sent')) AS outstanding,
                      count(*) FILTER (WHERE state = 'unknown') AS unknown, count(*) FILTER (WHERE state = 'manual') AS manual
                 FROM waiting GROUP BY lane)
           SELECT l.lane, coalesce(d.calls, 0) AS calls, coalesce(d.unanswered, 0) AS unanswered, coalesce(d.refused, 0) AS refused,
                  d.p50_ms, d.p99_ms, coalesce(o.outstanding, 0) AS outstanding, coalesce(o.unknown, 0) AS unknown,
                  coalesce(o.manual, 0) AS manual
             FROM unnest(CAST(:lanes AS text[])) AS l (lane)
             LEFT JOIN done d USING (lane) LEFT JOIN now_open o USING (lane)""",
        lanes=list(lanes),
        since=since,
    )
    return {row.lane: row for row in rows}
