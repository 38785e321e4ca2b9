"""Set a line, and say what lines are in amounts now. Each change is a version of its own; the newest counts."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

from identity.audit import service as audit
from kernel import commands
from kernel.commands import Outcome
from kernel.db import Tx, read_only
from kernel.errors import NotFound
from kernel.ids import uuid7
from kernel.money import canonical
from kernel.settings import settings
from payments.assets import service as assets
from wallet_bridge.lines import queries, rules
from wallet_bridge.lines.errors import LineUnfit, LocationUnknown
from wallet_bridge.lines.queries import LineRow
from wallet_bridge.lines.rules import Line, Standing
from wallet_bridge.lines.states import Unit

__all__ = [
    "Line",
    "LineRow",
    "Standing",
    "Unit",
    "default",
    "lines_of",
    "note_outflows",
    "set_line",
    "standings",
    "step",
    "versions",
]

ROUTE = "POST /v1/treasury/lines"
_NO_LINE = Line(Unit.AMOUNT, Decimal(0), Decimal(0))
_VERSIONS = 50


def set_line(*, tenant: UUID, by: UUID, location: str, asset: str, line: Line, key: str | None) -> Outcome:
    """The line that counts from now on; one of nothing ends it.

    Raises:
        LocationUnknown: none of our venues and wallets has this name.
        AssetUnknown: as it says.
        LineUnfit: such a line cannot be.
        IdempotencyConflict: this Idempotency-Key was used for something else.
    """
    asked = {"location": location, "asset": asset, "unit": line.unit, "lines": [line.warning, line.critical]}

    def write(tx: Tx) -> tuple[str, UUID]:
        return "treasury_line", step(tx, location=location, asset=asset, line=line, by=by).id

    return commands.run(
        tenant=tenant, principal=by, route=ROUTE, key=key, fingerprint=commands.fingerprint(asked), fn=write
    )


def step(tx: Tx, *, location: str, asset: str, line: Line, by: UUID | None = None) -> LineRow:
    """The step of `set_line`."""
    if location not in _known(tx):
        raise LocationUnknown
    wrong = rules.misfit(line, scale=assets.scale(asset))
    if wrong is not None:
        raise LineUnfit(reason=wrong)
    queries.lock(tx)
    was = queries.newest(tx, location=location, asset=asset)
    version = 1 if was is None else was.version + 1
    row = LineRow(uuid7(), location, asset, version, line, by, tx.now)
    queries.insert(tx, row)
    before = _NO_LINE if was is None else was.line
    audit.about(tx, before=_state(before), after=_state(line), location=location, asset=asset, **_state(line))
    return row


def _state(line: Line) -> dict[str, str]:
    return {"unit": line.unit.value, "warning": canonical(line.warning), "critical": canonical(line.critical)}


def _known(tx: Tx) -> set[str]:
    return queries.locations(tx) | {f"venue:{name.strip()}" for name in settings().venues.split(",")}


def default(tx: Tx, *, location: str, asset: str, line: Line) -> None:
    """Give a place its first line; one that treasury has set, be it to nothing, stays. Step."""
    queries.lock(tx)
    if queries.newest(tx, location=location, asset=asset) is None:
        queries.insert(tx, LineRow(uuid7(), location, asset, 1, line, None, tx.now))


def lines_of(tenant: UUID) -> list[LineRow]:
    """Those that count, by place and asset."""
    with read_only(tenant=tenant) as tx:
        return queries.current(tx)


def get(tenant: UUID, line_id: UUID) -> LineRow:
    with read_only(tenant=tenant) as tx:
        found = queries.get(tx, line_id)
    if found is None:
        raise NotFound
    return found


def versions(tenant: UUID, *, location: str, asset: str) -> list[LineRow]:
    """The last fifty lines of one balance, the newest first."""
    with read_only(tenant=tenant) as tx:
        return queries.versions(tx, location=location, asset=asset, limit=_VERSIONS)


def standings(tx: Tx) -> dict[tuple[str, str], Standing]:
    """Every line that counts, in amounts. Step."""
    leaves = queries.outflows(tx)
    return {
        place: rules.in_amounts(row.line, leaves.get(place, Decimal(0)))
        for row in queries.current(tx)
        for place in [(row.location, row.asset)]
        if row.line.warning > 0
    }


def outflows(tx: Tx) -> Mapping[tuple[str, str], Decimal]:
    """What leaves a place in an hour, as it was measured last. Step."""
    return queries.outflows(tx)


def note_outflows(tx: Tx, per_hour: Mapping[tuple[str, str], Decimal]) -> None:
    """What was measured now. Step of the engine."""
    rows = [{"location": at, "asset": asset, "per_hour": gone} for (at, asset), gone in sorted(per_hour.items())]
    queries.upsert_outflows(tx, rows)
