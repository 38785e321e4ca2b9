"""`rivermouth reconcile`: compare now and wait for it, beside the engine's own runs; says what is left for people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID

from kernel.money import canonical
from payments.partner_statements import service as statements
from payments.reconciliation import service, sources
from payments.reconciliation.service import Run
from payments.reconciliation.states import BreakState, Level
from rivermouth import registry

__all__ = ["Statement", "run"]
_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Statement:
    """A partner's statement as a file on this machine, of any length."""

    path: Path
    partner: str
    account: str


def run(
    tenant: UUID, *, level: Level, day: date | None, source: str | None, scope: str | None, statement: Statement | None
) -> int:
    """Reconcile one source or all; 0 when everything was compared and nobody needs to look at anything, else 1."""
    assert registry.SCHEDULES  # it registers the sources
    if statement is not None:
        kept = statements.upload(
            tenant=tenant, principal=service.OPERATOR, partner=statement.partner, account=statement.account,
            open_file=lambda: statement.path.open("rb"),
        )  # fmt: skip
        source, scope = "statement", str(kept.id)
    chosen = [source] if source is not None else sources.names()
    runs = [_one(tenant, level=level, day=day, source=name, scope=scope) for name in chosen]
    left = [line for done in runs for line in _breaks(tenant, done)]
    print("\n".join([*map(_text, runs), *left]))
    return 0 if all(done.state == "done" for done in runs) and not left else 1


def _one(tenant: UUID, *, level: Level, day: date | None, source: str, scope: str | None) -> Run:
    started = service.start_run(
        tenant=tenant, principal=service.OPERATOR, level=level, source=source, scope=scope, day=day
    )
    return service.run_now(tenant, started.id)


def _text(done: Run) -> str:
    counts = f"compared {done.compared}  agreed {done.agreed}  levelled {done.levelled}  rebuilt {done.rebuilt}  ticketed {done.ticketed}"
    return f"{done.state:<7} {done.source:<10} {counts}" + (f"  {done.reason}" if done.reason else "")


def _breaks(tenant: UUID, done: Run) -> Sequence[str]:
    """What people have to look at, newest first."""
    found = service.list_breaks(tenant, states=(BreakState.TICKETED, BreakState.PROPOSED), run_id=done.id, limit=_SHOWN)
    return [f"  {b.kind:<14} {b.reference}  {canonical(b.difference)} {b.asset}  {b.id}" for b in found]
