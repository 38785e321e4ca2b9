"""Facts about loan products that leave the package."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from kernel.events import event


@event("lending.product_published.v1")
@dataclass(frozen=True, slots=True)
class ProductPublished:
    """From now on new loans are made under this version; those that run keep theirs."""

    product_id: UUID
    version: int
    name: str
    asset: str


@event("lending.product_retired.v1")
@dataclass(frozen=True, slots=True)
class ProductRetired:
    """No new loans under this version; `replaced` when a newer one took its place."""

    product_id: UUID
    version: int
    replaced: bool
