"""Prices that cannot be believed: since when, per collateral of a product version, and when it has lasted too long.

A freeze decides nothing about a loan: nobody is sold while it lasts. What it must not do is last unseen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from kernel import db, outbox
from kernel.db import AnyRow
from lending.watch import queries
from lending.watch.catalogue import Catalogue, Market, Marks
from lending.watch.events import PriceFrozen

AGAIN_AFTER = timedelta(hours=1)
Key = tuple[UUID, int, str]
"""Product, version, asset."""


@dataclass(slots=True)
class _Freeze:
    tenant: UUID
    since: datetime
    alarmed_at: datetime | None = None


@dataclass(slots=True)
class Freezes:
    """What the owner of the watch knows of them; the rows are the truth for the next one."""

    known: dict[Key, _Freeze] = field(default_factory=dict)

    def load(self, rows: Sequence[AnyRow]) -> None:
        self.known = {
            (row.product_id, row.version, row.asset): _Freeze(row.tenant_id, row.since, row.alarmed_at) for row in rows
        }

    def follow(
        self,
        catalogue: Catalogue,
        marks: Marks,
        *,
        loans: Mapping[int, int],
        prolonged: frozenset[tuple[UUID, Market]],
        at: datetime,
    ) -> None:
        """Begin, end and announce freezes.

        Args:
            loans: how many running loans miss a price, by kind.
            prolonged: where two people said that it may last.
        """
        frozen = {self._key(catalogue, kind): kind for kind in marks.frozen if loans.get(kind)}
        begun = [(key, kind) for key, kind in frozen.items() if key not in self.known]
        ended = [key for key in self.known if key not in frozen]
        late = [
            (key, kind)
            for key, kind in frozen.items()
            if key in self.known and self._is_late(catalogue, kind, self.known[key], prolonged, at)
        ]
        work: dict[UUID, list[tuple[str, Key, int]]] = defaultdict(list)
        for what, found in (("begin", begun), ("alarm", late)):
            for key, kind in found:
                work[catalogue.tenants[catalogue.kinds[kind].place]].append((what, key, kind))
        for key in ended:  # also of versions that the book has never met: their last loan ended before it was read
            work[self.known[key].tenant].append(("end", key, 0))
        for tenant, items in work.items():
            self._write(tenant, items, catalogue, marks, loans=loans, at=at)

    def _write(
        self,
        tenant: UUID,
        items: Sequence[tuple[str, Key, int]],
        catalogue: Catalogue,
        marks: Marks,
        *,
        loans: Mapping[int, int],
        at: datetime,
    ) -> None:
        with db.transaction(tenant=tenant) as tx:
            for what, key, kind in items:
                if what == "begin":
                    seen = marks.by_place[catalogue.kinds[kind].place].get(key[2])
                    queries.freeze(tx, *key, at=at, seen=None if seen is None else seen.evidence)
                elif what == "end":
                    queries.thaw(tx, *key)
                else:
                    queries.alarmed(tx, *key, at=at)
                    fact = PriceFrozen(
                        product_id=key[0],
                        version=key[1],
                        asset=key[2],
                        quote=catalogue.products[catalogue.kinds[kind].place].asset,
                        loans=loans[kind],
                        frozen_since=self.known[key].since,
                    )
                    outbox.publish(tx, fact, key=str(key[0]))
        for what, key, _ in items:
            if what == "begin":
                self.known[key] = _Freeze(tenant, at)
            elif what == "end":
                del self.known[key]
            else:
                self.known[key].alarmed_at = at

    @staticmethod
    def _key(catalogue: Catalogue, kind: int) -> Key:
        product = catalogue.products[catalogue.kinds[kind].place]
        return product.id, product.version, catalogue.kinds[kind].asset

    @staticmethod
    def _is_late(
        catalogue: Catalogue, kind: int, freeze: _Freeze, prolonged: frozenset[tuple[UUID, Market]], at: datetime
    ) -> bool:
        place = catalogue.kinds[kind].place
        product = catalogue.products[place]
        if (catalogue.tenants[place], (catalogue.kinds[kind].asset, product.asset)) in prolonged:
            return False
        if freeze.alarmed_at is not None and at - freeze.alarmed_at < AGAIN_AFTER:
            return False
        return at - freeze.since >= timedelta(seconds=product.terms.freeze_s)
