"""Scales by asset code, read once per database: a scale never changes, so a copy cannot be wrong, only incomplete."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from weakref import WeakKeyDictionary

from sqlalchemy import Engine

from kernel import db
from payments.assets import queries
from payments.errors import AssetUnknown

_known: WeakKeyDictionary[Engine, dict[str, int]] = WeakKeyDictionary()


def scale(asset: str) -> int:
    """How many decimals the ledger accepts for this asset.

    Raises:
        AssetUnknown: there is no such asset.
    """
    known = _known.get(db.engine()) or {}
    if asset not in known:
        known = _load()
    if asset not in known:
        raise AssetUnknown(asset=asset)
    return known[asset]


def all_assets() -> Mapping[str, int]:
    """Code → scale, in the order of their making."""
    return MappingProxyType(_load())


def _load() -> dict[str, int]:
    known = _known[db.engine()] = _read()
    return known


def _read() -> dict[str, int]:
    # Inside a transaction of the caller it is read there: as many callers as the pool has connections would wait for each other's second.
    open_tx = db.current()
    if open_tx is not None:
        return queries.scales(open_tx)
    with db.read_only() as tx:
        return queries.scales(tx)
