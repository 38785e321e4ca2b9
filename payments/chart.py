"""Journal lines and the few shapes in which they are built. What a trade, a loan or a payout posts stands in that package's postings.

One signed amount per line: plus (credit) increases what the account may spend, minus (debit) decreases it. Accounts of what we own
outside (custody, in transit, receivable, external) therefore run negative; a screen multiplies by the account's normal side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from identity.audit.service import Entry
from kernel.ids import SYSTEM
from kernel.money import split_largest_remainder

__all__ = ["SYSTEM", "JournalIn", "Line", "capture_line", "move", "share"]


@dataclass(frozen=True, slots=True)
class Line:
    """`held_delta` only beside `hold_id`: minus what the hold gives up with this line (the capture says how much)."""

    account_id: int
    amount: Decimal
    held_delta: Decimal = Decimal(0)
    hold_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalIn:
    """One journal to post. `key` names the fact: `s/<what>:<id>` under the system principal, `c/<route>/<key>` under a client's own.

    `entry`: for the audit, of a journal that stands alone: written with it, and only when it is new.
    """

    key: str
    kind: str
    lines: Sequence[Line]
    principal: UUID = SYSTEM
    order_id: UUID | None = None
    meta: dict[str, Any] | None = None
    actor: str | None = None
    realm: str = "REAL"
    reverses: UUID | None = None
    effective_at: datetime | None = None
    entry: Entry | None = None


def move(debit_account: int, credit_account: int, amount: Decimal) -> list[Line]:
    """Two legs that carry `amount` from one account to the other; nothing for zero."""
    assert amount >= 0, "a move has a direction: swap the accounts instead of the sign"
    return [Line(debit_account, -amount), Line(credit_account, amount)] if amount else []


def capture_line(account_id: int, amount: Decimal, *, held_delta: Decimal, hold_id: UUID) -> Line:
    """The leg that spends `amount` of a captured hold."""
    assert amount > 0
    assert held_delta <= -amount
    return Line(account_id, -amount, held_delta, hold_id)


def share(debit_account: int, amount: Decimal, parts: Sequence[tuple[int, Decimal]], *, scale: int) -> list[Line]:
    """Split `amount` among accounts by weight, by largest remainder, so that the parts sum to it exactly."""
    amounts = split_largest_remainder(amount, [weight for _, weight in parts], scale)
    legs = [Line(account, part) for (account, _), part in zip(parts, amounts, strict=True) if part]
    return [Line(debit_account, -amount), *legs] if amount else []
