"""Who checks a case before a person looks: the local one sees what anybody can see; others are asked outside.

An outside provider's `begin` commits the intent of a call (`kernel.calls`) and answers None; what its answer says comes back by
`service.take_report` in the transaction of the call's outcome. No provider decides: a report is read by a person.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from identity.eligibility import service as eligibility
from identity.kyc import rules
from identity.kyc.rules import Applicant
from kernel.db import Tx


class Provider(Protocol):
    """`name` is kept with the case."""

    name: str

    def begin(self, tx: Tx, *, case_id: UUID, customer: UUID, applicant: Applicant) -> Sequence[str] | None:
        """What it found, or None: that comes later. A step; no network here."""


class Local:
    """Nobody outside is asked."""

    name = "local"

    def begin(self, tx: Tx, *, case_id: UUID, customer: UUID, applicant: Applicant) -> Sequence[str] | None:  # noqa: ARG002
        known = eligibility.standing(tx, customer)
        return rules.findings(applicant, known_country=None if known is None else known.country, today=tx.now.date())


_chosen: Provider = Local()


def use(provider: Provider) -> None:
    """From now on cases of this process go to `provider`."""
    global _chosen  # noqa: PLW0603  one provider per process
    _chosen = provider


def chosen() -> Provider:
    return _chosen
