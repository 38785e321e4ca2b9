"""Each venue beside the others: its tiers, our volume of 30 days, what it reports and what it took."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from broker.revenue import queries as revenue
from broker.revenue.rules import ZERO
from broker.venue_fees import rules
from broker.venue_fees.rules import Progress
from kernel import db
from kernel.db import AnyRow
from venues import fee_reports
from venues.accounts import configured_venues
from venues.fee_tiers import VOLUME_DAYS


@dataclass(frozen=True, slots=True)
class VenueStanding:
    progress: Progress
    reports: Sequence[AnyRow]


def standings(tenant: UUID) -> tuple[list[VenueStanding], datetime]:
    """Every venue in use or once used, and the moment (business time)."""
    with db.read_only(tenant=tenant, repeatable=True) as tx:
        volumes = revenue.venue_volumes(tx, days=VOLUME_DAYS)
        paid = revenue.venue_fees_paid(tx, since=tx.now - timedelta(days=VOLUME_DAYS))
        reports = fee_reports.every(tx)
        now = tx.now
    names = sorted({*configured_venues(), *volumes, *(row.venue for row in reports)})
    return [_standing(name, volumes, paid, [row for row in reports if row.venue == name]) for name in names], now


def _standing(
    venue: str, volumes: Mapping[str, Decimal], paid: Mapping[str, Decimal], reports: Sequence[AnyRow]
) -> VenueStanding:
    taker = max((row.taker for row in reports), default=None)
    volume, fees = volumes.get(venue, ZERO), paid.get(venue, ZERO)
    return VenueStanding(rules.progress(venue, volume=volume, paid=fees, reported_taker=taker), reports)
