"""The demo's addresses at its simulated venues, as if both people of its treasury had agreed: without them nothing can be proposed."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterable, Sequence
from uuid import UUID

from identity.principals import service as principals
from kernel import db
from wallet_bridge.moves import addresses
from wallet_bridge.moves.addresses import NewAddress

KEY_NAME = "treasury"


def venue_addresses(simulator_url: str, venues: Iterable[str]) -> list[NewAddress]:
    """Where each venue takes ours, as it says itself."""
    found = []
    for venue in venues:
        with urllib.request.urlopen(f"{simulator_url}/control/addresses/{venue}", timeout=10) as answer:  # noqa: S310  our own
            rows = json.load(answer)["items"]
        found += [NewAddress(venue=venue, memo=None, key_name=KEY_NAME, **row) for row in rows]
    return found


def ensure(tenant: UUID, known: Sequence[NewAddress], *, asked_by: str, agreed_by: str) -> None:
    """What was never there is there afterwards; what treasury has removed stays removed. By e-mails of two people."""
    maker, checker = (principals.find_by_email(email) for email in (asked_by, agreed_by))
    assert maker is not None, asked_by
    assert checker is not None, agreed_by
    with db.transaction(tenant=tenant) as tx:
        for one in known:
            addresses.default(tx, one, asked_by=maker.principal_id, agreed_by=checker.principal_id)
