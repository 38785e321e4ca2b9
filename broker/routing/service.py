"""Plans that are kept, and the funds that plans are made with.

What is stored of a plan suffices to make it again: `recompute` needs nothing else and finds the same legs. What each venue could pay is
read at most once a second and process; it only guides, for the reservation decides.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from decimal import Decimal
from uuid import UUID

from broker.routing import codec, queries
from broker.routing.queries import StoredPlan
from broker.routing.rules import Leg, Plan, Room, solved
from kernel import clock, db
from kernel.db import Tx
from kernel.ids import uuid7
from wallet_bridge.funds import service as funds

ROOM_LIVES_S = 1.0
FORGOTTEN_AFTER_S = 60.0


def store(tx: Tx, plan: Plan, *, spends: str, orders: Sequence[UUID]) -> UUID | None:
    """Keep the plan whose legs are being sent, as the next round of these orders, in the transaction that writes its children.

    Treasury hears of the venues that would have got more, had there been more of the asset that is spent.
    """
    for short in plan.short:
        funds.note_shortage(tx, funds.Shortage(short.venue, spends, short.needed, short.usable))
    if plan.problem is None:
        return None
    plan_id, evidence = uuid7(), plan.evidence
    single = evidence["best_single"]
    queries.insert_plan(
        tx,
        {
            "id": plan_id,
            "symbol": evidence["symbol"],
            "side": plan.problem.side,
            "quantity": plan.problem.quantity,
            "problem": codec.problem(plan.problem),
            "legs": codec.legs(plan.legs),
            "evidence": evidence,
            "planned_quantity": Decimal(evidence["planned_quantity"]),
            "planned_cost": Decimal(evidence["planned_cost"]),
            "planned_effective_cost": Decimal(evidence["planned_effective_cost"]),
            "best_venue": single["venue"] if single else None,
            "best_effective_cost": Decimal(single["effective_cost"]) if single else None,
            "saving": None if evidence["saving"] is None else Decimal(evidence["saving"]),
        },
    )
    queries.insert_rounds(tx, plan_id=plan_id, orders=orders)
    return plan_id


def recompute(stored: StoredPlan) -> tuple[Leg, ...]:
    """The legs, found again from what was stored and from nothing else."""
    return solved(codec.read_problem(stored.problem))[1]


def differs(stored: StoredPlan) -> bool:
    """Whether a stored plan is not what its own inputs lead to: somebody changed a row, or the router's arithmetic."""
    return recompute(stored) != codec.read_legs(stored.legs)


def plans_of(tenant: UUID, order_id: UUID) -> list[StoredPlan]:
    with db.read_only(tenant=tenant) as tx:
        return queries.plans(tx, order_id)


def latest_plans(tenant: UUID, *, limit: int) -> list[StoredPlan]:
    with db.read_only(tenant=tenant) as tx:
        return queries.latest(tx, limit=limit)


class Rooms:
    """Copies of what is usable per venue, by tenant and asset: `of` reads when its copy is old, `copy` only looks."""

    def __init__(self) -> None:
        self._copies: dict[tuple[UUID, str], tuple[float, Mapping[str, Room]]] = {}
        self._wanted: dict[tuple[UUID, str], float] = {}
        self._lock = threading.Lock()
        self._refreshed = 0.0

    def of(self, tenant: UUID, asset: str) -> Mapping[str, Room]:
        """Opens a transaction of its own where the copy is older than a second."""
        with self._lock:
            found = self._copies.get((tenant, asset))
        if found is not None and clock.monotonic() - found[0] < ROOM_LIVES_S:
            return found[1]
        return self._read(tenant, asset)

    def copy(self, tenant: UUID, asset: str) -> Mapping[str, Room] | None:
        """The last copy; None where there is none yet. `refresh` goes on renewing it while it is asked for."""
        with self._lock:
            self._wanted[tenant, asset] = clock.monotonic()
            found = self._copies.get((tenant, asset))
        return None if found is None else found[1]

    def refresh(self) -> None:
        """Once a second at most, renew the copies that were looked at lately. For a thread: it reads the database."""
        now = clock.monotonic()
        if now - self._refreshed < ROOM_LIVES_S:
            return
        self._refreshed = now
        with self._lock:
            self._wanted = {k: at for k, at in self._wanted.items() if now - at < FORGOTTEN_AFTER_S}
            wanted = list(self._wanted)
        for tenant, asset in wanted:
            self._read(tenant, asset)

    def forget(self) -> None:
        with self._lock:
            self._copies.clear()
            self._wanted.clear()

    def _read(self, tenant: UUID, asset: str) -> Mapping[str, Room]:
        found = {
            venue: Room(usable=room.usable, warning_line=room.warning_line)
            for venue, room in funds.room(tenant, asset).items()
        }
        with self._lock:
            self._copies[tenant, asset] = (clock.monotonic(), found)
        return found


rooms = Rooms()
"""This process's copies."""
