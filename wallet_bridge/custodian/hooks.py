"""Telling the bridge that there is something to read. Only a hint: the list of events is the truth, and a lost hint loses nothing.

A target is told of the newest event it has not heard of. What it does not take is told again, ever more rarely; after the last try the
events until then go to the dead letters, and telling goes on with what comes next. 410 switches a target off.
"""

from __future__ import annotations

import asyncio
import json
import random
from datetime import timedelta

import httpx

from kernel import db, log
from kernel.clock import wall
from kernel.signing import Signer
from wallet_bridge.wire import signing
from wallet_bridge.wire.signing import Message

TRIES_S = (0, 10, 30, 120, 300, 900, 1_800, 3_600, 7_200, 14_400)
TIMEOUT_S = 10.0
_GONE = 410
_log = log.get("custodian_hooks")


def want(url: str) -> None:
    """From now on this address is told; what happened before it read by itself."""
    with db.transaction() as tx:
        tx.execute(
            """INSERT INTO custody.hooks (url, told, next_at) SELECT :url, seq, :now FROM custody.event_head
               ON CONFLICT (url) DO UPDATE SET off = false""",
            url=url, now=wall(),
        )  # fmt: skip


async def tell(url: str, signer: Signer, receiver: str, client: httpx.AsyncClient) -> None:
    """One round."""
    seq = await asyncio.to_thread(_news, url)
    if seq is None:
        return
    body = json.dumps({"seq": seq}).encode()
    target = httpx.URL(url).raw_path.decode()
    headers = signing.sign(signer, Message(receiver, "POST", target, body), now=wall().timestamp())
    try:
        answer = await client.post(
            url, content=body, headers={**headers, "Content-Type": "application/json"}, timeout=TIMEOUT_S
        )
        status, error = answer.status_code, f"status {answer.status_code}"
    except httpx.HTTPError as failure:
        status, error = 0, type(failure).__name__
    await asyncio.to_thread(_record, url, seq, status, error)


def _news(url: str) -> int | None:
    with db.read_only() as tx:
        seq: int | None = tx.scalar(
            """SELECT h.seq FROM custody.hooks k CROSS JOIN custody.event_head h
                WHERE k.url = :url AND NOT k.off AND k.told < h.seq AND k.next_at <= :now""",
            url=url, now=wall(),
        )  # fmt: skip
    return seq


def _record(url: str, seq: int, status: int, error: str) -> None:
    with db.transaction() as tx:
        row = tx.one("SELECT told, tries FROM custody.hooks WHERE url = :url FOR UPDATE", url=url)
        if 200 <= status < 300:
            tx.execute(
                """UPDATE custody.hooks SET told = greatest(told, :seq), tries = 0, next_at = :now, last_error = NULL
                    WHERE url = :url""",
                seq=seq, now=wall(), url=url,
            )  # fmt: skip
            return
        tries = row.tries + 1
        dead = tries >= len(TRIES_S)
        pause = TRIES_S[0 if dead else tries] * random.uniform(0.8, 1.2)  # noqa: S311  no secret depends on it
        tx.execute(
            """UPDATE custody.hooks SET tries = :tries, told = CASE WHEN :dead THEN :seq ELSE told END, next_at = :next,
                                        last_error = :error, off = :off WHERE url = :url""",
            tries=0 if dead else tries, dead=dead, seq=seq, next=wall() + timedelta(seconds=pause), error=error,
            off=status == _GONE, url=url,
        )  # fmt: skip
        if dead:
            tx.execute(
                "INSERT INTO custody.dead_letters (url, seq, at, error) VALUES (:url, :seq, :now, :error) ON CONFLICT DO NOTHING",
                url=url, seq=seq, now=wall(), error=error,
            )  # fmt: skip
            _log.error("custodian_hook_dead", url=url, seq=seq, error=error)
