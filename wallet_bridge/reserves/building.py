"""The engine's part: take what customers are owed in one snapshot of the books, build the trees, sign and publish their roots.

Three steps, each committed by itself, so that a crash is carried on from the last: one statement draws the leaves in the snapshot's
transaction; the trees are made from them piece by piece, in memory that does not grow with the customers; then all roots are signed and
published at once. What customers are owed is summed twice, from their leaves and from the ledger's kinds of accounts. If the two differ,
or anything is below zero, nothing is published and finance is told.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from identity.tenants import service as tenants
from kernel import db, log, signing
from kernel.db import AnyRow, Tx
from kernel.ids import uuid7
from kernel.settings import settings
from kernel.signing import Signer
from payments.accounts.states import AccountKind
from payments.assets import service as assets
from payments.balances import service as balances
from payments.reconciliation import service as reconciliation
from payments.reconciliation.states import IncidentKind
from payments.reports import service as books
from wallet_bridge.reserves import claims, queries, rules
from wallet_bridge.reserves.rules import TILE, Figures, Node
from wallet_bridge.reserves.states import Refusal, SnapshotState

OWED_KINDS = (AccountKind.CUSTOMER, AccountKind.PLEDGED, AccountKind.LIQUIDATION)
KEPT = 30
"""Snapshots whose leaves are kept, so that their customers can be shown the path."""
ROOTS = "roots.ndjson"
REFUSED, SHORT = "reserves_refused", "reserves_short"
"""Incidents of finance's list: no proof could be made; the assets do not cover what is owed."""
_VENUES, _WALLETS, _LOANS = "venue.", "wallet.", "lending.principal."
_WHY = {
    Refusal.NEGATIVE_BALANCE: "something that a customer has is below zero",
    Refusal.LEDGER_DIFFERS: "what customers have does not sum to what the ledger owes them",
    Refusal.NO_KEY: "there is no key to sign with (RIVERMOUTH_AUDIT_KEYS)",
}
_log = log.get("reserves")


class Refused(Exception):
    """Nothing of this snapshot may be published."""

    def __init__(self, reason: Refusal, what: str = "") -> None:
        super().__init__(reason.value)
        self.reason, self.what = reason, what


def start_all() -> None:
    """Ask for a snapshot of every house; one that is under way goes on."""
    for house in tenants.every():
        with db.transaction(tenant=house.id) as tx:
            queries.insert(tx, uuid7())


def work_off() -> int:
    """Carry out what was asked for; returns how many snapshots ended. A failure keeps no other house waiting."""
    with db.read_only() as tx:
        waiting = queries.under_way(tx)
    failed: list[Exception] = []
    for row in waiting:
        try:
            _carry_out(row.tenant_id, row.id)
        except Exception as error:  # noqa: BLE001  the others are to be published all the same
            _log.error("reserves_failed", tenant=str(row.tenant_id), snapshot=str(row.id), error=repr(error))
            failed.append(error)
    if failed:
        raise failed[0]
    return len(waiting)


def _carry_out(tenant: UUID, snapshot_id: UUID) -> None:
    try:
        signer = _signer()
        db.retrying(lambda: take(tenant, snapshot_id))
        built = list(build(tenant, snapshot_id))
        publish(tenant, snapshot_id, built, signer)
    except Refused as refused:
        _refuse(tenant, snapshot_id, refused)
    else:
        forget_old(tenant)
        publish_roots(tenant, settings().data_dir / "reserves")


def _signer() -> Signer:
    found = signing.signer(settings())
    if found is None:
        raise Refused(Refusal.NO_KEY)
    return found


def _refuse(tenant: UUID, snapshot_id: UUID, refused: Refused) -> None:
    detail = f"{_WHY[refused.reason]}{refused.what and f' ({refused.what})'}: no proof of reserves was published"
    _log.error("reserves_refused", snapshot=str(snapshot_id), reason=refused.reason.value, what=refused.what)
    with db.transaction(tenant=tenant) as tx:
        if queries.lock(tx, snapshot_id) not in {SnapshotState.ASKED, SnapshotState.TAKEN}:
            return
        queries.delete_leaves(tx, snapshot_id)
        queries.delete_trees(tx, snapshot_id)
        queries.refuse(tx, snapshot_id, refused.reason)
        reconciliation.raise_incident(tx, IncidentKind.INVARIANT, REFUSED, detail)


# Taking --------------------------------------------------------------------------------------------------------------------------


def take(tenant: UUID, snapshot_id: UUID) -> None:
    """Leaves and figures of one moment; nothing if they stand already.

    Raises:
        Refused: something is below zero, or the leaves do not sum to what the ledger owes.
    """
    with db.transaction(tenant=tenant, repeatable=True) as tx:
        row = queries.get(tx, snapshot_id)
        if row is None or row.state != SnapshotState.ASKED:
            return
        asked: dict[str, Any] = {"kinds": [kind.value for kind in OWED_KINDS], "claims": claims.registered()}
        below = queries.negative(tx, **asked)
        if below:
            raise Refused(Refusal.NEGATIVE_BALANCE, ", ".join(f"{asset}: {count}" for asset, count in below.items()))
        figures = _figures(tx)
        queries.insert_leaves(
            tx, snapshot_id, **asked
        )  # from here on it holds the ledger's fold back, so all that only reads is done
        found = queries.sums(tx, snapshot_id)
        owed = {asset: each["ledger"] for asset, each in figures.items()}
        differing = rules.differing({row.asset: int(row.amount) for row in found}, owed)
        if differing:
            raise Refused(Refusal.LEDGER_DIFFERS, ", ".join(differing))
        trees = [
            {"asset": row.asset, "scale": row.scale, "leaves": row.leaves, "liabilities": row.amount, **figures[row.asset]}
            for row in found
        ]  # fmt: skip
        queries.insert_trees(tx, snapshot_id, trees)
        queries.taken(tx, snapshot_id)


def _figures(tx: Tx) -> Mapping[str, Mapping[str, int]]:
    """By asset, in units: what the ledger owes customers, and what stands against it, each by its own way through the books."""
    scales = assets.all_assets()
    kinds: dict[tuple[str, str], Decimal] = {
        (row.asset, row.kind): row.credit - row.debit for row in books.trial_balance(tx, realm="REAL").rows
    }
    found: dict[str, Mapping[str, int]] = {}
    sums = {
        prefix: _under(tx, prefix) for prefix in (_VENUES, _WALLETS, _LOANS, *(c.prefix for c in claims.registered()))
    }
    for asset, scale in scales.items():
        under = {prefix: by_asset.get(asset, Decimal(0)) for prefix, by_asset in sums.items()}
        owed = sum((kinds.get((asset, kind), Decimal(0)) for kind in OWED_KINDS), Decimal(0))
        owed += sum((under[claim.prefix] for claim in claims.registered()), Decimal(0))
        custody = kinds.get((asset, AccountKind.CUSTODY), Decimal(0))
        amounts = {
            "ledger": owed,
            "venues": -under[_VENUES],
            "wallets": -under[_WALLETS],
            "cash": -(custody - under[_VENUES] - under[_WALLETS]),
            "in_transit": -kinds.get((asset, AccountKind.IN_TRANSIT), Decimal(0)),
            "loans": -under[_LOANS],
        }
        found[asset] = {name: rules.units(amount, scale) for name, amount in amounts.items()}
    return found


def _under(tx: Tx, prefix: str) -> Mapping[str, Decimal]:
    found: dict[str, Decimal] = {}
    for each in balances.by_path_prefix(tx, prefix):
        found[each.asset] = found.get(each.asset, Decimal(0)) + each.posted
    return found


# Building ------------------------------------------------------------------------------------------------------------------------


def build(tenant: UUID, snapshot_id: UUID) -> Iterator[tuple[Figures, bytes]]:
    """Each tree's figures with its root, and the nodes of it that are kept."""
    with db.read_only(tenant=tenant, unlimited=True) as tx:
        for row in queries.trees(tx, [snapshot_id]):
            tops = [
                rules.tile_top(leaves(tx, snapshot_id, row.asset, first=first), total=row.leaves)
                for first in range(0, row.leaves, TILE)
            ]
            root = rules.root(tops, total=row.leaves)
            assert root.sum == row.liabilities, "the leaves are not those that were taken"
            yield figures_of(row, root.hash), rules.pack(tops)


def leaves(tx: Tx, snapshot_id: UUID, asset: str, *, first: int) -> list[Node]:
    """The leaves of one piece, which begins at this position."""
    return [
        rules.leaf(
            snapshot=snapshot_id, asset=asset, customer=row.customer_id, nonce=row.nonce.bytes, amount=int(row.amount)
        )
        for row in queries.tile(tx, snapshot_id, asset, first=first, limit=TILE)
    ]


def figures_of(row: AnyRow, root: bytes) -> Figures:
    return Figures(
        asset=row.asset, scale=row.scale, leaves=row.leaves, root=root, liabilities=int(row.liabilities), venues=int(row.venues),
        wallets=int(row.wallets), cash=int(row.cash), in_transit=int(row.in_transit), loans=int(row.loans),
    )  # fmt: skip


# Publishing ----------------------------------------------------------------------------------------------------------------------


def publish(tenant: UUID, snapshot_id: UUID, built: Sequence[tuple[Figures, bytes]], signer: Signer) -> None:
    """All roots at once, signed; and an alarm where the assets do not cover what is owed."""
    figures = [each for each, _ in built]
    with db.transaction(tenant=tenant) as tx:
        if queries.lock(tx, snapshot_id) is not SnapshotState.TAKEN:
            return
        row = queries.get(tx, snapshot_id)
        assert row is not None
        said = rules.statement(house=tenant, snapshot=snapshot_id, at=row.taken_at, assets=figures)
        for each, tops in built:
            queries.set_tree(tx, snapshot_id, each, tops)
        queries.publish(
            tx, snapshot_id, statement=said, key_id=signer.key_id, public_key=signer.public_key, signature=signer.sign(said.encode()),
        )  # fmt: skip
        reconciliation.close_incident(tx, IncidentKind.INVARIANT, REFUSED)
        missing = rules.short(figures)
        if missing:
            reconciliation.raise_incident(
                tx, IncidentKind.INVARIANT, SHORT, f"customers are owed more than the books have, by {missing}"
            )
        else:
            reconciliation.close_incident(tx, IncidentKind.INVARIANT, SHORT)
    _log.info("reserves_published", tenant=str(tenant), snapshot=str(snapshot_id), statement=said)


def publish_roots(tenant: UUID, directory: Path) -> dict[str, Any] | None:
    """Append the newest signed statement of a house to the file of roots; the same one is written once.

    A line outside the database is what a later rewriting of published roots is found out by.
    """
    with db.read_only(tenant=tenant) as tx:
        row = queries.newest(tx)
    if row is None:
        return None
    line = {"statement": row.statement, "key_id": row.key_id, "signature": bytes(row.signature).hex()}
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = directory / ROOTS
    known = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    if json.dumps(line) not in known:
        with file.open("a", encoding="utf-8") as out:
            out.write(json.dumps(line) + "\n")
    return line


def forget_old(tenant: UUID) -> None:
    """Delete the leaves of old snapshots, one by one; their roots stay."""
    with db.read_only(tenant=tenant) as tx:
        old = queries.beyond(tx, kept=KEPT)
    for snapshot_id in old:
        with db.transaction(tenant=tenant) as tx:
            queries.delete_leaves(tx, snapshot_id)
            queries.forgotten(tx, snapshot_id)
