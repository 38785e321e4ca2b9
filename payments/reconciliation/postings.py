"""What reconciliation posts: dust against the rounding pool, the rest to suspense, and what two people made of it.

A gap of +g means that they have g more than our books say. Correcting the account brings it to their figure: on a debit-normal account
(custody runs negative) that is a line of −g, on a credit-normal one +g; the other leg is the pool, suspense, or where it belongs.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from kernel.db import Tx
from kernel.money import canonical
from payments.accounts import service as accounts
from payments.accounts.states import AccountKind
from payments.chart import JournalIn, Line
from payments.journal import service as journal
from payments.reconciliation.states import Resolution

ROUNDING, SUSPENSE, RESOLUTION = "rounding", "suspense", "reconciliation"
OWN_KINDS = (ROUNDING, SUSPENSE, RESOLUTION)
"""Kinds of journals that only say what reconciliation did: no partner knows them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """One break's money: `gap` on the account that is to be brought to the other side's figure."""

    item_id: UUID
    source: str
    reference: str
    asset: str
    account_id: int
    debit_normal: bool
    gap: Decimal
    realm: str = "REAL"

    @property
    def on_account(self) -> Decimal:
        return -self.gap if self.debit_normal else self.gap


def post(tx: Tx, journals: list[JournalIn]) -> list[UUID]:
    """All corrections of one step in one call, the last thing its transaction does."""
    return journal.post(tx, journals)


def from_pool(tx: Tx, correction: Correction) -> JournalIn:
    """Dust: the rounding pool pays or takes it."""
    pool = accounts.house(
        tx, path="pool:rounding", asset=correction.asset, kind=AccountKind.POOL, normal_side="credit", realm=correction.realm
    )  # fmt: skip
    return _journal(correction, ROUNDING, f"s/recon.level:{correction.item_id}", pool)


def to_suspense(tx: Tx, correction: Correction) -> JournalIn:
    """More than dust: our books follow the other side, and suspense says how much of that nobody can explain yet."""
    return _journal(correction, SUSPENSE, f"s/recon.suspend:{correction.item_id}", suspense_account(tx, correction))


def suspense_account(tx: Tx, correction: Correction) -> int:
    return accounts.house(
        tx, path=f"suspense:{correction.source}", asset=correction.asset, kind=AccountKind.SUSPENSE, normal_side="credit",
        realm=correction.realm,
    )  # fmt: skip


def close(
    tx: Tx, correction: Correction, resolution: Resolution, *, suspended: bool, target: int | None, actor: str
) -> JournalIn:
    """What two people decided: out of suspense (or straight off the account) to where it belongs."""
    source = suspense_account(tx, correction) if suspended else correction.account_id
    amount = correction.on_account
    return JournalIn(
        key=f"s/recon.resolve:{correction.item_id}",
        kind=RESOLUTION,
        lines=[Line(source, amount), Line(_target(tx, correction, resolution, target), -amount)],
        meta={**_meta(correction), "resolution": resolution.value},
        actor=actor,
        realm=correction.realm,
    )


def _target(tx: Tx, correction: Correction, resolution: Resolution, target: int | None) -> int:
    match resolution:
        case Resolution.GIVE_BACK:
            return correction.account_id
        case Resolution.TO_ACCOUNT:
            assert target is not None
            return target
        case Resolution.BOOK_FEE:
            path = "expense.venue_fee"
        case _:
            path = "expense.reconciliation"
    return accounts.house(
        tx, path=path, asset=correction.asset, kind=AccountKind.EXPENSE, normal_side="debit", realm=correction.realm
    )


def _journal(correction: Correction, kind: str, key: str, other: int) -> JournalIn:
    lines = [Line(correction.account_id, correction.on_account), Line(other, -correction.on_account)]
    return JournalIn(key=key, kind=kind, lines=lines, meta=_meta(correction), realm=correction.realm)


def _meta(correction: Correction) -> dict[str, str]:
    return {
        "break": str(correction.item_id),
        "source": correction.source,
        "compared": correction.reference,
        "gap": canonical(correction.gap),
    }
