"""The check of the chain: every entry is what it was when it got its link, every link follows from the last, every checkpoint is ours.

An entry that somebody changed is named by its leaf. Whoever changes the leaf as well breaks the chain there; whoever makes all links after
it anew meets a checkpoint that cannot be signed again; and whoever cuts off the end meets a head that was published.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import Any
from uuid import UUID

from identity.audit import queries, rules, standing
from identity.audit.states import Fault
from kernel import db
from kernel.clock import wall
from kernel.db import AnyRow, Tx
from kernel.signing import PublicKeys, verifies

__all__ = ["Broken", "Round", "check_some", "verify"]

AT_ONCE = 5_000
SIGNED_WITHIN = timedelta(minutes=10)
_MOST = 1_000


@dataclass(frozen=True, slots=True)
class Broken:
    """`seq` is None for an entry that has no place in the chain; a checkpoint's fault concerns the links up to its `seq`."""

    fault: Fault
    seq: int | None = None
    entry_id: UUID | None = None
    checkpoint_no: int | None = None


@dataclass(frozen=True, slots=True)
class Round:
    """One step of the check that goes on for ever; `ended`: with it the whole chain was looked at, `faults` of it in all."""

    found: Sequence[Broken]
    ended: bool
    faults: int


def verify(
    keys: PublicKeys,
    *,
    heads: Sequence[dict[str, Any]] = (),
    progress: Callable[[int, int], None] = lambda _done, _last: None,
) -> list[Broken]:
    """The whole chain, in its order: the first of what is returned is where it broke. Needs the engine's view of all tenants."""
    found: list[Broken] = []
    with _long() as tx:
        last = _end(tx)
        after, before = 0, rules.START
        while after < last and len(found) < _MOST:
            broken, after, before = _stretch(tx, after=after, before=before, keys=keys, upto=last)
            found += broken
            progress(after, last)
        found += _around(tx)
        found += [_unlike(head) for head in heads if not _stands(tx, head)]
        unsigned = queries.first_unsigned(tx, before=wall() - SIGNED_WITHIN)
        if unsigned is not None:
            found.append(Broken(Fault.UNSIGNED, unsigned))
    return found


def check_some(keys: PublicKeys, *, limit: int = AT_ONCE) -> Round:
    """The next stretch of the chain, from where the last step ended; at its end it begins anew. Only the engine may."""
    with _long() as tx:
        state, last = queries.state(tx), _end(tx)
        start = queries.link_at(tx, state.checked_seq)
        after, before = (start.seq, bytes(start.hash)) if start is not None else (0, rules.START)
        found, after, _ = _stretch(tx, after=after, before=before, keys=keys, upto=min(last, after + limit))
        ended = after >= last
        found += _around(tx) if ended else []
    faults = state.faults + len(found)
    with db.transaction() as tx:
        queries.set_checked(tx, seq=0 if ended else after, faults=0 if ended else faults)
    standing.checked(seq=after, faults=faults, ended=ended)
    return Round(found, ended, faults)


def _end(tx: Tx) -> int:
    """The last number that there is or that somebody vouches for: a chain that was cut off does not end earlier."""
    link, checkpoint = queries.last_link(tx), queries.last_checkpoint(tx)
    return max(link.seq if link is not None else 0, checkpoint.seq if checkpoint is not None else 0)


def _stretch(tx: Tx, *, after: int, before: bytes, keys: PublicKeys, upto: int) -> tuple[list[Broken], int, bytes]:
    """Links in (after, upto], at most a page of them, and the checkpoints there; answers where it ended, and with which hash."""
    rows = [row for row in queries.chain(tx, after=after, limit=AT_ONCE) if row.seq <= upto]
    found: list[Broken] = []
    seq = after
    for row in rows:
        found += _of_link(row, expected=seq + 1, before=before)
        seq, before = row.seq, bytes(row.hash)
    if len(rows) < AT_ONCE and seq < upto:
        found.append(Broken(Fault.LINK_MISSING, seq + 1))
        seq = upto
    found += [broken for row in queries.checkpoints(tx, after=after, upto=seq) for broken in _of_checkpoint(row, keys)]
    return sorted(found, key=lambda broken: (broken.seq or 0, broken.checkpoint_no or 0)), seq, before


def _of_link(row: AnyRow, *, expected: int, before: bytes) -> list[Broken]:
    found = []
    if row.seq != expected:
        found.append(Broken(Fault.LINK_MISSING, expected))
    if row.found is None:
        found.append(Broken(Fault.ENTRY_MISSING, row.seq, row.entry_id))
    elif bytes(row.found) != bytes(row.leaf):
        found.append(Broken(Fault.ENTRY_CHANGED, row.seq, row.entry_id))
    if row.seq == expected and rules.link(before, seq=row.seq, leaf=bytes(row.leaf)) != bytes(row.hash):
        found.append(Broken(Fault.CHAIN_BROKEN, row.seq, row.entry_id))
    return found


def _of_checkpoint(row: AnyRow, keys: PublicKeys) -> list[Broken]:
    said = rules.statement(
        checkpoint_no=row.checkpoint_no, seq=row.seq, hash_=bytes(row.hash), made_at=row.made_at.astimezone(UTC)
    )
    number = row.checkpoint_no
    if row.key_id not in keys:
        return [Broken(Fault.KEY_UNKNOWN, row.seq, checkpoint_no=number)]
    if not verifies(keys, key_id=row.key_id, message=said, signature=bytes(row.signature)):
        return [Broken(Fault.SIGNATURE_WRONG, row.seq, checkpoint_no=number)]
    if row.stands is None or bytes(row.stands) != bytes(row.hash):
        return [Broken(Fault.CHECKPOINT_DIFFERS, row.seq, checkpoint_no=number)]
    return []


def _around(tx: Tx) -> list[Broken]:
    """What no link tells: entries below the horizon that have none, and checkpoints that were taken away."""
    return [
        *(Broken(Fault.ENTRY_UNLINKED, entry_id=entry) for entry in queries.unlinked(tx)),
        *(Broken(Fault.CHECKPOINT_MISSING, checkpoint_no=number) for number in queries.gaps(tx)),
    ]


def _stands(tx: Tx, head: dict[str, Any]) -> bool:
    row = queries.link_at(tx, int(head["seq"]))
    return row is not None and bytes(row.hash).hex() == head["hash"]


def _unlike(head: dict[str, Any]) -> Broken:
    return Broken(Fault.HEAD_DIFFERS, int(head["seq"]), checkpoint_no=int(head["checkpoint_no"]))


def _long() -> AbstractContextManager[Tx]:
    """One snapshot, read for as long as it takes: reading holds back nobody's chain."""
    return db.read_only(repeatable=True, unlimited=True)
