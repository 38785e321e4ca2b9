"""Alerts move by what is seen; people acknowledge them; whoever should know is told by events of the same transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from identity.audit import service as audit
from kernel import commands, outbox
from kernel.db import Tx, read_only
from kernel.ids import uuid7
from wallet_bridge.alerts import events, queries, rules
from wallet_bridge.alerts.errors import AlertNotFound, AlertOver
from wallet_bridge.alerts.queries import AlertRow
from wallet_bridge.alerts.rules import Move, Sight
from wallet_bridge.alerts.states import Cause, Grade, Kind
from wallet_bridge.lines.states import BalanceLevel

__all__ = ["AlertRow", "Watched", "acknowledge", "alive_between", "list_alerts", "short", "watch"]

_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Watched:
    """Something that is looked at now and then; `line`: what would be enough."""

    location: str
    asset: str
    kind: Kind
    sight: Sight
    usable: Decimal
    line: Decimal | None


def short(tx: Tx, *, location: str, asset: str, needed: Decimal, usable: Decimal) -> None:
    """An order met too little there. Step."""
    alert_id = uuid7()
    row = queries.upsert(
        tx, alert_id=alert_id, location=location, asset=asset, kind=Kind.SHORT, level=Grade.CRITICAL, needed=needed, usable=usable
    )  # fmt: skip
    if row.id == alert_id:
        _raised(tx, row)


def watch(tx: Tx, seen: Sequence[Watched]) -> None:
    """Move every alert by what is seen, then call again for those that nobody has answered. Step of the engine."""
    opened = {(row.location, row.asset, row.kind): row for row in queries.lock_open(tx)}
    looked_at = {(item.location, item.asset, item.kind) for item in seen}
    for item in seen:
        _step(tx, item, opened.get((item.location, item.asset, item.kind)))
    for place, row in opened.items():
        if row.kind is Kind.SHORT:
            _step(tx, _shortage(row, seen, tx.now), row)
        elif place not in looked_at:  # it is not there any more, or has no line
            fine = Sight(BalanceLevel.OK, BalanceLevel.OK)
            _step(tx, Watched(row.location, row.asset, row.kind, fine, row.usable, row.needed), row)
    for row in queries.lock_open(tx):
        if rules.calls(row.open(), tx.now):
            queries.note_call(tx, row.id)
            _escalated(tx, row, row.level, Cause.UNANSWERED, times=row.escalations + 1)


def _shortage(row: AlertRow, seen: Sequence[Watched], now: datetime) -> Watched:
    """It is over when what the order needed is there, or no order has met it for an hour."""
    usable = next(
        (w.usable for w in seen if (w.location, w.asset, w.kind) == (row.location, row.asset, Kind.LINE)), row.usable
    )
    enough = row.needed is not None and usable >= row.needed
    now_level = BalanceLevel.OK if enough or now - row.last_at >= rules.SHORT_FOR else BalanceLevel(row.level)
    return Watched(row.location, row.asset, row.kind, Sight(now_level, now_level), usable, row.needed)


def _step(tx: Tx, item: Watched, row: AlertRow | None) -> None:
    move = rules.judge(item.sight, row.open() if row else None, tx.now)
    if row is None:
        if move is Move.RAISE:
            _raise(tx, item)
        return
    if (item.line, item.usable) != (row.needed, row.usable):
        queries.note_figures(tx, row.id, needed=item.line, usable=item.usable)
    match move:
        case Move.WORSEN:
            level = rules.grade(item.sight.level)
            queries.worsen(tx, row.id, level=level)
            _escalated(tx, row, level, Cause.WORSE, times=0, usable=item.usable, line=item.line)
        case Move.EASE:
            queries.ease(tx, row.id, level=Grade.WARNING, calm=item.sight.settled is BalanceLevel.OK)
        case Move.CALM_BEGINS | Move.CALM_ENDS:
            queries.set_calm(tx, row.id, calm=move is Move.CALM_BEGINS)
        case Move.AGAIN:
            queries.note_again(tx, row.id)
        case Move.CLEAR:
            queries.clear(tx, row.id)
            fact = events.AlertCleared(row.id, row.location, row.asset, row.kind.value, item.usable)
            outbox.publish(tx, fact, key=_key(row))
        case _:
            pass


def _raise(tx: Tx, item: Watched) -> None:
    """Where somebody else has raised it meanwhile, theirs is the one."""
    alert_id = uuid7()
    made = queries.upsert(
        tx, alert_id=alert_id, location=item.location, asset=item.asset, kind=item.kind, level=rules.grade(item.sight.level),
        needed=item.line, usable=item.usable,
    )  # fmt: skip
    if made.id == alert_id:
        _raised(tx, made)


def _key(row: AlertRow) -> str:
    return f"{row.location}:{row.asset}"


def _raised(tx: Tx, row: AlertRow) -> None:
    fact = events.AlertRaised(row.id, row.location, row.asset, row.kind.value, row.level.value, row.usable, row.needed)
    outbox.publish(tx, fact, key=_key(row))


def _escalated(
    tx: Tx,
    row: AlertRow,
    level: Grade,
    cause: Cause,
    *,
    times: int,
    usable: Decimal | None = None,
    line: Decimal | None = None,
) -> None:
    fact = events.AlertEscalated(
        row.id, row.location, row.asset, row.kind.value, level.value, row.usable if usable is None else usable,
        row.needed if line is None else line, cause.value, times,
    )  # fmt: skip
    outbox.publish(tx, fact, key=_key(row))


def acknowledge(*, tenant: UUID, by: UUID, alert_id: UUID, key: str | None) -> None:
    """Somebody takes care of it: nobody is called again unless it gets worse. The first one's word counts.

    Raises:
        AlertNotFound: as it says.
        AlertOver: it has cleared by itself.
    """

    def write(tx: Tx) -> tuple[str, UUID]:
        row = queries.get(tx, alert_id, lock=True)
        if row is None:
            raise AlertNotFound
        if row.state != "open":
            raise AlertOver
        if row.acked_at is None:
            queries.acknowledge(tx, alert_id, by=by)
        audit.about(tx, location=row.location, asset=row.asset, alert=row.kind.value, level=row.level.value)
        return "treasury_alert", alert_id

    route = f"POST /v1/treasury/alerts/{alert_id}/ack"
    commands.run(tenant=tenant, principal=by, route=route, key=key, fingerprint=commands.fingerprint({}), fn=write)


def find(tenant: UUID, alert_id: UUID) -> AlertRow:
    with read_only(tenant=tenant) as tx:
        row = queries.get(tx, alert_id)
    if row is None:
        raise AlertNotFound
    return row


def list_alerts(tenant: UUID, *, state: str | None = None, limit: int = _SHOWN) -> list[AlertRow]:
    """Open ones first, then by when they last changed."""
    with read_only(tenant=tenant) as tx:
        return queries.newest(tx, state=state, limit=limit)


def alive_between(tx: Tx, *, since: datetime, until: datetime, limit: int) -> list[AlertRow]:
    """Those that were open at some moment of this time, the oldest first. Step."""
    return queries.alive_between(tx, since=since, until=until, limit=limit)
