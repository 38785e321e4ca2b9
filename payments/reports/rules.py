"""Sums of the books: totals per asset of a trial balance, and accounts folded into a tree by the parts of their paths."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class TrialRow:
    """One kind of account in one asset. What runs negative stands in `debit`, what runs positive in `credit`."""

    asset: str
    kind: str
    accounts: int
    debit: Decimal
    credit: Decimal


@dataclass(frozen=True, slots=True)
class TrialTotal:
    asset: str
    debit: Decimal
    credit: Decimal

    @property
    def balanced(self) -> bool:
        return self.debit == self.credit


@dataclass(slots=True)
class Branch:
    """A node of the chart: what all accounts below it have, by asset."""

    name: str
    path: str
    accounts: int = 0
    sums: dict[str, Decimal] = field(default_factory=dict)
    children: dict[str, Branch] = field(default_factory=dict)


def totals(rows: Iterable[TrialRow]) -> list[TrialTotal]:
    found: dict[str, TrialTotal] = {}
    for row in rows:
        before = found.get(row.asset, TrialTotal(row.asset, Decimal(0), Decimal(0)))
        found[row.asset] = TrialTotal(row.asset, before.debit + row.debit, before.credit + row.credit)
    return list(found.values())


def tree(groups: Iterable[tuple[Sequence[str], str, int, Decimal]], *, under: Sequence[str]) -> list[Branch]:
    """Branches below `under` from groups of (path parts, asset, accounts, sum); a parent has the sum of its children."""
    root = Branch("", ":".join(under))
    for parts, asset, accounts, amount in groups:
        node = root
        for place in range(len(under), len(parts)):
            name = parts[place]
            node = node.children.setdefault(name, Branch(name, ":".join(parts[: place + 1])))
            node.accounts += accounts
            node.sums[asset] = node.sums.get(asset, Decimal(0)) + amount
    return list(root.children.values())
