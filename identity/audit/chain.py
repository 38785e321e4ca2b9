"""The engine's part: entries get their place in one chain over all tenants, and now and then its head is signed.

Links are made by the committed horizon: of transactions that have all ended, so nothing can appear among them later. Where there is no key
the chain goes on unsigned, and both the log and the verifier say so.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any

from identity.audit import queries, rules, standing
from kernel import db, log, signing
from kernel.clock import monotonic, wall
from kernel.crypto import MasterKeysMalformed
from kernel.db import Tx
from kernel.metrics import AUDIT_LINKS
from kernel.settings import settings
from kernel.signing import Signer

__all__ = ["Keeper", "checkpoint", "extend", "publish_head", "published"]

AT_ONCE = 2_000
SIGNED_EVERY = timedelta(minutes=1)
HEADS = "heads.ndjson"
_log = log.get("audit")


class Keeper:
    """Keeps the chain for a running engine, and remembers where it stood: what was made anew meanwhile is not signed."""

    def __init__(self) -> None:
        self._seen: tuple[int, bytes] | None = None
        self._complained_at: float | None = None

    def work(self) -> None:
        """Link what waits, then sign the head once a minute. Only the engine may."""
        while extend() == AT_ONCE:
            pass
        if not self._stands():
            return
        try:
            signer = signing.signer(settings())
        except (OSError, MasterKeysMalformed) as error:  # the engine's other work does not wait for a key
            self._complain(f"no key can be read: {error!r}")
            return
        if signer is None:
            self._complain("RIVERMOUTH_AUDIT_KEYS is not set: nobody vouches for the chain")
        else:
            checkpoint(signer, every=SIGNED_EVERY)

    def _complain(self, why: str) -> None:
        """Once a minute."""
        if self._complained_at is None or monotonic() - self._complained_at >= SIGNED_EVERY.total_seconds():
            self._complained_at = monotonic()
            _log.error("audit_unsigned", why=why)

    def _stands(self) -> bool:
        with db.read_only() as tx:
            known = queries.link_at(tx, self._seen[0]) if self._seen is not None else None
            head = queries.last_link(tx)
        if self._seen is not None and (known is None or bytes(known.hash) != self._seen[1]):
            _log.error("audit_broken", seq=self._seen[0], why="the chain was made anew: it is not signed any more")
            return False
        self._seen = (head.seq, bytes(head.hash)) if head is not None else None
        return True


def extend(*, limit: int = AT_ONCE) -> int:
    """One pass; returns how many entries got their link. Two at once are harmless, and an idle one writes nothing."""
    with db.transaction() as tx:
        now = queries.state(tx)
        since = now.horizon if now.here else "0"  # a dump counts its transactions by another clock
        rows = queries.waiting(tx, since=since, limit=limit)
        if now.here and not rows:
            return 0
        if not queries.own_the_chain(tx):
            return 0
        rows = queries.waiting(
            tx, since=since, limit=limit
        )  # again: whoever had the chain may have linked some of them
        head = queries.last_link(tx)
        first = head.seq + 1 if head is not None else 1
        hashes = _hashes(bytes(head.hash) if head is not None else rules.START, first, [bytes(r.leaf) for r in rows])
        queries.insert_links(tx, first=first, rows=rows, hashes=hashes)
        if len(rows) < limit:
            queries.set_horizon(tx, now.ended)
        elif now.here and int(rows[-1].xid) < int(now.ended):
            queries.set_horizon(tx, rows[-1].xid)
    AUDIT_LINKS.inc(len(rows))
    return len(rows)


def _hashes(start: bytes, first: int, leaves: list[bytes]) -> list[bytes]:
    places = enumerate(leaves, start=first)
    return list(accumulate(places, lambda before, at: rules.link(before, seq=at[0], leaf=at[1]), initial=start))[1:]


def checkpoint(signer: Signer, *, every: timedelta = timedelta(0)) -> int | None:
    """Sign the head of the chain; returns its number, None when there is nothing new or it is not yet time."""
    with db.read_only() as tx:
        if not _due(tx, every):
            return None
    with db.transaction() as tx:
        if not queries.own_the_chain(tx) or not _due(tx, every):
            return None
        head, last = queries.last_link(tx), queries.last_checkpoint(tx)
        assert head is not None
        number, made_at = 1 if last is None else last.checkpoint_no + 1, wall()
        said = rules.statement(checkpoint_no=number, seq=head.seq, hash_=bytes(head.hash), made_at=made_at)
        row = {
            "checkpoint_no": number, "seq": head.seq, "hash": bytes(head.hash), "made_at": made_at, "key_id": signer.key_id,
            "signature": signer.sign(said),
        }  # fmt: skip
        queries.insert_checkpoint(tx, row)
    standing.signed(seq=head.seq, at=made_at)
    _log.info("audit_checkpoint", **_plain(row))
    return number


def _due(tx: Tx, every: timedelta) -> bool:
    head, last = queries.last_link(tx), queries.last_checkpoint(tx)
    if head is None or last is None:
        return head is not None
    return bool(last.seq < head.seq and wall() - last.made_at >= every)


def publish_head(directory: Path) -> dict[str, Any] | None:
    """Append the newest checkpoint to the file of heads and to the log: whoever cuts the end off the chain is found out by it."""
    with db.read_only() as tx:
        row = queries.last_checkpoint(tx)
    if row is None:
        return None
    head = _plain(dict(row._mapping))  # noqa: SLF001  the row's documented view as a mapping
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    if head not in published(directory):
        with (directory / HEADS).open("a", encoding="utf-8") as file:
            file.write(json.dumps(head) + "\n")
    _log.info("audit_head", **head)
    return head


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """A checkpoint for a file or a log."""
    return {
        "checkpoint_no": row["checkpoint_no"],
        "seq": row["seq"],
        "hash": bytes(row["hash"]).hex(),
        "made_at": row["made_at"].astimezone(UTC).isoformat(),
        "key_id": row["key_id"],
        "signature": bytes(row["signature"]).hex(),
    }


def published(directory: Path) -> list[dict[str, Any]]:
    path = directory / HEADS
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []
