"""A new master key for secrets at rest: the key of each secret is wrapped anew, the secret itself is neither opened nor moved.

Work is done in small transactions and finds by itself what is left, so it may be stopped and started at will, beside a running
product: a secret that is replaced meanwhile keeps its new value. Runs as the engine's role, over all tenants.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID

from kernel import crypto
from kernel.crypto import SecretUnreadable
from kernel.db import Tx, transaction

AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Sealed:
    """Where sealed secrets lie: the table is the name they were sealed for, `row` the column of the id they were sealed for."""

    table: str
    column: str
    row: str = "id"


@dataclass(slots=True)
class Resealed:
    """What became of one column."""

    place: Sealed
    done: int = 0
    unreadable: list[UUID] = field(default_factory=list)


def uses(place: Sealed) -> dict[str, int]:
    """How many secrets of this column each master key opens."""
    with transaction() as tx:
        rows = tx.all(
            f"""SELECT convert_from({_KEY_ID.format(column=place.column)}, 'UTF8') AS key_id, count(*) AS number
                  FROM {place.table} WHERE {place.column} <> '' GROUP BY 1 ORDER BY 1"""
        )
    return {row.key_id: row.number for row in rows}


def reseal(place: Sealed) -> Iterator[Resealed]:
    """Wrap anew whatever the first master key does not open; tells after each transaction how far it is."""
    so_far, after = Resealed(place), UUID(int=0)
    more = True
    while more:
        with transaction() as tx:
            found = _others(tx, place, after=after)
            for tenant, row, head in found:
                _reseal_one(tx, place, so_far, tenant=tenant, row=row, head=head)
        more = len(found) == AT_ONCE
        if found:
            after = found[-1][1]
        yield so_far


_KEY_ID = "substring({column} FROM 3 FOR get_byte(NULLIF({column}, ''), 1))"  # of nothing where a secret was wiped


def _others(tx: Tx, place: Sealed, *, after: UUID) -> list[tuple[UUID, UUID, bytes]]:
    column = place.column
    rows = tx.all(
        f"""SELECT tenant_id, {place.row} AS row, substring({column} FOR :head) AS head FROM {place.table}
             WHERE {column} IS NOT NULL AND {place.row} > :after AND {_KEY_ID.format(column=column)} <> :newest
             ORDER BY {place.row} LIMIT :limit""",
        head=crypto.LONGEST_HEAD,
        after=after,
        newest=crypto.newest_key_id().encode(),
        limit=AT_ONCE,
    )
    return [(row.tenant_id, row.row, bytes(row.head)) for row in rows]


def _reseal_one(tx: Tx, place: Sealed, so_far: Resealed, *, tenant: UUID, row: UUID, head: bytes) -> None:
    try:
        old, new = crypto.rewrapped(head, tenant=tenant, table=place.table, row=row)
    except SecretUnreadable:
        so_far.unreadable.append(row)
        return
    column = place.column
    moved = tx.execute(
        f"""UPDATE {place.table} SET {column} = :new || substring({column} FROM :rest)
             WHERE {place.row} = :row AND substring({column} FOR :length) = :old""",
        new=new,
        rest=len(old) + 1,
        row=row,
        length=len(old),
        old=old,
    )
    so_far.done += int(moved.rowcount)
